import pytest

from rag.filters import All, Any, Eq, Facts, Filter, In, Not, Range, matches

FACTS = Facts(collection="hr", document="d1", language="en", groups=("staff", "leads"), updated=100)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Eq("collection", "hr"), True),
        (Eq("collection", "it"), False),
        (Eq("groups", "leads"), True),
        (In("groups", ("*", "staff")), True),
        (In("groups", ()), False),
        (Range("updated", 100, 101), True),
        (Range("updated", None, 100), False),
        (All(()), True),
        (Any(()), False),
        (All((Eq("language", "en"), Not(Eq("document", "d1")))), False),
        (Any((Eq("language", "zh"), Eq("document", "d1"))), True),
    ],
)
def test_the_meaning_of_the_algebra(condition: Filter, expected: bool) -> None:
    assert matches(condition, FACTS) is expected
