"""Trees of objects, lists and values (JSON, YAML, XML) as text that reads and quotes well.

A list of questions and answers becomes entries, a list of flat objects records, one a line. Of any
other tree each value is a line `path: value`, each object and list has its key as its heading.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.formats.records import one_line, records
from ingest.formats.tree import entries as _tree_entries
from ingest.formats.tree.nodes import Pairs, Tree, is_leaf, leaves, said
from ingest.outline import Heading
from rag.errors import UnreadableFile

DEEPEST = 32  # what is nested deeper stands on one line
MOST_CHARACTERS = 20_000_000
_LONG = 300  # characters of a value that is text rather than a field
_PATH = 3  # keys before a value; its headings have the others
_LONGEST_KEY = 120
_NAMES = ("title", "name", "label", "标题", "標題", "名称", "名稱", "姓名", "id")
_TITLES = ("title", "标题", "標題", "name", "名称", "名稱")


@dataclass(frozen=True, slots=True)
class _Place:
    """The keys above, outermost first."""

    path: tuple[str, ...] = ()

    def below(self, key: str) -> "_Place":
        return _Place((*self.path, one_line(key)[:_LONGEST_KEY]))

    @property
    def label(self) -> str:
        return ".".join(self.path[-_PATH:])


class Page:
    """The text of a tree and its headings, as they grow."""

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self._parts: list[str] = []
        self._length = 0
        self._is_apart = True  # nothing stands above, or an empty line

    @property
    def text(self) -> str:
        return "".join(self._parts).rstrip("\n") + "\n" if self._parts else ""

    def line(self, text: str) -> None:
        """A line of its own; `UnreadableFile` when it becomes too much."""
        self._parts.append(text + "\n")
        self._length += len(text) + 1
        self._is_apart = not text
        if self._length > MOST_CHARACTERS:
            raise UnreadableFile("it holds too much text", state="too large", hint="divide the file")

    def heading(self, text: str, level: int) -> None:
        """A heading between empty lines."""
        self._set_apart()
        self.headings.append(Heading(self._length, level, text))
        self.line(text)
        self._set_apart()

    def paragraph(self, text: str) -> None:
        """Running text, after an empty line."""
        self._set_apart()
        self.line(text)

    def _set_apart(self) -> None:
        if not self._is_apart:
            self.line("")

    def take(self, other: "Page") -> None:
        """All of another page."""
        self.headings += [Heading(self._length + h.start, h.level, h.text) for h in other.headings]
        self.line(other.text.rstrip("\n"))

    def entries(self, found: tuple[str, list[Heading]], level: int) -> None:
        """Questions and answers, each under its question."""
        text, headings = found
        self.headings += [Heading(self._length + h.start, level, h.text) for h in headings]
        for line in text.rstrip("\n").split("\n"):
            self.line(line)


def write(tree: Tree) -> Page:
    """The whole tree."""
    page = Page()
    _write(page, tree, _Place())
    return page


def title_in(tree: Tree) -> str:
    """The title that an object at the root gives itself."""
    return _named(tree, _TITLES) if isinstance(tree, Pairs) else ""


def record(tree: Pairs) -> str:
    """One object on one line, its inner objects as `outer.inner: value`."""
    pairs = list(leaves(tree))
    return "".join(records([path for path, _ in pairs], [[value for _, value in pairs]]))


def _write(page: Page, tree: Tree, place: _Place) -> None:
    if is_leaf(tree):
        _value(page, place.label, said(tree))
    elif len(place.path) >= DEEPEST:
        page.line("; ".join(f"{path}: {value}" if path else value for path, value in leaves(tree)))
    elif found := _tree_entries.entries_of(tree):
        page.entries(found, len(place.path) + 1)
    elif isinstance(tree, Pairs):
        _object(page, tree, place)
    elif isinstance(tree, list):
        _list(page, tree, place)


def _value(page: Page, label: str, value: str) -> None:
    if not value.strip():
        return
    if "\n" in value.strip():
        page.line(f"{label}:" if label else "")
        page.line(value.strip("\n"))
    else:
        page.line(f"{label}: {value.strip()}" if label else value.strip())


def _object(page: Page, tree: Pairs, place: _Place) -> None:
    """Fields first, so that none stands below the heading of another."""
    inner: list[tuple[_Place, Tree]] = []
    for key, value in tree.items:
        here = place.below(key)
        if is_leaf(value):
            _value(page, here.label, said(value))
        elif isinstance(value, list) and _is_short(value):
            _value(page, here.label, ", ".join(filter(None, map(said, value))))
        else:
            inner.append((here, value))
    for here, value in inner:
        page.heading(here.path[-1] or "-", len(here.path))
        _write(page, value, here)


def _list(page: Page, items: Sequence[Tree], place: _Place) -> None:
    flat = [item for item in items if isinstance(item, Pairs) and _is_flat(item)]
    if len(flat) == len(items):
        for line in filter(None, map(record, flat)):
            page.line(line)
        return
    for number, item in enumerate(items, 1):
        if is_leaf(item):
            _value(page, "", f"- {said(item)}" if said(item).strip() else "")
            continue
        here = place.below(_named(item, _NAMES) or f"{place.path[-1] if place.path else ''} {number}".strip())
        page.heading(here.path[-1], len(here.path))
        _write(page, item, here)


def _is_flat(tree: Pairs) -> bool:
    """Fields only, at most one object deep, and none of them a text of its own."""
    return all(
        _is_field(value) or (isinstance(value, Pairs) and _has_fields(value)) for _, value in tree.items
    )


def _has_fields(tree: Pairs) -> bool:
    return all(_is_field(value) for _, value in tree.items)


def _is_field(value: Tree) -> bool:
    if isinstance(value, list):
        return _is_short(value)
    return is_leaf(value) and len(said(value)) <= _LONG


def _is_short(items: Sequence[Tree]) -> bool:
    return all(map(is_leaf, items)) and sum(len(said(item)) + 2 for item in items[:_LONG]) <= _LONG


def _named(tree: Tree, names: Sequence[str]) -> str:
    """The value of the first of these keys that the object has."""
    if not isinstance(tree, Pairs):
        return ""
    fields = {key.lower(): said(value) for key, value in reversed(tree.items) if is_leaf(value)}
    found = (one_line(fields.get(name, "")) for name in names)
    return next((value[:_LONGEST_KEY] for value in found if value), "")
