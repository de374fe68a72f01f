"""The stretch of a passage that is shown for its best sentence.

What follows under the same heading comes first, beyond the end of the passage too, and then what
stands before: an explanation mostly follows its first sentence, and a short one is best read whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from rag.pack import Passage
from rag.sentence_score import Asked, Scored, Unit, units
from rag.types import Language

LIMIT: dict[Language, int] = {"en": 600, "zh": 200}  # characters of an answer
# What a paragraph is shown of: in Chinese a sentence or two carry an answer, lists and steps need more.
_PARAGRAPH: dict[Language, int] = {"en": 600, "zh": 120}
_ROW_TIE = 0.02


def around(asked: Asked, best: Scored) -> tuple[Passage, list[Unit]]:
    """The units to show, in reading order, and the passage that they stand in."""
    is_paragraph = best.unit.sentence.kind == "prose" and not best.unit.announces
    limit = (_PARAGRAPH if is_paragraph else LIMIT)[asked.language]
    passage, place = _lengthened(best, limit)
    found = units(passage.hit.text)
    last = _last(asked, found, place, limit)
    first = _first(found, place, limit - sum(unit.length for unit in found[place : last + 1]))
    return passage, [unit for unit in found[first : last + 1] if unit.sentence.kind != "header"]


def _last(asked: Asked, found: Sequence[Unit], place: int, limit: int) -> int:
    """The place of the last unit that follows within `limit` characters, this one included."""
    used = found[place].length
    for i in range(place + 1, len(found)):
        used += found[i].length
        if used > limit or not _goes_on(asked, found[i - 1], found[i]):
            return i - 1
    return len(found) - 1


def _first(found: Sequence[Unit], place: int, room: int) -> int:
    """The place of the first unit that leads to this one within `room` characters."""
    for i in range(place - 1, -1, -1):
        room -= found[i].length
        if room < 0 or found[i].sentence.kind not in ("prose", "item") or found[i].asks:
            return i + 1
    return 0


def rows(best: Scored, ranked: Sequence[Scored], limit: int) -> list[Unit]:
    """A row, with those of its table that answer as well: the reader knows which is theirs."""
    found = units(best.passage.hit.text)
    scores = {scored.place: scored.score for scored in ranked if scored.passage is best.passage}
    places = [place for place in _table(found, best.place) if scores[place] >= best.score - _ROW_TIE]
    if sum(found[place].length for place in places) > limit:
        places = [best.place]
    return [found[place] for place in places]


def _lengthened(best: Scored, limit: int) -> tuple[Passage, int]:
    """The passage with so much of what follows it in its document, and the best unit's place in it."""
    passage, hit = best.passage, best.passage.hit
    end = min(len(passage.whole), hit.end + limit)
    text = passage.whole[hit.start : end]
    found = units(text)
    start = best.unit.sentence.start
    place = next((i for i, unit in enumerate(found) if unit.sentence == best.unit.sentence), None)
    if place is None or end == hit.end:  # the last line of a passage may be read otherwise with the next
        return passage, best.place
    if end < len(passage.whole) and found[-1].sentence.start > start:
        text = text[: found[-1].sentence.start]  # the last sentence may be cut
    return Passage(replace(hit, end=hit.start + len(text), text=text), passage.whole), place


def _goes_on(asked: Asked, last: Unit, unit: Unit) -> bool:
    """A table belongs to what stands before it when that announces it, or when it is asked for."""
    kind = unit.sentence.kind
    if kind == "heading" or unit.asks:
        return False
    if kind not in ("row", "header") or last.announces or last.sentence.kind in ("row", "header"):
        return True
    return kind == "header" and asked.share(unit.words) > 0


def _table(found: Sequence[Unit], place: int) -> range:
    """The places of the rows that stand together with this one."""
    first = last = place
    while first > 0 and found[first - 1].sentence.kind == "row":
        first -= 1
    while last + 1 < len(found) and found[last + 1].sentence.kind == "row":
        last += 1
    return range(first, last + 1)
