"""Changing the embedder: the old index answers until the switch, and a crash costs nothing.

python tests/integration/test_reindex.py HOME POINT OCCURRENCE      kills itself there
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from sqlalchemy import update

from bench import victim
from ingest import reindex as reindexing
from ingest.reindex import reindex
from ingest.run import Order, ingest
from rag import erase, open_system
from rag.catalog import documents, partitions, vectors, versions
from rag.catalog.chunks import current_ids
from rag.catalog.digest import digest
from rag.catalog.schema import vectors as vector_table
from rag.catalog.schema import versions as version_table
from rag.embedders import hashing
from rag.errors import ConfigError
from rag.settings import Settings
from rag.stores import Query
from rag.stores.local import LocalStore
from rag.stores.local.lexical import Lexical
from rag.stores.local.partition import Partition
from rag.system import System
from rag.writer import Writer
from tests.servers.embedding import DIMENSIONS, EmbeddingServer

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
COUNT = 10  # documents of each language; `write` has a digit for each
BATCH = 6
QUESTIONS = ("What does room 7 cost?", "第七号仓库存放什么？", "holidays", "仓库的钥匙")
POINTS: dict[str, tuple[Any, str, str]] = {
    "before a batch is stored": (versions, "add_vectors", "before"),
    "a batch stored, not committed": (versions, "add_vectors", "after"),
    "a batch committed": (reindexing, "_add", "after"),
    "before the switch": (reindexing, "_switch", "before"),
    "inside the switch": (partitions, "switch", "after"),
    "after the switch": (reindexing, "_switch", "after"),
    "half of the index written": (Lexical, "commit", "before"),
    "the new index written, not named": (Partition, "_switch", "before"),
    "the new index named": (LocalStore, "rebuild", "after"),
    "the index filled, the catalog not told": (Writer, "_adopt", "before"),
    "before old vectors go": (vectors, "drop_others", "before"),
    "old vectors gone, not committed": (vectors, "drop_others", "after"),
}
ONCE = [(point, 1) for point in POINTS]


@dataclass(frozen=True)
class Outcome:
    """All that two homes must have in common."""

    digest: str
    embedder: str
    of_others: int
    faults: tuple[str, ...]
    hits: tuple[Any, ...]
    nearest: tuple[float, ...]


def main() -> None:
    home, point, occurrence = sys.argv[1:4]
    reindexing.BATCH = BATCH
    victim.POINTS = POINTS
    victim._plant(point, int(occurrence))
    asyncio.run(changed(Path(home)))


async def changed(home: Path, embedder: str = "hashing") -> reindexing.Report:
    async with open_system(home=home, embedder=embedder, workers=1) as system:
        return await reindex(system)


def write(folder: Path) -> Path:
    folder.mkdir()
    for number, digit in enumerate("零一二三四五六七八九"):
        english = f"# Room {number}\n\nRoom {number} costs {number * 7 + 20} pounds, also on holidays.\n"
        chinese = f"# 仓库{number}\n\n第{digit}号仓库存放编号{number * 31}的零件，钥匙在前台。\n"
        (folder / f"room{number}.md").write_text(english, "utf-8")
        (folder / f"仓库{number}.md").write_text(chinese, "utf-8")
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of `wordllama`; tests work on copies."""
    made = tmp_path_factory.mktemp("reindex")

    async def fill() -> None:
        async with open_system(home=made / "home", embedder="wordllama", workers=1) as system:
            await ingest(system, Order(write(made / "docs"), "default"))

    asyncio.run(fill())
    return made


