"""Rewriting of text that arrives in pieces: any split of the text gives the same output.

A rewriter looks for edits in what it holds and names the place from which a later piece could still
change its mind (`open_from`). Everything before that place is decided and leaves.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# The most characters that a rewriter keeps back. Longer constructs than this are not recognised as
# one: their parts are neutralised one by one.
HOLD = 4096
_SEEN = 16  # characters that left already and stay visible to look-behinds


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` becomes `new`. `hides` is true when something was taken from the reader.

    A `joined` edit stands or falls with the one before it.
    """

    start: int
    end: int
    new: str = ""
    hides: bool = False
    joined: bool = False


Find = Callable[[str, int], Sequence[Edit]]
OpenFrom = Callable[[str, int], int]


class Rewriter:
    """One pass over a text. `find` gives edits from an offset on, in order, without overlaps;
    `open_from` the first offset that more text may change."""

    def __init__(self, find: Find, open_from: OpenFrom) -> None:
        self._find = find
        self._open_from = open_from
        self._held = ""
        self._seen = 0  # length of the part of `_held` that has left already
        self._base = 0  # offset of `_held` in the whole input
        self.edits: list[Edit] = []  # in offsets of the whole input

    def feed(self, text: str) -> str:
        """What is decided now."""
        if not text:
            return ""  # nothing new decides nothing new
        self._held += text
        return self._leave(self._open_from(self._held, self._seen))

    def finish(self) -> str:
        """The rest; the text ends here."""
        return self._leave(len(self._held))

    def _leave(self, until: int) -> str:
        held, done = self._held, self._seen
        if done >= until:
            return ""
        edits = self._find(held, done)
        if not edits:
            self._forget(until)
            return held[done:until]
        parts: list[str] = []
        for edit in edits:
            if edit.start >= until and not edit.joined:
                break
            parts += (held[done : edit.start], edit.new)
            done = edit.end
            self.edits.append(Edit(edit.start + self._base, edit.end + self._base, edit.new, edit.hides))
        if done < until:
            parts.append(held[done:until])
            done = until
        self._forget(done)
        return "".join(parts)

    def _forget(self, done: int) -> None:
        gone = max(0, done - _SEEN)
        self._held = self._held[gone:]
        self._base += gone
        self._seen = done - gone


class Map:
    """Places before and after a rewriting."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = edits
        self._starts = [edit.start for edit in edits]
        self._after: list[int] = []  # where each edit's replacement begins in the output
        moved = 0
        for edit in edits:
            self._after.append(edit.start + moved)
            moved += len(edit.new) - (edit.end - edit.start)

    def forward(self, place: int) -> int:
        """Where an input offset stands in the output; inside an edit: where its replacement ends."""
        i = bisect_right(self._starts, place - 1) - 1
        if i < 0:
            return place
        edit, new_end = self._edits[i], self._after[i] + len(self._edits[i].new)
        return new_end if place < edit.end else new_end + place - edit.end

    def back(self, place: int, *, end: bool = False) -> int:
        """Where an output offset came from; inside a replacement: the edit's start (or end)."""
        i = bisect_right(self._after, place - 1 if end else place) - 1
        if i < 0:
            return place
        edit, new_end = self._edits[i], self._after[i] + len(self._edits[i].new)
        if place < new_end or (end and place == new_end):
            return edit.end if end else edit.start
        return edit.end + place - new_end
