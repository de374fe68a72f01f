"""Older versions: how many are kept, how they are shown, and what differs between two of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli import diff, documents, ingest, show

DAYS = "# Leave\n\nEvery employee has {} days of leave.\n\n# 病假\n\n病假需要证明。\n"


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KB_EMBEDDER", "hashing")
    monkeypatch.setenv("KB_WORKERS", "1")
    (tmp_path / "docs").mkdir()
    return tmp_path / "docs"


def put(docs: Path, *days: int) -> None:
    for one in days:
        (docs / "leave.md").write_text(DAYS.format(one), "utf-8")
        assert ingest.ingest(docs) == 0


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def fields(text: str) -> dict[str, str]:
    """The lines of a parse report, by name."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: value.strip() for name, _, value in pairs}


def data(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)["data"]


def test_so_many_versions_are_kept_as_the_setting_says(
    docs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_KEEP_VERSIONS", "2")
    put(docs, 20, 21, 22, 23)
    capsys.readouterr()
    show.show("leave.md", report=True)
    assert "4 (current), 3 (kept)" in fields(printed(capsys))["stored"]


def test_a_version_is_shown_by_number_or_id(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(docs, 20, 21)
    capsys.readouterr()
    show.show("leave.md", version="1")
    assert printed(capsys) == DAYS.format(20)
    show.show("leave.md", version="1", json=True)
    first = data(capsys)
    assert (first["number"], first["state"]) == (1, "kept")
    show.show("leave.md", version=first["version"])
    assert printed(capsys) == DAYS.format(20)


def test_a_version_that_is_not_there_is_told_with_those_that_are(docs: Path) -> None:
    put(docs, 20)
    with pytest.raises(Exception, match="no stored version 7") as caught:
        show.show("leave.md", version="7")
    assert "stored are: 1" in caught.value.hint  # type: ignore[attr-defined]


def test_a_diff_shows_what_changed_under_its_heading(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(docs, 20, 21, 22)
    capsys.readouterr()
    assert diff.diff("leave.md") == 0
    assert printed(capsys).splitlines()[:3] == [
        "--- leave.md (version 2)",
        "+++ leave.md (version 3)",
        "@@ -1,6 +1,6 @@ Leave",
    ]
    assert diff.diff("leave.md", older="1", newer="3", json=True) == 0
    found = data(capsys)
    assert (found["older"]["number"], found["newer"]["number"]) == (1, 3)
    assert "-Every employee has 20 days of leave." in found["hunks"][0]["lines"]


def test_a_first_version_has_nothing_to_compare_with(docs: Path) -> None:
    put(docs, 20)
    with pytest.raises(Exception, match="no version before number 1"):
        diff.diff("leave.md")


def test_the_report_reads_like_sentences(docs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (docs / ".kb.toml").write_text('allow = ["hr"]\nowner = "王敏"\nvalid_until = 2020-01-31\n', "utf-8")
    put(docs, 20)
    capsys.readouterr()
    show.show("leave.md", report=True)
    found = fields(printed(capsys))
    assert found["state"] == "expired"
    assert found["next"].startswith("it no longer answers")
    assert (found["readers"], found["owner"], found["valid until"]) == ("hr", "王敏", "2020-01-31")
    assert "in 1 chunks" in found["text"]


def test_documents_are_listed_by_state_with_the_next_step(
    docs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (docs / "empty.md").write_text(" \n")
    (docs / "leave.md").write_text(DAYS.format(20), "utf-8")
    assert ingest.ingest(docs) == 5
    capsys.readouterr()
    documents.documents(status=["problems"], json=True)
    assert [one["source"] for one in data(capsys)["documents"]] == ["empty.md"]
    documents.documents(status=["ok", "empty"], json=True)
    assert len(data(capsys)["documents"]) == 2
    documents.documents(status=["empty"])
    assert "there is no text in it" in printed(capsys)
    documents.documents(status=["damaged"])
    assert "none of the 2 documents" in capsys.readouterr().err
    with pytest.raises(Exception, match="no state is called 'odd'"):
        documents.documents(status=["odd"])
    show.show("empty.md", report=True)
    assert fields(printed(capsys))["state"].startswith("empty: there is no text in it")
