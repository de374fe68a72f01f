"""Sitemaps (sitemaps.org): the addresses of a site with the dates of their last change."""

import gzip
import zlib
from collections.abc import Callable
from io import BytesIO

from ingest.sources import _xml
from ingest.sources._url import joined, origin
from rag.errors import BackendError

MOST_ENTRIES = 50_000
MOST_BYTES = 50 << 20  # as the protocol says
_MOST_MAPS = 200


def read(url: str, get: Callable[[str], bytes]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Page to its `lastmod` (or ''), through an index too, and (sitemap, error) for those not read.

    Only addresses of the same host and scheme count, as the protocol has it. The first sitemap must
    be there: its errors are raised.
    """
    pages: dict[str, str] = {}
    failed: list[tuple[str, str]] = []
    waiting, seen = [url], {url}
    while waiting:
        one = waiting.pop(0)
        try:
            maps, found = _parse(get(one), one)
        except BackendError as error:
            if one == url:
                raise
            failed.append((one, str(error)))
            continue
        pages.update(found)
        waiting += [more for more in maps if more not in seen]
        seen.update(maps)
        if len(pages) > MOST_ENTRIES or len(seen) > _MOST_MAPS:
            failed.append((one, f"more than {MOST_ENTRIES} pages or {_MOST_MAPS} sitemaps"))
            break
    return pages, failed


def _parse(data: bytes, url: str) -> tuple[list[str], dict[str, str]]:
    root = _xml.parse(_plain(data), f"the sitemap {url}")
    kind = _xml.local(root)
    if kind not in ("urlset", "sitemapindex"):
        raise BackendError(f"{url} is no sitemap", hint="its address ends in .xml as a rule")
    entries = {
        place: _xml.text(entry, "lastmod")
        for entry in root
        if (place := joined(url, _xml.text(entry, "loc"))) and origin(place) == origin(url)
    }
    return (list(entries), {}) if kind == "sitemapindex" else ([], entries)


def _plain(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        plain = gzip.GzipFile(fileobj=BytesIO(data)).read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BackendError("a sitemap cannot be unpacked") from error
    if len(plain) > MOST_BYTES:
        raise BackendError("a sitemap unpacks to more than 50 MB")
    return plain
