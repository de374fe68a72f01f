"""Reads single pages of a site: only if they changed, only if the site allows it."""

import hashlib
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from ingest.sources import Options, _robots
from ingest.sources._page import directives, links
from ingest.sources._pages import Page, Pages
from ingest.sources._robots import Robots
from ingest.sources._spool import name
from ingest.sources._url import content_type, origin
from ingest.sources._web import AGENT, Reply, Web
from rag.errors import BackendError, UnreadableFile

MOST_SPOOLED = 2 << 30
_GONE = (404, 410)


class Reader:
    """One site's pages. `before` is what was remembered, `after` what will be."""

    def __init__(
        self,
        web: Web,
        options: Options,
        *,
        obeys: bool,
        keeps_links: bool,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._web, self._known = web, options.known
        self._spool = options.spool / "pages"  # a folder of its own: it is filled before the run begins
        self._obeys, self._keeps_links, self._pause = obeys, keeps_links, pause
        self._spooled = 0
        self.before, self.after = Pages.of(options.state), Pages()
        self.robots = Robots()

    def ask_robots(self, url: str) -> None:
        """Read robots.txt; without one everything is allowed, and a site that cannot say is not read."""
        if not self._obeys:
            return
        reply = self._web.get(f"{origin(url)}/robots.txt")
        self.robots = _robots.parse(reply.body, AGENT) if reply.status == 200 else Robots()

    def read(self, url: str, lastmod: str = "") -> tuple[str, Page] | None:
        """The place and the page behind an address; None when it is gone or not to be read.

        A new body lies in the spool folder afterwards. `BackendError` when nothing can be said.
        """
        held = self.before.get(url)
        place = self.before.aliases.get(url, url)
        if held and not held.skipped and self._known.get(place) != held.digest:
            held = None  # the catalog has not what is remembered here
        if held and lastmod and held.lastmod == lastmod:
            return self._keep(url, place, held)
        return self._ask(url, lastmod, held)

    def body(self, url: str, digest: str) -> Path:
        """The bytes with this digest: spooled by `read`, or asked for again."""
        path = self.path(url)
        if not path.is_file():
            self._spool.mkdir(parents=True, exist_ok=True)
            reply = self._web.save(url, path)
            if reply.status != 200 or _digest(path) != digest:
                path.unlink(missing_ok=True)
                raise UnreadableFile("it changed while it was read", hint="the next run reads it")
        return path

    def forget(self) -> None:
        """Remove what is spooled."""
        shutil.rmtree(self._spool, ignore_errors=True)

    def path(self, url: str) -> Path:
        """Where the body of a page is spooled."""
        return self._spool / name(url)

    def _ask(self, url: str, lastmod: str, held: Page | None) -> tuple[str, Page] | None:
        if self._spooled > MOST_SPOOLED:
            raise BackendError("more than 2 GB are new in one run", hint="the next run reads the rest")
        self._spool.mkdir(parents=True, exist_ok=True)
        path = self.path(url)
        self._pause(self.robots.delay) if self.robots.delay else None
        reply = self._web.save(url, path, held.conditions if held else None)
        if held and reply.status == 304:
            path.unlink()
            return self._keep(url, reply.url, replace(held, lastmod=lastmod))
        if reply.status != 200:
            path.unlink()
            _check(reply)
            return None
        page = _page(reply, path, lastmod, self._keeps_links)
        page = replace(page, skipped=page.skipped and self._obeys)
        self._spooled += page.size
        path.replace(self.path(reply.url))
        return self._keep(url, reply.url, page)

    def _keep(self, url: str, place: str, page: Page) -> tuple[str, Page] | None:
        if not self.robots.allows(place):
            return None
        if url != place:
            self.after.aliases[url] = place
        self.after.pages[place] = page
        return place, page


def _check(reply: Reply) -> None:
    """A page that is gone is known to be; any other answer is no statement about it."""
    if reply.status in _GONE:
        return
    hint = "is its key right? see --key-env" if reply.status in (401, 403) else "open it in a browser"
    raise BackendError(f"{urlsplit(reply.url).netloc} answered {reply.status}", hint=hint)


def _page(reply: Reply, path: Path, lastmod: str, with_links: bool) -> Page:
    headers, kind = reply.headers, content_type(reply.headers.get("content-type", ""))
    is_html = kind in ("text/html", "application/xhtml+xml")
    html = path.read_bytes() if is_html else b""
    wishes = directives(html, headers.get("x-robots-tag", ""))
    return Page(
        digest=_digest(path),
        etag=headers.get("etag", ""),
        modified=headers.get("last-modified", ""),
        lastmod=lastmod,
        kind=kind,
        size=path.stat().st_size,
        mtime=_nanoseconds(headers.get("last-modified", "")),
        links=tuple(links(html, reply.url)) if with_links and "nofollow" not in wishes else (),
        skipped="noindex" in wishes,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def _nanoseconds(date: str) -> int:
    """Of an HTTP date; now without one."""
    try:
        return int(parsedate_to_datetime(date).timestamp() * 1e9)
    except (ValueError, OverflowError, TypeError):
        return time.time_ns()
