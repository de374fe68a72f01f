import re

import pytest

from rag.errors import BadInput, ConfigError
from rag.hooks import Hooks, Stopped
from rag.trace import Trace

pytestmark = pytest.mark.anyio


async def test_guards_change_the_value_in_order_and_observers_see_the_last() -> None:
    hooks, seen = Hooks(), []
    hooks.observe("after:parse", lambda value, trace: seen.append(value))
    hooks.guard("after:parse", lambda value, trace: value + "b")

    async def third(value: str, trace: Trace) -> str:
        return value + "c"

    hooks.guard("after:parse", third)
    assert await hooks.run("after:parse", "a", Trace()) == "abc"
    assert seen == ["abc"]


async def test_a_broken_observer_is_counted_and_not_felt() -> None:
    hooks = Hooks()
    hooks.observe("before:auth", lambda value, trace: 1 / 0)
    assert await hooks.run("before:auth", "a", Trace()) == "a"
    assert hooks.failures == 1


async def test_a_broken_guard_stops_the_request() -> None:
    hooks = Hooks()
    hooks.guard("before:auth", lambda value, trace: 1 / 0)
    with pytest.raises(Stopped):
        await hooks.run("before:auth", "a", Trace())


async def test_a_guards_own_error_reaches_the_asker() -> None:
    def refuse(value: object, trace: Trace) -> object:
        raise BadInput("no")

    hooks = Hooks()
    hooks.guard("before:auth", refuse)
    with pytest.raises(BadInput):
        await hooks.run("before:auth", "a", Trace())


def test_a_point_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="no hook point 'later'"):
        Hooks().observe("later", print)  # type: ignore[arg-type]


def test_a_trace_adds_up_times_also_of_what_fails() -> None:
    ticks = iter([0.0, 0.5, 1.0, 1.25])
    trace = Trace(clock=lambda: next(ticks))
    with trace.timed("parse"):
        pass
    with pytest.raises(KeyError), trace.timed("parse"):
        raise KeyError
    trace.note(band="unsure")
    assert trace.as_dict() == {"id": trace.id, "timings": {"parse": 750.0}, "band": "unsure"}
    assert re.fullmatch("[0-9a-f]{16}", trace.id)
