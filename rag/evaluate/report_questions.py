"""Each question of a report, with its evidence side by side: what was expected, what came, what was found."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from rag.evaluate.places import overlap, rank
from rag.evaluate.report_groups import OUTCOMES, Outcome, grouped
from rag.evaluate.report_numbers import spoken
from rag.evaluate.report_page import folded, joined
from rag.evaluate.types import Case, Place, Quote, Row

_LONGEST = 3000  # characters of one text; a report is read, the result file holds the rest
_MOST_FOUND = 12

_CASE = Markup(
    '<details class="case" id="{anchor}"><summary>{question}<small>{facts}</small></summary>\n'
    '<div class="sides"><div>{expected}</div><div>{ours}</div>{other}</div>\n{found}{measures}</details>\n'
)
_TEXT = Markup('<div class="text" lang="{}">{}</div>')
_QUOTE = Markup("<blockquote>{}<small>{}</small></blockquote>")
_GOLD, _NOT_GOLD = Markup('<b class="good">gold</b>'), Markup('<span class="soft">not gold</span>')
_SOFT = Markup('<p class="soft">{}</p>')
_GOOD, _BAD = Markup('<b class="good">{}</b>'), Markup('<b class="bad">{}</b>')


def questions(rows: Sequence[Row], others: Mapping[str, Row]) -> Markup:
    """All questions in groups, what needs a look first. `others` are rows of another run by case id."""
    anchors = anchors_of(rows)
    return joined(_group(name, held, others, anchors) for name, held in grouped(rows).items())


def anchors_of(rows: Iterable[Row]) -> dict[str, str]:
    """The name under which a link finds each question, by case id."""
    return {row.case.id: f"q{n}" for n, row in enumerate(rows, 1)}


def _group(
    name: Outcome, rows: Sequence[Row], others: Mapping[str, Row], anchors: Mapping[str, str]
) -> Markup:
    shown = joined(_case(row, others.get(row.case.id), anchors[row.case.id]) for row in rows)
    return folded(f"{name.capitalize()} ({len(rows)})", shown, is_open=name != OUTCOMES[-1])


def _case(row: Row, other: Row | None, anchor: str) -> Markup:
    case = row.case
    facts = [case.id, case.language, case.kind, case.collection or "", row.status or "failed"]
    return _CASE.format(
        anchor=anchor,
        question=case.question,
        facts=" · ".join(fact for fact in facts if fact),
        expected=_expected(row),
        ours=_answer("Answer", row),
        other=Markup("<div>{}</div>").format(_answer("Answer of the other run", other)) if other else "",
        found=_found(row),
        measures=_measures(row.measures),
    )


def _expected(row: Row) -> Markup:
    case = row.case
    told = case.answer or ("" if case.answerable else "Nothing: the documents do not hold the answer.")
    parts = [_history(case), Markup("<h3>Expected</h3>"), _text(told, case.language)]
    parts += [_QUOTE.format(_cut(gold.quote), gold.file) for gold in case.gold]
    if row.gold:
        parts.append(_SOFT.format(Markup("Stands in {}").format(Markup("; ").join(map(_where, row.gold)))))
    if row.note:
        parts.append(_SOFT.format(row.note))
    return joined(parts)


def _history(case: Case) -> Markup:
    if not case.history:
        return Markup()
    turns = joined(Markup("<li>{}: {}</li>").format(turn.role, _cut(turn.content)) for turn in case.history)
    return Markup("<h3>Before</h3><ul>{}</ul>").format(turns)


def _answer(title: str, row: Row) -> Markup:
    if row.error:
        return joined((Markup("<h3>{}</h3>").format(title), _BAD.format(f"failed: {row.error}")))
    why = [row.status, row.reason.replace("_", " "), row.degraded or "", f"evidence {row.evidence:.2f}"]
    head = Markup("<h3>{}: {}</h3>").format(title, ", ".join(word for word in why if word))
    return joined((head, _text(row.text, row.case.language), *(_quote(quote, row) for quote in row.quotes)))


def _quote(quote: Quote, row: Row) -> Markup:
    proved = _GOOD.format("verbatim") if quote.verbatim else _BAD.format("not verbatim")
    said = [proved, f"support {quote.support:.2f}", *_gold_mark(quote.place, row)]
    marks = Markup(", ").join(said)
    return _QUOTE.format(_cut(quote.text), Markup("{} · {}").format(_where(quote.place), marks))


def _found(row: Row) -> Markup:
    places = joined(
        Markup("<li>{}</li>").format(Markup(" · ").join([_where(place), *_gold_mark(place, row)]))
        for place in row.found[:_MOST_FOUND]
    )
    return Markup('<h3>Found: {}</h3><ol class="found">{}</ol>').format(_rank(row), places)


def _rank(row: Row) -> str:
    """How many passages were found, and at which of them gold begins."""
    said = f"{len(row.found)} passages"
    if not row.gold:
        return said
    at = rank(row.gold, row.found)
    return f"{said}, gold at rank {at}" if at else f"{said}, none with gold"


def _gold_mark(place: Place, row: Row) -> list[Markup]:
    """Whether the place overlaps gold; nothing where the question has none."""
    if not row.gold:
        return []
    return [_GOLD if any(overlap(place, gold) for gold in row.gold) else _NOT_GOLD]


def _where(place: Place) -> Markup:
    return Markup("<bdi>{}</bdi>, {}–{}").format(place.source, place.start, place.end)


def _measures(measures: Mapping[str, float]) -> Markup:
    if not measures:
        return Markup()
    told = " · ".join(f"{spoken(name)} {value:.2f}" for name, value in measures.items() if "@" not in name)
    return Markup("<h3>Measures</h3>{}").format(_SOFT.format(told))


def _text(text: str, language: str) -> Markup:
    return _TEXT.format(language, _cut(text)) if text else _SOFT.format("No text.")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
