"""Rows of an evaluation as `kb eval run` would make them, measured by the same code."""

from dataclasses import replace

from rag.evaluate.measures import measure
from rag.evaluate.types import Case, Gold, Place, Quote, Row, Run
from rag.words import has_cjk

SOURCE = "hr/leave.md"


def row(
    name: str,
    *,
    question: str = "How many days of leave?",
    expected: str = "27 days",
    said: str = "27 days [1]",
    cited: int = 0,
    found: int = 0,
    answerable: bool = True,
    status: str = "answered",
    **more: object,
) -> Row:
    """An answer that cites the gold place and finds it first, unless `cited` or `found` moves it away.

    The gold place is 0..20 of `SOURCE`. `more` are fields of the row, or `kind` of the case.
    """
    gold = (Gold(SOURCE, "27 days of annual leave"),) if answerable else ()
    case = Case(
        name,
        question,
        f"questions.csv:{name}",
        answer=expected if answerable else "",
        gold=gold,
        answerable=answerable,
        language="zh" if has_cjk(question) else "en",
        kind=str(more.pop("kind", "")),
    )
    quote = Quote(Place(SOURCE, cited, cited + 20), said, said, 0.9, verbatim=True)
    made = Row(
        case,
        gold=(Place(SOURCE, 0, 20),) if answerable else (),
        found=(Place(SOURCE, found, found + 400), Place("it/laptops.md", 0, 300)),
        status=status,
        text=said,
        quotes=(quote,) if status == "answered" else (),
        evidence=0.8,
        seconds=0.01,
    )
    made = replace(made, **more)  # type: ignore[arg-type]
    return replace(made, measures=measure(made))


def run(*rows: Row, **about: object) -> Run:
    """A run of these rows."""
    return Run(about, rows)
