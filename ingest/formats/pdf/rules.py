"""The ruled lines of a page, from the paths that are painted on it."""

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.formats.pdf.types import Bounds, Frame, Painted

_PATH = 2  # pdfium's kind of object
_THIN = 3.0  # points
_SNAP = 2.5  # points that ends may miss each other by
_SHORTEST = 5.0
_MOST_RULES = 1_500
_MOST_SEGMENTS = 4_000


@dataclass(frozen=True, slots=True)
class Rules:
    """Level and upright rules that cross each other, as shown: place, begin, end."""

    level: tuple[tuple[float, float, float], ...]
    upright: tuple[tuple[float, float, float], ...]


def nets(painted: Sequence[Painted], frame: Frame) -> list[Rules]:
    """Rules in groups that hang together, those that could be tables: three each way at least."""
    paths = [each for each in painted if each.kind == _PATH and frame.holds(*each.centre())]
    if not 1 <= len(paths) <= _MOST_RULES:
        return []
    level, upright = [], []
    for x0, y0, x1, y1 in (frame.shown(bounds) for path in paths for bounds in _strokes(path)):
        if y1 - y0 <= _THIN and x1 - x0 >= _SHORTEST:
            level.append(((y0 + y1) / 2, x0, x1))
        elif x1 - x0 <= _THIN and y1 - y0 >= _SHORTEST:
            upright.append(((x0 + x1) / 2, y0, y1))
    if min(len(level), len(upright)) < 2 or len(level) + len(upright) > _MOST_RULES:
        return []
    return [net for net in _crossing(_joined(level), _joined(upright)) if _is_grid(net)]


def _is_grid(net: Rules) -> bool:
    return len({rule[0] for rule in net.level}) > 2 and len({rule[0] for rule in net.upright}) > 2


def _strokes(path: Painted) -> Iterator[Bounds]:
    left, bottom, right, top = path.bounds
    if min(right - left, top - bottom) <= _THIN:
        yield path.bounds
    elif path.stroked and min(right - left, top - bottom) > _SHORTEST:
        yield from _segments(path)


def _segments(path: Painted) -> Iterator[Bounds]:
    """The straight lines of a path in user space; nothing where it bends."""
    from pypdfium2 import raw

    a, b, c, d, e, f = path.matrix
    u, v = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for number in range(min(raw.FPDFPath_CountSegments(path.handle), _MOST_SEGMENTS)):
        segment: Any = raw.FPDFPath_GetPathSegment(path.handle, number)
        if not raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(u), ctypes.byref(v)):
            return
        point = (a * u.value + c * v.value + e, b * u.value + d * v.value + f)
        match raw.FPDFPathSegment_GetType(segment):
            case raw.FPDF_SEGMENT_BEZIERTO:
                return
            case raw.FPDF_SEGMENT_MOVETO:
                start = point
            case raw.FPDF_SEGMENT_LINETO:
                yield _around(last, point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield _around(point, start)
        last = point


def _around(one: tuple[float, float], other: tuple[float, float]) -> Bounds:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1])


def _joined(rules: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Rules at nearly the same place brought to it, and those that meet there made one."""
    places: list[list[tuple[float, float, float]]] = []
    for rule in sorted(rules):
        if places and rule[0] - places[-1][0][0] <= _SNAP:
            places[-1].append(rule)
        else:
            places.append([rule])
    made: list[tuple[float, float, float]] = []
    for group in places:
        place = sum(rule[0] for rule in group) / len(group)
        spans: list[list[float]] = []
        for _, begin, end in sorted(group, key=lambda rule: rule[1]):
            if spans and begin - spans[-1][1] <= _SNAP * 2:
                spans[-1][1] = max(spans[-1][1], end)
            else:
                spans.append([begin, end])
        made.extend((place, begin, end) for begin, end in spans)
    return made


def _crossing(
    level: Sequence[tuple[float, float, float]], upright: Sequence[tuple[float, float, float]]
) -> Iterator[Rules]:
    """Groups of rules that cross, one way or over others."""
    group = list(range(len(level) + len(upright)))

    def root(rule: int) -> int:
        while group[rule] != rule:
            group[rule] = group[group[rule]]
            rule = group[rule]
        return rule

    for i, (y, x0, x1) in enumerate(level):
        for j, (x, y0, y1) in enumerate(upright, len(level)):
            if x0 - _SNAP <= x <= x1 + _SNAP and y0 - _SNAP <= y <= y1 + _SNAP:
                group[root(i)] = root(j)
    found: defaultdict[int, tuple[list[Any], list[Any]]] = defaultdict(lambda: ([], []))
    for i, rule in enumerate([*level, *upright]):
        found[root(i)][i >= len(level)].append(rule)
    yield from (Rules(tuple(levels), tuple(uprights)) for levels, uprights in found.values())
