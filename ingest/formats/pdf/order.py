"""The order in which a page is read.

The order of the file is kept where it makes sense: it mostly is what the author meant. Where lines
of columns alternate, columns are read one after another; where blocks of text stand in a strange
order, they are cut apart by the white between them (Nagy and Seth's XY-cut, 1984).
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from ingest.formats.pdf.lines import width
from ingest.formats.pdf.read import joined
from ingest.formats.pdf.types import Item, Line, Table, hull

Block = tuple[Item, ...]
_FEWEST = 4  # lines that a column of text has
_MOST_ITEMS = 2_000  # of a page; more are no text
_PROSE = 18  # letters of a usual line of a column, ideographs counted double
_FULL = 0.75  # of the width of the column, which most lines of prose reach
_GUTTER = 6.0  # points between columns


def in_order(lines: Sequence[tuple[Line, ...]], tables: Sequence[tuple[int, Table]]) -> list[Block]:
    """Blocks of the page's items. A table comes before the line whose number stands with it."""
    whole = _placed([joined(parts) for parts in lines], tables)
    if any(item.turns % 2 for item in whole):
        return _by_direction(whole)
    apart = [part for parts in lines for part in parts]
    items: list[Item] = [*apart, *(table for _, table in tables)]
    gutter = _gutter(items)
    if gutter is not None and _alternate(items, gutter, columns=len(apart) > len(lines)):
        return _columns(items)
    blocks = _runs(whole)
    return blocks if _makes_sense(blocks) else _cut(blocks)


def _placed(lines: list[Line], tables: Sequence[tuple[int, Table]]) -> list[Item]:
    made: list[Item] = list(lines)
    for place, table in sorted(tables, key=lambda each: -each[0]):
        made.insert(place, table)
    return made


def _by_direction(items: Sequence[Item]) -> list[Block]:
    """Text that runs in the page's main direction first, the rest in blocks of their own."""
    turns = sorted({item.turns for item in items}, key=lambda turn: -_letters(items, turn))
    return [block for turn in turns for block in _runs([item for item in items if item.turns == turn])]


def _letters(items: Sequence[Item], turns: int) -> int:
    return sum(len(item.text) if isinstance(item, Line) else 500 for item in items if item.turns == turns)


def _runs(items: Sequence[Item]) -> list[Block]:
    """Blocks of items that follow each other downwards."""
    blocks: list[list[Item]] = []
    for item in items:
        if blocks and _is_next(blocks[-1][-1], item):
            blocks[-1].append(item)
        else:
            blocks.append([item])
    return [tuple(block) for block in blocks]


def _is_next(before: Item, item: Item) -> bool:
    if isinstance(before, Table) or isinstance(item, Table):
        return False
    if before.turns % 2 or item.turns % 2:
        return before.turns == item.turns
    below = item.y0 >= before.y0 - 2 and item.y1 > before.y1 - 2
    near = item.y0 - before.y1 < 2.5 * max(8.0, min(before.y1 - before.y0, 20))
    beside = min(before.x1, item.x1) > max(before.x0, item.x0)
    return below and near and beside


def _makes_sense(blocks: Sequence[Block]) -> bool:
    """True when no block stands above the one before it, unless it is the next column."""
    boxes = [hull(block) for block in blocks]
    for before, box in pairwise(boxes):
        above = box[1] < before[1] - 2 and box[3] < before[3]
        if above and box[0] < (before[0] + before[2]) / 2:
            return False
    return True


def _cut(blocks: Sequence[Block]) -> list[Block]:
    """Blocks in the order in which white space divides them: rows first, then columns."""
    if len(blocks) < 2:
        return list(blocks)
    for low, high in ((1, 3), (0, 2)):
        groups = _divided(blocks, low, high)
        if len(groups) > 1:
            return [block for group in groups for block in _cut(group)]
    return sorted(blocks, key=lambda block: hull(block)[1])


def _divided(blocks: Sequence[Block], low: int, high: int) -> list[list[Block]]:
    groups: list[list[Block]] = []
    reached = float("-inf")
    for box, block in sorted(((hull(block), block) for block in blocks), key=lambda pair: pair[0][low]):
        if groups and box[low] < reached - 1:
            groups[-1].append(block)
        else:
            groups.append([block])
        reached = max(reached, box[high])
    return groups


def _alternate(items: Sequence[Item], gutter: float, *, columns: bool) -> bool:
    """True when the file goes back and forth over the gutter more often than the page asks for."""
    sides = [side for item in items if (side := _side(item, gutter))]
    changes = sum(one != other for one, other in pairwise(sides))
    crossing = sum(not _side(item, gutter) for item in items)
    return changes > 2 * min(crossing, 3) + (1 if columns else 3)


def _side(item: Item, gutter: float) -> int:
    return -1 if item.x1 <= gutter else 1 if item.x0 >= gutter else 0


def _columns(items: Sequence[Item]) -> list[Block]:
    """What spans the gutter divides the page into bands; in each, left comes before right."""
    gutter = _gutter(items)
    if gutter is None:
        return _runs(sorted(items, key=lambda item: (item.y1, item.x0)))
    made: list[Block] = []
    band: list[Item] = []
    for item in [*sorted(items, key=lambda item: (item.y0 + item.y1, item.x0)), None]:
        if item is not None and _side(item, gutter):
            band.append(item)
            continue
        for side in (-1, 1):
            half = [each for each in band if _side(each, gutter) == side]
            made.extend(_columns(half) if half else [])
        band = []
        if item is not None:
            made.append((item,))
    return made


def _gutter(items: Sequence[Item]) -> float | None:
    """The middle of the white stripe that the fewest items cross, with prose on both of its sides."""
    if not 2 * _FEWEST <= len(items) <= _MOST_ITEMS:
        return None
    left, _, right, _ = hull(items)
    crossed = _crossed(items, left, right)
    best: tuple[int, float] | None = None
    for begin, end, count in _stripes(crossed):
        middle = left + (begin + end) / 2
        if end - begin < _GUTTER or count > len(items) // 3 or (best and count >= best[0]):
            continue
        if all(_is_prose([item for item in items if _side(item, middle) == side]) for side in (-1, 1)):
            best = (count, middle)
    return best[1] if best else None


def _crossed(items: Sequence[Item], left: float, right: float) -> list[int]:
    """How many items each point of the page's width is covered by."""
    steps = [0] * (int(right - left) + 3)
    for item in items:
        steps[int(item.x0 - left)] += 1
        steps[int(item.x1 - left) + 1] -= 1
    return list(accumulate(steps))[:-2]


def _stripes(crossed: Sequence[int]) -> list[tuple[int, int, int]]:
    """Begin, end and cover of the stripes that less covers than what is beside them."""
    found = []
    begin = 0
    for place in range(1, len(crossed) + 1):
        if place < len(crossed) and crossed[place] == crossed[begin]:
            continue
        falls = begin > 0 and crossed[begin - 1] > crossed[begin]
        if falls and place < len(crossed) and crossed[place] > crossed[begin]:
            found.append((begin, place, crossed[begin]))
        begin = place
    return found


def _is_prose(items: Sequence[Item]) -> bool:
    """True for a column of text: lines of some length, most of which reach across it."""
    lines = [item for item in items if isinstance(item, Line)]
    if len(lines) < _FEWEST:
        return False
    left, _, right, _ = hull(lines)
    full = sum(line.x1 - line.x0 >= _FULL * (right - left) for line in lines)
    long = sorted(width(line.text) for line in lines)
    return 2 * full >= len(lines) and long[len(long) // 2] >= _PROSE
