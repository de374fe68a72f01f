"""A model without a model: answers by quoting, or misbehaves on purpose, always the same way.

`KB_MODEL=scripted` tries the whole path without a key; `scripted:NAME` is what a model or its
service may do wrong (`slow`, `drop`, `invent` and so on), for tests and for drills.
"""

from collections.abc import AsyncIterator, Sequence

from anyio import sleep

from rag.errors import ConfigError
from rag.models import Delta, Turn
from rag.models._behaviour import BEHAVIOURS, Fault, play
from rag.models._room import Room
from rag.settings import Settings
from rag.types import Usage


class Scripted:
    """Plays one behaviour. Deterministic: equal turns give equal text."""

    def __init__(self, behaviour: str) -> None:
        self.name = f"scripted:{behaviour}"
        self._behaviour = behaviour

    async def stream(self, turns: Sequence[Turn], *, max_tokens: int) -> AsyncIterator[Delta]:
        room = Room(max_tokens)
        said = 0
        for step in play(self._behaviour, turns):
            if isinstance(step, Fault):
                raise step.error(f"the scripted model fails: {self._behaviour}")
            await sleep(step.delay)
            said += len(step.text)
            if step.text:
                yield Delta(room.take(step.text))
        yield Delta("", _usage(turns, said))

    async def close(self) -> None:
        """Nothing is open."""


def _usage(turns: Sequence[Turn], said: int) -> Usage:
    """A token for four characters."""
    return Usage(sum(len(turn.content) for turn in turns) // 4, said // 4)


def connect(name: str, settings: Settings) -> Scripted:
    """The model that behaves as `name` says; without a name it is honest."""
    behaviour, _, seconds = name.partition("=")
    if behaviour and behaviour not in BEHAVIOURS:
        raise ConfigError(f"no scripted behaviour {behaviour!r}", hint=f"there are: {', '.join(BEHAVIOURS)}")
    if seconds and not seconds.replace(".", "", 1).isdecimal():
        raise ConfigError(f"{seconds!r} are no seconds", hint=f"such as KB_MODEL=scripted:{behaviour}=2.5")
    return Scripted(name or "honest")
