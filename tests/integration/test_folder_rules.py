"""Folders' own rules: facts of documents change without a file being read again."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ingest.wall.pool import Pool
from rag import open_system
from rag.errors import BadInput
from rag.settings import Settings, load
from tests.integration.collection import Kb

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings(embedder="hashing", workers=1)) as made:
        yield made


@pytest.fixture
async def kb(tmp_path: Path, pool: Pool) -> AsyncIterator[Kb]:
    system = open_system(load(home=tmp_path / "home", embedder="hashing"))
    (tmp_path / "docs").mkdir()
    made = Kb(system, pool, tmp_path / "docs")
    made.write("a.md", "人事/b.md")
    yield made
    await system.close()


async def test_rules_change_rights_and_read_nothing_again(kb: Kb) -> None:
    await kb.ingest()
    assert await kb.sources("annual leave", "sales") == ["a.md", "人事/b.md"]
    kb.put("人事/.kb.toml", 'allow = ["hr"]\n')
    report = await kb.ingest()
    assert (report.rights, report.facts, report.changed, report.unchanged) == (["人事/b.md"], [], [], 2)
    assert await kb.sources("annual leave", "sales") == ["a.md"]
    assert await kb.sources("annual leave", "hr") == ["a.md", "人事/b.md"]
    assert (await kb.ingest()).rights == []


async def test_without_its_rules_a_folder_is_as_it_was_ordered(kb: Kb) -> None:
    await kb.ingest(groups=("staff",))
    rules = kb.docs / "人事/.kb.toml"
    kb.put("人事/.kb.toml", 'allow = ["hr"]\ncollection = "people"\n')
    await kb.ingest()
    assert kb.known("people")["人事/b.md"].groups == ("hr",)
    rules.unlink()
    report = await kb.ingest()
    assert (report.rights, report.facts, report.changed) == (["人事/b.md"], ["人事/b.md"], [])
    assert kb.known()["人事/b.md"].groups == ("staff",)
    assert kb.known("people") == {}


async def test_an_order_beats_the_rules_as_long_as_it_is_given(kb: Kb) -> None:
    kb.put(".kb.toml", 'allow = ["hr"]\n')
    await kb.ingest(groups=("board",))
    assert {known.groups for known in kb.known().values()} == {("board",)}
    await kb.ingest()
    assert {known.groups for known in kb.known().values()} == {("hr",)}
    (kb.docs / ".kb.toml").unlink()
    await kb.ingest()
    assert {known.groups for known in kb.known().values()} == {("board",)}


async def test_a_rule_may_open_what_is_closed_above(kb: Kb) -> None:
    kb.put(".kb.toml", 'allow = ["hr"]\n')
    kb.put("人事/.kb.toml", 'allow = ["everyone"]\n')
    await kb.ingest()
    assert {name: known.groups for name, known in kb.known().items()} == {"a.md": ("hr",), "人事/b.md": ()}


async def test_rules_that_are_gone_with_their_folder_go_on_for_what_is_missing(kb: Kb) -> None:
    kb.put("人事/.kb.toml", 'allow = ["hr"]\n')
    await kb.ingest()
    for path in (kb.docs / "人事/b.md", kb.docs / "人事/.kb.toml"):
        path.unlink()
    assert (await kb.ingest()).missing == ["人事/b.md"]
    assert kb.known()["人事/b.md"].groups == ("hr",)


async def test_a_folder_may_fill_another_collection(kb: Kb) -> None:
    await kb.ingest()
    before = kb.known()["人事/b.md"]
    kb.put("人事/.kb.toml", 'collection = "people"\n')
    report = await kb.ingest()
    assert (report.facts, report.missing, report.new) == (["人事/b.md"], [], [])
    assert kb.known("people")["人事/b.md"].id == before.id
    assert await kb.sources("annual leave", collection="people") == ["人事/b.md"]
    assert await kb.sources("annual leave") == ["a.md"]
    (kb.docs / "人事/b.md").unlink()
    assert (await kb.ingest(prune=True)).removed == ["人事/b.md"]


async def test_a_new_file_goes_to_the_collection_of_its_folder(kb: Kb) -> None:
    kb.put("人事/.kb.toml", 'collection = "people"\npriority = 2\nowner = "王敏"\n')
    assert (await kb.ingest()).new == ["a.md", "人事/b.md"]
    known = kb.known("people")["人事/b.md"]
    assert (known.priority, known.owner, list(kb.known())) == (2, "王敏", ["a.md"])


async def test_one_file_in_two_collections_stays_in_both(kb: Kb) -> None:
    await kb.ingest()
    order = kb.docs / "人事"
    from ingest.run import Order, ingest

    await ingest(kb.system, Order(order, "people"), pool=kb.pool)
    assert list(kb.known("people")) == ["b.md"]
    kb.put("人事/.kb.toml", 'collection = "people"\n')
    report = await kb.ingest()
    assert report.missing == ["人事/b.md"]  # there it stands already
    assert len(kb.known("people")) == 1


async def test_owner_validity_and_priority_are_facts(kb: Kb) -> None:
    await kb.ingest()
    kb.put(".kb.toml", 'owner = "A"\nvalid_until = 2999-12-31\npriority = 3\n')
    report = await kb.ingest()
    assert (report.facts, report.rights, report.changed) == (["a.md", "人事/b.md"], [], [])
    (kb.docs / ".kb.toml").unlink()
    assert (await kb.ingest()).facts == ["a.md", "人事/b.md"]
    known = kb.known()["a.md"]
    assert (known.owner, known.valid_until, known.priority) == ("", None, 0)


async def test_another_language_or_title_is_read_anew(kb: Kb) -> None:
    await kb.ingest()
    kb.put("人事/.kb.toml", 'language = "zh"\ntitle = "{folder}：{heading}"\n')
    report = await kb.ingest()
    assert (report.changed, report.unchanged) == (["人事/b.md"], 1)
    version = kb.current("人事/b.md")
    assert (version.language, version.title) == ("zh", "人事：Leave")
    (kb.docs / "人事/.kb.toml").unlink()
    assert (await kb.ingest()).changed == ["人事/b.md"]
    assert (kb.current("人事/b.md").language, kb.current("人事/b.md").title) == ("en", "Leave")


async def test_a_wrong_rule_stops_the_run_before_anything_is_done(kb: Kb) -> None:
    kb.put("人事/.kb.toml", 'alow = ["hr"]\n')
    with pytest.raises(BadInput, match=r"人事/\.kb\.toml: no rule is called 'alow'"):
        await kb.ingest()
    assert kb.known() == {}


async def test_what_is_left_out_now_is_missing(kb: Kb) -> None:
    await kb.ingest()
    kb.put(".kbignore", "人事/\n")
    report = await kb.ingest()
    assert (report.ignored, report.missing) == (["人事/b.md"], ["人事/b.md"])
    assert (await kb.ingest(prune=True)).removed == ["人事/b.md"]


async def test_everything_left_out_is_told(kb: Kb) -> None:
    with pytest.raises(BadInput, match="all 2 files are left out"):
        await kb.ingest(include=("*.pdf",))


async def test_a_file_above_its_folders_limit_is_reported_and_not_read(kb: Kb) -> None:
    kb.put(".kb.toml", "max_file_mb = 1\n")
    kb.put("big.md", "word " * 300_000)
    report = await kb.ingest()
    assert [(f.source, f.state) for f in report.failed] == [("big.md", "too large")]
    assert "1 MB that its folder allows" in report.failed[0].error
    (kb.docs / ".kb.toml").unlink()
    assert (await kb.ingest()).changed == ["big.md"]
