"""YAML, read event by event: no tags are obeyed, and aliases cannot grow beyond a bound.

Values stay as they were written. Comments are no part of the tree; that they were there is said. A
file that is no YAML, such as a template of one, keeps its text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ingest.formats.named import title_of, whole
from ingest.formats.tree import tree as _tree
from ingest.formats.tree.nodes import Pairs, Tree, is_leaf, leaves, said
from ingest.notes import Notes
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile

if TYPE_CHECKING:
    import yaml

SUFFIXES = (".yaml", ".yml")
VERSION = 1
DEEPEST = 1_000
MOST_ALIASES = 1_000
MOST_REPEATED = 100_000  # values that aliases stand for, altogether
_BRACKET = re.compile(r"[\[\]{}]")
_COMMENT = re.compile(r"^[ \t]*#[^\n]*\w", re.MULTILINE)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def load(data: bytes, name: str) -> Loaded:
    """As JSON of the same shape; several documents in one file follow one another."""
    import yaml

    text, charset = decode(data)
    notes = Notes(charset=charset)
    _check_depth(text)
    try:
        trees = list(_Builder().trees(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))))
    except yaml.YAMLError as error:
        notes.warn(f"no YAML{_at(error)}; its text is kept as it is")
        return replace(whole(text, title=title_of(name)), report=notes.report())
    if _COMMENT.search(text):
        notes.warn("comments (#) are left out")
    tree = trees[0] if len(trees) == 1 else list(trees)
    page = _tree.write(tree)
    title = _tree.title_in(tree) or title_of(name)
    return replace(whole(page.text, title=title, headings=page.headings), report=notes.report())


def _check_depth(text: str) -> None:
    """libyaml's time grows with the square of the brackets that are open."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "[{" else -1
        if depth > DEEPEST:
            raise UnreadableFile("nested too deeply", state="too large", hint="divide the file")


def _at(error: "yaml.YAMLError") -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


@dataclass(slots=True)
class _Open:
    """A list or object that is not closed yet; in an object keys and values alternate."""

    is_object: bool
    anchor: str | None
    items: list[Tree] = field(default_factory=list)

    def closed(self) -> Tree:
        """With `<<` merged: what the object says itself comes first."""
        if not self.is_object:
            return self.items
        pairs = [(_key(key), value) for key, value in zip(self.items[::2], self.items[1::2], strict=False)]
        own = [pair for pair in pairs if pair[0] != "<<"]
        known = {key for key, _ in own}
        merged = [pair for key, value in pairs if key == "<<" for pair in _merged(value)]
        return Pairs(tuple(own + [pair for pair in merged if pair[0] not in known]))


class _Builder:
    """Events to trees, without recursion."""

    def __init__(self) -> None:
        self._anchors: dict[str, Tree] = {}
        self._aliases = 0
        self._repeated = 0

    def trees(self, events: Any) -> Iterator[Tree]:
        """One tree a document."""
        import yaml

        stack: list[_Open] = []
        for event in events:
            if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                stack.append(_Open(isinstance(event, yaml.MappingStartEvent), event.anchor))
                continue
            if isinstance(event, yaml.ScalarEvent):
                is_null = not event.style and event.value in _NULLS
                made: Tree = None if is_null else event.value
                anchor = event.anchor
            elif isinstance(event, yaml.AliasEvent):
                made, anchor = self._alias(event.anchor), None
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                done = stack.pop()
                made, anchor = done.closed(), done.anchor
            else:
                continue
            if anchor:
                self._anchors[anchor] = made
            if stack:
                stack[-1].items.append(made)
            else:
                yield made

    def _alias(self, name: str | None) -> Tree:
        """What the anchor holds. Each alias counts with all it stands for, so a bomb is small here."""
        made = self._anchors.get(name or "")
        self._aliases += 1
        for _ in leaves(made):
            self._repeated += 1
            if self._repeated > MOST_REPEATED:
                break
        if self._aliases > MOST_ALIASES or self._repeated > MOST_REPEATED:
            raise UnreadableFile(
                "its aliases repeat too much", state="too large", hint="write out what they stand for"
            )
        return made


def _key(tree: Tree) -> str:
    return said(tree) if is_leaf(tree) else "; ".join(value for _, value in leaves(tree))


def _merged(value: Tree) -> Iterator[tuple[str, Tree]]:
    for tree in value if isinstance(value, list) else [value]:
        if isinstance(tree, Pairs):
            yield from tree.items
