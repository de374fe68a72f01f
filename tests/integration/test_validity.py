"""Documents that do not count today do not answer, and are named when nothing else does."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ingest.wall.pool import Pool
from rag import open_system
from rag.lapsed import Lapsed, said
from rag.settings import Settings, load
from tests.integration.collection import Kb

pytestmark = pytest.mark.anyio
OLD = "# Travel 2019\n\nA hotel night costs at most 80 euros in the travel policy.\n"
NEW = "# Travel 2026\n\nA hotel night costs at most 120 euros in the travel policy.\n"
QUESTION = "What does a hotel night cost at most in the travel policy?"


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings(embedder="hashing", workers=1)) as made:
        yield made


@pytest.fixture
async def kb(tmp_path: Path, pool: Pool) -> AsyncIterator[Kb]:
    system = open_system(load(home=tmp_path / "home", embedder="hashing"))
    (tmp_path / "docs").mkdir()
    yield Kb(system, pool, tmp_path / "docs")
    await system.close()


async def test_an_expired_document_does_not_answer_beside_a_current_one(kb: Kb) -> None:
    kb.put("old/travel.md", OLD)
    kb.put("new/travel.md", NEW)
    kb.put("old/.kb.toml", "valid_until = 2020-12-31\n")
    await kb.ingest()
    assert await kb.sources(QUESTION) == ["new/travel.md"]
    assert "120 euros" in (await kb.system.ask(QUESTION)).text


async def test_many_expired_ones_take_no_place_from_a_current_one(kb: Kb) -> None:
    for year in range(1900, 2000):
        kb.put(f"old/{year}.md", OLD.replace("2019", str(year)).replace("80", str(year)))
    kb.put("new.md", "# Trips\n\nFor a hotel night 120 euros are paid.\n")
    kb.put("old/.kb.toml", "valid_until = 2020-12-31\n")
    await kb.ingest()
    assert await kb.sources(QUESTION) == ["new.md"]


async def test_where_nothing_else_answers_the_expired_one_is_named(kb: Kb) -> None:
    kb.put("travel.md", OLD)
    kb.put("canteen.md", "# Canteen\n\nLunch is served from noon.\n")
    await kb.ingest()
    assert (await kb.found(QUESTION)).hits
    kb.put(".kb.toml", 'valid_until = 2020-12-31\ninclude = ["travel.md", "canteen.md"]\n')
    await kb.ingest()
    found = await kb.found(QUESTION)
    assert (found.hits, found.verdict.band) == ((), "not_found")
    lapsed = found.details["lapsed"]
    assert [(one.source, one.state, one.day) for one in lapsed][:1] == [
        ("travel.md", "expired", "2020-12-31")
    ]


async def test_who_may_not_read_it_does_not_hear_of_it(kb: Kb) -> None:
    kb.put("travel.md", OLD)
    kb.put(".kb.toml", 'valid_until = 2020-12-31\nallow = ["board"]\n')
    await kb.ingest()
    assert "lapsed" in (await kb.found(QUESTION, "board")).details
    assert "lapsed" not in (await kb.found(QUESTION, "staff")).details


async def test_what_is_not_yet_valid_waits(kb: Kb) -> None:
    kb.put("旅行.md", "# 差旅\n\n酒店每晚最多报销一百二十欧元。\n")
    kb.put(".kb.toml", "valid_from = 2999-01-01\n")
    await kb.ingest()
    found = await kb.found("酒店每晚最多报销多少？")
    assert found.hits == ()
    assert [(one.state, one.day) for one in found.details["lapsed"]] == [("not yet valid", "2999-01-01")]
    listed = await kb.system.documents()
    assert [(one.status, one.detail) for one in listed] == [("not yet valid", "valid from 2999-01-01")]


async def test_validity_comes_and_goes_without_reading_anything(kb: Kb) -> None:
    kb.put("travel.md", OLD)
    await kb.ingest()
    kb.put(".kb.toml", "valid_until = 2020-12-31\n")
    assert (await kb.ingest()).facts == ["travel.md"]
    assert await kb.sources(QUESTION) == []
    assert [one.status for one in await kb.system.documents()] == ["expired"]
    kb.put(".kb.toml", "valid_until = 2999-12-31\n")
    assert (await kb.ingest()).changed == []
    assert await kb.sources(QUESTION) == ["travel.md"]


async def test_of_two_equal_documents_the_one_with_the_higher_priority_comes_first(kb: Kb) -> None:
    kb.put("a/travel.md", NEW)
    kb.put("b/travel.md", NEW)
    for low, high in (("a", "b"), ("b", "a")):
        kb.put(f"{high}/.kb.toml", "priority = 1\n")
        kb.put(f"{low}/.kb.toml", "priority = -1\n")
        await kb.ingest()
        assert (await kb.sources(QUESTION))[0] == f"{high}/travel.md"


async def test_priority_does_not_beat_what_answers(kb: Kb) -> None:
    kb.put("a/travel.md", NEW)
    kb.put("b/canteen.md", "# Canteen\n\nLunch costs 5 euros in the canteen.\n")
    kb.put("b/.kb.toml", "priority = 10\n")
    await kb.ingest()
    assert (await kb.sources(QUESTION))[0] == "a/travel.md"


def test_a_refusal_says_why_in_both_languages() -> None:
    lapsed = [Lapsed("d", "hr/旅行.md", "差旅", "expired", "2026-03-31")]
    assert said(lapsed, "en") == "“差旅” (hr/旅行.md) speaks of it, but expired on 2026-03-31."
    assert said(lapsed, "zh") == "《差旅》（hr/旅行.md）提到了此事，但已于2026-03-31到期失效。"


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (QUESTION, ["Not in the documents.", "Travel 2019", "(travel.md)", "expired on 2020-12-31"]),
        ("年假有几天？", ["文档中没有找到答案。", "《年假》", "2020-12-31到期失效"]),
    ],
)
async def test_the_refusal_says_that_an_expired_document_would_answer(
    kb: Kb, question: str, words: list[str]
) -> None:
    kb.put("travel.md", OLD)
    kb.put("年假.md", "# 年假\n\n员工每年有十五天年假。\n")
    kb.put(".kb.toml", "valid_until = 2020-12-31\n")
    await kb.ingest()
    answer = await kb.system.ask(question)
    assert (answer.status, answer.citations) == ("not_found", ())
    assert [word for word in words if word not in answer.text] == []
