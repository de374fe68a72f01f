"""The shapes of a slide with the places where they stand, in the order in which one reads them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.formats.ooxml.package import DRAWING, FALLBACK, SLIDE

_CHOICE = FALLBACK.replace("Fallback", "Choice")
_ALTERNATIVES = FALLBACK.replace("Fallback", "AlternateContent")
_GROUP = f"{SLIDE}grpSp"
_SHAPES = frozenset(f"{SLIDE}{tag}" for tag in ("sp", "pic", "graphicFrame", "cxnSp"))
_FILLS = tuple(f"{DRAWING}{tag}" for tag in ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill"))
TITLES = ("title", "ctrTitle")
_DEEPEST = 64  # groups in groups
_ROW = 20  # shapes whose tops differ by less than a twentieth of the slide stand side by side

Place = tuple[float, float, float, float]  # left, top, right, bottom in EMU


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape. `place` is None where nothing says it; `holder` is the type of its placeholder, if any."""

    element: Any
    place: Place | None
    holder: str = ""
    is_hidden: bool = False

    @property
    def is_filled(self) -> bool:
        """Whether it gives what stands on it a ground: a picture, a table or a fill."""
        if self.element.tag != f"{SLIDE}sp":
            return str(self.element.tag) != f"{SLIDE}cxnSp"
        own = self.element.find(f"{SLIDE}spPr")
        if own is not None and any(own.find(fill) is not None for fill in _FILLS):
            return True
        if own is not None and own.find(f"{DRAWING}noFill") is not None:
            return False
        style = self.element.find(f"{SLIDE}style/{DRAWING}fillRef")
        return style is not None and style.get("idx") not in (None, "0")

    def touches(self, other: "Shape") -> bool:
        """Whether two shapes may overlap; an unknown place may be anywhere."""
        if self.place is None or other.place is None:
            return True
        left, top, right, bottom = other.place
        return (
            left < self.place[2] and right > self.place[0] and top < self.place[3] and bottom > self.place[1]
        )

    def is_outside(self, width: float, height: float) -> bool:
        """Whether nothing of it is on the slide."""
        if self.place is None or width <= 0 or height <= 0:
            return False
        left, top, right, bottom = self.place
        return right < 0 or bottom < 0 or left > width or top > height


@dataclass(frozen=True, slots=True)
class _Frame:
    """How the coordinates within a group become those of the slide."""

    x: float = 0.0
    y: float = 0.0
    wide: float = 1.0
    high: float = 1.0

    def place(self, frame: Any) -> Place | None:
        at, size = _pair(frame, "off", "x", "y"), _pair(frame, "ext", "cx", "cy")
        if at is None or size is None:
            return None
        left, top = self.x + at[0] * self.wide, self.y + at[1] * self.high
        return left, top, left + size[0] * self.wide, top + size[1] * self.high

    def within(self, frame: Any) -> "_Frame":
        place = self.place(frame)
        at, size = _pair(frame, "chOff", "x", "y"), _pair(frame, "chExt", "cx", "cy")
        if place is None or at is None or size is None or not (size[0] and size[1]):
            return self
        wide, high = (place[2] - place[0]) / size[0], (place[3] - place[1]) / size[1]
        return _Frame(place[0] - at[0] * wide, place[1] - at[1] * high, wide, high)


def shapes(root: Any, models: Sequence[Any] = ()) -> list[Shape]:
    """The shapes of a slide, without those of `models` (layout, master), which only lend their places."""
    tree = root.find(f"{SLIDE}cSld/{SLIDE}spTree")
    if tree is None:
        return []
    lent = _lent(models)
    return [_shape(element, frame, hidden, lent) for element, frame, hidden in _flat(tree)]


def in_order(found: Sequence[Shape], height: float) -> list[Shape]:
    """Titles first, then from top to bottom, and from left to right where tops are level."""
    titles = [shape for shape in found if shape.holder in TITLES]
    others = [shape for shape in found if shape.holder not in TITLES]
    others.sort(key=lambda shape: _corner(shape)[1])
    made: list[Shape] = []
    row: list[Shape] = []
    for shape in others:
        if row and _corner(shape)[1] - _corner(row[0])[1] > height / _ROW:
            made += sorted(row, key=_corner)
            row = []
        row.append(shape)
    return titles + made + sorted(row, key=_corner)


def _corner(shape: Shape) -> tuple[float, float]:
    return (shape.place[0], shape.place[1]) if shape.place else (0.0, 0.0)


def _flat(tree: Any) -> Iterator[tuple[Any, _Frame, bool]]:
    """The shapes of all groups, without recursion; groups nested deeper than anybody draws are left."""
    stack: list[tuple[Any, _Frame, bool, int]] = [(e, _Frame(), False, 0) for e in reversed(tree)]
    while stack:
        element, frame, hidden, depth = stack.pop()
        if element.tag in _SHAPES:
            yield element, frame, hidden
        elif element.tag == _ALTERNATIVES:
            choice = element.find(_CHOICE)
            inner = element.find(FALLBACK) if choice is None else choice
            stack.extend((e, frame, hidden, depth) for e in reversed(() if inner is None else inner))
        elif element.tag == _GROUP and depth < _DEEPEST:
            own = frame.within(element.find(f"{SLIDE}grpSpPr/{DRAWING}xfrm"))
            unseen = hidden or _is_hidden(element)
            stack.extend((e, own, unseen, depth + 1) for e in reversed(element))


def _shape(element: Any, frame: _Frame, hidden: bool, lent: dict[str, Place]) -> Shape:
    holder = element.find(f".//{SLIDE}nvPr/{SLIDE}ph")
    path = f"{SLIDE}xfrm" if element.tag == f"{SLIDE}graphicFrame" else f"{SLIDE}spPr/{DRAWING}xfrm"
    place = frame.place(element.find(path))
    if holder is None:
        return Shape(element, place, "", hidden or _is_hidden(element))
    kind = holder.get("type") or "obj"
    place = place or lent.get(f"#{holder.get('idx') or 0}") or lent.get(kind)
    return Shape(element, place, kind, hidden or _is_hidden(element))


def _lent(models: Sequence[Any]) -> dict[str, Place]:
    """Places of the placeholders of layout and master, by number and by type; the layout's count first."""
    found: dict[str, Place] = {}
    for model in models:
        for holder in model.iter(f"{SLIDE}ph"):
            shape = holder.getparent().getparent().getparent()
            place = _Frame().place(shape.find(f"{SLIDE}spPr/{DRAWING}xfrm"))
            if place:
                found.setdefault(f"#{holder.get('idx') or 0}", place)
                found.setdefault(holder.get("type") or "obj", place)
    return found


def _is_hidden(element: Any) -> bool:
    said = next(element.iter(f"{SLIDE}cNvPr"), None)  # the first is its own
    return said is not None and said.get("hidden") in ("1", "true")


def _pair(frame: Any, tag: str, first: str, second: str) -> tuple[float, float] | None:
    found = None if frame is None else frame.find(f"{DRAWING}{tag}")
    return None if found is None else (float(found.get(first) or 0), float(found.get(second) or 0))
