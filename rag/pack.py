"""Passages for an answer: hits that touch are joined, and as many as fit are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rag.sentences import sentences
from rag.types import Hit
from rag.words import has_cjk

Count = Callable[[str], int]
_FRAME = 40  # tokens of a passage's number, title, heading and date


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a stored version: `hit.text` stands at `hit.start`..`hit.end` of `whole`."""

    hit: Hit
    whole: str


def standing(hits: Sequence[Hit], texts: Mapping[str, str]) -> tuple[Passage, ...]:
    """Hits with the texts that they stand in; a hit that no longer stands there is left out."""
    return tuple(
        Passage(hit, texts[hit.version])
        for hit in hits
        if hit.text and texts.get(hit.version, "")[hit.start : hit.end] == hit.text
    )


def pack(passages: Sequence[Passage], budget: int, count: Count) -> tuple[Passage, ...]:
    """Passages, best first, joined where they touch, within `budget` tokens.

    The last one may be cut at the end of a sentence. At least one sentence is kept.
    """
    kept: list[Passage] = []
    for passage in join(passages):
        left = budget - _FRAME
        size = count(passage.hit.text)
        if size > left:
            if shorter := _cut(passage, left, count, at_least_one=not kept):
                kept.append(shorter)
            break
        kept.append(passage)
        budget -= size + _FRAME
    return tuple(kept)


def join(passages: Sequence[Passage]) -> list[Passage]:
    """Passages of one version that overlap or are neighbours become one, ranked as its best part."""
    ranks: dict[str, list[tuple[int, Passage]]] = {}
    for rank, passage in enumerate(passages):
        ranks.setdefault(passage.hit.version, []).append((rank, passage))
    joined: list[tuple[int, Passage]] = []
    for same in ranks.values():
        same.sort(key=lambda item: item[1].hit.start)
        current = same[0]
        for following in same[1:]:
            if not _touch(current[1], following[1]):
                joined.append(current)
                current = following
            else:
                current = _both(current, following)
        joined.append(current)
    return [passage for _, passage in sorted(joined, key=lambda item: item[0])]


@cache
def counter() -> Count:
    """Tokens as OpenAI's newer models count them, or a guess on the high side."""
    try:
        from rs_bpe import openai  # its table takes 60 ms: only for a model's prompt
    except ImportError:
        return guess
    count: Count = openai.o200k_base().count
    return count


def guess(text: str) -> int:
    """A token for four characters, for each Chinese one."""
    chinese = sum(1 for character in text if has_cjk(character))
    return chinese + (len(text) - chinese + 3) // 4


def _touch(first: Passage, second: Passage) -> bool:
    gap = first.whole[first.hit.end : second.hit.start]
    return second.hit.start <= first.hit.end or not gap.strip()


def _both(first: tuple[int, Passage], second: tuple[int, Passage]) -> tuple[int, Passage]:
    rank, best = min(first, second, key=lambda item: item[0])
    start, end = first[1].hit.start, max(first[1].hit.end, second[1].hit.end)
    page, heading = first[1].hit.page, best.hit.heading
    text = best.whole[start:end]
    hit = replace(best.hit, start=start, end=end, text=text, page=page, heading=heading)
    return rank, Passage(hit, best.whole)


def _cut(passage: Passage, budget: int, count: Count, *, at_least_one: bool) -> Passage | None:
    """The first sentences that fit, or None."""
    hit = passage.hit
    end, used = 0, 0
    for sentence in sentences(hit.text):
        used += count(hit.text[end : sentence.end])
        if used > budget and not (at_least_one and not end):
            break
        end = sentence.end
    if not end:
        return None
    return Passage(replace(hit, end=hit.start + end, text=hit.text[:end]), passage.whole)
