"""Objects of an S3-compatible service: `s3://bucket/prefix?region=...&endpoint=https://host`.

Options: endpoint (without one: Amazon), region, access_key, ca. The secret key is the source's
secret; without one, requests are not signed, as public buckets want it. Addresses are path-style.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import parse_qsl, unquote_plus, urlsplit
from xml.etree.ElementTree import Element

from ingest.outbound import Wall
from ingest.sources import Options, Seen, Walked, _sigv4, _xml
from ingest.sources._auth import checked_secret
from ingest.sources._sigv4 import Key, encoded
from ingest.sources._spool import spooled
from ingest.sources._url import canonical
from ingest.sources._values import Values
from ingest.sources._web import Reply, Web
from rag.errors import BackendError, BadInput, NotFound, UnreadableFile

ALLOWED = "access_key ca endpoint region"
_MOST_OBJECTS = 1_000_000


def connect(url: str, options: Options) -> "Bucket":
    """The objects below a prefix. Nothing is asked of the network yet."""
    return Bucket(url, options, Wall(options.private_hosts))


class Bucket:
    """A source of objects."""

    def __init__(self, url: str, options: Options, wall: Wall) -> None:
        parts = urlsplit(url)
        values = Values.of("s3", options, ALLOWED, dict(parse_qsl(parts.query)))
        if not parts.netloc or "@" in parts.netloc:
            raise BadInput(f"no bucket in {url!r}", hint="s3://bucket/prefix?region=eu-west-1")
        region = values.text("region", "us-east-1")
        endpoint = canonical(values.text("endpoint", f"https://s3.{region}.amazonaws.com")).rstrip("/")
        secret, access = checked_secret(endpoint, options), values.text("access_key")
        if bool(secret) != bool(access):
            raise BadInput(
                "an S3 source has both an access key and a secret key, or neither",
                hint="--set access_key=ID --key-env NAME",
            )
        self._key = Key(access, secret, region) if secret else None
        self._bucket, self._prefix = f"{endpoint}/{encoded(parts.netloc)}", parts.path.lstrip("/")
        self._spool = options.spool
        self._web = Web(wall, max_bytes=options.max_bytes, ca=values.text("ca"))

    def walk(self) -> Walked:
        """Every object below the prefix. One request for a thousand of them."""
        return Walked(self._bucket, tuple(self._listed()))

    def fetch(self, seen: Seen) -> Path:
        """The object, in the spool folder."""

        def write(path: Path) -> None:
            reply = self._web.save(seen.place, path, self._signed(seen.place, {"if-match": seen.etag}))
            if reply.status == 412:
                raise UnreadableFile("it changed while it was read", state="unreadable", hint="sync again")
            self._check(reply)

        return spooled(self._spool, seen.place, write)

    def close(self) -> None:
        """Let go of connections."""
        self._web.close()

    def _listed(self) -> Iterator[Seen]:
        token, count = "", 0
        while True:
            asked = {"list-type": "2", "prefix": self._prefix, "encoding-type": "url"}
            page = self._page({**asked, "continuation-token": token} if token else asked)
            for entry in page:
                if _xml.local(entry) == "Contents" and (found := self._seen(entry)) is not None:
                    yield found
                    count += 1
            token, before = _xml.text(page, "NextContinuationToken"), token
            if _xml.text(page, "IsTruncated") != "true":
                return
            if not token or token == before or count > _MOST_OBJECTS:
                raise BackendError("the S3 service does not come to the end of its list")

    def _page(self, asked: Mapping[str, str]) -> Element:
        url = f"{self._bucket}?{_sigv4.query(asked)}"
        reply = self._web.get(url, self._signed(url))
        self._check(reply)
        return _xml.parse(reply.body, "the S3 service")

    def _seen(self, entry: Element) -> Seen | None:
        """None for the empty objects that stand for folders, and for hidden files."""
        key = unquote_plus(_xml.text(entry, "Key"))
        name = key.removeprefix(self._prefix.rpartition("/")[0]).lstrip("/")
        if key.endswith("/") or any(part.startswith((".", "~$")) for part in PurePosixPath(name).parts):
            return None
        return Seen(
            place=f"{self._bucket}/{encoded(key, safe='/')}",
            source=name,
            path=None,
            size=int(_xml.text(entry, "Size") or 0),
            mtime=_nanoseconds(_xml.text(entry, "LastModified")),
            etag=_xml.text(entry, "ETag"),
        )

    def _signed(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
        held = dict(headers or {})
        return self._key.sign("GET", url, held, datetime.now(UTC)) if self._key else held

    def _check(self, reply: Reply) -> None:
        said = f"the S3 service answered {reply.status}{_code(reply)}"
        if reply.status == 404:
            raise NotFound(said, hint="check the bucket's name")
        if reply.status in (401, 403):
            raise BackendError(said, hint="check access_key, the secret in --key-env, and the region")
        if reply.status != 200:
            raise BackendError(said, hint="check endpoint and region")


def _code(reply: Reply) -> str:
    """The service's own word for an error, if it is one word."""
    try:
        code = _xml.text(_xml.parse(reply.body, "it"), "Code")
    except BackendError:
        return ""
    return f" ({code})" if code.isalnum() and len(code) < 60 else ""


def _nanoseconds(date: str) -> int:
    try:
        return int(datetime.fromisoformat(date).timestamp() * 1e9)
    except (ValueError, OverflowError):
        return 0
