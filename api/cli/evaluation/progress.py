"""How many questions are asked: a bar for a person, a line every few seconds for a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.cli import terminal

_LINE_SECONDS = 3.0


@contextmanager
def shown(total: int, *, done: int = 0) -> Iterator[Callable[[], None]]:
    """A function to be called after each question; it shows on stderr how far the run is."""
    if not terminal.is_person(sys.stderr):
        yield _Lines(total, done).advance
        return
    with _bar(total, done) as advance:
        yield advance


class _Lines:
    def __init__(self, total: int, done: int) -> None:
        self._total, self._done, self._before = total, done, done
        self._started = self._last = time.monotonic()

    def advance(self) -> None:
        self._done += 1
        now = time.monotonic()
        if now - self._last >= _LINE_SECONDS:
            self._last = now
            left = (self._total - self._done) * (now - self._started) / (self._done - self._before)
            terminal.note(f"kb: {self._done} of {self._total} questions, {left:.0f} s left")


@contextmanager
def _bar(total: int, done: int) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("asking"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("questions"),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda: bar.advance(task)
