import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from api.gone import Gone, unless_gone

pytestmark = pytest.mark.anyio


async def _stays() -> MutableMapping[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def test_the_result_comes_through() -> None:
    async def work() -> int:
        return 7

    assert await unless_gone(_stays, work()) == 7


async def test_an_error_of_the_work_comes_through() -> None:
    async def work() -> int:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        await unless_gone(_stays, work())


async def test_when_the_client_leaves_the_work_has_ended_and_cleaned_up() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.set()

    async def leaves() -> MutableMapping[str, Any]:
        await began.wait()
        return {"type": "http.disconnect"}

    with pytest.raises(Gone):
        await unless_gone(leaves, work())
    assert ended.is_set()


async def test_when_the_caller_is_stopped_the_work_is_stopped_too() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    task = asyncio.ensure_future(unless_gone(_stays, work()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
