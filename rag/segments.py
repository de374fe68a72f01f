"""A model's text, as it streams, cut into sentences with the citation markers that belong to them."""

import re
from collections.abc import Iterator

from rag.sentences import ends_sentence

LONGEST = 2000  # characters without any end that are then cut anyhow

_STOP = re.compile(r"\n|[.!?。！？…]+[\"'”’»)\]）」』】*_]*")
_MARKERS = re.compile(r"(?:[ \t]?[\[【［][\d\s,，、;^–-]{1,24}(?:†[^\[\]【】［］\n]{0,40})?[\]】］][.。]?)*")
_PART_OF_MARKER = re.compile(r"[ \t]?[\[【［][^\]】］\n]{0,60}$")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_AHEAD = 2  # characters after a stop that decide whether it ends a sentence


class Segments:
    """Segments joined equal the text; white space before a sentence belongs to it."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> Iterator[str]:
        """Sentences that are complete."""
        self._held += text
        while end := self._end(last=False):
            yield self._take(end)

    def finish(self) -> Iterator[str]:
        """The rest."""
        while self._held:
            yield self._take(self._end(last=True) or len(self._held))

    def _take(self, end: int) -> str:
        taken, self._held = self._held[:end], self._held[end:]
        return taken

    def _end(self, *, last: bool) -> int:
        """Where the first sentence ends; 0 while that is not certain."""
        held = self._held
        begin = len(held) - len(held.lstrip())
        if fence := _FENCE.match(held):
            return self._fence_end(fence)
        for stop in _STOP.finditer(held, begin):
            if held[stop.start()] == "\n":
                return stop.start()
            markers = _MARKERS.match(held, stop.end())
            end = markers.end() if markers else stop.end()
            undecided = len(held) < end + _AHEAD or _PART_OF_MARKER.match(held, end)
            if undecided and not last:
                break
            if end > stop.end() or ends_sentence(held, stop.start(), stop.end()):
                return end
        if len(held) - begin > LONGEST:
            cut = held.rfind(" ", begin + 1, LONGEST)
            return cut if cut > 0 else LONGEST
        return 0

    def _fence_end(self, fence: re.Match[str]) -> int:
        """A block of code is one segment, up to its closing fence."""
        close = re.compile(r"\n[ \t]*" + re.escape(fence[1]) + r"[ \t]*(?:\n|$)")
        found = close.search(self._held, fence.end())
        if found:
            return found.end() - (1 if found[0].endswith("\n") else 0)
        return LONGEST if len(self._held) > LONGEST else 0
