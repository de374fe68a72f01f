"""Work for a client that may leave: when it goes, the work stops and what it holds is closed."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


class Gone(Exception):
    """The client has left."""


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, or `Gone` as soon as the client has left; `work` has ended then, too.

    The body must have been read: from then on the server's channel tells only of the end.
    """
    task = asyncio.current_task()
    assert task is not None
    watch = asyncio.create_task(_stop_when_gone(receive, task))
    try:
        # In this very task: one of its own would cost every request a tenth of a millisecond.
        return await work
    except asyncio.CancelledError:
        if not watch.done() or watch.cancelled() or task.uncancel():
            raise  # somebody else stops us, the server at its end for one
        raise Gone from None
    finally:
        watch.cancel()


async def _stop_when_gone(receive: Receive, task: asyncio.Task[Any]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    task.cancel()
