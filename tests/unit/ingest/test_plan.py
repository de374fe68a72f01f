import time
from pathlib import Path

import pytest

from ingest.plan import Plan, content_hash, make
from ingest.sources import Seen, folder
from rag.catalog.documents import Known


def planned(root: Path, known: list[Known]) -> Plan:
    return make(
        folder.walk(root),
        known,
        supported=lambda name: name.endswith((".md", ".txt")),
        parser=lambda name: "p1",
    )


def known(file: Seen, **other: object) -> Known:
    values: dict[str, object] = {
        "id": file.source,
        "collection": "default",
        "place": file.place,
        "source": file.source,
        "status": "ok",
        "detail": "",
        "current": "v1",
        "groups": (),
        "size": file.size,
        "mtime": file.mtime,
        "content_hash": content_hash(file.path),
        "parser": "p1",
        "updated": time.time() + 10,
    }
    return Known(**(values | other))  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("alpha")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/b.txt").write_text("beta")
    return tmp_path


def test_files_nobody_knows_are_new(root: Path) -> None:
    assert [file.source for file in planned(root, []).new] == ["a.md", "sub/b.txt"]


def test_a_second_run_finds_nothing_to_do(root: Path) -> None:
    plan = planned(root, [known(file) for file in folder.walk(root).files])
    assert (plan.new, plan.changed, plan.missing) == ([], [], [])
    assert len(plan.unchanged) == 2


def test_a_touched_file_with_equal_bytes_is_unchanged(root: Path) -> None:
    plan = planned(root, [known(file, mtime=1) for file in folder.walk(root).files])
    assert len(plan.unchanged) == 2


def test_a_file_written_again_within_the_clock_is_noticed(root: Path) -> None:
    before = [known(file, updated=time.time()) for file in folder.walk(root).files]
    (root / "a.md").write_text("ALPHA")  # same size; the time may be the same too
    plan = planned(root, before)
    assert [file.source for _, file in plan.changed] == ["a.md"]


def test_another_parser_means_reading_anew(root: Path) -> None:
    plan = planned(root, [known(file, parser="p0") for file in folder.walk(root).files])
    assert len(plan.changed) == 2


def test_a_moved_file_is_recognised_by_its_bytes(root: Path) -> None:
    before = [known(file) for file in folder.walk(root).files]
    (root / "a.md").rename(root / "sub/c.md")
    plan = planned(root, before)
    assert [(old.source, file.source) for old, file in plan.moved] == [("a.md", "sub/c.md")]
    assert (plan.new, plan.missing) == ([], [])


def test_a_missing_file_is_reported_only_below_the_folder_that_was_read(root: Path) -> None:
    elsewhere = known(folder.walk(root).files[0], place="/elsewhere/z.md", source="z.md", id="z")
    gone = known(folder.walk(root).files[0], place=str(root / "gone.md"), source="gone.md", size=99, id="g")
    assert [d.source for d in planned(root, [gone, elsewhere]).missing] == ["gone.md"]


def test_files_without_a_loader_are_skipped_by_name(root: Path) -> None:
    (root / "photo.png").write_bytes(b"x")
    assert [file.source for file in planned(root, []).skipped] == ["photo.png"]


def test_links_and_hidden_files_are_not_followed(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.md"
    outside.write_text("secret")
    (root / "link.md").symlink_to(outside)
    (root / "dir").symlink_to(outside.parent)
    (root / ".hidden.md").write_text("hidden")
    assert [file.source for file in planned(root, []).new] == ["a.md", "sub/b.txt"]


def test_an_unreadable_file_that_did_not_change_is_not_tried_again(root: Path) -> None:
    plan = planned(root, [known(file, status="ocr needed") for file in folder.walk(root).files])
    assert len(plan.failed) == 2
    assert plan.changed == []
