"""What a new user gets wrong about sources and paths is said at once, with the next step."""

import os
from pathlib import Path

import pytest

from api.cli import run

CONFIG, BAD_INPUT, PARTIAL = 2, 4, 5
DOCS = "{docs}"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_EMBEDDER", "hashing")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    made = tmp_path / "文档"
    made.mkdir()
    (made / "年假.md").write_text("# 年假\n\n员工每年享有十五天带薪年假。\n", "utf-8")
    return made


@pytest.mark.parametrize(
    ("arguments", "code", "line", "hint"),
    [
        (("htp://example.org/x",), BAD_INPUT, "no kind of source is called 'htp'", "https"),
        (("git+ftp://example.org/x",), BAD_INPUT, "no git address", "git+https://"),
        ((DOCS, "--exclude", "!"), BAD_INPUT, "--exclude", ".gitignore"),
        ((DOCS, "--include", "!"), BAD_INPUT, "--include", ".gitignore"),
        ((DOCS, "--allow", "everyone", "--allow", "人事"), BAD_INPUT, "exclude each other", "choose"),
        ((DOCS, "--allow", " "), BAD_INPUT, "no name of a group", "--allow"),
        (("https://example.org/", "--set", "depth=deep"), BAD_INPUT, "'deep'", "--set depth="),
        (("https://example.org/", "--set", "robots=no"), BAD_INPUT, "on or off", "--set robots=off"),
        (("https://example.org/", "--set", "follow=docs"), BAD_INPUT, "'docs'", "--set follow=/docs"),
        (("git+https://example.org/x.git", "--set", "branch=-x"), BAD_INPUT, "misread", "branch=main"),
        (
            ("imaps://u@example.org/INBOX", "--key-env", "X", "--set", "since=2026-13-01"),
            BAD_INPUT,
            "'2026-13-01'",
            "since=2026-01-31",
        ),
        (("webdavs://",), BAD_INPUT, "'webdavs://'", "webdavs://host/path"),
    ],
)
def test_what_is_wrong_about_a_source_is_said_before_it_is_kept(
    arguments: tuple[str, ...],
    code: int,
    line: str,
    hint: str,
    docs: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["source", "add", "x", *(one.format(docs=docs) for one in arguments)]) == code
    errors, hints = said(capsys)
    assert (len(errors), len(hints)) == (1, 1)
    assert line in errors[0]
    assert hint in hints[0]
    assert run(["source", "show", "x"]) == BAD_INPUT


@pytest.mark.parametrize("name", ["人事手册", "hr-2026", "пример", "レポート"])
def test_a_source_has_a_name_in_any_script(name: str, docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["source", "add", name, str(docs)]) == 0
    assert run(["sync", name]) == 0
    assert f"{name}: default: done: 1 new" in capsys.readouterr().out
    assert run(["delete", "--source", name, "--dry-run"]) == 0
    assert "年假.md" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["HR", "人 事", "../x", "ＨＲ", "e\u0301t\u00e9", "-x", "人" * 22, ".x", ""])
def test_a_name_that_two_file_systems_read_differently_is_none(name: str, docs: Path) -> None:
    assert run(["source", "add", "--", name, str(docs)]) == BAD_INPUT


def test_an_address_that_is_ingested_is_told_to_be_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ingest", "https://example.org/docs/"]) == BAD_INPUT
    errors, hints = said(capsys)
    assert errors == ["kb: an address is not a folder"]
    assert "kb source add" in hints[0]


def test_a_file_of_passwords_that_is_not_there_is_named(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ingest", str(docs), "--password-file", "密码.txt"]) == CONFIG
    errors, hints = said(capsys)
    assert errors == ["kb: the passwords in 密码.txt cannot be read: No such file or directory"]
    assert "--password-file" in hints[0]


def test_an_archive_that_is_not_opened_is_told_with_or_without_a_zip_beside_it(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "old.tar.gz").write_bytes(b"\x1f\x8b")
    assert run(["ingest", str(docs)]) == PARTIAL
    assert (
        "failed: old.tar.gz: unreadable: an archive of a kind that kb does not open"
        in capsys.readouterr().out
    )


def said(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    lines = capsys.readouterr().err.splitlines()
    return [one for one in lines if one.startswith("kb: ")], [
        one for one in lines if one.startswith("hint: ")
    ]


def test_a_second_source_of_one_address_is_told_of_the_first(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["source", "add", "hr", str(docs)]) == 0
    assert run(["source", "add", "board", str(docs), "-c", "board"]) == 0
    assert "has this address too" not in capsys.readouterr().err
    assert run(["source", "add", "人事", str(docs)]) == 0
    assert "hr has this address too" in capsys.readouterr().err


def test_a_home_that_cannot_be_written_is_a_matter_of_configuration(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "closed"
    home.mkdir(mode=0o555)
    if os.access(home, os.W_OK):
        pytest.skip("this user writes everywhere")
    assert run(["ingest", str(docs), "--home", str(home)]) == CONFIG
    errors, hints = said(capsys)
    assert errors == [f"kb: the home folder {home} cannot be written"]
    assert "KB_HOME" in hints[0]
