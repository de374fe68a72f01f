"""Documents that were read, quoted and deleted: nothing of them is anywhere, and a receipt says so."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from rag import erase, open_system
from rag.catalog import answers, erasures
from rag.catalog import sources as registered
from rag.catalog.answers import Given
from rag.catalog.schema import receipts, versions
from rag.catalog.sources import Registered
from rag.erase import Asked, choose, prove, signing
from rag.erase.again import Again, look_again
from rag.erase.receipt import Verdict, check
from rag.errors import BadInput, ConfigError, NotFound
from rag.system import System
from rag.writer import Writer
from tests.data.filled import put

pytestmark = pytest.mark.anyio

CANARY = "The vault code of the quetzalbird archive is opal-7731-marmalade and nobody else knows it."
CHINESE = "员工入职满一年享有五天年假，蓝鲸计划的暗号是翡翠九号，不得\n外传给任何人。"
STAYS = "Every employee has 25 days of annual leave a year, which must be asked for in good time."
QUESTION = "What is the vault code of the quetzalbird archive?"


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with open_system(home=tmp_path / "home", embedder="hashing", workers=1) as opened:
        yield opened


@pytest.fixture
async def ids(system: System) -> Mapping[str, str]:
    return await put(system, {"canary.md": CANARY, "密.md": CHINESE, "stays.md": STAYS})


def holding(system: System, *texts: str) -> list[str]:
    """Names of files of the home folder in which one of the texts stands."""
    files = [path for path in system.settings.home.rglob("*") if path.is_file()]
    found = {path: path.read_bytes() for path in files}
    return [path.name for path, data in found.items() if any(text.encode() in data for text in texts)]


def body(receipt: erase.Receipt) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(receipt.text)
    return found


def verdict(system: System, receipt: erase.Receipt) -> Verdict:
    ours = signing.load(system.settings.home)
    assert ours is not None
    return check(receipt.text.encode(), ours.public).verdict


def again(system: System) -> Again:
    home = system.settings.home
    return look_again(system.catalog, system.settings.tenant, home, system.places())


def record(system: System, name: str, text: str, *, shows: str = "", question: str = "?") -> None:
    sources = [("version", shows)] if shows else []
    given = Given(name, "", 0.0, question, "answered", {"text": text})
    with system.catalog.write() as connection:
        answers.record(connection, system.settings.tenant, [(given, sources)])


def answer(system: System, name: str) -> Given:
    with system.catalog.read() as connection:
        found = answers.get(connection, system.settings.tenant, name)
    assert found is not None
    return found


# What a deletion reaches


async def test_nothing_is_left_and_the_receipt_says_so(system: System, ids: Mapping[str, str]) -> None:
    assert "opal-7731" in (await system.ask(QUESTION)).text
    await asyncio.to_thread(system.recorder.close)
    assert holding(system, "opal-7731", "quetzalbird")
    receipt = await system.delete([ids["canary.md"], ids["密.md"]])
    assert holding(system, "opal-7731", "quetzalbird", "翡翠九号") == []
    assert (receipt.left, receipt.versions, receipt.answers) == ((), 2, 1)
    assert (await system.ask(QUESTION)).status == "not_found"
    told = body(receipt)
    assert verdict(system, receipt) is Verdict.OK
    assert (told["result"], told["tenant"], len(told["documents"])) == ("clean", "default", 2)
    assert {place["place"]: place["left"] for place in told["places"]} == dict.fromkeys(
        [
            "catalog documents",
            "catalog versions",
            "catalog chunks",
            "catalog vectors",
            "catalog answers",
            "catalog sources",
            "own files",
            "memory",
            "store local",
            "files",
        ],
        0,
    )


async def test_a_receipt_holds_no_name_and_no_word(system: System, ids: Mapping[str, str]) -> None:
    receipt = await system.delete([ids["canary.md"]], asked=Asked("query", "the vault code", "wang"))
    for word in ("canary", "vault", "opal", "quetzalbird"):
        assert word not in receipt.text
    assert body(receipt)["asked"]["kind"] == "query"
    assert len(body(receipt)["asked"]["hash"]) == 32
    assert body(receipt)["by"] == "wang"


async def test_older_versions_go_too(system: System, ids: Mapping[str, str]) -> None:
    await put(system, {"canary.md": "The archive was closed; there is no code of it any more, for nobody."})
    assert holding(system, "opal-7731")
    receipt = await system.delete([ids["canary.md"]])
    assert (receipt.versions, receipt.left) == (2, ())
    assert holding(system, "opal-7731") == []


async def test_what_another_document_says_too_is_no_trace(system: System, ids: Mapping[str, str]) -> None:
    both = f"{STAYS}\n\nOnly here: the marmalade of the archive is hidden behind the red cupboard."
    found = await put(system, {"both.md": both})
    receipt = await system.delete([found["both.md"]])
    assert receipt.left == ()
    assert holding(system, "behind the red cupboard") == []
    assert "25 days" in (await system.ask("How many days of annual leave does an employee have?")).text
    assert again(system).traces == ()


async def test_of_two_equal_documents_one_may_go(system: System) -> None:
    found = await put(system, {"a.md": CANARY, "b.md": CANARY})
    assert (await system.delete([found["a.md"]])).left == ()
    assert "opal-7731" in (await system.ask(QUESTION)).text
    assert (await system.delete([found["b.md"]])).left == ()
    assert holding(system, "opal-7731") == []


async def test_a_deleted_document_cannot_be_deleted_again(system: System, ids: Mapping[str, str]) -> None:
    await system.delete([ids["canary.md"]])
    with pytest.raises(NotFound):
        await system.find("canary.md")


async def test_an_answer_that_only_says_what_the_document_said_is_withdrawn(
    system: System, ids: Mapping[str, str]
) -> None:
    record(system, "prose", f"As far as I know: {CANARY}", question="Where is the vault?")
    record(system, "other", f"As far as I know: {STAYS}", question="How many days?")
    receipt = await system.delete([ids["canary.md"]])
    assert (receipt.answers, receipt.left) == (1, ())
    assert (answer(system, "prose").status, answer(system, "prose").body) == ("withdrawn", {})
    assert answer(system, "other").status == "answered"


async def test_a_question_is_the_askers_own(system: System, ids: Mapping[str, str]) -> None:
    record(system, "asked", "Not in the documents.", question=CANARY)
    receipt = await system.delete([ids["canary.md"]])
    assert (receipt.answers, receipt.left) == (0, ())
    assert answer(system, "asked").question == CANARY
    assert again(system).traces == ()


async def test_a_documents_own_file_in_the_home_folder_goes(system: System) -> None:
    folder = system.settings.home / "faq/default/default"
    folder.mkdir(parents=True)
    (folder / "faq.md").write_text(CANARY)
    found = await put(system, {"faq.md": CANARY}, place=f"{folder}/")
    assert (await system.delete([found["faq.md"]])).left == ()
    assert not (folder / "faq.md").exists()


async def test_an_authors_file_in_the_home_folder_is_named_and_stays(system: System) -> None:
    folder = system.settings.home / "docs"
    folder.mkdir(parents=True)
    (folder / "packed.docx").write_bytes(b"compressed, so that no search can find it")
    found = await put(system, {"packed.docx": CANARY}, place=f"{folder}/")
    receipt = await system.delete([found["packed.docx"]])
    assert receipt.left == ("docs/packed.docx",)
    assert (folder / "packed.docx").exists()
    assert body(receipt)["result"] == "left"
    assert "packed" not in receipt.text


async def test_a_document_that_came_back_and_changed_is_no_trace_in_its_answers(
    system: System, ids: Mapping[str, str]
) -> None:
    await system.delete([ids["canary.md"]])
    again_there = await put(system, {"canary.md": CANARY})
    record(system, "later", CANARY, shows=again_there["canary.md"])
    with system.catalog.write() as connection:
        connection.execute(update(versions).where(versions.c.document == ids["canary.md"]).values(text=STAYS))
    assert again(system).traces == ()


async def test_what_a_source_left_in_its_spool_goes(system: System) -> None:
    spool = system.settings.home / "spool" / "default"
    for name in ("wiki/git/objects", "other"):
        (spool / name).mkdir(parents=True)
        (spool / name / "packed").write_bytes(b"compressed, so that no search can find it")
    found = await put(system, {"a.md": CANARY}, origin="wiki")
    assert (await system.delete(list(found.values()))).left == ()
    assert [path.name for path in spool.iterdir()] == ["other"]


async def test_what_a_source_remembers_of_its_files_is_forgotten(system: System) -> None:
    found = await put(system, {"a.md": CANARY}, origin="wiki")
    with system.catalog.write() as connection:
        for name in ("wiki", "other"):
            registered.add(connection, "default", Registered(name, "https://wiki.test", "default"))
            values = {"state": {"files": ["a.md"]}, "report": {"failed": ["a.md"]}}
            registered.note_end(connection, "default", name, synced=1.0, **values)
    assert (await system.delete(list(found.values()))).left == ()
    with system.catalog.read() as connection:
        other, wiki = registered.listing(connection, "default")
    assert (wiki.state, wiki.report) == ({}, {})
    assert other.state == {"files": ["a.md"]}


async def test_hundreds_at_once_are_one_deletion(system: System) -> None:
    many = {f"{n}.md": f"Room {n} of the north wing belongs to team number {n * 7919}." for n in range(700)}
    found = await put(system, many)
    receipt = await system.delete(list(found.values()))
    assert (len(receipt.documents), receipt.left) == (700, ())
    assert await system.documents() == []


async def test_who_asks_meanwhile_gets_the_old_answer_or_none(system: System, ids: Mapping[str, str]) -> None:
    asked = [asyncio.create_task(system.ask(QUESTION)) for _ in range(6)]
    receipt = await system.delete([ids["canary.md"]])
    for one in await asyncio.gather(*asked):
        assert one.status == "not_found" or "opal-7731" in one.text
    await asyncio.to_thread(system.recorder.close)
    assert receipt.left == ()
    assert holding(system, "opal-7731") == []


# What is found when something is left


@pytest.mark.parametrize(
    "copy",
    [
        CANARY.encode(),
        CANARY.encode("utf-16"),
        f"{STAYS} {CANARY}".encode()[40:150],
        json.dumps({"text": CANARY}).encode(),
    ],
    ids=["text", "utf-16", "a part", "json"],
)
async def test_a_copy_in_the_home_folder_is_named_and_not_in_the_receipt(
    system: System, ids: Mapping[str, str], copy: bytes
) -> None:
    (system.settings.home / "copy-of-the-vault.bin").write_bytes(copy)
    receipt = await system.delete([ids["canary.md"]])
    assert receipt.left == ("copy-of-the-vault.bin",)
    assert body(receipt)["result"] == "left"
    assert "copy-of" not in receipt.text
    assert [trace.path.name for trace in again(system).traces] == ["copy-of-the-vault.bin"]


async def test_chinese_written_as_escapes_is_found(system: System, ids: Mapping[str, str]) -> None:
    (system.settings.home / "log.json").write_text(json.dumps({"text": CHINESE}))
    assert (await system.delete([ids["密.md"]])).left == ("log.json",)


async def test_a_backup_that_comes_back_later_is_found_until_it_is_removed(
    system: System, ids: Mapping[str, str]
) -> None:
    backup = system.settings.home.parent / "kb.db"
    system.catalog.compact()
    shutil.copy(system.settings.home / "kb.db", backup)
    receipt = await system.delete([ids["canary.md"]])
    assert again(system).traces == ()
    shutil.copy(backup, system.settings.home / "kb.db.backup")
    (trace,) = again(system).traces
    assert (trace.path.name, trace.receipts) == ("kb.db.backup", (receipt.id,))
    (system.settings.home / "kb.db.backup").unlink()
    assert again(system).traces == ()


async def test_a_document_that_is_read_again_is_no_trace(system: System, ids: Mapping[str, str]) -> None:
    await system.delete([ids["canary.md"]])
    await put(system, {"canary.md": CANARY})
    assert again(system).traces == ()


async def test_without_its_probes_a_receipt_stays_and_nothing_is_looked_for(
    system: System, ids: Mapping[str, str]
) -> None:
    receipt = await system.delete([ids["canary.md"]])
    with system.catalog.write() as connection:
        erasures.forget_probes(connection, "default", receipt.id)
    (system.settings.home / "copy").write_text(CANARY)
    found = again(system)
    assert (found.receipts, found.blind, found.traces) == (1, 1, ())


# What is interrupted


class Crash(Exception):
    """The process died here."""


@pytest.mark.parametrize(
    ("owner", "name"),
    [(prove, "_remove"), (Writer, "step"), (Writer, "rebuild"), (prove, "strays"), (prove, "_record")],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_deletion_that_was_interrupted_is_finished_by_the_next_writer(
    system: System, ids: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Crash

    async def leave(*_: object, **__: object) -> None:
        raise Crash

    is_async = asyncio.iscoroutinefunction(getattr(owner, name))
    async with system.writing() as writer:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, leave if is_async else die)
            with pytest.raises(Crash):
                await system.delete([ids["canary.md"]], asked=Asked("query", "vault"), writer=writer)
    assert [one.source for one in await system.documents()] == ["stays.md", "密.md"]
    async with system.writing():
        pass
    (done,) = listing(system)
    assert erase.unfinished(system.catalog, "default").documents == ()
    assert holding(system, "opal-7731") == []
    told = json.loads(done.receipt)
    assert (told["asked"]["kind"], told["result"], told["counts"]["versions"]) == ("query", "clean", 1)
    (system.settings.home / "copy").write_text(CANARY)
    assert [trace.path.name for trace in again(system).traces] == ["copy"]


async def test_what_an_older_kb_began_is_finished(system: System, ids: Mapping[str, str]) -> None:
    with system.catalog.write() as connection:
        erasures.hide(connection, "default", [ids["canary.md"]])
        row = {"tenant": "default", "document": ids["canary.md"], "erased": 1.0, "body": '{"done": false}'}
        connection.execute(insert(receipts).values(**row))
    async with system.writing():
        pass
    assert holding(system, "opal-7731") == []
    assert [json.loads(one.receipt)["result"] for one in listing(system)] == ["clean"]
    assert erase.unfinished(system.catalog, "default").documents == ()


async def test_without_a_key_nothing_is_begun(system: System, ids: Mapping[str, str]) -> None:
    signing.load_or_make(system.settings.home)
    signing.place(system.settings.home).write_text("damaged")
    with pytest.raises(ConfigError, match="damaged"):
        await system.delete([ids["canary.md"]])
    assert (await system.find("canary.md")).status == "ok"


def listing(system: System) -> list[erasures.Erased]:
    with system.catalog.read() as connection:
        return erasures.listing(connection, "default")


# How documents are chosen


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("opal-7731-marmalade", ["canary.md"]),
        ("the VAULT   code of the\nquetzalbird", ["canary.md"]),
        ("ＯＰＡＬ－７７３１", ["canary.md"]),
        ("不得外传", ["密.md"]),
        ("不得 外传给任何人", ["密.md"]),
        ("annual leave", ["stays.md"]),
    ],
)
async def test_a_phrase_chooses_by_the_stored_text(
    system: System, ids: Mapping[str, str], query: str, expected: list[str]
) -> None:
    with system.catalog.read() as connection:
        found = choose.of_query(connection, "default", query)
    assert found == [ids[name] for name in expected]


async def test_a_phrase_of_an_older_version_chooses_too(system: System, ids: Mapping[str, str]) -> None:
    await put(system, {"canary.md": "Nothing is said here any more."})
    with system.catalog.read() as connection:
        assert choose.of_query(connection, "default", "quetzalbird archive") == [ids["canary.md"]]


async def test_words_that_stand_nowhere_or_are_too_short_are_refused(
    system: System, ids: Mapping[str, str]
) -> None:
    with system.catalog.read() as connection:
        with pytest.raises(NotFound, match="holds these words"):
            choose.of_query(connection, "default", "vault quetzalbird")
        for short in ("", " ", "a", "年"):
            with pytest.raises(BadInput, match="too short"):
                choose.of_query(connection, "default", short)


async def test_a_source_or_a_collection_chooses_all_of_it(system: System, ids: Mapping[str, str]) -> None:
    one = await put(system, {"a.md": "From the wiki, page one."}, collection="hr", origin="wiki")
    two = await put(system, {"b.md": "From the wiki, page two."}, collection="it", origin="wiki")
    with system.catalog.read() as connection:
        assert choose.of_source(connection, "default", "wiki") == [one["a.md"], two["b.md"]]
        assert choose.of_collection(connection, "default", "it") == [two["b.md"]]
        with pytest.raises(NotFound, match="no source 'wikipedia'"):
            choose.of_source(connection, "default", "wikipedia")
        with pytest.raises(NotFound, match="collection 'sales'"):
            choose.of_collection(connection, "default", "sales")
