"""An ingest dies among files that moved and others that equal them; the next one ends as if undisturbed."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from ingest import commit, reading
from ingest.run import Order, ingest
from ingest.wall.pool import Pool
from rag import erase, open_system
from rag.catalog import documents, outbox
from rag.catalog.chunks import current_ids
from rag.catalog.digest import digest
from rag.settings import load
from rag.stores.local import LocalStore
from rag.writer import Writer

SEAMS: dict[str, tuple[Any, str]] = {
    "inside staging": (commit.Stage, "flush"),
    "the store has acknowledged": (LocalStore, "apply"),
    "inside the flip": (outbox, "settle"),
    "after the flip": (Writer, "_settle"),
    "a deletion is decided": (erase, "decide"),
}
SAME = "# Leave 年假\n\nThere are 25 days of leave a year. 每年有二十五天年假。\n"


class Crash(Exception):
    """The process died here."""


@contextmanager
def crashing(owner: Any, name: str, occurrence: int) -> Iterator[None]:
    """So many calls of `owner.name` are made; with the last one the process dies."""
    inner, left = getattr(owner, name), [occurrence]

    def die() -> None:
        left[0] -= 1
        if not left[0]:
            raise Crash

    async def later(*args: Any) -> Any:
        found = await inner(*args)
        die()
        return found

    def now(*args: Any, **options: Any) -> Any:
        found = inner(*args, **options)
        die()
        return found

    with patch.object(owner, name, later if asyncio.iscoroutinefunction(inner) else now):
        yield


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(load(workers=2)) as pool:
        yield pool


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Six files that are equal, two that are not."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("a", "b", "c", "d", "e", "年"):
        (docs / f"{name}.md").write_text(SAME, "utf-8")
    for name in ("x", "y"):
        (docs / f"{name}.md").write_text(f"{SAME}\nOnly {name}.\n", "utf-8")
    return docs


def move(docs: Path) -> None:
    """Three of the equal files move, one goes, one is copied, one stays; another goes, one changes."""
    for name, new in (("a", "z moved"), ("c", "b moved"), ("年", "假")):
        (docs / f"{name}.md").rename(docs / f"{new}.md")
    (docs / "d.md").unlink()
    (docs / "y.md").unlink()
    shutil.copyfile(docs / "e.md", docs / "a copy.md")
    (docs / "x.md").write_text("# Leave\n\nNothing is as it was. 一切都变了。\n", "utf-8")


async def pruned(home: Path, docs: Path, pool: Pool) -> None:
    async with open_system(home=home) as system:
        await ingest(system, Order(docs, "default", prune=True, sure=True), pool=pool)


async def state(home: Path) -> object:
    """All that answers can come from, and which document is which file."""
    async with open_system(home=home) as system:
        with system.catalog.read() as connection:
            assert not outbox.pending(connection, "default")
            known = documents.known(connection, "default", "default")
            current = current_ids(connection, "default")
            found = digest(connection, "default")
        assert await system.store.chunks("default") == current
        assert await system.store.check("default") == []
    return found, [(one.id, one.place, one.source, one.status) for one in known]


@pytest.mark.parametrize("seam", SEAMS)
@pytest.mark.parametrize("at_once", [1, 3_000])
def test_every_file_is_the_document_that_it_would_have_been(
    tmp_path: Path, docs: Path, pool: Pool, seam: str, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, home = tmp_path / "before", tmp_path / "home"
    monkeypatch.setattr(reading, "GROUP_CHUNKS", at_once)  # of so many chunks a group is made
    asyncio.run(pruned(before, docs, pool))
    move(docs)
    undisturbed = shutil.copytree(before, tmp_path / "undisturbed")
    asyncio.run(pruned(undisturbed, docs, pool))
    shutil.copytree(before, home)
    occurrence = 3 if at_once == 1 and seam != "a deletion is decided" else 1
    with crashing(*SEAMS[seam], occurrence), pytest.raises(Crash):
        asyncio.run(pruned(home, docs, pool))
    asyncio.run(pruned(home, docs, pool))
    assert asyncio.run(state(home)) == asyncio.run(state(undisturbed))
