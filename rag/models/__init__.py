"""Chat models behind one door, one file each.

To add one, write `rag/models/NAME.py` with `def connect(name: str, settings: Settings) -> Model`
(`name` is what follows the colon of `KB_MODEL=openai:gpt-5.5`).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rag.types import Usage


@dataclass(frozen=True, slots=True)
class Turn:
    """One message on the wire, the system's included."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Delta:
    """A stretch of the model's text; the last one of a stream may carry `usage`."""

    text: str
    usage: Usage | None = None


class Model(Protocol):
    """A text generator. Everything it says is untrusted until the gate has passed it."""

    name: str

    def stream(self, turns: Sequence[Turn], *, max_tokens: int) -> AsyncIterator[Delta]:
        """Text as it comes. Closing the iterator closes the upstream connection.

        Errors: `Throttled`, `TimedOut`, `Unreachable`, `BackendError`; never a library's own.
        """
        ...

    async def close(self) -> None: ...
