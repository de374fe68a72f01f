"""`kb delete`, `kb receipts`, `kb verify-receipt` and `kb doctor --deleted`, as they are typed."""

import asyncio
import json
import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from api.cli.delete import delete
from api.cli.doctor import doctor
from api.cli.receipt import receipts, verify_receipt
from rag import open_system
from rag.erase import signing
from rag.errors import BadInput, ConfigError, NotFound
from tests.data.filled import put

TEXTS = {
    "canary.md": "The vault code of the quetzalbird archive is opal-7731-marmalade and nobody else knows it.",
    "密.md": "员工入职满一年享有五天年假，蓝鲸计划的暗号是翡翠九号，不得外传给任何人。",
    "stays.md": "Every employee has 25 days of annual leave a year, which must be asked for in good time.",
}
ROOT = Path(__file__).resolve().parents[2]
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KB_EMBEDDER", "hashing")
    fill(TEXTS)
    return tmp_path / "home"


def fill(texts: Mapping[str, str], **more: str) -> None:
    async def work() -> None:
        async with open_system() as system:
            await put(system, texts, **more)

    asyncio.run(work())


def listed() -> list[str]:
    async def work() -> list[str]:
        async with open_system() as system:
            return [document.source for document in await system.documents()]

    return asyncio.run(work())


def said(capsys: Captured) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["data"]
    return found


def deleted(tmp_path: Path, *names: str, **more: Any) -> Path:
    """The file with the receipt of a deletion."""
    path = tmp_path / "receipt.json"
    assert delete(list(names) or None, yes=True, receipt=path, **more) == 0
    return path


def test_a_deletion_says_what_it_did_and_where_the_receipt_is(tmp_path: Path, capsys: Captured) -> None:
    path = deleted(tmp_path, "canary.md")
    out = capsys.readouterr()
    assert "deleted 1 document: 1 versions, 1 chunks" in out.out
    assert "nothing is left" in out.out
    assert f"signed, in {path}" in out.out
    assert "would bring them back" in out.err
    assert sorted(listed()) == ["stays.md", "密.md"]


def test_a_dry_run_lists_and_does_nothing(capsys: Captured) -> None:
    assert delete(query="quetzalbird archive", dry_run=True) == 0
    out = capsys.readouterr().out
    assert "canary.md" in out
    assert "1 document would be deleted" in out
    assert delete(["canary.md", "密.md"], dry_run=True, json=True) == 0
    assert [one["source"] for one in said(capsys)["would_delete"]] == ["canary.md", "密.md"]
    assert len(listed()) == 3


def test_a_chinese_phrase_deletes(tmp_path: Path) -> None:
    deleted(tmp_path, query="蓝鲸 计划的暗号")
    assert listed() == ["canary.md", "stays.md"]


def test_a_source_and_a_collection_are_deleted_whole(tmp_path: Path) -> None:
    fill({"one.md": "Page one of the wiki says this.", "two.md": "Page two says that."}, origin="wiki")
    fill({"three.md": "A third page stands in another collection."}, collection="hr")
    deleted(tmp_path, source="wiki")
    assert "one.md" not in listed()
    deleted(tmp_path, collection="hr")
    assert listed() == ["canary.md", "stays.md", "密.md"]


@pytest.mark.parametrize(
    ("names", "more", "message"),
    [
        ([], {}, "nothing was named"),
        (["canary.md"], {"query": "vault code"}, "several ways"),
        (["canary.md", "canery.md"], {}, "no document 'canery.md'"),
        ([], {"source": "wiki"}, "no source 'wiki'"),
        ([], {"collection": "hr"}, "collection 'hr'"),
        ([], {"query": "code vault"}, "holds these words"),
        (["canary.md"], {"receipt": Path("no/such/folder/receipt.json")}, "cannot be written"),
    ],
)
def test_a_wrong_name_is_one_line_and_nothing_is_deleted(
    names: list[str], more: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        delete(names, yes=True, **more)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    assert len(listed()) == 3


def test_with_nobody_there_a_yes_is_needed() -> None:
    with pytest.raises(BadInput, match="deleting 1 document needs a yes"):
        delete(["canary.md"])
    assert len(listed()) == 3


@pytest.mark.parametrize(("reply", "stays"), [("n", True), ("", True), ("y", False), ("yes", False)])
def test_at_a_terminal_the_names_are_shown_and_a_yes_is_waited_for(reply: str, stays: bool) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, f"{reply}\n".encode())
    command = [sys.executable, "-m", "api.cli", "delete", "canary.md", "密.md"]
    done = subprocess.run(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, cwd=ROOT, timeout=60)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "canary.md  (default, " in shown
    assert "密.md  (default, " in shown
    assert "Delete 2 documents and all their versions? [y/N]" in shown
    assert ("canary.md" in listed()) is stays


