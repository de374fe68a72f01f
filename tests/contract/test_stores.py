"""What every search store does; `rag/stores/__init__.py` is the specification."""

from dataclasses import replace

import numpy as np
import pytest

from rag.errors import Damaged
from rag.filters import Eq, In, Not
from rag.stores import Candidates, Change, Query, State, Store
from rag.words import terms
from tests.contract.asking import EAST, WEST, all_found, find, ids, put
from tests.contract.entries import entry, random_vectors, unit

pytestmark = pytest.mark.anyio

# Putting and finding


async def test_an_english_word_is_found_in_any_of_its_forms(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "Employees are reimbursed monthly."), entry(2, "Nothing here."))
    found = await store.search(tenant, Query(tuple(terms("Reimbursing an employee"))))
    assert ids(found.words) == [1]
    assert found.vectors == ()


async def test_a_chinese_word_is_found_inside_a_sentence(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "员工入职满一年享有五天年假。"), entry(2, "报销流程需要部门经理审批。"))
    found = await store.search(tenant, Query(tuple(terms("年假"))))
    assert ids(found.words) == [1]


async def test_heading_title_and_path_are_searched_like_the_text(store: Store, tenant: str) -> None:
    await put(
        store,
        tenant,
        entry(1, heading="Parking"),
        entry(2, title="Parking"),
        entry(3, source="it/parking.md"),
        entry(4),
    )
    found = await store.search(tenant, Query(tuple(terms("parking"))))
    assert set(ids(found.words)) == {1, 2, 3}


async def test_one_term_is_enough_and_more_terms_rank_higher(store: Store, tenant: str) -> None:
    texts = ["apples pears plums", "apples pears figs", "apples dates figs", "dates figs nuts"]
    await put(store, tenant, *(entry(n, text) for n, text in enumerate(texts, 1)))
    found = await store.search(tenant, Query(tuple(terms("apples pears plums"))))
    assert ids(found.words) == [1, 2, 3]


async def test_a_repeated_term_counts_once(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "apples figs figs"), entry(2, "pears dates"), entry(3, "nuts"))
    once = await store.search(tenant, Query(("appl", "pear")))
    often = await store.search(tenant, Query(("appl", "pear", "pear", "pear")))
    assert ids(once.words) == ids(often.words)
    assert [one.score for one in once.words] == pytest.approx([one.score for one in often.words])


async def test_vectors_are_found_nearest_first_and_never_those_that_point_away(
    store: Store, tenant: str
) -> None:
    near, far = unit([3, 1]), unit([1, 3])
    await put(
        store,
        tenant,
        entry(1, vector=far),
        entry(2, vector=WEST),
        entry(3, vector=near),
        entry(4, vector=EAST),
    )
    found = await store.search(tenant, Query(vector=EAST))
    assert ids(found.vectors) == [4, 3, 1]
    assert found.words == ()
    cosines = [1.0, float(EAST @ near), float(EAST @ far)]
    assert [one.score for one in found.vectors] == pytest.approx(cosines, abs=2e-3)


async def test_a_text_without_direction_is_found_by_words_only(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, vector=np.zeros(32)), entry(2, vector=EAST))
    found = await find(store, tenant)
    assert set(ids(found.words)) == {1, 2}
    assert ids(found.vectors) == [2]


async def test_a_question_without_direction_finds_by_words_only(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1))
    found = await store.search(tenant, Query(("common",), np.zeros(32, dtype=np.float32)))
    assert (ids(found.words), found.vectors) == ([1], ())


async def test_lists_end_at_the_limit_and_keep_the_best(store: Store, tenant: str) -> None:
    await put(store, tenant, *(entry(n, "common " * n, vector=unit([10, n])) for n in range(1, 10)))
    found = await store.search(tenant, Query(("common",), EAST, limit=3))
    assert ids(found.words) == [9, 8, 7]
    assert ids(found.vectors) == [1, 2, 3]


async def test_scores_fall_and_no_chunk_comes_twice(store: Store, tenant: str) -> None:
    vectors = random_vectors(50, seed=1)
    await put(store, tenant, *(entry(n, "common " * (n % 7 + 1), vector=vectors[n]) for n in range(50)))
    found = await find(store, tenant)
    for listed in (found.words, found.vectors):
        scores = [one.score for one in listed]
        assert scores == sorted(scores, reverse=True)
        assert len(set(ids(listed))) == len(listed)
        assert min(scores) > 0


async def test_words_that_occur_nowhere_find_nothing(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1))
    assert (await store.search(tenant, Query(("nowher", "无处")))) == Candidates()


