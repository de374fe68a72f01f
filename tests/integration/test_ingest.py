"""What an ingest makes of a source that changes, fails in part, or goes away."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from api.cli import ingest as command
from ingest.report import Report
from ingest.sources import folder
from ingest.wall.pool import Pool
from rag import open_system
from rag.catalog import documents
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
    yield Kb(system, pool, tmp_path / "docs")
    await system.close()


def unreadable(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """The tests may run as root, who may read everything."""
    scandir = os.scandir

    def guarded(folder: Any) -> Any:
        if os.path.samestat(os.stat(folder), os.stat(place)):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)


async def test_a_file_has_one_place_however_it_is_reached(kb: Kb, tmp_path: Path) -> None:
    kb.write("a.md", "sub/b.md")
    await kb.ingest()
    (tmp_path / "link").symlink_to(tmp_path)
    (kb.docs / "a.md").unlink()
    for path in (kb.docs / "sub/..", tmp_path / "link/docs"):
        report = await kb.ingest(path)
        assert (report.new, report.unchanged, report.missing) == ([], 1, ["a.md"])
    assert (await kb.ingest(kb.docs / "sub/..", prune=True)).removed == ["a.md"]


async def test_a_folder_that_cannot_be_read_loses_nothing(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    kb.write("a.md", "sub/b.md")
    await kb.ingest()
    with monkeypatch.context() as patch:
        unreadable(patch, kb.docs / "sub")
        report = await kb.ingest(prune=True)
        assert [(f.source, f.state) for f in report.failed] == [("sub", "unreadable")]
        assert (report.missing, report.removed) == ([], [])
        unreadable(patch, kb.docs)
        with pytest.raises(BadInput, match="may not be read"):
            await kb.ingest(prune=True)
    assert (await kb.ingest()).unchanged == 2


def test_a_file_that_goes_away_during_the_walk_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("a")
    (tmp_path / "b.md").write_text("b")
    scandir = os.scandir

    def late(folder: Any) -> Any:
        found = list(scandir(folder))
        (tmp_path / "a.md").unlink()
        return nullcontext(found)

    monkeypatch.setattr(os, "scandir", late)
    assert [file.source for file in folder.walk(tmp_path).files] == ["b.md"]


async def test_a_name_that_is_not_utf8_is_reported(kb: Kb) -> None:
    kb.write("a.md")
    try:
        (kb.docs / os.fsdecode(b"caf\xe9.md")).touch()
    except OSError:
        pytest.skip("this file system takes no such name")
    report = await kb.ingest()
    assert report.new == ["a.md"]
    assert [(f.source, f.state) for f in report.failed] == [("caf\\xe9.md", "unreadable")]
    assert "UTF-8" in report.failed[0].error


async def test_what_failed_for_a_passing_reason_is_tried_again(kb: Kb) -> None:
    kb.write("a.md", "b.md", "c.md")
    await kb.ingest()
    states = {"a.md": ("damaged", b""), "b.md": ("too large", b"x"), "c.md": ("empty", None)}
    with kb.system.catalog.write() as connection:
        for source, (status, digest) in states.items():
            known = kb.known()[source]
            values = {"status": status, "detail": "cannot be read", "mtime": 1, "current": None}
            os.utime(known.place, ns=(1, 1))
            values["content_hash"] = known.content_hash if digest is None else digest
            documents.note(connection, "default", known.id, **values)
    report = await kb.ingest()
    assert report.changed == ["a.md", "b.md"]
    assert [failure.source for failure in report.failed] == ["c.md"]


async def test_what_was_never_read_does_not_become_ok(kb: Kb) -> None:
    path, away = kb.docs / "a.md", kb.docs.parent / "away.md"
    path.write_text(" \n")
    kb.write("b.md")
    assert [f.state for f in (await kb.ingest()).failed] == ["empty"]
    path.rename(away)
    assert (await kb.ingest()).missing == ["a.md"]
    away.rename(path)
    assert [f.state for f in (await kb.ingest()).failed] == ["empty"]
    path.rename(kb.docs / "moved.md")
    report = await kb.ingest()
    assert ([f.source for f in report.failed], report.moved) == (["moved.md"], [])
    assert kb.known()["moved.md"].status == "empty"


async def test_documents_are_missed_among_files_that_are_not_read(kb: Kb) -> None:
    kb.write("a.md", "photo.xyz")
    await kb.ingest()
    (kb.docs / "a.md").unlink()
    assert (await kb.ingest()).missing == ["a.md"]
    assert (await kb.ingest(prune=True)).removed == ["a.md"]


async def test_new_rights_reach_what_is_missing(kb: Kb) -> None:
    kb.write("a.md", "b.md")
    await kb.ingest()
    (kb.docs / "a.md").unlink()
    assert (await kb.ingest(groups=("hr",))).rights == ["b.md", "a.md"]
    assert kb.known()["a.md"].groups == ("hr",)


async def test_a_prune_by_an_empty_source_needs_a_yes(kb: Kb) -> None:
    kb.write("a.md")
    await kb.ingest()
    (kb.docs / "a.md").unlink()
    with pytest.raises(BadInput, match="1 of the 1 documents"):
        await kb.ingest(prune=True)
    assert kb.known()["a.md"].status == "ok"
    assert (await kb.ingest(prune=True, sure=True)).removed == ["a.md"]


async def test_a_moved_file_is_the_same_document_read_anew(kb: Kb) -> None:
    (kb.docs / "old name.txt").write_text("Twenty days of leave.\n")
    await kb.ingest()
    before = kb.known()["old name.txt"]
    (kb.docs / "sub").mkdir()
    (kb.docs / "old name.txt").rename(kb.docs / "sub/new name.md")
    report = await kb.ingest()
    assert (report.moved, report.new, report.changed, report.missing) == (["sub/new name.md"], [], [], [])
    after, version = kb.known()["sub/new name.md"], kb.current("sub/new name.md")
    assert (after.id, after.status) == (before.id, "ok")
    assert after.parser != before.parser
    assert (version.source, version.title) == ("sub/new name.md", "new name")
    assert (await kb.ingest()).unchanged == 1


async def test_names_get_wider_and_never_narrower(kb: Kb) -> None:
    kb.write("en/p.md", "en/q.md")
    await kb.ingest(kb.docs / "en")
    assert sorted(kb.known()) == ["p.md", "q.md"]
    assert (await kb.ingest()).unchanged == 2
    assert sorted(kb.known()) == ["en/p.md", "en/q.md"]
    (kb.docs / "en/p.md").write_text("Changed.\n")
    (kb.docs / "en/q.md").rename(kb.docs / "en/r.md")
    report = await kb.ingest(kb.docs / "en")
    assert (report.changed, report.moved) == (["en/p.md"], ["en/r.md"])
    assert kb.current("en/p.md").source == "en/p.md"
    assert sorted(kb.known()) == ["en/p.md", "en/r.md"]


async def test_traces_of_a_removed_document_are_reported(kb: Kb, monkeypatch: pytest.MonkeyPatch) -> None:
    kb.write("a.md", "b.md")
    await kb.ingest()
    (kb.docs / "a.md").unlink()
    delete = kb.system.delete

    async def leaving(*args: Any, **kwargs: Any) -> Any:
        return replace(await delete(*args, **kwargs), left=("some.file",))

    monkeypatch.setattr(type(kb.system), "delete", lambda _, *args, **kwargs: leaving(*args, **kwargs))
    report = await kb.ingest(prune=True)
    assert (report.removed, report.left) == (["a.md"], ["some.file"])


def test_the_command_says_that_traces_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_run", lambda *_: Report("default", removed=["a.md"], left=["some.file"]))
    assert command.ingest(tmp_path) == 6
    assert "some.file" in capsys.readouterr().err


async def test_a_prune_of_a_great_part_needs_a_yes(kb: Kb) -> None:
    names = [f"{number}.md" for number in range(12)]
    kb.write(*names)
    await kb.ingest()
    for name in names[:3]:
        (kb.docs / name).unlink()
    assert len((await kb.ingest(prune=True, dry_run=True)).removed) == 3
    with pytest.raises(BadInput, match="3 of the 12 documents"):
        await kb.ingest(prune=True)
    assert {known.status for known in kb.known().values()} == {"ok"}
    assert len((await kb.ingest(prune=True, sure=True)).removed) == 3
    (kb.docs / names[3]).unlink()
    assert (await kb.ingest(prune=True)).removed == [names[3]]


async def test_members_of_an_archive_are_documents_of_their_own(kb: Kb) -> None:
    kb.write("a.md")
    with ZipFile(kb.docs / "all.zip", "w") as archive:
        archive.writestr("年假.md", "# 年假\n\n员工每年有十五天年假。\n")
        archive.writestr("tmp/b.md", "# Bonus\n\nThe bonus is 7 per cent.\n")
        archive.writestr("photo.xyz", "?")
    kb.put(".kbignore", "all.zip/tmp/\n")
    report = await kb.ingest(include=("*.md", "*.xyz"))
    assert (report.new, report.skipped) == (["a.md", "all.zip/年假.md"], ["all.zip/photo.xyz"])
    assert report.ignored == ["all.zip/tmp/b.md"]
    assert (await kb.sources("年假有几天？"))[0] == "all.zip/年假.md"
    assert (await kb.ingest()).unchanged == 2
    with ZipFile(kb.docs / "all.zip", "w") as archive:
        archive.writestr("年假.md", "# 年假\n\n员工每年有二十天年假。\n")
    assert (await kb.ingest()).changed == ["all.zip/年假.md"]
    (kb.docs / "all.zip").write_bytes(b"PK broken")
    report = await kb.ingest(prune=True)
    assert (len(report.failed), report.removed) == (1, [])
    (kb.docs / "all.zip").unlink()
    assert (await kb.ingest(prune=True)).removed == ["all.zip/年假.md"]