def test_probes_can_be_dropped_for_good(home: Path, tmp_path: Path, capsys: Captured) -> None:
    path = deleted(tmp_path, "canary.md")
    (home / "copy").write_text(TEXTS["canary.md"])
    assert doctor(deleted=True) == 6
    assert receipts(json.loads(path.read_text())["id"], forget=True) == 0
    capsys.readouterr()
    assert doctor(deleted=True) == 0
    assert "1 of the receipts have nothing to look for" in capsys.readouterr().out
    with pytest.raises(BadInput, match="needs the id"):
        receipts(forget=True)


def test_a_receipt_is_verified_here_and_elsewhere(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deleted(tmp_path, "canary.md")
    assert verify_receipt(str(path)) == 0
    assert "ok: receipt" in capsys.readouterr().out
    public = json.loads(path.read_text())["public_key"]
    monkeypatch.setenv("KB_HOME", str(tmp_path / "elsewhere"))
    assert verify_receipt(str(path)) == 4
    assert "signed by another installation" in capsys.readouterr().out
    assert verify_receipt(str(path), public_key=public) == 0
    assert verify_receipt(str(path), public_key="ab" * 32) == 4
    assert not (tmp_path / "elsewhere").exists()


def test_a_changed_receipt_is_called_tampered(tmp_path: Path, capsys: Captured) -> None:
    path = deleted(tmp_path, "canary.md")
    path.write_text(path.read_text().replace('"result":"clean"', '"result":"left"'))
    capsys.readouterr()
    assert verify_receipt(str(path), json=True) == 4
    assert said(capsys) == {"verdict": "tampered", "receipt": {}}


def test_a_receipt_that_is_not_there_is_one_line() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        verify_receipt("nowhere.json")


def test_receipts_are_listed_found_by_path_and_printed_as_signed(tmp_path: Path, capsys: Captured) -> None:
    path = deleted(tmp_path, "canary.md")
    deleted(tmp_path, "密.md")
    capsys.readouterr()
    assert receipts(json=True) == 0
    told = said(capsys)
    both = told["receipts"]
    assert told["public_key"] == json.loads(path.read_text())["public_key"]
    assert [one["documents"] for one in both] == [1, 1]
    assert receipts(of="密.md", json=True) == 0
    (one,) = said(capsys)["receipts"]
    assert receipts(one["id"]) == 0
    assert capsys.readouterr().out == path.read_text()
    with pytest.raises(NotFound, match="no receipt '77'"):
        receipts("77")


def test_the_json_of_a_deletion_holds_the_receipt(capsys: Captured) -> None:
    assert delete(["canary.md"], yes=True, json=True) == 0
    found = said(capsys)
    assert (found["left"], found["versions"]) == ([], 1)
    assert found["receipt"]["result"] == "clean"


def test_what_is_left_is_named_with_what_to_do(home: Path, capsys: Captured) -> None:
    shutil.copy(home / "kb.db", home / "kb.db.backup")
    assert delete(["canary.md"], yes=True) == 6
    out = capsys.readouterr()
    assert "FOUND in kb.db.backup" in out.out
    assert "remove copies and backups" in out.err
    assert doctor(deleted=True) == 6
    assert "remove this copy or backup" in capsys.readouterr().out
    (home / "kb.db.backup").unlink()
    assert doctor(deleted=True) == 0
    assert "nothing is left" in capsys.readouterr().out


def test_a_trace_in_our_own_files_is_mended(home: Path, tmp_path: Path, capsys: Captured) -> None:
    deleted(tmp_path, "canary.md")
    (home / "index/default/torn").write_text(TEXTS["canary.md"])
    assert doctor(deleted=True) == 6
    assert "--fix" in capsys.readouterr().out
    assert doctor(deleted=True, fix=True) == 0
    assert not (home / "index/default/torn").exists()


def test_the_doctor_tells_of_the_key(home: Path, tmp_path: Path, capsys: Captured) -> None:
    deleted(tmp_path, "canary.md")
    assert doctor() == 0
    assert "signed by installation" in capsys.readouterr().out
    os.chmod(signing.place(home), 0o644)
    assert doctor() == 6
    assert "chmod 600" in capsys.readouterr().out


def test_a_damaged_key_stops_a_deletion_before_it_begins(home: Path) -> None:
    signing.load_or_make(home)
    signing.place(home).write_text("")
    with pytest.raises(ConfigError, match="damaged"):
        delete(["canary.md"], yes=True)
    assert len(listed()) == 3
