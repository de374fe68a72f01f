import os
import socket
import sys

import pytest

from ingest.sources import folder
from ingest.wall.opening import open_file
from rag.errors import BadInput, UnreadableFile

linux = pytest.mark.skipif(sys.platform != "linux", reason="names may be any bytes on Linux alone")


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "root"
    (root / "制度/sub").mkdir(parents=True)
    (root / "b.md").write_text("b")
    (root / "制度/年假.md").write_text("十五天")
    (root / "制度/sub/c.txt").write_text("c")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.md").write_text("secret")
    return root


def sources(path):
    return [file.source for file in folder.walk(path).files]


def test_files_are_found_in_order_below_folders_in_any_script(root):
    assert sources(root) == ["b.md", "制度/sub/c.txt", "制度/年假.md"]
    found = folder.walk(root).files[0]
    assert (found.place, found.path, found.size) == (str(root / "b.md"), root / "b.md", 1)
    assert found.mtime == (root / "b.md").stat().st_mtime_ns


def test_one_file_is_a_source_too(root):
    walked = folder.walk(root / "b.md")
    assert [file.source for file in walked.files] == ["b.md"]
    assert walked.root == root / "b.md"


def test_links_to_the_root_are_followed_and_links_below_it_are_not(root):
    (root / "file.md").symlink_to(root.parent / "outside/secret.md")
    (root / "folder").symlink_to(root.parent / "outside")
    (root / "loop").symlink_to(root)
    link = root.parent / "link"
    link.symlink_to(root)
    assert sources(link) == sources(root) == ["b.md", "制度/sub/c.txt", "制度/年假.md"]


def test_what_is_no_file_is_left_out(root):
    os.mkfifo(root / "pipe.md")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "socket.md"))
        (root / ".hidden.md").write_text("x")
        (root / "~$b.docx").write_text("x")
        assert sources(root) == ["b.md", "制度/sub/c.txt", "制度/年假.md"]


@linux
def test_a_name_that_is_no_text_is_told_and_the_rest_is_read(root):
    (root / os.fsdecode(b"\xff.md")).write_text("x")
    walked = folder.walk(root)
    assert [one.source for one in walked.unreadable] == ["\\xff.md"]
    assert len(walked.files) == 3


def test_folders_without_end_are_told(root):
    deep = root
    for _ in range(folder.MOST_DEPTH + 1):
        deep = deep / "d"
        deep.mkdir()
    (deep / "lost.md").write_text("x")
    walked = folder.walk(root)
    assert len(walked.files) == 3
    assert [one.place for one in walked.unreadable] == [str(deep)]
    assert walked.unreadable[0].hint


def test_what_is_not_there_is_one_clear_line(root):
    for path in (root / "gone", root / "b.md/x"):
        with pytest.raises(BadInput):
            folder.walk(path)


def test_no_descriptor_is_left_open(root):
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    folder.walk(root)
    with pytest.raises(UnreadableFile):
        open_file(root / "gone/gone.md")
    assert (len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0) == before


def test_a_file_is_opened_where_no_link_leads_to_it(root):
    descriptor = open_file(root / "制度/年假.md")
    with os.fdopen(descriptor, "rb") as file:
        assert file.read().decode() == "十五天"


@pytest.mark.parametrize("swapped", ["b.md", "制度", "制度/sub"])
def test_a_link_anywhere_in_a_path_is_refused(root, swapped):
    paths = [file.path for file in folder.walk(root).files if f"{file.source}/".startswith(f"{swapped}/")]
    (root / swapped).rename(root.parent / "kept")
    (root / swapped).symlink_to(root.parent / "kept")
    assert paths
    for path in paths:
        assert path.read_text()  # there is something to be had through the link
        with pytest.raises(UnreadableFile) as caught:
            open_file(path)
        assert caught.value.hint


def test_devices_pipes_and_folders_are_not_opened(root):
    os.mkfifo(root / "pipe.md")
    for name in ("pipe.md", "制度"):
        with pytest.raises(UnreadableFile, match="not a regular file"):
            open_file(root / name)
    with pytest.raises(UnreadableFile):
        open_file(root.__class__("/dev/zero"))


def test_what_is_passed_over_is_counted_but_for_the_rules_of_the_folder(root):
    (root / ".git").mkdir()
    (root / ".git/object").write_text("x")
    (root / "制度/~$年假.docx").write_text("x")
    (root / ".kb.toml").write_text("priority = 1")
    (root / ".kbignore").write_text("*.tmp")
    (root / "link.md").symlink_to(root / "b.md")
    walked = folder.walk(root)
    assert (walked.hidden, walked.links) == (2, 1)


def test_a_file_that_went_away_or_is_closed_is_unreadable_and_not_damaged(root):
    with pytest.raises(UnreadableFile, match="went away") as gone:
        open_file(root / "gone.md")
    assert gone.value.state == "unreadable"
    (root / "b.md").chmod(0)
    if os.access(root / "b.md", os.R_OK):
        pytest.skip("this user reads every file")
    with pytest.raises(UnreadableFile, match="Permission denied") as closed:
        open_file(root / "b.md")
    assert (closed.value.state, closed.value.hint) == ("unreadable", "give this user the right to read it")
