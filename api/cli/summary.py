"""What an ingest did, for a person: figures in one line, then the names that somebody must act on.

Short for any number of files: names are capped, problems are grouped by state with one next step each.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from api.cli import layout, states, terminal

if TYPE_CHECKING:
    from ingest.planning.estimate import Estimate
    from ingest.report import Failure, Report

_FEW = 3  # names of what went as it should, or failed like others
_SOME = 10  # names of what a run will do, or has removed


def print_report(report: "Report") -> None:
    """Print it to stdout."""
    for line in lines(report):
        terminal.out(line)


def lines(report: "Report") -> list[str]:
    """The summary, line by line."""
    made = [_head(report)]
    if report.dry_run:
        made += _names("would be read (new)", report.new, _SOME)
        made += _names("would be read (changed)", report.changed, _SOME)
    made += _names("moved", report.moved, _FEW)
    made += _names("rights changed", report.rights, _FEW)
    made += _names("other facts changed (owner, validity, priority, collection, source)", report.facts, _FEW)
    made += _names("would be removed" if report.dry_run else "removed", report.removed, _SOME)
    made += _names("removed, but still found in", report.left, _SOME)
    made += _missing(report)
    if report.skipped:
        made.append(f"skipped, not of a kind that kb reads: {_kinds(report.skipped)}")
    if report.ignored:
        made += _names("left out by .kbignore, .kb.toml or a pattern", report.ignored, _FEW)
    made += _problems(report.failed)
    made += _beside(report)
    return made + (_cost(report.estimate) if report.estimate else [])


def _head(report: "Report") -> str:
    counts = {
        "new": len(report.new),
        "changed": len(report.changed),
        "moved": len(report.moved),
        "unchanged": report.unchanged,
        "removed": len(report.removed),
        "missing": len(report.missing),
        "skipped": len(report.skipped),
        "ignored": len(report.ignored),
        "failed": len(report.failed),
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    start = "would be" if report.dry_run else "done"
    end = "" if report.dry_run else f"; {report.chunks} chunks in {report.seconds:.1f} s"
    return f"{report.collection}: {start}: {said}{end}"


def _beside(report: "Report") -> list[str]:
    """What the figures hold twice, or not at all."""
    made: list[str] = []
    if count := len(report.copies):
        said = (
            "1 file is an exact copy of another"
            if count == 1
            else f"{count} files are exact copies of others"
        )
        made.append(f"{said}: {_few(report.copies)}")
    if report.archives:
        made.append(
            f"opened: {report.archives} zip; their files are counted one by one, the zip itself is not"
        )
    passed = [(report.hidden, "hidden (the name begins with . or ~$)"), (report.links, "links or devices")]
    if said := ", ".join(f"{count} {what}" for count, what in passed if count):
        made.append(f"not counted: {said}")
    return made


def _missing(report: "Report") -> list[str]:
    if not report.missing:
        return []
    hint = "    hint: they still answer; --prune removes them"
    return [*_names("missing", report.missing, _FEW), hint]


def _problems(failed: Sequence["Failure"]) -> list[str]:
    """What failed, by state and next step, the most first; of a single file its own error is told."""
    made: list[str] = []
    for (state, hint), some in _grouped(failed):
        if len(some) == 1:
            made.append(f"failed: {some[0].source}: {state}: {some[0].error}")
        else:
            reason = f"{state}: {some[0].error}" if len({one.error for one in some}) == 1 else state
            made.append(f"failed: {len(some)} files: {reason}: {_few([one.source for one in some])}")
        made.append(layout.wrap(f"hint: {hint}", indent="    "))
    if any(len(some) > _FEW for _, some in _grouped(failed)):
        made.append("kb documents --status problems says what is wrong with each; --json names all")
    return made


def _grouped(failed: Sequence["Failure"]) -> list[tuple[tuple[str, str], list["Failure"]]]:
    """Failures of one state that call for the same step. Steps that few call for are told as one."""
    counts = Counter((failure.state, failure.hint) for failure in failed)
    kept: set[tuple[str, str]] = set()
    for state in {failure.state for failure in failed}:
        hints = [one for one in counts.most_common() if one[0][0] == state]
        often = [one for one, count in hints if count > 1] if len(hints) > _FEW else [one for one, _ in hints]
        kept.update(often[:_FEW])
    groups: dict[tuple[str, str], list[Failure]] = {}
    for failure in failed:
        is_kept = bool(failure.hint) and (failure.state, failure.hint) in kept
        hint = failure.hint if is_kept else states.next_step(failure.state)
        groups.setdefault((failure.state, hint), []).append(failure)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def _cost(cost: "Estimate") -> list[str]:
    if not cost.files:
        return ["cost: nothing is to be read"]
    basis = (
        "as fast as the last run" if cost.basis == "last run" else "a guess: nothing was measured here yet"
    )
    made = [f"time: about {_span(cost.seconds)} for {cost.files} files, {_size(cost.bytes)} ({basis})"]
    if cost.tokens:
        money = "price unknown" if cost.dollars is None else f"at most US$ {_money(cost.dollars)}"
        made.append(f"embedding: about {cost.tokens:,} tokens, {money}")
    return made


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{seconds / 3600:.1f} h"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def _money(dollars: float) -> str:
    return f"{dollars:.2f}" if dollars >= 0.01 else f"{max(dollars, 0.0001):.4f}"


def _names(what: str, names: Sequence[str], most: int) -> list[str]:
    """A line for each of a few names; one line for many."""
    if not names:
        return []
    if len(names) > most == _FEW:
        return [f"{what}: {len(names)}: {_few(names)}"]
    shown = [f"{what}: {name}" for name in names[:most]]
    more = len(names) - len(shown)
    return [*shown, f"{what}: and {more} more (--json names all)"] if more else shown


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(layout.one_line(name) for name in names[:_FEW])
    more = len(names) - _FEW
    return f"{shown} and {more} more" if more > 0 else shown


def _kinds(names: Sequence[str]) -> str:
    kinds = Counter(PurePath(name).suffix.lower() or "(no suffix)" for name in names).most_common()
    shown = ", ".join(f"{count} {kind}" for kind, count in kinds[:_SOME])
    more = len(kinds) - _SOME
    return f"{shown} and {more} more kinds" if more > 0 else shown
