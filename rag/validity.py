"""When a document counts: from a first moment on, until a last one. Decided when a question is asked."""

from datetime import UTC, datetime
from typing import Literal

State = Literal["valid", "expired", "not yet valid"]


def state(valid_from: float | None, valid_until: float | None, now: float) -> State:
    """Of a document that counts from `valid_from` and no longer at `valid_until`; None is no bound."""
    if valid_until is not None and now >= valid_until:
        return "expired"
    if valid_from is not None and now < valid_from:
        return "not yet valid"
    return "valid"


def last_day(valid_until: float) -> str:
    """The last day (ISO, UTC) on which it counts: the end is the first moment after that day."""
    return _day(valid_until - 1)


def first_day(valid_from: float) -> str:
    """The first day (ISO, UTC) on which it counts."""
    return _day(valid_from)


def said(valid_from: float | None, valid_until: float | None, now: float) -> str:
    """Why it does not count at this moment, in words; empty when it does."""
    found = state(valid_from, valid_until, now)
    if found == "expired" and valid_until is not None:
        return f"expired on {last_day(valid_until)}"
    if found == "not yet valid" and valid_from is not None:
        return f"valid from {first_day(valid_from)}"
    return ""


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).date().isoformat()
