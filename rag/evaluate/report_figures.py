"""The figures of a report: headline, plots and tables, each beside those of another run if there is one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from markupsafe import Markup

from rag.evaluate import bootstrap, plots
from rag.evaluate.bootstrap import Figure
from rag.evaluate.measures import MEANINGS, is_wrong
from rag.evaluate.places import BUDGETS
from rag.evaluate.plots import Point, Series
from rag.evaluate.report_numbers import spoken, told
from rag.evaluate.report_page import folded, joined, section, table
from rag.evaluate.summary import OF_GROUPS, Group, Summary, summarise
from rag.evaluate.types import Row, Run

_CARDS = (
    *("correct", "decision", "hit", "answer_recall"),
    *("verbatim", "refusal_auroc", "coverage_at_5", "latency_p50"),
)
_OF_PARTS = ("correct", "decision", "hit", "answer_recall", "refusal_auroc", "latency_p95")
_BINS, _FEWEST_IN_BIN = 10, 5
_SHORTEST = 1e-5  # seconds; a logarithmic axis knows no zero
_CARD = Markup("<figure><figcaption>{}</figcaption><b>{}</b><small>{}</small></figure>\n")
_PLOT = Markup("<figure><figcaption>{}<small>{}</small></figcaption>{}</figure>\n")


Draw = Callable[[Sequence[Series]], str]
Points = Callable[["Drawn"], tuple[Point, ...]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A run with its sums, under the name it has in plots and tables."""

    name: str
    run: Run
    summary: Summary

    @staticmethod
    def of(name: str, run: Run) -> "Drawn":
        """The run with its sums."""
        return Drawn(name, run, summarise(run))


def headline(one: Drawn) -> Markup:
    """The figures that matter most, with intervals and meanings."""
    figures = one.summary.overall.figures
    cards = (_card(name, figures[name]) for name in _CARDS if name in figures)
    return Markup('<div class="cards">{}</div>\n').format(joined(cards))


def pictures(drawn: Sequence[Drawn]) -> Markup:
    """The four plots, as far as there is something to draw."""
    made = joined(_picture(drawn, *each) for each in _PICTURES)
    return section("Plots", Markup('<div class="plots">{}</div>').format(made))


def all_figures(one: Drawn) -> Markup:
    """Every figure of the run with its meaning."""
    meanings = MEANINGS | OF_GROUPS
    rows = [
        (_named(name, meanings.get(name, "")), *_cells(name, figure))
        for name, figure in one.summary.overall.figures.items()
    ]
    body = table("Over all questions", ("measure", "value", "95 % interval", "questions"), rows)
    return folded(f"All figures ({len(rows)})", body)


def parts(one: Drawn) -> Markup:
    """Tables by language, kind and collection; none for a key that parts nothing."""
    tables = [_part(key, groups) for key, groups in one.summary.by.items() if len(groups) > 1]
    return section("Parts", *tables)


def calibration(rows: Sequence[Row]) -> tuple[Point, ...]:
    """Bins of as many questions each, by rising evidence: mean evidence, share right, its interval."""
    judged = sorted((row.evidence, not wrong) for row in rows if (wrong := is_wrong(row)) is not None)
    count = min(_BINS, len(judged) // _FEWEST_IN_BIN)
    ends = [len(judged) * i // count for i in range(count + 1)] if count else []
    return tuple(_bin(judged[start:end]) for start, end in pairwise(ends))


def _bin(judged: Sequence[tuple[float, bool]]) -> Point:
    right = bootstrap.mean([float(right) for _, right in judged])
    assert right is not None
    return Point(sum(evidence for evidence, _ in judged) / len(judged), right.value, right.low, right.high)


def _by_budget(one: Drawn) -> tuple[Point, ...]:
    """Budgets that every question was measured at: those of one language alone would not compare."""
    figures = one.summary.overall.figures
    budgets = sorted(set(chain.from_iterable(BUDGETS.values())))
    found = [(budget, figures.get(f"hit@{budget}")) for budget in budgets]
    most = max((figure.n for _, figure in found if figure), default=0)
    return tuple(Point(b, f.value, f.low, f.high) for b, f in found if f and f.n == most)


def _risk(one: Drawn) -> tuple[Point, ...]:
    return tuple(Point(share, wrong) for share, wrong in one.summary.overall.risk_coverage)


def _calibration(one: Drawn) -> tuple[Point, ...]:
    return calibration(one.run.rows)


def _latency(one: Drawn) -> tuple[Point, ...]:
    times = sorted(max(row.seconds, _SHORTEST) for row in one.run.rows if not row.error)
    return tuple(Point(seconds * 1000, n / len(times)) for n, seconds in enumerate(times, 1))


def _picture(drawn: Sequence[Drawn], title: str, says: str, draw: Draw, points: Points) -> Markup:
    series = [Series(one.name, found) for one in drawn if (found := points(one))]
    if not series:
        return Markup()
    return _PLOT.format(title, says, Markup(draw(series)))  # noqa: S704  # our names and numbers only


def _card(name: str, figure: Figure) -> Markup:
    _, interval, n = _cells(name, figure)
    meaning = (MEANINGS | OF_GROUPS)[name]
    return _CARD.format(spoken(name), told(name, figure.value), f"{interval} over {n}: {meaning}")


def _part(key: str, groups: Mapping[str, Group]) -> Markup:
    held = [name for name in _OF_PARTS if any(name in group.figures for group in groups.values())]
    rows = [
        (name, str(group.questions), *(_short(measure, group.figures.get(measure)) for measure in held))
        for name, group in groups.items()
    ]
    return table(f"By {key}", (key, "questions", *map(spoken, held)), rows)


def _short(name: str, figure: Figure | None) -> Markup:
    if figure is None:
        return Markup("–")
    value, interval, _ = _cells(name, figure)
    return Markup("{} <small>{}</small>").format(value, interval)


def _cells(name: str, figure: Figure) -> tuple[str, str, str]:
    return told(name, figure.value), f"{told(name, figure.low)} – {told(name, figure.high)}", str(figure.n)


def _named(name: str, meaning: str) -> Markup:
    return Markup('{}<small class="soft">{}</small>').format(spoken(name), meaning)


_PICTURES: Sequence[tuple[str, str, Draw, Points]] = (
    ("Hit by budget", "Questions with a gold place in what was returned.", plots.hit_by_budget, _by_budget),
    (
        "Risk by coverage",
        "Wrong answers, if only the questions with most evidence were answered.",
        plots.risk_coverage,
        _risk,
    ),
    (
        "Calibration",
        "How many answers are right, by their evidence. On the dotted line it would say so itself.",
        plots.calibration,
        _calibration,
    ),
    ("Latency", "Answers done within a time.", plots.latency, _latency),
)
