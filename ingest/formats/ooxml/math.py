"""Equations of Office (OMML) as a line of text: `(x+a)^n`, `(1+√5)/2`, `∑_(k=0)^n`."""

from collections.abc import Callable
from typing import Any

from ingest.formats.ooxml.package import MATH

_VALUE = f"{MATH}val"


def equation(element: Any) -> str:
    """The text of an equation or of a part of it."""
    told = _TELLERS.get(element.tag)
    if told is not None:
        return told(element)
    if element.tag == f"{MATH}t":
        return element.text or ""
    return "".join(map(equation, element))


def _part(element: Any, tag: str) -> str:
    found = element.find(f"{MATH}{tag}")
    return "" if found is None else equation(found)


def _grouped(said: str) -> str:
    """In brackets, unless it is one sign or number."""
    return said if len(said) < 2 or said.isalnum() else f"({said})"


def _sign(element: Any, path: str, usual: str) -> str:
    found = element.find("/".join(f"{MATH}{tag}" for tag in path.split("/")))
    return usual if found is None else found.get(_VALUE) or ""


def _fraction(element: Any) -> str:
    return f"{_grouped(_part(element, 'num'))}/{_grouped(_part(element, 'den'))}"


def _script(element: Any) -> str:
    return _part(element, "e") + _marks(element)


def _large(element: Any) -> str:
    return f"{_sign(element, 'naryPr/chr', '∫')}{_marks(element)} {_part(element, 'e')}"


def _marks(element: Any) -> str:
    return "".join(
        mark + _grouped(found) for tag, mark in (("sub", "_"), ("sup", "^")) if (found := _part(element, tag))
    )


def _brackets(element: Any) -> str:
    inside = ", ".join(equation(part) for part in element.findall(f"{MATH}e"))
    return f"{_sign(element, 'dPr/begChr', '(')}{inside}{_sign(element, 'dPr/endChr', ')')}"


def _root(element: Any) -> str:
    degree = _part(element, "deg")
    return f"{degree and f'{degree}-'}√{_grouped(_part(element, 'e'))}"


def _rows(element: Any) -> str:
    return "; ".join(
        ", ".join(map(equation, row.findall(f"{MATH}e"))) for row in element.findall(f"{MATH}mr")
    )


_TELLERS: dict[str, Callable[[Any], str]] = {
    f"{MATH}f": _fraction,
    f"{MATH}sSup": _script,
    f"{MATH}sSub": _script,
    f"{MATH}sSubSup": _script,
    f"{MATH}nary": _large,
    f"{MATH}d": _brackets,
    f"{MATH}rad": _root,
    f"{MATH}m": _rows,
}
