"""Web addresses: one spelling for each, and the file name that a page is known by."""

import mimetypes
import re
from collections.abc import Collection
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urljoin, urlsplit

from ingest.outbound import Refused, ascii_host
from rag.errors import BadInput

_PORTS = {"http": 80, "https": 443}
_KEPT = "/%:@!$&'()*+,;=~-._"
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")
_SUFFIX = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/xml": ".xml",
}


def canonical(url: str) -> str:
    """The address in its one spelling: host in ASCII, no usual port, no dot segments, no fragment.

    `Refused` for anything but http and https, and for a name or password before the host.
    """
    try:
        parts = urlsplit(url.strip())
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise BadInput(f"no web address: {url!r}", hint="https://host/path") from error
    if parts.scheme not in _PORTS:
        raise Refused(f"{parts.scheme or 'no scheme'} is not read from the web", hint="https://host/path")
    if "@" in parts.netloc:
        raise Refused("an address with a name or password before its host", hint="--key-env names a secret")
    if not host or port == 0:
        raise BadInput(f"no web address: {url!r}", hint="https://host/path")
    start = f"{parts.scheme}://{_authority(parts.scheme, host, port)}/"
    path = _escaped(urlsplit(urljoin(start, _one_slash(parts.path))).path)
    query = _escaped(parts.query)
    return start[:-1] + (path or "/") + (f"?{query}" if query else "")


def joined(base: str, link: str) -> str | None:
    """The address that a link in a page means; None when it is none of the web."""
    try:
        return canonical(urljoin(base, link.strip()))
    except (BadInput, ValueError):
        return None


def origin(url: str) -> str:
    """Scheme, host and port of a canonical address (RFC 6454), without a path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def content_type(header: str) -> str:
    """`text/html` of `text/html; charset=utf-8`."""
    return header.partition(";")[0].strip().lower()


def file_name(url: str, kind: str, known: Collection[str]) -> str:
    """The name for a page: host and path, with the suffix that its content type asks for.

    `known` are suffixes that loaders read; a page that says it is HTML is HTML whatever its name is.
    """
    parts = urlsplit(url)
    path = unquote(parts.path).strip("/")
    if not path or parts.path.endswith("/"):
        path = f"{path}/index" if path else "index"
    name = f"{parts.netloc}/{path}" + (f"?{unquote(parts.query)}" if parts.query else "")
    suffix = PurePosixPath(path).suffix.lower()
    wanted = _SUFFIX.get(kind) or mimetypes.guess_extension(kind) or ""
    if suffix in known and not parts.query and (wanted != ".html" or suffix in (".html", ".htm", ".xhtml")):
        return name
    return name + (wanted or (".html" if not kind else ""))


def _authority(scheme: str, host: str, port: int | None) -> str:
    host = ascii_host(host)
    host = f"[{host}]" if ":" in host else host
    return host if port in (None, _PORTS[scheme]) else f"{host}:{port}"


def _escaped(text: str) -> str:
    """Each character in its one spelling (RFC 3986, 6.2.2); a question mark only a query can have."""
    return _ESCAPE.sub(_spelt, quote(text, safe=_KEPT + "?"))


def _spelt(escape: re.Match[str]) -> str:
    letter = chr(int(escape[0][1:], 16))
    return letter if _UNRESERVED.fullmatch(letter) else escape[0].upper()


def _one_slash(path: str) -> str:
    """Two slashes in front would read as a host."""
    return "/" + path.lstrip("/")
