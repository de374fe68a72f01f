"""Electronic books (EPUB 2 and 3): the chapters in the order of the spine, each read as HTML.

A chapter without a heading of its own takes its title from the table of contents.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.formats.named import title_of
from ingest.formats.parts import Parts
from ingest.loaders import html
from ingest.notes import Notes
from ingest.types import Loaded
from ingest.wall import zipped
from rag.charset import decode
from rag.errors import UnreadableFile

SUFFIXES = (".epub",)
VERSION = 1
MOST_CHAPTERS = 5_000
_LONGEST_TITLE = 300
_PAGES = (".xhtml", ".html", ".htm", ".xml")
_DAMAGED = "open it in a reader of books and export it anew"


def load(data: bytes, name: str) -> Loaded:
    """`UnreadableFile` when it is locked, damaged or has no chapters."""
    zipped.check(data)
    notes = Notes(reader="lxml")
    parts = Parts(notes)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        book = _Book(archive)
        above: tuple[str, ...] = ()
        for path in book.chapters():
            above = _add(book, path, parts, notes, above)
        title = book.title
    return parts.loaded(title or title_of(name))


def _add(book: "_Book", path: str, parts: Parts, notes: Notes, above: tuple[str, ...]) -> tuple[str, ...]:
    """One file of the book; the heading that stands above the next one, should that have none."""
    page = book.read(path)
    if page is None:
        notes.warn(f"a chapter is missing: {path}")
        return above
    try:
        chapter = html.load_text(*decode(page, "utf-8"), titled=False)
    except UnreadableFile as error:
        notes.warn(f"{path} is not read: {error}")
        return above
    if headings := [section.heading for section in chapter.sections if section.heading]:
        parts.add(chapter)
        return headings[-1]
    if title := book.titles.get(path, ""):
        above = (title,)
        if not chapter.text.startswith(title):
            parts.say(title, above)
    parts.add(chapter, above)
    return above


class _Book:
    """The package of a book: its files, their order and their titles."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        if self._is_locked():
            raise UnreadableFile(
                "its chapters are encrypted", state="password needed", hint="export it without protection"
            )
        self._package = self._package_path()
        self._root = _xml(self.read(self._package))
        self.title = next((_said(node)[:_LONGEST_TITLE] for node in _named(self._root, "title")), "")
        self._items = {node.get("id"): node for node in _named(self._root, "item")}
        self.titles = dict(self._titles())

    def chapters(self) -> Iterator[str]:
        """Paths of the chapters, in reading order."""
        found = [node.get("idref") for node in _named(self._root, "itemref")]
        items = [self._items[name] for name in found if name in self._items] or list(self._items.values())
        paths = dict.fromkeys(self._path(self._package, item.get("href") or "") for item in items)
        pages = [path for path in paths if path.lower().endswith(_PAGES)]
        if not pages:
            raise UnreadableFile("it has no chapters", hint=_DAMAGED)
        yield from pages[:MOST_CHAPTERS]

    def read(self, path: str) -> bytes | None:
        """The bytes of a file of the book; None when it is not there."""
        return self._archive.read(path) if path in self._names else None

    def _package_path(self) -> str:
        container = self.read("META-INF/container.xml")
        roots = _named(_xml(container), "rootfile") if container else []
        path = next((node.get("full-path") or "" for node in roots), "")
        if path not in self._names:
            path = next((name for name in sorted(self._names) if name.endswith(".opf")), "")
        if not path:
            raise UnreadableFile("it has no table of its files", hint=_DAMAGED)
        return path

    def _is_locked(self) -> bool:
        locks = self.read("META-INF/encryption.xml")
        references = _named(_xml(locks), "CipherReference") if locks else []
        return any((node.get("URI") or "").lower().endswith(_PAGES) for node in references)

    def _titles(self) -> Iterator[tuple[str, str]]:
        """Title of each chapter file, from the navigation of either version; the first of a file counts."""
        known: set[str] = set()
        for item in self._items.values():
            href, properties = item.get("href") or "", (item.get("properties") or "").split()
            if "nav" not in properties and not href.lower().endswith(".ncx"):
                continue
            path = self._path(self._package, href)
            for target, title in _entries(_xml(self.read(path))):
                chapter = self._path(path, target)
                if title and chapter not in known:
                    known.add(chapter)
                    yield chapter, title[:_LONGEST_TITLE]

    @staticmethod
    def _path(base: str, href: str) -> str:
        """A reference within the book, as a name in the archive."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(urlsplit(href).path)))


def _entries(root: Any) -> Iterator[tuple[str, str]]:
    for point in _named(root, "navPoint"):
        target = next((node.get("src") or "" for node in _named(point, "content")), "")
        yield target, next((_said(node) for node in _named(point, "text")), "")
    for link in _named(root, "a"):
        yield link.get("href") or "", _said(link)


def _xml(data: bytes | None) -> Any:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(data or b"<none/>", parser)
    if root is None:
        raise UnreadableFile("its table of files is damaged", hint=_DAMAGED)
    return root


def _named(root: Any, name: str) -> list[Any]:
    """Elements of this name in any namespace, in order."""
    return list(root.iter(f"{{*}}{name}", name))


def _said(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())
