"""The answer without a model: the best sentence of the best passages, with what stands around it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag import contradict, window
from rag.cite import Proof, Statement, quotable
from rag.contradict import Contradiction, Place
from rag.edition import current, dated
from rag.pack import Passage
from rag.sentence_score import Asked, Scored, Unit, Weights, ranked, units
from rag.sentences import plain
from rag.support import support
from rag.tables import cells, header_of
from rag.types import Language
from rag.words import has_cjk

__all__ = ["Extract", "Weights", "best_sentences", "extract", "otherwise", "whole"]

_LONGEST = 300  # characters of a sentence that are shown even where an answer is shorter
_TIE, _TIE_SHARE, _TIE_LEAST = 0.27, 0.8, 0.3  # of the score; of the question's words in the sentence
_DISAGREE: dict[Language, str] = {
    "en": "Two documents disagree:",
    "zh": "两份文档说法不一：",
}
_OTHERWISE: dict[Language, str] = {
    "en": "Another document says otherwise:",
    "zh": "另一份文档的说法不同：",
}


@dataclass(frozen=True, slots=True)
class Extract:
    """Cited sentences; `contradiction` where two documents answer differently (both are quoted)."""

    statements: tuple[Statement, ...] = ()
    contradiction: Contradiction | None = None


def extract(
    question: str,
    passages: Sequence[Passage],
    language: Language,
    idf: Weights | None = None,
    *,
    speak: Language | None = None,
) -> Extract:
    """The sentences that answer best; empty when no passage has one.

    The first three passages are read for the answer, all of them for a document that says otherwise.
    """
    asked = Asked(question, language, idf)
    passages = current(passages, question)
    found = ranked(asked, passages)
    if not found:
        return Extract()
    best = max(found, key=lambda scored: scored.score)
    passage, chosen = _chosen(asked, best, found)
    if contradiction := contradict.find(asked, passage, _first(best.unit, chosen), passages):
        return Extract(tuple(_both(contradiction, speak or language)), contradiction)
    statements = _statements(passage, chosen, window.LIMIT[language])
    return Extract((*statements, *_near_tie(asked, best, found, statements)))


def whole(passage: Passage, limit: int) -> tuple[Statement, ...]:
    """The passage as it stands, up to about `limit` characters: the answer of an entry that asks the same."""
    chosen = [unit for unit in units(passage.hit.text) if unit.sentence.kind not in ("heading", "header")]
    return tuple(_statements(passage, chosen, limit)) if chosen else ()


def best_sentences(
    question: str, passages: Sequence[Passage], language: Language, idf: Weights | None = None
) -> list[str]:
    """The sentences of the passages as they stand, best first."""
    found = ranked(Asked(question, language, idf), current(passages, question))
    found.sort(key=lambda scored: -scored.score)
    return [_text(scored.passage, scored.unit) for scored in found]


def otherwise(contradiction: Contradiction, cited: Iterable[str], language: Language) -> list[Statement]:
    """What is added to an answer that cites only one of the two documents (by id)."""
    cited = set(cited)
    places = (contradiction.first, contradiction.second)
    missing = [place for place in places if place.passage.hit.document not in cited]
    if len(missing) != 1:
        return []
    return [Statement("\n\n" + _OTHERWISE[language]), _dated(missing[0], language)]


def _chosen(asked: Asked, best: Scored, found: Sequence[Scored]) -> tuple[Passage, list[Unit]]:
    if best.unit.sentence.kind == "row":
        return best.passage, window.rows(best, found, window.LIMIT[asked.language])
    return window.around(asked, best)


def _first(best: Unit, chosen: Sequence[Unit]) -> list[Unit]:
    """The best unit before those that stand around it."""
    return sorted(chosen, key=lambda unit: unit.sentence != best.sentence)


def _both(contradiction: Contradiction, language: Language) -> list[Statement]:
    places = (contradiction.first, contradiction.second)
    return [Statement(_DISAGREE[language]), *(_dated(place, language) for place in places)]


def _dated(place: Place, language: Language) -> Statement:
    """A sentence as an item that names its document and its date."""
    statement = _statement(place.passage, place.unit, window.LIMIT[language] // 2)
    date = dated(place.passage, language)
    opening, closing, colon = ("（", "）", "：") if language == "zh" else (" (", ")", ": ")
    title = plain(place.passage.hit.title)
    name = f"{title}{opening}{date}{closing}" if date else title
    return replace(statement, text=f"\n- {name}{colon}{statement.text}")


def _statements(passage: Passage, chosen: Sequence[Unit], limit: int) -> list[Statement]:
    """The units as running text and lists, as far as the limit goes; the last one carries the number."""
    made: list[Statement] = []
    for i, unit in enumerate(chosen):
        statement = _statement(passage, unit, limit)
        lead = _lead(statement.text, chosen[i - 1] if i else None, unit) if len(chosen) > 1 else ""
        limit -= len(lead + statement.text)
        if made and limit < 0:
            break
        made.append(replace(statement, text=lead + statement.text, marked=False))
    return [*made[:-1], replace(made[-1], marked=True)]


def _lead(claim: str, before: Unit | None, unit: Unit) -> str:
    """What stands between a unit and the one before it."""
    if unit.sentence.kind in ("item", "row"):
        return "\n- " if before else "- "
    if before is None:
        return ""
    if before.sentence.kind in ("item", "row"):
        return "\n\n"
    return "" if has_cjk(claim[:1]) else " "


def _near_tie(
    asked: Asked, best: Scored, found: Sequence[Scored], said: Sequence[Statement]
) -> list[Statement]:
    """One sentence of another document that answers as well, if there is room left for it."""
    own = asked.share(best.unit.words)
    others = [
        scored
        for scored in found
        if scored.passage.hit.document != best.passage.hit.document
        and scored.score >= best.score - _TIE
        and asked.share(scored.unit.words) >= max(_TIE_SHARE * own, _TIE_LEAST)
    ]
    if not others:
        return []
    other = max(others, key=lambda scored: scored.score)
    statement = _statement(other.passage, other.unit, _LONGEST)
    room = window.LIMIT[asked.language] - sum(len(known.text) for known in said)
    if len(statement.text) + 2 > room or any(statement.text == known.text.strip() for known in said):
        return []
    return [replace(statement, text="\n\n" + statement.text)]


def _statement(passage: Passage, unit: Unit, limit: int) -> Statement:
    """One sentence in reading text with its proof."""
    start, end = _within(passage.hit.text, unit, limit)
    header = header_of(passage.whole, passage.hit.start + start) if unit.sentence.kind == "row" else ""
    raw = passage.hit.text[start:end]
    claim = _row(raw, header) if unit.sentence.kind == "row" else plain(raw)
    hit = passage.hit
    start, end = quotable(hit.text, start, end)
    quote = hit.text[start:end]
    carried = support(claim, plain(quote), f"{hit.title} {hit.heading} {header}")
    proof = Proof(hit, hit.start + start, hit.start + end, quote, "verified", carried)
    return Statement(claim, (proof,))


def _within(text: str, unit: Unit, limit: int) -> tuple[int, int]:
    start, end = unit.sentence.start, unit.sentence.end
    if unit.sentence.kind == "code":
        start, end = _inside_fences(text, start, end)
    if end - start <= max(limit, _LONGEST):
        return start, end
    cut = text.rfind(" ", start + limit // 2, start + limit)
    return start, cut if cut > 0 else start + limit


def _inside_fences(text: str, start: int, end: int) -> tuple[int, int]:
    """Code without the lines that fence it; all of it where nothing else is there."""
    lines = text[start:end].splitlines(keepends=True)
    last = len(lines) - 1 if lines[-1].strip().startswith(("```", "~~~")) else len(lines)
    code = "".join(lines[1:last])
    if not code.strip():
        return start, end
    start += len(lines[0]) + len(code) - len(code.lstrip())
    return start, start + len(code.strip())


def _row(row: str, header: str) -> str:
    """A table row in words: `column: value`, or the values alone when it has no header."""
    values, names = _cells(row), _cells(header)
    if len(names) != len(values):
        return ", ".join(value for value in values if value)
    colon, comma = ("：", "；") if has_cjk(row + header) else (": ", "; ")
    named = [(name, value) for name, value in zip(names, values, strict=True) if value]
    return comma.join(f"{name}{colon}{value}" if name else value for name, value in named)


def _cells(row: str) -> list[str]:
    return [plain(cell) for cell in cells(row)] if row else []


def _text(passage: Passage, unit: Unit) -> str:
    return passage.hit.text[unit.sentence.start : unit.sentence.end]
