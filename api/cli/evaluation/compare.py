"""`kb eval compare`: what got better and what got worse between two runs."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, terminal
from api.cli.evaluation.counted import counted
from api.cli.options import Json
from rag.errors import BadInput

if TYPE_CHECKING:
    from rag.evaluate.compare import Change, Comparison, Shift
    from rag.evaluate.types import Row

WORSE = 1
_MOST_NAMED = 5
_WIDTHS = (20, 5, 8, 8, 9, 22, 20)  # columns of the table

Before = Annotated[Path, typer.Argument(metavar="A", help="Result file of before.", show_default=False)]
After = Annotated[Path, typer.Argument(metavar="B", help="Result file of after.", show_default=False)]
Most = Annotated[int, typer.Option("--limit", "-n", help="Most questions of each list.", min=0)]
FailIfWorse = Annotated[
    bool, typer.Option("--fail-if-worse", help="Exit code 1 when a main measure is worse.")
]


def compare(
    before: Before, after: After, limit: Most = 10, fail_if_worse: FailIfWorse = False, json: Json = False
) -> int:
    """Set two runs side by side: differences with intervals, then question by question."""
    from rag.evaluate import record
    from rag.evaluate.compare import compare as compared

    made = compared(record.read(before), record.read(after))
    if not made.pairs:
        raise BadInput(
            f"{before} and {after} have no question in common", hint="compare two runs of one file"
        )
    if json:
        terminal.out_json(_encoded(made, limit))
    else:
        for line in _lines(made, limit):
            terminal.out_styled(line)
    if fail_if_worse and made.is_too_small:
        terminal.note(f"kb: too few to show that anything is worse: {counted(made.pairs, 'question')}")
    return WORSE if fail_if_worse and made.is_worse else 0


def _lines(made: "Comparison", limit: int) -> Iterator[str]:
    yield f"{counted(made.pairs, 'question')} in both"
    yield from _alone("A", made.only_before)
    yield from _alone("B", made.only_after)
    for name, (old, new) in made.header.items():
        yield layout.clean(f"{name}: {old!r} in A, {new!r} in B")
    yield from _table("all", made.overall)
    for key, parts in made.by.items():
        for name, changes in parts.items():
            yield from _table(f"{key} {name}", changes)
    yield from _list("worse", made.worse, limit)
    yield from _list("better", made.better, limit)


def _alone(name: str, ids: Sequence[str]) -> Iterator[str]:
    """Questions without a partner are in no figure, so they are said."""
    if ids:
        more = ", ..." if len(ids) > _MOST_NAMED else ""
        yield layout.clean(f"{len(ids)} only in {name}: {', '.join(ids[:_MOST_NAMED])}{more}")


def _table(title: str, changes: "Sequence[Change]") -> Iterator[str]:
    """The main measures and those that moved; `--json` has all."""
    shown = [change for change in changes if change.matters]
    if not shown:
        return
    head, *lines = layout.table([(title, "n", "A", "B", "B-A", "95 %", ""), *map(_row, shown)], most=_WIDTHS)
    yield ""
    yield terminal.dim(head)
    yield from lines
    if rest := len(changes) - len(shown):
        yield terminal.dim(f"no difference is shown in {rest} other measures")


def _row(change: "Change") -> tuple[str, ...]:
    from rag.evaluate.report_numbers import signed, told

    name, difference = change.measure, change.difference
    return (
        name,
        str(difference.n),
        told(name, change.before),
        told(name, change.after),
        signed(name, difference.value),
        f"{signed(name, difference.low)} to {signed(name, difference.high)}",
        change.mark,
    )


def _list(title: str, shifts: "Sequence[Shift]", limit: int) -> Iterator[str]:
    yield ""
    shown = "" if len(shifts) <= limit else f" (the first {limit}; --limit shows more)"
    yield terminal.bold(f"{title}: {counted(len(shifts), 'question')}{shown}")
    for shift in shifts[:limit]:
        case = shift.after.case
        moved = ", ".join(f"{name} {old:.2f} → {new:.2f}" for name, (old, new) in shift.moved.items())
        yield _fitted("", f"{case.id}  {case.question}")
        yield terminal.dim(_fitted("  ", moved))
        yield _fitted("  A: ", _said(shift.before))
        yield _fitted("  B: ", _said(shift.after))


def _fitted(indent: str, text: str) -> str:
    """The text in one line, as far as the terminal is wide."""
    return indent + layout.fit(text, layout.width() - len(indent)).rstrip()


def _said(row: "Row") -> str:
    """How it ended, and the first line of what was said."""
    if row.error:
        return f"failed: {row.error}"
    return f"{row.status}: {row.text.strip().partition(chr(10))[0]}"


def _encoded(made: "Comparison", limit: int) -> dict[str, Any]:
    data = asdict(made) | {"is_worse": made.is_worse}
    for name, shifts in (("better", made.better), ("worse", made.worse)):
        data[f"{name}_questions"] = len(shifts)
        data[name] = [_shift(shift) for shift in shifts[:limit]]
    return data


def _shift(shift: "Shift") -> dict[str, Any]:
    case = shift.after.case
    sides = {"before": _said(shift.before), "after": _said(shift.after)}
    return {"id": case.id, "question": case.question, "moved": shift.moved, "gain": shift.gain, **sides}
