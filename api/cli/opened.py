"""Opening the system for a command: flags to settings, one event loop, closed whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rag.settings import Settings, load
from rag.system import System

T = TypeVar("T")


def run(use: Callable[[System], Awaitable[T]], **flags: object) -> T:
    """What `use` makes of the system of these flags."""
    return run_with(load(**flags), use)


def run_with(settings: Settings, use: Callable[[System], Awaitable[T]]) -> T:
    """What `use` makes of the system of these settings."""

    async def work() -> T:
        async with System(settings) as system:
            return await use(system)

    return asyncio.run(work())
