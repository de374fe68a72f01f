"""A tuning as a file that a person can read: what was measured, then what is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rag import weights
from rag.evaluate import cutoff, fit
from rag.evaluate.bootstrap import Figure
from rag.evaluate.tune import Outcome


def text(outcome: Outcome, *, version: str, now: float) -> str:
    """The whole file. `version` is that of kb, `now` in seconds since the epoch."""
    return weights.dump(outcome.tuning, list(_about(outcome, version, now)))


def figures(outcome: Outcome) -> list[tuple[str, str, str, str, str]]:
    """Rows of (figure, with the defaults, tuned, difference, its 95 % interval), all held out."""
    rows = []
    if isinstance(outcome.ranking, fit.Fitted):
        for name, trial in outcome.ranking.trials.items():
            rows.append((name, told(trial.before), told(trial.after), *signed(trial.difference)))
    for name, one in outcome.cutoffs.items():
        if isinstance(one, cutoff.Fitted):
            rows += _decisions(name, one)
    return rows


def told(figure: Figure | None) -> str:
    """A value with its interval."""
    return f"{figure.value:.3f} ({figure.low:.2f}-{figure.high:.2f})" if figure else "-"


def signed(figure: Figure) -> tuple[str, str]:
    """A difference and its interval."""
    return f"{figure.value:+.3f}", f"{figure.low:+.3f} to {figure.high:+.3f}"


def _about(outcome: Outcome, version: str, now: float) -> Iterator[str]:
    when = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield "Written by `kb tune`; `kb tune --undo` goes back. docs/tuning.md says what all this means."
    yield f"{when}, kb {version}: {outcome.questions} questions, {outcome.placed} with known places"
    yield f"in {outcome.groups} documents or FAQ entries, {outcome.order.folds} folds."
    yield ""
    yield "Held out, with 95 % intervals:"
    rows = [("", "defaults", "tuned", "change", "95 %"), *figures(outcome)]
    wide = max(len(row[0]) for row in rows)
    for name, before, after, difference, interval in rows:
        yield f"{name:{wide}}  {before:19}  {after:19}  {difference:6}  {interval}".rstrip()


def _decisions(name: str, one: cutoff.Fitted) -> Iterator[tuple[str, str, str, str, str]]:
    where = f", collection {name}" if name != weights.EVERYWHERE else ""
    before, after = one.before, one.after
    pairs = {
        "answerable refused": (before.refused_answerable, after.refused_answerable),
        "unanswerable refused": (before.refused_unanswerable, after.refused_unanswerable),
        "right decisions": (before.right, after.right),
    }
    for title, (old, new) in pairs.items():
        if old and new:
            change = one.difference if title == "right decisions" else None
            said = signed(change) if change else (f"{new.value - old.value:+.3f}", "")
            yield (title + where, told(old), told(new), *said)
