"""The filter algebra in Weaviate's terms.

Weaviate (1.39) has NOT as an operator of its own, over whole clauses, and it means the same as
ours on arrays; `NotEqual` on an array does not, so it is never used.
"""

from typing import TYPE_CHECKING, assert_never
from urllib.parse import quote

from rag.filters import All, Any, Eq, Field, Filter, In, Not, Range, Value

if TYPE_CHECKING:
    from weaviate.collections.classes.filters import FilterReturn

_INT64 = range(-(2**63), 2**63)


def exact(text: str) -> str:
    """A text as it is stored and compared: percent-encoded, so that only equal texts are equal.

    Weaviate's FIELD tokenization trims white space, and `admins ` must not read what is for
    `admins`. Plain names stay as they are; the empty text, which it does not index, becomes `%`.
    """
    return quote(text, safe="", errors="surrogatepass") or "%"


def compiled(condition: Filter) -> "FilterReturn | bool":
    """The clause; True matches everything and False nothing, which Weaviate has no clause for."""
    from weaviate.classes.query import Filter as Clause

    match condition:
        case Eq(field, value):
            return _sharing(field, (value,))
        case In(field, values):
            return _sharing(field, values)
        case Range(field, low, high):
            return _between(field, low, high)
        case All(parts):
            return _joined(parts, neutral=True)
        case Any(parts):
            return _joined(parts, neutral=False)
        case Not(part):
            inner = compiled(part)
            return not inner if isinstance(inner, bool) else Clause.not_(inner)
        case _:
            assert_never(condition)


def _sharing(field: Field, values: tuple[Value, ...]) -> "FilterReturn | bool":
    from weaviate.classes.query import Filter as Clause

    prop = Clause.by_property(field)
    if field == "updated":
        numbers = sorted({int(v) for v in values if isinstance(v, int) and v in _INT64})
        return prop.contains_any(numbers) if numbers else False
    texts = sorted({exact(v) for v in values if isinstance(v, str)})
    return prop.contains_any(texts) if texts else False


def _between(field: Field, low: int | None, high: int | None) -> "FilterReturn | bool":
    from weaviate.classes.query import Filter as Clause

    prop = Clause.by_property(field)
    start, end = _INT64.start, _INT64.stop
    if (low is not None and low >= end) or (high is not None and high <= start):
        return False
    bounds = []
    if low is not None and low > start:
        bounds.append(prop.greater_or_equal(low))
    if high is not None and high < end:
        bounds.append(prop.less_than(high))
    return Clause.all_of(bounds) if bounds else True


def _joined(parts: tuple[Filter, ...], *, neutral: bool) -> "FilterReturn | bool":
    """AND of the parts when `neutral` is True, OR when it is False."""
    from weaviate.classes.query import Filter as Clause

    clauses = []
    for part in parts:
        clause = compiled(part)
        if not isinstance(clause, bool):
            clauses.append(clause)
        elif clause is not neutral:
            return clause
    if not clauses:
        return neutral
    return Clause.all_of(clauses) if neutral else Clause.any_of(clauses)
