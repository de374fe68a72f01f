"""Catalogs of every release so far open, answer, and keep who may read what."""

import gzip
from pathlib import Path

import pytest

from rag import Principal, Request, open_system
from rag.catalog.schema import metadata

FROZEN = sorted((Path(__file__).parents[1] / "data").glob("catalog-*.db.gz"))
pytestmark = pytest.mark.anyio


@pytest.fixture(params=FROZEN, ids=lambda path: path.name)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    home = tmp_path / "old"
    home.mkdir()
    (home / "kb.db").write_bytes(gzip.decompress(request.param.read_bytes()))
    return home


async def test_an_old_catalog_answers_without_its_index(home: Path) -> None:
    async with open_system(home=home, embedder="hashing") as system:
        answer = await system.ask("What does a lost badge cost?")
    assert "20 pounds" in answer.text
    assert answer.citations[0].source == "badge.md"


async def test_chinese_stays_chinese(home: Path) -> None:
    async with open_system(home=home, embedder="hashing") as system:
        answer = await system.ask("年假有几天？")
    assert "十天年假" in answer.text


async def test_what_was_for_a_group_still_is(home: Path) -> None:
    async with open_system(home=home, embedder="hashing") as system:
        for groups, expected in ((frozenset({"hr"}), True), (frozenset({"it"}), False)):
            who = Principal("default", "someone", groups)
            answer = await system.ask(Request("How many days of annual leave?", principal=who))
            assert ("27 days" in answer.text) is expected


async def test_the_schema_is_that_of_the_tables(home: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    async with open_system(home=home, embedder="hashing") as system:
        with system.catalog.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, metadata) == []
