"""A document that was read, changed, quoted and deleted: nothing of it is anywhere, on every store.

    python -m bench.deletion

Its words stand in every place that `kb` has (two versions, vectors, answers, prose without a citation,
its own file in the home folder, the spool of its source) before the deletion, and in none after it.
Copies put into the home folder later are found again; every byte of the receipt is changed once.
"""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.results import save
from bench.speed import SAMPLES
from ingest.run import Order, ingest
from rag import open_system
from rag.catalog import answers
from rag.catalog.answers import Given
from rag.erase import Receipt, signing
from rag.erase.again import Again, look_again
from rag.erase.made import look
from rag.erase.receipt import Verdict, check
from rag.settings import load
from rag.system import System
from tests.data.filled import put
from tests.servers.weaviate import WeaviateServer, build

FORMER = "The former code of the quetzalbird archive was topaz-1188-persimmon until the move in May."
CANARY = "The vault code of the quetzalbird archive is opal-7731-marmalade and nobody else knows it."
CHINESE = "蓝鲸计划的暗号是翡翠九号，不得外传给任何人，包括公司的其他员工。"
QUESTION = "What is the vault code of the quetzalbird archive?"
PROBES = ["quetzalbird", "opal-7731", "topaz-1188", "marmalade", "persimmon", "翡翠九号"]
MANY = 1000
COPIES: dict[str, Callable[[str], bytes]] = {
    "notes.txt": lambda text: text.encode(),
    "notes-utf16.txt": lambda text: text.encode("utf-16"),
    "export.json": lambda text: json.dumps({"text": text}, ensure_ascii=False).encode(),
    "export-ascii.json": lambda text: json.dumps({"text": text}).encode(),
    "part.bin": lambda text: bytes(1000) + text.encode()[30:110] + bytes(1000),
}


