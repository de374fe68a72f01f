"""How far an ingest is: a bar for a person, a line every few seconds for a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from api.cli import terminal

if TYPE_CHECKING:
    from ingest.report import Progress

Show = Callable[["Progress"], None]
_LINE_SECONDS = 3.0
_TELLING = 50  # before one byte in so many is read, the speed is that of starting


@contextmanager
def shown() -> Iterator[Show]:
    """A function that shows progress on stderr, in the way that suits whoever reads it.

    Nothing is drawn before the first call: until then somebody may be asked something.
    """
    if not terminal.is_person(sys.stderr):
        yield _Lines().show
        return
    with ExitStack() as stack:
        drawn: list[Show] = []

        def show(progress: "Progress") -> None:
            if not drawn:
                drawn.append(stack.enter_context(_bar()))
            drawn[0](progress)

        yield show


class _Lines:
    """One line every few seconds, so that a log stays short."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def show(self, progress: "Progress") -> None:
        now = time.monotonic()
        if now - self._last >= _LINE_SECONDS:
            self._last = now
            files = f"{progress.files} of {progress.total_files} files"
            is_early = progress.bytes * _TELLING < progress.total_bytes
            speed = "" if is_early else f", {_rate(progress)}, {_left(progress)} left"
            terminal.note(f"kb: {files}{speed}")


@contextmanager
def _bar() -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("reading"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[files]} files  {task.fields[rate]}  {task.fields[left]} left"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, files="", rate="", left="?")

        def show(progress: "Progress") -> None:
            bar.update(
                task,
                total=progress.total_bytes,
                completed=progress.bytes,
                files=f"{progress.files}/{progress.total_files}",
                rate=_rate(progress),
                left=_left(progress),
            )

        yield show


def _rate(progress: "Progress") -> str:
    if progress.rate < 1e6:
        return f"{progress.rate / 1e3:.0f} kB/s"
    return f"{progress.rate / 1e6:.1f} MB/s"


def _left(progress: "Progress") -> str:
    if not progress.rate:
        return "?"
    minutes, seconds = divmod(round(progress.left), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
