"""`.kbignore`, patterns and folders' rules: which files of a tree are read."""

import os
from pathlib import Path

import pytest

from ingest.planning.selection import Selected, select
from ingest.sources import Seen, Walked, folder
from rag.errors import BadInput


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text", "utf-8")


def kept(root: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    return [file.source for file in selected(root, include, exclude).walked.files]


def selected(root: Path, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Selected:
    return select(folder.walk(root), include, exclude)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "docs"
    tree(made, "a.md", "b.tmp", "中文/年假.md", "中文/草稿/年假.md", "old/c.md", "old/keep/d.md")
    return made


def test_without_rules_everything_is_read(root: Path) -> None:
    assert len(kept(root)) == 6


def test_an_ignore_file_names_what_is_left_out(root: Path) -> None:
    (root / ".kbignore").write_text("# drafts\n*.tmp\n草稿/\n/old/*.md\n", "utf-8")
    assert kept(root) == ["a.md", "old/keep/d.md", "中文/年假.md"]
    assert [file.source for file in selected(root).ignored] == ["b.tmp", "old/c.md", "中文/草稿/年假.md"]


def test_the_nearer_ignore_file_decides(root: Path) -> None:
    (root / ".kbignore").write_text("*.md\n", "utf-8")
    (root / "old/.kbignore").write_text("!c.md\n", "utf-8")
    assert kept(root) == ["b.tmp", "old/c.md"]


def test_nothing_comes_back_below_a_folder_that_is_left_out(root: Path) -> None:
    (root / ".kbignore").write_text("old/\n", "utf-8")
    (root / "old/.kbignore").write_text("!c.md\n", "utf-8")
    assert not [name for name in kept(root) if name.startswith("old")]


def test_patterns_of_the_order_are_of_paths_as_users_see_them(root: Path) -> None:
    assert kept(root, include=("中文/",)) == ["中文/年假.md", "中文/草稿/年假.md"]
    assert kept(root, include=("*.md",), exclude=("old/", "草稿")) == ["a.md", "中文/年假.md"]


def test_patterns_of_a_rule_hold_from_its_folder_on(root: Path) -> None:
    (root / "old/.kb.toml").write_text('exclude = ["/c.md"]\n', "utf-8")
    (root / "中文/.kb.toml").write_text('include = ["/*.md"]\n', "utf-8")
    assert kept(root) == ["a.md", "b.tmp", "old/keep/d.md", "中文/年假.md"]


def test_a_file_that_is_named_itself_is_read(root: Path) -> None:
    (root / ".kbignore").write_text("*\n", "utf-8")
    (root / ".kb.toml").write_text('exclude = ["*"]\nowner = "A"\n', "utf-8")
    assert kept(root / "a.md") == ["a.md"]
    assert kept(root) == []


def test_a_part_of_a_tree_has_the_rules_of_the_folders_above_it(root: Path) -> None:
    (root / ".kb.toml").write_text('allow = ["hr"]\npriority = 1\n', "utf-8")
    (root / "old/.kb.toml").write_text("priority = 2\n", "utf-8")
    for path in (root, root / "old", root / "old/keep", root / "old/keep/d.md"):
        found = selected(path)
        file = next(file for file in found.walked.files if file.place.endswith("d.md"))
        assert (found.rules_of(file).allow, found.rules_of(file).priority) == (("hr",), 2)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_strangers_lay_down_no_rules_above_the_folder(root: Path) -> None:
    (root.parent / ".kb.toml").write_text('allow = ["everyone"]\n', "utf-8")
    assert selected(root).rules != {}
    os.chown(root.parent / ".kb.toml", 12345, 12345)
    assert selected(root).rules == {}


def test_rules_of_an_ignored_folder_are_not_even_read(root: Path) -> None:
    (root / ".kbignore").write_text("old/\n", "utf-8")
    (root / "old/.kb.toml").write_text("broken", "utf-8")
    assert len(kept(root)) == 4


def test_rules_behind_a_link_stop_the_run(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.toml").write_text('allow = ["everyone"]', "utf-8")
    (root / ".kb.toml").symlink_to(tmp_path / "outside.toml")
    with pytest.raises(BadInput, match=r"\.kb\.toml cannot be read"):
        selected(root)


def test_rules_that_are_not_utf8_stop_the_run(root: Path) -> None:
    (root / ".kb.toml").write_bytes('owner = "王"'.encode("gb18030"))
    with pytest.raises(BadInput, match="not UTF-8"):
        selected(root)


def test_a_pattern_that_is_none_is_told_with_who_said_it(root: Path) -> None:
    with pytest.raises(BadInput, match="--include"):
        selected(root, include=("!",))
    (root / ".kbignore").write_text("/\n!\n", "utf-8")
    with pytest.raises(BadInput, match=r"\.kbignore"):
        selected(root)


def test_an_archive_counts_as_a_folder(root: Path) -> None:
    (root / ".kbignore").write_text("a.zip/drafts/\n", "utf-8")
    archive = root / "a.zip"
    places = ("drafts/x.md", "y.md")
    files = tuple(
        Seen(f"{archive}!/{name}", f"a.zip/{name}", archive, 1, 1, member=name, etag="12345678")
        for name in places
    )
    found = select(Walked(root, files), (), ())
    assert [file.source for file in found.walked.files] == ["a.zip/y.md"]


def test_a_source_beyond_this_machine_knows_only_the_orders_patterns() -> None:
    files = tuple(Seen(f"s3://b/{name}", name, None, 1, 1) for name in ("a.md", "b/c.md"))
    found = select(Walked("s3://b", files), (), ("b/",))
    assert [file.source for file in found.walked.files] == ["a.md"]