@pytest.fixture
def home(base: Path, tmp_path: Path) -> Path:
    shutil.copytree(base / "home", tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture(scope="module")
def reference(base: Path) -> Outcome:
    """After a change that nobody disturbed."""

    async def change() -> Outcome:
        shutil.copytree(base / "home", base / "reference")
        await changed(base / "reference")
        return await outcome(base / "reference")

    return asyncio.run(change())


async def outcome(home: Path, embedder: str = "hashing") -> Outcome:
    async with open_system(home=home, embedder=embedder) as system:
        faults = await system.store.check("default")
        with system.catalog.read() as connection:
            found, part = digest(connection, "default"), partitions.get(connection, "default")
            assert part is not None
            others = vector_table.select().where(vector_table.c.embedder != part.embedder)
            left = len(connection.execute(others).all())
            if current_ids(connection, "default") != await system.store.chunks("default"):
                faults.append("the index holds other passages than the catalog")
        if (await system.store.state("default")).seq != part.seq:
            faults.append("the index holds another change than the catalog")
        return Outcome(found, part.embedder, left, tuple(faults), await hits(system), await nearest(system))


async def nearest(system: System) -> tuple[float, ...]:
    """What the store itself makes of a vector: the catalog's vectors do not show here."""
    query = Query(vector=system.embedder.query(QUESTIONS[0]))
    return tuple(round(one.score, 4) for one in (await system.store.search("default", query)).vectors)


async def hits(system: System) -> tuple[Any, ...]:
    found = [await system.search(question) for question in QUESTIONS]
    return tuple((hit.source, hit.text, hit.score) for some in found for hit in some)


async def first(home: Path, embedder: str, question: str = QUESTIONS[0]) -> str:
    """Where the best hit is from; empty when the setting does not fit the index."""
    async with open_system(home=home, embedder=embedder) as system:
        try:
            return (await system.search(question))[0].source
        except ConfigError:
            return ""


async def test_there_and_back_again_is_as_before(home: Path) -> None:
    before = await outcome(home, "wordllama")
    assert (await changed(home)).embedded == 2 * COUNT
    between = await outcome(home)
    report = await changed(home, "wordllama")
    assert await outcome(home, "wordllama") == before
    assert between.digest != before.digest
    assert (report.former, report.switched, report.differing) == ("hashing-256-1", True, 0)


async def test_english_and_chinese_are_found_after_the_change(home: Path) -> None:
    await changed(home)
    assert await first(home, "hashing", QUESTIONS[0]) == "room7.md"
    assert await first(home, "hashing", QUESTIONS[1]) == "仓库7.md"


async def test_a_changed_index_is_as_if_it_had_been_made_so(base: Path, reference: Outcome, tmp_path) -> None:
    async with open_system(home=tmp_path / "fresh", embedder="hashing", workers=1) as system:
        await ingest(system, Order(base / "docs", "default"))
    assert await outcome(tmp_path / "fresh") == reference


@pytest.mark.parametrize(("point", "occurrence"), [*ONCE, ("a batch committed", 2)])
async def test_a_killed_change_leaves_one_index_and_is_finished_by_the_next(
    home: Path, reference: Outcome, point: str, occurrence: int
) -> None:
    kill(home, point, occurrence)
    shutil.copytree(home, home.with_name("asked"))
    answers = [await first(home.with_name("asked"), name) for name in ("wordllama", "hashing")]
    assert sorted(answers) == ["", "room7.md"]
    await changed(home)
    assert await outcome(home) == reference


async def test_what_was_embedded_before_a_kill_is_not_embedded_again(home: Path) -> None:
    kill(home, "a batch committed", 2)
    report = await changed(home)
    assert (report.passages, report.embedded) == (2 * COUNT, 2 * COUNT - 2 * BATCH)


async def test_a_change_that_was_given_up_leaves_nothing(base: Path, home: Path) -> None:
    kill(home, "a batch committed", 2)
    report = await changed(home, "wordllama")
    assert (report.switched, report.embedded, report.dropped) == (False, 0, 2 * BATCH)
    assert await outcome(home, "wordllama") == await outcome(base / "home", "wordllama")


async def test_an_ingest_finishes_a_change_that_was_killed_after_the_switch(base: Path, home: Path) -> None:
    kill(home, "after the switch", 1)
    async with open_system(home=home, embedder="hashing", workers=1) as system:
        report = await ingest(system, Order(base / "docs", "default"))
    assert report.unchanged == 2 * COUNT
    assert (await outcome(home)).faults == ()


async def test_questions_are_answered_until_the_switch_and_refused_after_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "BATCH", 1)
    asked: list[str] = []
    at_progress: list[int] = []
    is_done = anyio.Event()

    async def ask(system: System) -> None:
        while not is_done.is_set():
            try:
                asked.append((await system.search(QUESTIONS[0]))[0].source)
            except ConfigError as error:
                asked.append(error.hint)
            await anyio.lowlevel.checkpoint()

    async with open_system(home=home, embedder="wordllama") as old, anyio.create_task_group() as group:
        group.start_soon(ask, old)
        async with open_system(home=home, embedder="hashing", workers=1) as new:
            await reindex(new, progress=lambda _: at_progress.append(len(asked)))
        is_done.set()
    last = at_progress[-1]
    assert last > at_progress[0] > 0
    assert set(asked[:last]) == {"room7.md"}
    assert asked == sorted(asked, key=lambda one: one != "room7.md")
    assert await first(home, "wordllama") == ""


async def test_a_server_that_still_has_a_longer_embedder_is_told_so_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_system(home=home, embedder="wordllama") as system:
        assert await system.search(QUESTIONS[0])  # from here on it remembers the tenant
        monkeypatch.setattr(hashing, "DIMENSIONS", 64)
        async with open_system(home=home, embedder="hashing") as other:
            monkeypatch.setattr(other.embedder, "id", "hashing-64-1")
            monkeypatch.setattr(reindexing, "_embedding", lambda _: nullcontext(other.embedder.passages))
            await reindex(other)
            assert (await other.search(QUESTIONS[0]))[0].source == "room7.md"
        with pytest.raises(ConfigError, match="hashing-64-1"):
            await system.search(QUESTIONS[0])


