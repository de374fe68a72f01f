"""The filter algebra: small, closed, typed. Each store compiles it; no user text is formatted in."""

from dataclasses import dataclass
from typing import Literal, assert_never

Field = Literal["collection", "document", "language", "groups", "updated"]
Value = str | int


@dataclass(frozen=True, slots=True)
class Eq:
    """The field equals the value; for `groups`, holds it."""

    field: Field
    value: Value


@dataclass(frozen=True, slots=True)
class In:
    """The field equals one of the values (for `groups`: shares one). No values: matches nothing."""

    field: Field
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`low <= updated < high`, whole seconds since the epoch; None is open."""

    field: Literal["updated"]
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Every part matches; no parts: matches everything."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part matches; no parts: matches nothing."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: "Filter"


Filter = Eq | In | Range | All | Any | Not


@dataclass(frozen=True, slots=True)
class Facts:
    """What a filter is judged on. `groups` of an open document is `("*",)`."""

    collection: str
    document: str
    language: str
    groups: tuple[str, ...]
    updated: int


def matches(condition: Filter, facts: Facts) -> bool:
    """The meaning of the algebra: every store must agree with this function."""
    match condition:
        case Eq(field, value):
            return value in _values(facts, field)
        case In(field, values):
            return not set(values).isdisjoint(_values(facts, field))
        case Range(_, low, high):
            after = low is None or facts.updated >= low
            return after and (high is None or facts.updated < high)
        case All(parts):
            return all(matches(part, facts) for part in parts)
        case Any(parts):
            return any(matches(part, facts) for part in parts)
        case Not(part):
            return not matches(part, facts)
        case _:
            assert_never(condition)


def _values(facts: Facts, field: Field) -> tuple[Value, ...]:
    value: str | int | tuple[str, ...] = getattr(facts, field)
    return value if isinstance(value, tuple) else (value,)
