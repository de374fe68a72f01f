"""Plots as inline SVG: text stays text, colours are the page's own, nothing is loaded.

Each function gives one `<svg>` element that scales to its box. Colours are `currentColor` and the CSS
variables `--first`, `--second` and `--grid`, so a page may be light or dark. Drawn by matplotlib.
"""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCHES = (4.4, 2.9)  # at the width of a phone its letters have the size of the page's
_TOP = 1.03  # of axes for shares, so that a point at 1 is seen whole
# matplotlib knows no CSS. It draws in these colours, which become the page's.
_INK, _GRID = "#010203", "#040506"
_FIRST, _SECOND = "#070809", "#0a0b0c"
_CSS = {_INK: "currentColor", _GRID: "var(--grid)", _FIRST: "var(--first)", _SECOND: "var(--second)"}
_SERIES = {_FIRST: "-", _SECOND: "--"}  # equal lines are both seen
_STYLE: Any = {  # matplotlib types the names of its settings one by one
    "svg.fonttype": "none",
    "svg.hashsalt": "kb",  # equal figures give equal text
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), _INK),
    "grid.color": _GRID,
    "grid.linewidth": 0.6,
    "axes.grid": True,
}
_ID = re.compile(r'(\bid="|url\(#|href="#)')
_FONT = re.compile(r"font-family: [^;\"]+|(font: [^;\"]*?px) [^;\"]+")


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its 95 % interval, where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Points in the order of x, under the name that the legend shows; a plot has one or two."""

    name: str
    points: tuple[Point, ...]


def hit_by_budget(series: Sequence[Series]) -> str:
    """Share of questions with a gold place within the first x returned characters."""

    def label(axes: "Axes") -> None:
        budgets = sorted({point.x for each in series for point in each.points})
        axes.set_xticks(budgets, [f"{budget:,.0f}" for budget in budgets])
        axes.set(xlabel="characters returned", ylabel="share with a gold place")

    return _plot("hit", "Hit by budget of characters", series, label, marker="o")


def risk_coverage(series: Sequence[Series]) -> str:
    """Share wrong (y) among the share of questions (x) with the most evidence."""

    def label(axes: "Axes") -> None:
        axes.set(xlabel="share of questions answered", ylabel="share wrong", xlim=(0, _TOP))

    return _plot("risk", "Risk by coverage", series, label)


def calibration(series: Sequence[Series]) -> str:
    """Share right (y) of the answers whose evidence is about x; the diagonal would be perfect."""

    def label(axes: "Axes") -> None:
        axes.plot((0, 1), (0, 1), color=_INK, linestyle=":", linewidth=1)
        axes.set(xlabel="evidence", ylabel="share right", xlim=(0, _TOP))

    return _plot("calibration", "Calibration of the evidence", series, label, marker="o")


def latency(series: Sequence[Series]) -> str:
    """Share of answers (y) that were done within x milliseconds, on a logarithmic axis."""

    def label(axes: "Axes") -> None:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.xaxis.set_minor_formatter("")
        axes.set(xlabel="milliseconds", ylabel="share of answers done")

    return _plot("latency", "Latency", series, label, drawstyle="steps-post")


def _plot(
    name: str, title: str, series: Sequence[Series], label: Callable[["Axes"], None], **line: Any
) -> str:
    """The lines and their bands as one element; `name` keeps its ids apart from other plots of the page."""
    import_plots()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context(_STYLE):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.subplots()
        for each, (colour, dash) in zip(series, _SERIES.items(), strict=False):
            axes.plot(*_columns(each), color=colour, linestyle=dash, label=each.name, markersize=4, **line)
            _band(axes, each, colour)
        label(axes)
        axes.set_ylim(0, _TOP)
        if len(series) > 1:
            axes.legend(frameon=False)
        return _inline(_written(figure), name, title)


def _columns(series: Series) -> tuple[list[float], list[float]]:
    return [point.x for point in series.points], [point.y for point in series.points]


def _band(axes: "Axes", series: Series, colour: str) -> None:
    """The intervals, as far as the points have any."""
    banded = [(p.x, p.low, p.high) for p in series.points if p.low is not None and p.high is not None]
    if banded:
        x, low, high = (list(column) for column in zip(*banded, strict=True))
        axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)


def import_plots() -> None:
    """`ConfigError` where matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ConfigError("plots need matplotlib", hint='pip install "kb[report]"') from error


def _written(figure: "Figure") -> str:
    out = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    return out.getvalue()


def _inline(svg: str, name: str, title: str) -> str:
    """The element alone, with the page's colours and fonts, its own ids, and a name for who cannot see it."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r' (width|height)="[^"]*pt"', "", svg, count=2)
    svg = _ID.sub(rf"\g<1>{name}-", svg)
    svg = _FONT.sub(lambda match: f"{match[1]} inherit" if match[1] else "font-family: inherit", svg)
    for colour, css in _CSS.items():
        svg = svg.replace(colour, css)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