async def test_ingest_and_question_with_another_embedder_name_the_command(base: Path, home: Path) -> None:
    async with open_system(home=home, embedder="hashing") as system:
        for call in (lambda: ingest(system, Order(base / "docs", "default")), lambda: system.search("room")):
            with pytest.raises(ConfigError) as caught:
                await call()
            assert "kb reindex" in caught.value.hint


async def test_what_a_killed_ingest_had_staged_is_found_after_the_change(
    base: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = tmp_path / "late.md"
    late.write_text("# Parking\n\nThe car park closes at midnight. 停车场午夜关闭。\n", "utf-8")
    async with open_system(home=home, embedder="wordllama", workers=1) as system:
        with monkeypatch.context() as patch:
            patch.setattr(Writer, "_settle", fail)
            with pytest.raises(RuntimeError):
                await ingest(system, Order(late, "default"))
    await changed(home)
    assert await first(home, "hashing", "When does the car park close?") == "late.md"
    assert await first(home, "hashing", "停车场何时关闭？") == "late.md"
    fresh = tmp_path / "fresh"
    async with open_system(home=fresh, embedder="hashing", workers=1) as system:
        for source in (base / "docs", late):
            await ingest(system, Order(source, "default"))
    assert await outcome(home) == await outcome(fresh)


async def test_a_service_gets_nothing_of_a_document_that_is_being_deleted(home: Path) -> None:
    with EmbeddingServer() as server:
        embedder = f"openai:honest?dimensions={DIMENSIONS}"
        settings = Settings(home=home, embedder=embedder, model_url=server.v1, model_key="sk-parent")
        async with open_system(settings) as system:
            with system.catalog.read() as connection:
                known = documents.known(connection, "default", "default")
            going = next(one.id for one in known if one.source == "room3.md")
            erase.decide(system.catalog, "default", [going])
            report = await reindex(system)
            assert erase.unfinished(system.catalog, "default").documents == ()
            assert len(await system.documents()) == 2 * COUNT - 1
        sent = json.dumps(server.requests, ensure_ascii=False)
        assert report.embedded == 2 * COUNT - 1
        assert "Room 4" in sent
        assert "Room 3" not in sent
        assert {head.get("authorization") for head in server.headers} == {"Bearer sk-parent"}


async def test_a_text_that_is_put_together_otherwise_now_keeps_its_key(home: Path) -> None:
    async with open_system(home=home, embedder="wordllama") as system:
        with system.catalog.write() as connection:
            named = version_table.c.source == "room7.md"
            connection.execute(update(version_table).where(named).values(title="Another title"))
    assert (await changed(home)).differing == 1
    assert await first(home, "hashing") == "room7.md"


async def test_a_home_without_documents_has_nothing_to_do(tmp_path: Path) -> None:
    report = await changed(tmp_path / "new")
    assert (report.former, report.switched, report.passages) == ("", False, 0)


async def test_a_collection_of_which_all_is_deleted_changes_too(home: Path) -> None:
    async with open_system(home=home, embedder="wordllama") as system:
        await system.delete([document.id for document in await system.documents()])
    report = await changed(home)
    assert (report.switched, report.embedded) == (True, 0)
    async with open_system(home=home, embedder="hashing") as system:
        assert await system.search("room") == []


def test_the_command_says_what_it_did_and_that_there_is_nothing_left_to_do(home: Path) -> None:
    done = kb(home, "reindex", "--json")
    found = json.loads(done.stdout)["data"]
    assert (found["former"], found["embedder"]) == ("wordllama-256-mean-1", "hashing-256-1")
    assert (found["passages"], found["embedded"]) == (2 * COUNT, 2 * COUNT)
    again = kb(home, "reindex")
    assert (again.returncode, again.stdout[:13], again.stderr) == (0, "nothing to do", "")
    assert kb(home, "ask", QUESTIONS[0]).returncode == 0


def fail(*_: object) -> None:
    raise RuntimeError


def kill(home: Path, point: str, occurrence: int) -> None:
    command = [sys.executable, __file__, str(home), point, str(occurrence)]
    run = subprocess.run(command, env=environment(home), stderr=subprocess.DEVNULL, timeout=120)
    assert run.returncode == -signal.SIGKILL, f"{point} was not reached"


def kb(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "api.cli", *arguments]
    return subprocess.run(command, env=environment(home), capture_output=True, encoding="utf-8", timeout=120)


def environment(home: Path) -> dict[str, str]:
    ours = {"KB_HOME": str(home), "KB_EMBEDDER": "hashing", "PYTHONPATH": str(ROOT)}
    return {**os.environ, **ours, "KB_PLUGINS": "off"}


if __name__ == "__main__":
    main()
