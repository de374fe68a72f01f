"""What a process remembers of texts that it has read, so that an erasure can make it forget."""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_FORGET: list[Callable[[], None]] = []


def remembered(maxsize: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """`functools.lru_cache` for functions of a document's text: `forget` empties it."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        cached = lru_cache(maxsize=maxsize)(function)
        _FORGET.append(cached.cache_clear)

        def call(*arguments: P.args, **named: P.kwargs) -> R:
            return cached(*arguments, **named)  # type: ignore[arg-type]

        update_wrapper(call, function)
        return call

    return decorate


def forget() -> int:
    """Let go of everything; returns how many caches there were."""
    for clear in _FORGET:
        clear()
    return len(_FORGET)
