"""What an ingest did, for a person: figures in one line, then the names that somebody must act on."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from api.cli import layout, terminal

if TYPE_CHECKING:
    from ingest.report import Report

_MOST_NAMES = 20


def print_report(report: "Report") -> None:
    """Print it to stdout."""
    for line in lines(report):
        terminal.out(line)


def lines(report: "Report") -> list[str]:
    """The summary, line by line."""
    made = [_head(report)]
    if report.dry_run:
        made += _names("would be read (new)", report.new) + _names("would be read (changed)", report.changed)
    made += _names("moved", report.moved)
    made += _names("rights changed", report.rights)
    made += _names("would be removed" if report.dry_run else "removed", report.removed)
    made += _names("removed, but still found in", report.left)
    made += _missing(report)
    if report.skipped:
        made.append(f"skipped, not of a kind that kb reads: {_kinds(report.skipped)}")
    for failure in report.failed:
        made.append(f"failed: {failure.source}: {failure.state}: {failure.error}")
        if failure.hint:
            made.append(layout.wrap(f"hint: {failure.hint}", indent="    "))
    return made


def _head(report: "Report") -> str:
    counts = {
        "new": len(report.new),
        "changed": len(report.changed),
        "moved": len(report.moved),
        "unchanged": report.unchanged,
        "removed": len(report.removed),
        "missing": len(report.missing),
        "skipped": len(report.skipped),
        "failed": len(report.failed),
    }
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    start = "would be" if report.dry_run else "done"
    end = "" if report.dry_run else f"; {report.chunks} chunks in {report.seconds:.1f} s"
    return f"{report.collection}: {start}: {said}{end}"


def _missing(report: "Report") -> list[str]:
    if not report.missing or (report.dry_run and report.removed):
        return []
    hint = "    hint: they still answer; --prune removes them"
    return [*_names("missing", report.missing), hint]


def _names(what: str, names: Sequence[str]) -> list[str]:
    shown = [f"{what}: {name}" for name in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return [*shown, f"{what}: and {more} more (--json names all)"] if more else shown


def _kinds(names: Sequence[str]) -> str:
    kinds = Counter(PurePath(name).suffix.lower() or "(no suffix)" for name in names)
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
