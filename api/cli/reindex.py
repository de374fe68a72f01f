"""`kb reindex`: change the index over to another embedder while it goes on answering."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.cli import terminal
from api.cli.options import Home, Json, Store

if TYPE_CHECKING:
    from ingest.reindex import Progress, Report

Show = Callable[["Progress"], None]
_LINE_SECONDS = 3.0


def reindex(store: Store = None, home: Home = None, json: Json = False) -> int:
    """Embed all passages with the embedder of the settings, then switch to it. Files are not read."""
    from api.cli import opened
    from ingest import reindex as run

    with _shown() as show:
        report = opened.run(
            lambda system: run.reindex(system, progress=show, tell=lambda text: terminal.note(f"kb: {text}")),
            store=store,
            home=home,
        )
    if json:
        from dataclasses import asdict

        terminal.out_json(asdict(report))
    else:
        _print(report)
    return 0


def _print(report: "Report") -> None:
    if not report.former:
        terminal.out("nothing to do: nothing was ingested yet")
    elif not report.switched:
        nothing = "nothing to embed" if report.dropped else "nothing to do"
        terminal.out(f"{nothing}: the index was made with {report.embedder}{_dropped(report)}")
    else:
        held = report.passages - report.embedded
        terminal.out(
            f"{report.former} -> {report.embedder}: {report.passages} passages, {report.embedded} embedded, "
            f"{held} were stored{_dropped(report)}; {report.seconds:.1f} s"
        )
    if report.differing:
        terminal.note(f"kb: {report.differing} passages were made by another version of kb")
        terminal.note("hint: kb ingest reads their files anew")


def _dropped(report: "Report") -> str:
    return f"; {report.dropped} vectors of other embedders removed" if report.dropped else ""


@contextmanager
def _shown() -> Iterator[Show]:
    """How far it is, on stderr: a bar for a person, a line every few seconds for a log."""
    if not terminal.is_person(sys.stderr):
        yield _Lines().show
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("embedding"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield lambda progress: bar.update(task, visible=True, completed=progress.done, total=progress.total)


class _Lines:
    """One line every few seconds, so that a log stays short."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def show(self, progress: "Progress") -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_SECONDS:
            self._last = now
            minutes, seconds = divmod(round(progress.left), 60)
            terminal.note(f"kb: {progress.done} of {progress.total} passages, {minutes} min {seconds} s left")
