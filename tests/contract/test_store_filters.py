"""Every store selects what `rag.filters.matches` says, whatever the values are."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rag.filters import All, Any, Eq, Facts, Filter, In, Not, Range, matches
from rag.stores import Query, Store
from tests.contract.asking import EAST, all_found, ids, put
from tests.contract.entries import entry, unit

pytestmark = pytest.mark.anyio

STAFF = entry(1, vector=EAST, groups=("staff", "board"), updated=10, document="a", collection="hr")
OPEN = entry(2, vector=EAST, groups=("*",), updated=20, document="b", collection="it")
BOARD = entry(3, "common 同", vector=EAST, groups=("board",), updated=30, document="c", collection="hr")
CASES: list[tuple[Filter, set[int]]] = [
    (Eq("collection", "hr"), {1, 3}),
    (Eq("document", "b"), {2}),
    (Eq("language", "zh"), {3}),
    (Eq("groups", "staff"), {1}),
    (Eq("groups", "board"), {1, 3}),
    (Eq("updated", 20), {2}),
    (Eq("collection", "HR"), set()),
    (Eq("collection", "h"), set()),
    (Eq("collection", "h*"), set()),
    (Eq("groups", "*"), {2}),
    (Eq("updated", "20"), set()),
    (Eq("collection", 1), set()),
    (In("document", ("a", "c", "z")), {1, 3}),
    (In("groups", ("*", "staff")), {1, 2}),
    (In("groups", ()), set()),
    (In("updated", (10, 30, 2**60)), {1, 3}),
    (Range("updated", 10, 30), {1, 2}),
    (Range("updated", low=20), {2, 3}),
    (Range("updated", high=20), {1}),
    (Range("updated"), {1, 2, 3}),
    (Range("updated", 20, 20), set()),
    (Range("updated", -(2**63), 2**63 - 1), {1, 2, 3}),
    (Range("updated", low=2**60), set()),
    (All(()), {1, 2, 3}),
    (Any(()), set()),
    (All((Eq("collection", "hr"), Eq("groups", "staff"))), {1}),
    (Any((Eq("collection", "it"), Eq("groups", "staff"))), {1, 2}),
    (All((Eq("collection", "hr"), Any(()))), set()),
    (Any((Eq("collection", "hr"), All(()))), {1, 2, 3}),
    (Not(Eq("groups", "board")), {2}),
    (Not(Eq("groups", "staff")), {2, 3}),
    (Not(In("groups", ("staff", "*"))), {3}),
    (Not(In("groups", ())), {1, 2, 3}),
    (Not(Not(Eq("groups", "staff"))), {1}),
    (Not(All((Eq("collection", "hr"), Not(Eq("document", "a"))))), {1, 2}),
    (Not(Any((Eq("document", "a"), Eq("document", "b")))), {3}),
    (Not(Range("updated", 10, 30)), {3}),
    (Not(All(())), set()),
    (Not(Any(())), {1, 2, 3}),
]


@pytest.mark.parametrize(("condition", "expected"), CASES, ids=str)
async def test_a_filter_selects(store: Store, tenant: str, condition: Filter, expected: set[int]) -> None:
    await put(store, tenant, STAFF, OPEN, BOARD)
    assert await all_found(store, tenant, condition) == expected


async def test_a_filter_selects_before_the_limit_cuts(store: Store, tenant: str) -> None:
    crowd = [entry(n, "common same", vector=EAST, collection="crowd") for n in range(300)]
    await put(store, tenant, *crowd, entry(300, "common and more", vector=unit([1, 1]), collection="rare"))
    found = await store.search(tenant, Query(("common",), EAST, Eq("collection", "rare"), 5))
    assert (ids(found.words), ids(found.vectors)) == ([300], [300])


async def test_only_groups_that_one_is_in_are_read(store: Store, tenant: str) -> None:
    await put(
        store,
        tenant,
        entry(1, vector=EAST),
        entry(2, vector=EAST, groups=("legal",)),
        entry(3, vector=EAST, groups=("legal ", " legal")),
        entry(4, vector=EAST, groups=("Legal",)),
        entry(5, vector=EAST, groups=("legal", "sales")),
    )
    assert await all_found(store, tenant, In("groups", ("*", "sales"))) == {1, 5}
    assert await all_found(store, tenant, In("groups", ("*", "legal"))) == {1, 2, 5}
    assert await all_found(store, tenant, In("groups", ("legal ",))) == {3}


HOSTILE = [
    *("", " ", "a", "A", " a", "a ", "a b", "*", "?", "%", "a*", "+", "%61", '"', "'", "\\", "`", "\x00"),
    *(
        "年假",
        "年",
        "é",
        "e\u0301",
        "ｅ",
        "🙂",
        "\u202ea",
        "\ufeff",
        "\u00a0",
        "ß",
        "ss",
        "İ",
        "-",
        "../a",
        "\n",
    ),
    *("$ne", "null", "NOT a", '") or true or ("', "a' OR '1'='1", "{}", "[a]", "a:b", "x" * 3000),
]
texts = st.sampled_from(HOSTILE) | st.text(max_size=8)
numbers = st.sampled_from([0, 1, -1, 20, 2**31, 2**53]) | st.integers(-(2**53), 2**53)
any_facts = st.builds(
    Facts,
    collection=texts,
    document=texts,
    language=st.sampled_from(["en", "zh"]),
    groups=st.lists(texts, min_size=1, max_size=3, unique=True).map(tuple),
    updated=numbers,
)


def leaves() -> SearchStrategy[Filter]:
    fields = st.sampled_from(["collection", "document", "language", "groups"])
    odd_numbers = numbers | st.integers(-(2**63), 2**63 - 1)
    return st.one_of(
        st.builds(Eq, fields, texts),
        st.builds(In, fields, st.lists(texts, max_size=4).map(tuple)),
        st.builds(Eq, st.just("updated"), odd_numbers),
        st.builds(In, st.just("updated"), st.lists(odd_numbers, max_size=4).map(tuple)),
        st.builds(Range, st.just("updated"), st.none() | odd_numbers, st.none() | odd_numbers),
    )


def branches(inner: SearchStrategy[Filter]) -> SearchStrategy[Filter]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(st.builds(All, several), st.builds(Any, several), st.builds(Not, inner))


filters = st.lists(st.recursive(leaves(), branches, max_leaves=8), min_size=4, max_size=8)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(facts=st.lists(any_facts, min_size=1, max_size=8), conditions=filters)
async def test_any_filter_over_any_facts_selects_what_matches_says(
    store: Store, tenant: str, facts: list[Facts], conditions: list[Filter]
) -> None:
    entries = [replace(entry(n, vector=EAST), facts=one) for n, one in enumerate(facts)]
    await store.rebuild(tenant, entries, 1)
    for condition in conditions:
        expected = {n for n, one in enumerate(facts) if matches(condition, one)}
        assert await all_found(store, tenant, condition) == expected, condition
