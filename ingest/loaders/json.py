"""JSON, and JSON lines: questions and answers as entries, flat objects as records, the rest as paths.

Numbers and strings stay as they were written, keys that come twice are both kept.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from ingest.formats.named import title_of, whole
from ingest.formats.tree import tree as _tree
from ingest.formats.tree.entries import entries_of
from ingest.formats.tree.nodes import Pairs, Tree, is_leaf, leaves, said
from ingest.notes import Notes
from ingest.types import Loaded
from rag.charset import decode
from rag.errors import UnreadableFile

SUFFIXES = (".json", ".jsonl", ".ndjson")
VERSION = 1

# Made once: a file may have a million lines.
_DECODER = json.JSONDecoder(
    object_pairs_hook=lambda pairs: Pairs(tuple(pairs)), parse_int=str, parse_float=str, parse_constant=str
)


def load(data: bytes, name: str) -> Loaded:
    """`UnreadableFile` with line and column where it is no JSON."""
    text, charset = decode(data)
    notes = Notes(charset=charset)
    try:
        made = _lines(text, notes) if not name.lower().endswith(".json") else _whole(text, notes)
    except RecursionError as error:
        raise UnreadableFile(
            "nested too deeply", state="too large", hint="bring it to fewer than 900 levels"
        ) from error
    return replace(made, title=made.title or title_of(name), report=notes.report())


def parse(text: str) -> Tree:
    """The tree of one JSON text; `json.JSONDecodeError` or `RecursionError` where it has none."""
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0)
    tree: Tree = _DECODER.decode(text)
    return tree


def _whole(text: str, notes: Notes) -> Loaded:
    try:
        tree = parse(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.lineno > 1:
            return _lines(text, notes)  # one object a line, under the name of JSON
        raise _damaged(error.lineno, error) from error
    page = _tree.write(tree)
    return whole(page.text, title=_tree.title_in(tree), headings=page.headings)


def _lines(text: str, notes: Notes) -> Loaded:
    """One record a line. A line that is no JSON stays as it is, unless most are none."""
    rows = [*_parsed(text, notes)]
    if rows and sum(isinstance(tree, UnreadableFile) for _, tree in rows) * 2 > len(rows):
        raise next(tree for _, tree in rows if isinstance(tree, UnreadableFile))
    found = entries_of([tree for _, tree in rows if not isinstance(tree, UnreadableFile)])
    if found and not notes.warnings:
        return whole(found[0], headings=found[1])
    return whole("\n".join(line if isinstance(tree, UnreadableFile) else _said(tree) for line, tree in rows))


def _parsed(text: str, notes: Notes) -> Iterator[tuple[str, Tree | UnreadableFile]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield line, parse(line)
        except json.JSONDecodeError as error:
            damaged = _damaged(number, error)
            notes.warn(f"{damaged}; the line is kept as it is")
            yield line.strip(), damaged


def _said(tree: Tree) -> str:
    if isinstance(tree, Pairs):
        return _tree.record(tree)
    return said(tree) if is_leaf(tree) else "; ".join(value for _, value in leaves(tree))


def _damaged(line: int, error: json.JSONDecodeError) -> UnreadableFile:
    return UnreadableFile(
        f"line {line}, column {error.colno}: {error.msg[0].lower()}{error.msg[1:]}",
        hint="mend it there, or export it again",
    )
