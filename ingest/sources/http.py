"""Web pages: one page, the pages below a path, or those of a sitemap.

    https://host/page                          that page
    https://host/docs/ --set depth=3           and what it links to below /docs/
    https://host/sitemap.xml                   every page that the sitemap names

Options: depth, follow (path prefix), pages (most pages), robots (on, off), sitemap (on, off), user, ca.
robots.txt and `noindex` are obeyed unless robots=off, for sites of one's own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ingest.loaders import suffixes
from ingest.outbound import Wall
from ingest.sources import Options, Seen, Unseen, Walked, _sitemap
from ingest.sources._auth import authorization
from ingest.sources._pages import Page
from ingest.sources._reader import Reader
from ingest.sources._spool import single
from ingest.sources._url import canonical, file_name, origin
from ingest.sources._values import Values
from ingest.sources._web import Web
from rag.errors import BackendError, BadInput

_MOST_FAILURES = 5  # one after the other
_ASKED = 5  # addresses for each page allowed: links may lead to nothing
ALLOWED = "ca depth follow pages robots sitemap user"


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a crawl goes: links from the start page, addresses below `prefix`, so many pages."""

    prefix: str
    depth: int
    pages: int

    def holds(self, url: str) -> bool:
        """Whether a linked address belongs to it."""
        return url.startswith(self.prefix)


def connect(url: str, options: Options) -> "Site":
    """Pages at and from this address. Nothing is asked of the network yet."""
    return Site(url, options, Wall(options.private_hosts))


class Site:
    """A source of web pages. `pause` waits for so many seconds."""

    def __init__(
        self, url: str, options: Options, wall: Wall, pause: Callable[[float], None] = time.sleep
    ) -> None:
        values = Values.of("web", options, ALLOWED)
        self._start = canonical(url)
        self._scope = _scope(self._start, values)
        self._is_sitemap = values.switch("sitemap", _names_sitemap(self._start))
        held = authorization(self._start, values.text("user"), options)
        self._web = Web(wall, headers=held, max_bytes=options.max_bytes, ca=values.text("ca"), pause=pause)
        self._reader = Reader(
            self._web,
            options,
            obeys=values.switch("robots", True),
            keeps_links=self._scope.depth > 0,
            pause=pause,
        )
        self._files: dict[str, Seen] = {}
        self._unseen: list[Unseen] = []
        self._failures = 0
        self._suffixes = suffixes()

    def walk(self) -> Walked:
        """Every page there is now; those that did not change are not sent again."""
        self._files, self._unseen = {}, []
        self._reader.forget()
        self._reader.ask_robots(self._start)
        if not self._reader.robots.allows(self._start):
            said = f"robots.txt of {urlsplit(self._start).netloc} forbids {urlsplit(self._start).path}"
            raise BadInput(said, hint="if the site is yours: --set robots=off")
        self._from_sitemap() if self._is_sitemap else self._crawl()
        files = tuple(sorted(self._files.values(), key=lambda file: file.place))
        return Walked(origin(self._start), files, tuple(self._unseen), self._reader.after.state())

    def fetch(self, seen: Seen) -> Path:
        """The page, in the spool folder."""
        with single():
            return self._reader.body(seen.place, seen.etag)

    def close(self) -> None:
        """Let go of connections and of what was spooled."""
        self._web.close()
        self._reader.forget()

    def _from_sitemap(self) -> None:
        pages, failed = _sitemap.read(self._start, self._sitemap_bytes)
        for place, error in failed:
            self._miss(place, error, all_of_it=True)
        for url, lastmod in sorted(pages.items())[: self._scope.pages]:
            self._visit(url, lastmod)
        if len(pages) > self._scope.pages:
            self._miss(self._start, f"more than {self._scope.pages} pages", all_of_it=True)

    def _sitemap_bytes(self, url: str) -> bytes:
        reply = self._web.get(url)
        if reply.status != 200:
            raise BackendError(f"{url} answered {reply.status}", hint="is it the address of a sitemap?")
        return reply.body

    def _crawl(self) -> None:
        """Breadth first. What is missed, its links are missed too: then nothing counts as gone."""
        waiting, seen, asked = [self._start], {self._start}, 0
        for depth in range(self._scope.depth + 1):
            level, waiting = waiting, []
            for url in level:
                if len(self._files) >= self._scope.pages or asked >= _ASKED * self._scope.pages:
                    said = f"there are more than the {self._scope.pages} pages allowed"
                    self._miss(url, said, hint="--set pages=5000", all_of_it=True)
                    return
                asked += 1
                page = self._visit(url)
                found = page.links if page and depth < self._scope.depth else ()
                fitting = [link for link in found if self._scope.holds(link) and link not in seen]
                waiting += fitting
                seen.update(fitting)

    def _visit(self, url: str, lastmod: str = "") -> Page | None:
        if not self._reader.robots.allows(url):
            return None
        try:
            found = self._reader.read(url, lastmod)
        except (BackendError, BadInput) as error:
            self._failed(url, error)
            return None
        self._failures = 0
        if found is None:
            return None
        place, page = found
        if place not in (url, self._start) and not self._is_sitemap and not self._scope.holds(place):
            return None  # it led out of what is crawled
        if not page.skipped:
            name = file_name(place, page.kind, self._suffixes)
            self._files[place] = Seen(place, name, None, page.size, page.mtime, etag=page.digest)
        return page

    def _failed(self, url: str, error: BackendError | BadInput) -> None:
        """Name the page; raise when it is the start, or when the site has stopped answering."""
        is_passing = getattr(error, "retryable", False)
        self._failures += is_passing
        if (url == self._start and not self._is_sitemap) or self._failures >= _MOST_FAILURES:
            raise error
        lost_links = self._scope.depth > 0 and (is_passing or self._reader.before.get(url) is not None)
        self._miss(url, str(error), hint=error.hint, all_of_it=lost_links)

    def _miss(self, url: str, error: str, *, hint: str = "", all_of_it: bool) -> None:
        """`all_of_it`: what else is there is not known either, so nothing may count as gone."""
        name = url.partition("://")[2]
        place = origin(self._start) if all_of_it else url
        self._unseen.append(Unseen(place, name, error, hint or "the next run tries again"))


def _scope(start: str, values: Values) -> Scope:
    follow = values.text("follow")
    depth = values.number("depth", 10 if follow else 0, 50)
    path = follow or urlsplit(start).path.rpartition("/")[0] + "/"
    if not path.startswith("/"):
        raise BadInput(f"option follow is {follow!r}; a path from / was expected", hint="--set follow=/docs")
    return Scope(origin(start) + path, depth, values.number("pages", 1_000, _sitemap.MOST_ENTRIES))


def _names_sitemap(url: str) -> bool:
    name = urlsplit(url).path.rpartition("/")[2].lower()
    return "sitemap" in name and name.endswith((".xml", ".xml.gz"))
