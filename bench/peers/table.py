"""The figures of a row, and all rows as one table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.peers.figures import Values, characters, difference, interval
from bench.peers.runs import Measured

COLUMNS = (
    "set|system|hit@5|MRR@10|chars in 5|in 1,000|in 2,000|in budget|"
    "kb − it: hit@5|MRR@10|in 1,000|in budget|build s|p50 ms|p95 ms|peak MB"
)


@dataclass(frozen=True, slots=True)
class Row:
    """One way of running one system on one set. `strongest` marks the best way of each system."""

    set: str
    system: str
    way: str
    budgets: tuple[int, ...]
    values: dict[str, Values]
    measured: Measured
    strongest: bool = False

    @property
    def shown(self) -> tuple[str, str, str, str]:
        """The measures that are compared in the table."""
        return "hit_at_5", "mrr_at_10", f"hit_in_{self.budgets[0]}", f"hit_in_{self.budgets[-1]}"

    @property
    def strength(self) -> float:
        """The mean of both rulers, by which the best way of a system is chosen."""
        return float(np.mean([self.values[name].mean() for name in self.shown]))


def figures(row: Row, ours: Row) -> dict[str, object]:
    """A row as it is saved."""
    p50, p95 = np.quantile(row.measured.run.milliseconds, [0.5, 0.95])
    return {
        "way": row.way,
        "strongest_way": row.strongest,
        "questions": len(row.values["hit_at_5"]),
        "measures": {name: _measure(row, ours, name) for name in row.values},
        "characters_in_first_5": round(characters(row.measured.run.places)),
        "build_seconds": round(row.measured.run.build_seconds, 2),
        "query_p50_ms": round(float(p50), 2),
        "query_p95_ms": round(float(p95), 2),
        "peak_megabytes_all_processes": row.measured.peak_megabytes,
        "measured": row.measured.date,
        "from_an_earlier_run": row.measured.kept,
    }


def _measure(row: Row, ours: Row, name: str) -> dict[str, object]:
    values = row.values[name]
    found: dict[str, object] = {
        "mean": round(float(values.mean()), 4),
        "interval": _rounded(interval(values)),
    }
    if row is not ours:
        gap, around = difference(ours.values[name], values)
        found |= {"kb_minus_it": round(gap, 4), "kb_minus_it_interval": _rounded(around)}
    return found


def _rounded(pair: tuple[float, float]) -> list[float]:
    return [round(end, 4) for end in pair]


def lines(rows: Sequence[Row], ours: dict[str, Row]) -> list[str]:
    """The table, in Markdown. `*` is the strongest way of a system; `[a, b]` a paired 95 % interval."""
    heads = COLUMNS.split("|")
    return [
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
        *("| " + " | ".join(_cells(row, ours[row.set])) + " |" for row in rows),
    ]


def _cells(row: Row, ours: Row) -> list[str]:
    run = row.measured.run
    p50, p95 = np.quantile(run.milliseconds, [0.5, 0.95])
    within = [_plain(row.values[f"hit_in_{budget}"].mean()) for budget in row.budgets]
    return [
        row.set,
        f"{row.system} {row.way}{'*' if row.strongest else ''}",
        _plain(row.values["hit_at_5"].mean()),
        _plain(row.values["mrr_at_10"].mean()),
        f"{characters(run.places):.0f}",
        *within,
        *("" if row is ours else _gap(ours.values[name], row.values[name]) for name in row.shown),
        f"{run.build_seconds:.1f}",
        f"{p50:.1f}",
        f"{p95:.1f}",
        f"{row.measured.peak_megabytes:.0f}",
    ]


def _plain(number: float) -> str:
    return f"{number:.3f}"


def _gap(ours: Values, theirs: Values) -> str:
    mean, (low, high) = difference(ours, theirs)
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"
