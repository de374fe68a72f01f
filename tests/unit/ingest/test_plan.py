import time
from pathlib import Path
from typing import Any

import pytest

from ingest.planning.plan import Plan, content_hash, is_below, make
from ingest.sources import Seen, Unseen, Walked, folder
from rag.catalog.documents import Known


def planned(root: Path, known: list[Known], **more: Any) -> Plan:
    return make(
        folder.walk(root),
        known,
        supported=lambda name: name.endswith((".md", ".txt")),
        parser=lambda file: "p1",
        **more,
    )


def known(file: Seen, **other: Any) -> Known:
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


def test_a_state_that_may_have_ended_is_tried_again(root: Path) -> None:
    before = [known(file, status="password needed") for file in folder.walk(root).files]
    assert len(planned(root, before).failed) == 2
    assert len(planned(root, before, final=("ocr needed",)).changed) == 2


def remote(name: str, etag: str = "", size: int = 5, mtime: int = 0) -> Seen:
    return Seen(f"https://h/docs/{name}", name, None, size, mtime, etag)


def fetched(*files: Seen, **other: object) -> list[Known]:
    return [known(f, etag=f.etag, origin="web", content_hash=b"held", **other) for f in files]


def followed(files: list[Seen], before: list[Known], *unreadable: str) -> Plan:
    unseen = tuple(Unseen(place, place, "503", "later") for place in unreadable)
    walked = Walked("https://h/docs", tuple(files), unseen)
    return make(walked, before, supported=lambda _: True, parser=lambda _: "p1", origin="web")


def test_an_etag_decides_where_there_is_one() -> None:
    before = fetched(remote("a.md", "etag-one"), remote("b.md", "etag-two"))
    plan = followed([remote("a.md", "etag-one", size=99), remote("b.md", "etag-new")], before)
    assert ([f.source for _, f in plan.unchanged], [f.source for _, f in plan.changed]) == (
        ["a.md"],
        ["b.md"],
    )


def test_what_says_nothing_of_its_bytes_is_fetched_again() -> None:
    assert len(followed([remote("a.md")], fetched(remote("a.md"))).changed) == 1
    old = remote("a.md", mtime=1)
    assert len(followed([old], fetched(old)).unchanged) == 1


def test_a_move_within_a_source_is_known_by_a_telling_etag() -> None:
    before = fetched(remote("a.md", "0123456789"), remote("b.md", "1", size=7))
    plan = followed([remote("x/a.md", "0123456789"), remote("x/b.md", "1", size=7)], before)
    assert [(d.source, f.source) for d, f in plan.moved] == [("a.md", "x/a.md")]
    assert [file.source for file in plan.new] == ["x/b.md"]


def test_only_documents_of_the_source_can_be_gone_from_it() -> None:
    before = fetched(remote("a.md", "e"), remote("b.md", "e"), remote("c/d.md", "e"))
    other = known(remote("z.md"), origin="", content_hash=b"held")
    plan = followed([remote("a.md", "e")], [*before, other], "https://h/docs/c")
    assert [document.source for document in plan.missing] == ["b.md"]


def test_what_an_archive_holds_is_below_it() -> None:
    assert is_below("/d/a.zip!/x/y.md", "/d/a.zip")
    assert is_below("/d/a.zip!/x/y.md", "/d")
    assert not is_below("/d/a.zippy", "/d/a.zip")
    assert is_below("https://h/docs/a", "https://h/docs/")


def test_a_member_of_an_archive_that_is_there_is_not_gone(tmp_path: Path) -> None:
    (tmp_path / "else").mkdir()
    (tmp_path / "else/a.zip").write_bytes(b"zip")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/new.md").write_text("same")
    file = folder.walk(tmp_path / "docs").files[0]
    member = known(file, place=str(tmp_path / "else/a.zip!/old.md"), source="a.zip/old.md")
    assert [f.source for f in planned(tmp_path / "docs", [member]).new] == ["new.md"]
