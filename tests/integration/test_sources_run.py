"""What an ingest makes of a source beyond this machine: fetched once, followed, never half done."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.fetch import BATCH_FILES
from ingest.report import Report
from ingest.run import Order, ingest
from ingest.sources import Seen, Unseen, Walked
from ingest.wall.pool import Pool
from rag import open_system
from rag.catalog import documents
from rag.catalog.documents import Known
from rag.errors import BackendError, BadInput, UnreadableFile
from rag.settings import Settings, load
from rag.system import System

pytestmark = pytest.mark.anyio
ROOT = "https://example.org/docs"


class Shelf:
    """A source in memory: names to texts. It counts what is fetched."""

    def __init__(self, spool: Path) -> None:
        self.spool, self.texts, self.fetched = spool, dict[str, str](), list[str]()
        self.broken: set[str] = set()
        self.unseen: tuple[str, ...] = ()
        self.groups: tuple[str, ...] | None = None
        self.most = 0
        self.ends_after = 10_000

    def walk(self) -> Walked:
        files = tuple(self._seen(name) for name in sorted(self.texts))
        unseen = tuple(Unseen(f"{ROOT}/{name}", name, "503", "later") for name in self.unseen)
        return Walked(ROOT, files, unseen, {"walks": 1})

    def fetch(self, seen: Seen) -> Path:
        if len(self.fetched) >= self.ends_after:
            raise BackendError("the source is gone")
        if seen.source in self.broken:
            raise UnreadableFile("cut off in the middle", state="unreadable", hint="sync again")
        self.fetched.append(seen.source)
        self.spool.mkdir(parents=True, exist_ok=True)
        path = self.spool / f"{len(self.fetched)}.bytes"
        path.write_text(self.texts[seen.source], "utf-8")
        self.most = max(self.most, len(list(self.spool.iterdir())))
        return path

    def close(self) -> None:
        pass

    def _seen(self, name: str) -> Seen:
        text = self.texts[name]
        etag = f"etag-{hash(text)}"
        return Seen(f"{ROOT}/{name}", name, None, len(text), 0, etag=etag, groups=self.groups)


class Kb:
    def __init__(self, system: System, pool: Pool, shelf: Shelf) -> None:
        self.system, self.pool, self.shelf = system, pool, shelf

    async def sync(self, **order: Any) -> Report:
        values: dict[str, Any] = {"prune": True, "source": self.shelf, "origin": "shelf"}
        return await ingest(self.system, Order(None, "default", **(values | order)), pool=self.pool)

    def known(self) -> dict[str, Known]:
        with self.system.catalog.read() as connection:
            return {d.source: d for d in documents.known(connection, "default", "default")}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Settings(embedder="hashing", workers=1)) as made:
        yield made


@pytest.fixture
async def kb(tmp_path: Path, pool: Pool) -> AsyncIterator[Kb]:
    system = open_system(load(home=tmp_path / "home", embedder="hashing"))
    shelf = Shelf(tmp_path / "home/spool/default/shelf")
    shelf.texts = {f"{n}.md": f"# Rule {n}\n\nNumber {n} 第{n}条规定。\n" for n in range(3)}
    yield Kb(system, pool, shelf)
    await system.close()


async def test_what_did_not_change_is_not_fetched_again(kb: Kb) -> None:
    report = await kb.sync()
    assert (report.new, report.state) == (["0.md", "1.md", "2.md"], {"walks": 1})
    assert (await kb.sync()).unchanged == 3
    kb.shelf.texts["1.md"] += "More.\n"
    assert (await kb.sync()).changed == ["1.md"]
    assert kb.shelf.fetched == ["0.md", "1.md", "2.md", "1.md"]


async def test_nothing_stays_in_the_spool_and_little_lies_there_at_once(kb: Kb) -> None:
    kb.shelf.texts = {f"{n:02}.md": f"Text number {n}.\n" for n in range(4 * BATCH_FILES)}
    assert len((await kb.sync()).new) == 4 * BATCH_FILES
    assert list(kb.shelf.spool.iterdir()) == []
    assert kb.shelf.most <= 2 * BATCH_FILES


async def test_what_a_crash_left_in_the_spool_is_removed_and_a_sources_own_folder_is_not(kb: Kb) -> None:
    (kb.shelf.spool / "clone").mkdir(parents=True)
    (kb.shelf.spool / "left.bytes").write_text("left")
    await kb.sync()
    assert [path.name for path in kb.shelf.spool.iterdir()] == ["clone"]


async def test_what_is_gone_from_the_source_is_removed_with_proof(kb: Kb) -> None:
    await kb.sync()
    del kb.shelf.texts["2.md"]
    report = await kb.sync()
    assert (report.removed, report.left) == (["2.md"], [])
    assert sorted(kb.known()) == ["0.md", "1.md"]


async def test_what_cannot_be_looked_at_is_not_gone(kb: Kb) -> None:
    await kb.sync()
    del kb.shelf.texts["2.md"]
    kb.shelf.unseen = ("2.md",)
    report = await kb.sync()
    assert (report.removed, [f.source for f in report.failed]) == ([], ["2.md"])
    assert kb.known()["2.md"].status == "ok"


async def test_an_emptied_source_needs_a_yes(kb: Kb) -> None:
    await kb.sync()
    kb.shelf.texts.clear()
    with pytest.raises(BadInput, match="3 of the 3 documents"):
        await kb.sync()
    assert len(kb.known()) == 3
    assert len((await kb.sync(sure=True)).removed) == 3


async def test_documents_of_a_folder_are_nothing_to_a_source(kb: Kb, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/own.md").write_text("Our own.\n")
    order = Order(tmp_path / "docs", "default")
    await ingest(kb.system, order, pool=kb.pool)
    await kb.sync()
    assert (await ingest(kb.system, replace(order, prune=True), pool=kb.pool)).removed == []
    assert (await kb.sync()).removed == []
    assert {d.origin for d in kb.known().values()} == {"", "shelf"}


async def test_a_file_that_cannot_be_fetched_fails_alone_and_is_tried_again(kb: Kb) -> None:
    kb.shelf.broken = {"1.md"}
    report = await kb.sync()
    assert report.new == ["0.md", "2.md"]
    assert [(f.source, f.state) for f in report.failed] == [("1.md", "unreadable")]
    kb.shelf.broken = set()
    assert (await kb.sync()).changed == ["1.md"]
    assert kb.known()["1.md"].status == "ok"


async def test_a_source_that_ends_in_the_middle_keeps_what_it_gave_and_removes_nothing(kb: Kb) -> None:
    await kb.sync()
    del kb.shelf.texts["0.md"]
    kb.shelf.texts |= {f"new{n:02}.md": f"New text {n}.\n" for n in range(20)}
    kb.shelf.ends_after = 3 + BATCH_FILES
    with pytest.raises(BackendError, match="gone"):
        await kb.sync()
    found = kb.known()
    assert len(found) == 3 + BATCH_FILES
    assert "0.md" in found
    assert list(kb.shelf.spool.iterdir()) == []


async def test_a_file_that_moved_within_the_source_stays_the_same_document(kb: Kb) -> None:
    await kb.sync()
    before = kb.known()["2.md"].id
    kb.shelf.texts["archive/2.md"] = kb.shelf.texts.pop("2.md")
    report = await kb.sync()
    assert (report.moved, report.removed) == (["archive/2.md"], [])
    assert kb.known()["archive/2.md"].id == before


async def test_rights_of_the_source_hold_and_an_order_beats_them(kb: Kb) -> None:
    kb.shelf.groups = ("hr",)
    await kb.sync()
    assert kb.known()["0.md"].groups == ("hr",)
    kb.shelf.groups = ("it", "hr")
    report = await kb.sync()
    assert (len(report.rights), report.changed, kb.known()["0.md"].groups) == (3, [], ("hr", "it"))
    await kb.sync(groups=("board",))
    assert kb.known()["0.md"].groups == ("board",)
    assert len(kb.shelf.fetched) == 3


async def test_a_dry_run_fetches_nothing(kb: Kb) -> None:
    report = await kb.sync(dry_run=True)
    assert (report.new, kb.shelf.fetched) == (["0.md", "1.md", "2.md"], [])
    assert report.estimate is not None
    assert report.estimate.files == 3


@pytest.mark.parametrize("name", ["", "..", "a/b", ".hidden"])
async def test_a_name_that_leads_out_of_the_spool_is_refused(kb: Kb, name: str) -> None:
    with pytest.raises(BadInput, match="no name of a source"):
        await kb.sync(origin=name)