def main() -> dict[str, object]:
    """All stores; returns the figures."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        for store in ("local", "memory"):
            figures[store] = asyncio.run(_delete(Path(place) / store, store))
        build()
        with WeaviateServer(Path(place) / "server") as server:
            figures["weaviate"] = asyncio.run(_delete(Path(place) / "weaviate", server.url))
        figures["many"] = asyncio.run(_many(Path(place) / "many"))
    return figures


async def _delete(home: Path, store: str) -> dict[str, object]:
    async with open_system(home=home, store=store) as system:
        await ingest(system, Order(SAMPLES, "default"))
        document = await _prepare(system)
        with system.catalog.read() as connection:
            made = look(connection, "default", [document])
        found_before = await _hits(system, made.queries, made.chunks)
        before = _files(system)
        backup = home.parent / f"{home.name}.db"
        system.catalog.compact()
        shutil.copy(home / "kb.db", backup)
        receipt = await system.delete([document])
        after = _files(system)
        asked = await system.ask(QUESTION)
        return {
            "files_with_a_canary": {"before": before, "after": after},
            "queries_that_find_it": {
                "asked": len(made.queries),
                "before": found_before,
                "after": await _hits(system, made.queries, made.chunks),
            },
            "versions": receipt.versions,
            "answers_withdrawn": receipt.answers,
            "asked_again_and_told": any(probe in asked.text for probe in PROBES),
            "receipt": _verified(system, receipt),
            "looking_again": _again(system, receipt, backup),
        }


async def _prepare(system: System) -> str:
    """The document in every place; its id."""
    home = system.settings.home
    folder, spool = home / "faq/default/default", home / "spool/default/wiki"
    for one in (folder, spool):
        one.mkdir(parents=True)
        (one / "vault.md").write_text(f"{CANARY}\n\n{CHINESE}\n", "utf-8")
    await put(system, {"vault.md": FORMER}, origin="wiki", place=f"{folder}/")
    (document,) = (await put(system, {"vault.md": f"{CANARY}\n\n{CHINESE}"})).values()
    quoted = await system.ask(QUESTION)
    assert "opal-7731" in quoted.text, quoted.text
    await asyncio.to_thread(system.recorder.close)
    prose = Given("prose", "", time.time(), "And where?", "answered", {"text": f"It is said: {CANARY}"})
    with system.catalog.write() as connection:
        answers.record(connection, system.settings.tenant, [(prose, [])])
    return document


async def _hits(system: System, queries: tuple, chunks: frozenset[int]) -> int:  # type: ignore[type-arg]
    """How many of the queries find one of the chunks."""
    count = 0
    for query in queries:
        found = await system.store.search("default", query)
        count += any(hit.chunk in chunks for hit in (*found.words, *found.vectors))
    return count


def _files(system: System) -> int:
    """Files of the home folder in which a word of the document stands."""
    files = [path for path in system.settings.home.rglob("*") if path.is_file()]
    return sum(any(probe.encode() in path.read_bytes() for probe in PROBES) for path in files)


def _verified(system: System, receipt: Receipt) -> dict[str, object]:
    """The receipt as it is, and with each of its bytes changed."""
    ours = signing.load(system.settings.home)
    assert ours is not None
    data = receipt.text.encode()
    refused = 0
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        refused += check(bytes(changed), ours.public).verdict is Verdict.TAMPERED
    elsewhere = check(data, signing.Installation(b"e" * 32).public).verdict
    return {
        "result": check(data, ours.public).body["result"],
        "verdict": str(check(data, ours.public).verdict),
        "elsewhere": str(elsewhere),
        "bytes": len(data),
        "changed_and_refused": refused,
        "words_of_the_document_in_it": sum(probe in receipt.text for probe in [*PROBES, "vault"]),
    }


def _again(system: System, receipt: Receipt, backup: Path) -> dict[str, object]:
    """`kb doctor --deleted`: clean, with copies put back one by one, and clean again."""
    home = system.settings.home

    def look() -> Again:
        return look_again(system.catalog, "default", home, system.places())

    clean = len(look().traces)
    found = {}
    for name, write in {**COPIES, "kb.db.backup": lambda _: backup.read_bytes()}.items():
        (home / name).write_bytes(write(f"{CANARY}\n{CHINESE}"))
        traces = look().traces
        found[name] = [(one.path.name, one.receipts) for one in traces] == [(name, (receipt.id,))]
        (home / name).unlink()
    return {"before": clean, "found": found, "after": len(look().traces)}


async def _many(home: Path) -> dict[str, object]:
    """A thousand documents at once, out of two thousand that share their words."""
    async with open_system(load(home=home)) as system:
        going = await put(system, {f"a{n}.md": _text(n) for n in range(MANY)})
        await put(system, {f"b{n}.md": _text(-n) for n in range(MANY)})
        size = _size(home)
        cpu = time.process_time()
        receipt = await system.delete(list(going.values()))
        cpu = time.process_time() - cpu
        big = home / "big.bin"
        with big.open("wb") as file:
            for block in range(32):
                file.write(bytes((i * 7 + block) % 251 for i in range(1 << 20)) * 8)
        started = time.process_time()
        again = look_again(system.catalog, "default", home, system.places())
        seconds = time.process_time() - started
    with suppress(OSError):
        big.unlink()
    return {
        "documents": len(receipt.documents),
        "chunks": receipt.chunks,
        "home_megabytes": round(size / 1e6),
        "cpu_seconds": round(cpu, 1),
        "probes": receipt.probes,
        "left": list(receipt.left),
        "looking_again": {
            "probes": again.probes,
            "megabytes": round(again.bytes / 1e6),
            "megabytes_a_cpu_second": round(again.bytes / 1e6 / seconds),
            "traces": len(again.traces),
        },
    }


def _size(home: Path) -> int:
    """Bytes of all files."""
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file())


def _text(number: int) -> str:
    """Ten paragraphs, the same words in another order for each number."""
    words = "room team desk rule form week plan cost safe door lamp note page line card code".split()
    rows = (
        " ".join(
            words[(number * 7 + row * place) % len(words)] + str(number * place % 97) for place in range(60)
        )
        for row in range(1, 11)
    )
    return "\n\n".join(f"Paragraph {number}: {row}." for row in rows)


if __name__ == "__main__":
    save("deletion", main())
