"""Files of a WebDAV share (RFC 4918): `webdavs://host/path`, or `webdav://` within one's own network.

Options: user (with it the secret is a password, without it a bearer token), ca.
"""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

from ingest.outbound import Wall
from ingest.sources import Options, Seen, Unseen, Walked, _xml
from ingest.sources._auth import authorization
from ingest.sources._spool import spooled
from ingest.sources._url import canonical, joined
from ingest.sources._values import Values
from ingest.sources._web import Web
from rag.errors import BackendError, BadInput, NotFound

ALLOWED = "ca user"
_MOST_FOLDERS = 20_000
_ASK = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/>'
    b"<getetag/><getlastmodified/></prop></propfind>"
)


def connect(url: str, options: Options) -> "Share":
    """The files below a folder of a share. Nothing is asked of the network yet."""
    return Share(url, options, Wall(options.private_hosts))


class Share:
    """A source of files on a WebDAV server."""

    def __init__(self, url: str, options: Options, wall: Wall) -> None:
        values = Values.of("webdav", options, ALLOWED)
        if not urlsplit(url).hostname:
            raise BadInput(f"no share in {url!r}", hint="webdavs://host/path")
        self._root = canonical("http" + url.removeprefix("webdav")).rstrip("/") + "/"
        held = authorization(self._root, values.text("user"), options)
        self._web = Web(wall, headers=held, max_bytes=options.max_bytes, ca=values.text("ca"))
        self._spool = options.spool

    def walk(self) -> Walked:
        """Every file below the folder. One request for each folder."""
        found = list(self._below())
        files = tuple(one for one in found if isinstance(one, Seen))
        unseen = tuple(one for one in found if isinstance(one, Unseen))
        return Walked(self._root.rstrip("/"), files, unseen)

    def fetch(self, seen: Seen) -> Path:
        """The file, in the spool folder."""

        def write(path: Path) -> None:
            reply = self._web.save(seen.place, path)
            if reply.status != 200:
                raise BackendError(f"the WebDAV server answered {reply.status}")

        return spooled(self._spool, seen.place, write)

    def close(self) -> None:
        """Let go of connections."""
        self._web.close()

    def _below(self) -> Iterator[Seen | Unseen]:
        waiting, known = [self._root], {self._root}
        while waiting:
            folder = waiting.pop()
            try:
                entries = self._entries(folder)
            except BackendError as error:
                if folder == self._root:
                    raise
                yield Unseen(folder.rstrip("/"), self._name(folder), str(error), error.hint or "sync again")
                continue
            for place, entry in entries:
                if any(part.startswith((".", "~$")) for part in self._name(place).split("/")):
                    continue
                if not _is_folder(entry):
                    yield self._seen(place, entry)
                elif (below := place.rstrip("/") + "/") not in known:
                    known.add(below)
                    waiting.append(below)
            if len(known) > _MOST_FOLDERS:
                raise BackendError(f"more than {_MOST_FOLDERS} folders in the WebDAV share")

    def _entries(self, folder: str) -> list[tuple[str, Element]]:
        """What is directly in a folder; a server's word about anything else does not count."""
        headers = {"depth": "1", "content-type": "application/xml"}
        reply = self._web.request("PROPFIND", folder, headers, _ASK)
        _check(reply.status, is_root=folder == self._root)
        found = []
        for entry in _xml.parse(reply.body, "the WebDAV server"):
            place = joined(folder, _xml.text(entry, "href")) or ""
            rest = place.removeprefix(folder).rstrip("/")
            if place.startswith(folder) and rest and "/" not in rest:
                found.append((place, entry))
        return sorted(found, key=lambda pair: pair[0])

    def _seen(self, place: str, entry: Element) -> Seen:
        size, changed = _xml.text(entry, "getcontentlength"), _xml.text(entry, "getlastmodified")
        return Seen(
            place=place,
            source=self._name(place),
            path=None,
            size=int(size) if size.isascii() and size.isdigit() else 0,
            mtime=_nanoseconds(changed),
            etag=_xml.text(entry, "getetag") or f"{changed} {size}",
        )

    def _name(self, place: str) -> str:
        return unquote(place.removeprefix(self._root)).strip("/")


def _check(status: int, *, is_root: bool) -> None:
    said = f"the WebDAV server answered {status}"
    if status == 404 and is_root:
        raise NotFound(said, hint="check the path of the share")
    if status in (401, 403):
        raise BackendError(said, hint="check --set user=NAME and the password in --key-env")
    if status in (405, 501):
        raise BadInput(f"{said}: no WebDAV there", hint="web pages are read with https://")
    if status != 207:
        raise BackendError(said)


def _is_folder(entry: Element) -> bool:
    return any(_xml.local(one) == "collection" for one in entry.iter())


def _nanoseconds(date: str) -> int:
    try:
        return int(parsedate_to_datetime(date).timestamp() * 1e9)
    except (ValueError, OverflowError, TypeError):
        return 0
