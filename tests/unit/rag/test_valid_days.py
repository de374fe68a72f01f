from datetime import UTC, datetime

from rag.validity import first_day, last_day, said, state

DAY = 86_400.0
START = datetime(2026, 3, 31, tzinfo=UTC).timestamp()


def test_without_bounds_it_counts_for_ever() -> None:
    assert state(None, None, 0.0) == state(None, None, START) == "valid"


def test_the_last_day_counts_to_its_end() -> None:
    end = START + DAY  # what `valid_until = 2026-03-31` is stored as
    assert state(None, end, end - 1) == "valid"
    assert state(None, end, end) == "expired"
    assert last_day(end) == "2026-03-31"
    assert said(None, end, end) == "expired on 2026-03-31"


def test_the_first_day_counts_from_its_beginning() -> None:
    assert state(START, None, START - 1) == "not yet valid"
    assert state(START, None, START) == "valid"
    assert first_day(START) == "2026-03-31"
    assert said(START, None, START - 1) == "valid from 2026-03-31"
    assert said(START, None, START) == ""
