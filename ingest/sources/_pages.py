"""What is remembered of web pages between two runs, so that the next one need not read them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was read last.

    `digest` names its bytes; `etag` and `modified` are the server's words for them; `links` are kept
    while a crawl needs them. `skipped` says that the page asks not to be found.
    """

    digest: str
    etag: str = ""
    modified: str = ""
    lastmod: str = ""
    kind: str = ""
    size: int = 0
    mtime: int = 0
    links: tuple[str, ...] = ()
    skipped: bool = False

    @property
    def conditions(self) -> dict[str, str]:
        """The headers that ask for the page only if it changed (RFC 9110, 13.1)."""
        found = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in found.items() if value}


@dataclass(slots=True)
class Pages:
    """Pages by address; `aliases` are addresses that redirect to others."""

    pages: dict[str, Page] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "Pages":
        """From what `state` gave; anything else is as if nothing were remembered."""
        try:
            pages = {
                url: Page(**{**one, "links": tuple(one["links"])}) for url, one in state["pages"].items()
            }
            return cls(pages, dict(state["aliases"]))
        except (KeyError, TypeError, AttributeError, ValueError):
            return cls()

    def state(self) -> dict[str, object]:
        """Plain values."""
        return {
            "pages": {url: asdict(page) | {"links": list(page.links)} for url, page in self.pages.items()},
            "aliases": self.aliases,
        }

    def get(self, url: str) -> Page | None:
        """The page at the address, or where that address led."""
        return self.pages.get(self.aliases.get(url, url))