@pytest.mark.parametrize(
    "term", ['"', "*", "common*", "-common", "common AND", "tokens:common", "~", "\\", "年*"]
)
async def test_a_term_is_never_an_operator(store: Store, tenant: str, term: str) -> None:
    await put(store, tenant, entry(1, "common"), entry(2, "other"))
    assert (await store.search(tenant, Query((term,)))).words == ()


# Changing


async def test_a_chunk_that_comes_again_replaces_what_was_there(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "apples", vector=WEST, groups=("staff",)))
    await put(store, tenant, entry(1, "pears", vector=EAST, groups=("board",)), seq=2)
    assert (await store.search(tenant, Query(("appl",), WEST))) == Candidates()
    found = await store.search(tenant, Query(("pear",), EAST, Eq("groups", "board")))
    assert (ids(found.words), ids(found.vectors)) == ([1], [1])
    assert await store.state(tenant) == State(2, 1)


async def test_a_chunk_under_another_key_still_replaces(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "apples"))
    await put(store, tenant, replace(entry(1, "pears"), key="other:7", version="other"), seq=2)
    assert (await store.search(tenant, Query(("appl", "pear")))).words[0].chunk == 1
    assert (await store.search(tenant, Query(("appl",)))).words == ()
    assert await store.state(tenant) == State(2, 1)


async def test_a_removed_chunk_is_found_by_nothing(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "common canary", vector=EAST), entry(2, vector=EAST))
    await store.apply(tenant, Change(2, remove=[1]))
    assert (await store.search(tenant, Query(("canari",)))).words == ()
    for condition in (None, Eq("document", "d1"), Not(Eq("document", "d2")), In("document", ("d1", "d2"))):
        assert 1 not in await all_found(store, tenant, condition)
    assert await store.chunks(tenant) == {2}
    assert await store.state(tenant) == State(2, 1)


async def test_a_change_adds_and_removes_in_one(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1), entry(2))
    await store.apply(tenant, Change(2, [entry(3)], [1]))
    assert await store.chunks(tenant) == {2, 3}


async def test_what_a_change_both_removes_and_adds_is_there(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1, "apples"))
    await store.apply(tenant, Change(2, [entry(1, "pears")], [1]))
    assert ids((await store.search(tenant, Query(("pear", "appl")))).words) == [1]
    assert await store.state(tenant) == State(2, 1)


async def test_removing_what_is_not_there_is_no_fault(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1))
    await store.apply(tenant, Change(2, remove=[7, 8]))
    assert await store.state(tenant) == State(2, 1)


async def test_a_repeated_change_changes_nothing(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1), entry(2))
    change = Change(2, [entry(3), entry(4)], [1])
    await store.apply(tenant, change)
    first = await find(store, tenant)
    await store.apply(tenant, change)
    again = await find(store, tenant)
    assert await store.state(tenant) == State(2, 3)
    assert await store.chunks(tenant) == {2, 3, 4}
    assert set(ids(first.words)) == set(ids(again.words))
    assert ids(first.vectors) == ids(again.vectors)
    assert await store.check(tenant) == []


async def test_a_change_without_entries_moves_the_number(store: Store, tenant: str) -> None:
    await store.apply(tenant, Change(1))
    assert await store.state(tenant) == State(1, 0)
    assert await find(store, tenant, seq=1) == Candidates()


async def test_the_first_entries_may_come_late(store: Store, tenant: str) -> None:
    await store.apply(tenant, Change(1))
    await put(store, tenant, entry(1, vector=EAST), seq=2)
    assert await all_found(store, tenant) == {1}


async def test_counts_are_exact_through_many_changes(store: Store, tenant: str) -> None:
    kept: set[int] = set()
    for seq in range(1, 9):
        add = [entry(n) for n in range(seq * 5, seq * 5 + 9)]  # four come again in the next change
        remove = [n for n in kept if n % 3 == seq % 3][:4]
        await store.apply(tenant, Change(seq, add, remove))
        kept = (kept - set(remove)) | {one.chunk for one in add}
        assert await store.state(tenant) == State(seq, len(kept))
    assert await store.chunks(tenant) == kept
    assert await store.check(tenant) == []


async def test_more_entries_than_fit_a_message_arrive_and_leave(store: Store, tenant: str) -> None:
    vectors = random_vectors(2_300, seed=4)
    await put(store, tenant, *(entry(n, f"common n{n}", vector=vectors[n]) for n in range(2_300)))
    assert await store.state(tenant) == State(1, 2_300)
    await store.apply(tenant, Change(2, remove=range(1, 2_300)))
    assert await store.chunks(tenant) == {0}
    assert ids((await find(store, tenant)).words) == [0]


async def test_a_vector_of_another_length_is_a_damaged_index(store: Store, tenant: str) -> None:
    await put(store, tenant, entry(1))
    with pytest.raises(Damaged):
        await store.search(tenant, Query(vector=np.ones(7, dtype=np.float32)), seq=1)
