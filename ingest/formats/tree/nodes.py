"""What trees are made of, whatever they were written in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, Union


@dataclass(frozen=True, slots=True)
class Pairs:
    """An object: its keys with their values, in order; a key may come twice."""

    items: "tuple[tuple[str, Tree], ...]"


# Numbers stay strings, as they were written.
Tree: TypeAlias = Union[str, bool, Pairs, "list[Tree]", None]


def is_leaf(tree: Tree) -> bool:
    """A value, not an object or list."""
    return not isinstance(tree, (Pairs, list))


def said(tree: Tree) -> str:
    """A value in words; nothing for null."""
    if isinstance(tree, bool):
        return "true" if tree else "false"
    return tree if isinstance(tree, str) else ""


def leaves(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every value with its path, in order; a list of values is one. However deep it is, without recursion."""
    stack: list[tuple[str, Tree]] = [("", tree)]
    while stack:
        path, node = stack.pop()
        if is_leaf(node):
            yield path, said(node)
        elif isinstance(node, Pairs):
            stack += [(_joined(path, key), value) for key, value in reversed(node.items)]
        elif isinstance(node, list) and all(map(is_leaf, node)):
            yield path, ", ".join(filter(None, map(said, node)))
        elif isinstance(node, list):
            stack += [(path, item) for item in reversed(node)]


def _joined(path: str, key: str) -> str:
    """`outer.inner`; of a path that is long the end."""
    return f"{path}.{key}"[-200:] if path else key[:200]
