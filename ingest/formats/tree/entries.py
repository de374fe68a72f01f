"""Questions and answers in a tree: a list of objects that have both, or an object of questions."""

from collections.abc import Sequence

from ingest.formats.entries import entries
from ingest.formats.tree.nodes import Pairs, Tree, is_leaf, said
from ingest.outline import Heading
from rag.wording import ASKS

MOST_FIELDS = 50


def entries_of(tree: Tree) -> tuple[str, list[Heading]] | None:
    """Their text and headings; None for any other tree."""
    if isinstance(tree, Pairs):
        return _of_object(tree)
    if isinstance(tree, list) and tree:
        return _of_list(tree)
    return None


def _of_object(tree: Pairs) -> tuple[str, list[Heading]] | None:
    """`{"How long?": "A year."}`: keys that ask, values that are plain."""
    asking = sum(key.strip().endswith(ASKS) for key, _ in tree.items)
    if asking < 2 or asking * 5 < len(tree.items) * 4 or not all(_is_plain(v) for _, v in tree.items):
        return None
    return entries(["question", "answer"], [[key, _cell(value)] for key, value in tree.items])


def _of_list(items: Sequence[Tree]) -> tuple[str, list[Heading]] | None:
    """`[{"question": ..., "answer": ..., "alternatives": [...]}]`"""
    header: dict[str, None] = {}
    for item in items:
        if not isinstance(item, Pairs) or not all(_is_plain(value) for _, value in item.items):
            return None
        header.update(dict.fromkeys(key for key, _ in item.items))
        if len(header) > MOST_FIELDS:
            return None
    return entries(list(header), [_row(list(header), item) for item in items if isinstance(item, Pairs)])


def _row(header: Sequence[str], item: Pairs) -> list[str]:
    cells = dict.fromkeys(header, "")
    for key, value in item.items:
        cells[key] = f"{cells[key]}\n{_cell(value)}".strip("\n")
    return list(cells.values())


def _is_plain(value: Tree) -> bool:
    return is_leaf(value) or (isinstance(value, list) and all(map(is_leaf, value)))


def _cell(value: Tree) -> str:
    """Several values of a field, one a line."""
    return "\n".join(map(said, value)) if isinstance(value, list) else said(value)
