"""The gate itself: three passes in a row, and the watch for the guarded prompt."""

from typing import TYPE_CHECKING

from rag.errors import BackendError
from rag.gate import characters, markup, values
from rag.gate.streams import Map, Rewriter

if TYPE_CHECKING:
    from rag.gate.leak import Guarded


class GateClosed(BackendError):
    """Nothing more may leave: the gate failed, or the guarded prompt was about to leak.

    What had left before was whole and safe.
    """


class Gate:
    """One answer's way out, fed piece by piece.

    However the text is cut into pieces, what leaves is the same; at most `streams.HOLD` characters
    wait for what follows. Any failure closes the gate for good: nothing unchecked leaves.
    """

    def __init__(self, guarded: "Guarded | None" = None) -> None:
        self._known: set[int] = set()
        self._watch = guarded.watch() if guarded else None
        self._passes = (
            Rewriter(characters.find, characters.open_from),
            Rewriter(markup.finder(self._known), markup.open_from),
            Rewriter(values.find, values.open_from),
        )
        self._closed = False

    def know(self, number: int) -> None:
        """From now on `[number]` is a citation of ours; any other number in brackets is not."""
        self._known.add(number)

    def feed(self, text: str) -> str:
        """What may leave now. Raises `GateClosed`."""
        return self._through(text, last=False)

    def finish(self) -> str:
        """The rest. Raises `GateClosed`."""
        return self._through("", last=True)

    def moved(self, places: list[int]) -> list[int]:
        """Where these offsets of the text that was fed stand in the text that left."""
        for one in self._passes:
            if one.edits:
                after = Map(one.edits)
                places = [after.forward(place) for place in places]
        return places

    def _through(self, text: str, *, last: bool) -> str:
        if self._closed:
            raise GateClosed("the gate is closed")
        self._closed = True  # until this piece has come through
        try:
            if self._watch and self._watch.sees(text):
                raise GateClosed("the answer repeats the guarded prompt")
            for one in self._passes:
                text = one.feed(text)
                if last:
                    text += one.finish()
        except GateClosed:
            raise
        except Exception as error:  # whatever broke: fail closed
            raise GateClosed(f"the gate failed: {type(error).__name__}") from error
        self._closed = last
        return text


def clean(text: str) -> str:
    """A whole text that holds no citations, through a gate of its own."""
    gate = Gate()
    return gate.feed(text) + gate.finish()
