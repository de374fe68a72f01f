"""Named places before and after each stage where outside code can look or step in.

Observers look: when one fails, the request goes on. Guards may change the value or stop the request:
when one fails, the request stops too. Packages register theirs under the entry-point group
`kb.hooks`: a function that is given the `Hooks`.
"""

import inspect
import os
from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args

from rag.errors import ConfigError, KBError
from rag.trace import Trace

Point = Literal[
    "before:auth",
    "after:auth",
    "before:parse",
    "after:parse",
    "before:route",
    "after:route",
    "before:process",
    "after:process",
    "before:reply",
    "after:reply",
]
POINTS: tuple[Point, ...] = get_args(Point)
# A value is what the stage takes or gives; which type that is depends on the point.
Observer = Callable[[Any, Trace], Awaitable[None] | None]
Guard = Callable[[Any, Trace], Awaitable[Any] | Any]


class Stopped(Exception):  # not an error: a guard's decision
    """A guard stops the request; the asker gets a refusal."""


class Hooks:
    """Who listens where. Guards run first, in the order of registration, each on the value before."""

    def __init__(self) -> None:
        self._guards: dict[str, list[Guard]] = {}
        self._observers: dict[str, list[Observer]] = {}
        self.failures = 0  # of observers

    def guard(self, point: Point, function: Guard) -> None:
        """Let a function check and replace the value at a point; it returns the value to go on with."""
        self._at(self._guards, point).append(function)

    def observe(self, point: Point, function: Observer) -> None:
        """Let a function see the value at a point."""
        self._at(self._observers, point).append(function)

    async def run(self, point: Point, value: Any, trace: Trace) -> Any:  # see `Guard`
        """The value after all guards. Raises `Stopped`, or a guard's own `KBError`."""
        if not self._guards and not self._observers:
            return value
        for guard in self._guards.get(point, ()):
            value = await _guarded(guard, value, trace)
        for observer in self._observers.get(point, ()):
            try:
                await _called(observer, value, trace)
            except Exception:  # noqa: BLE001  # an observer's fault must not reach the asker
                self.failures += 1
        return value

    def load_installed(self) -> None:
        """Register what other packages offer under `kb.hooks`."""
        from importlib.metadata import entry_points  # reads every installed package's metadata

        if os.environ.get("KB_PLUGINS") != "off":
            for point in entry_points(group="kb.hooks"):
                point.load()(self)

    @staticmethod
    def _at(table: dict[str, list[Any]], point: str) -> list[Any]:
        if point not in POINTS:
            raise ConfigError(f"no hook point {point!r}", hint=f"there are: {', '.join(POINTS)}")
        return table.setdefault(point, [])


async def _guarded(guard: Guard, value: Any, trace: Trace) -> Any:  # see `Guard`
    try:
        return await _called(guard, value, trace)
    except (KBError, Stopped):
        raise
    except Exception as error:
        raise Stopped(f"a guard failed: {type(error).__name__}") from error


async def _called(function: Callable[..., Any], value: Any, trace: Trace) -> Any:
    result = function(value, trace)
    return await result if inspect.isawaitable(result) else result
