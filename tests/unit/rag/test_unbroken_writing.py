import asyncio
import threading

import pytest
from anyio.to_thread import run_sync

from rag.writer import unbroken


def test_an_interrupt_counts_only_after_what_is_being_written() -> None:
    begun, may_end, written = threading.Event(), threading.Event(), []

    def write() -> None:
        begun.set()
        may_end.wait()
        written.append(True)

    async def interrupted() -> None:
        task = asyncio.ensure_future(unbroken(run_sync(write)))
        await run_sync(begun.wait)
        task.cancel()
        await asyncio.wait([task], timeout=0)
        assert not task.done()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert written == [True]


def test_what_goes_wrong_in_writing_is_raised() -> None:
    def write() -> None:
        raise OSError("the disk is full")

    async def work() -> None:
        await unbroken(run_sync(write))

    with pytest.raises(OSError, match="full"):
        asyncio.run(work())


def test_an_interrupt_hides_what_went_wrong_in_writing(caplog: pytest.LogCaptureFixture) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        may_end.wait()
        raise OSError("the disk is full")

    async def interrupted() -> None:
        task = asyncio.ensure_future(unbroken(run_sync(write)))
        await run_sync(begun.wait)
        task.cancel()
        may_end.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())
    assert not caplog.records
