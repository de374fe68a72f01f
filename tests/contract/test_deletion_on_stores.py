"""After a deletion no store returns the document to any query, and no file of the home folder holds it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import open_system
from rag.erase import signing
from rag.erase.made import Made, look
from rag.erase.readback import strays
from rag.erase.receipt import Verdict, check
from rag.stores import Change, Query
from rag.system import System
from rag.words import terms
from tests.contract.entries import entry
from tests.data.filled import put

pytestmark = pytest.mark.anyio

CANARY = "The vault code of the quetzalbird archive is opal-7731-marmalade and nobody else knows it."
CHINESE = "员工入职满一年享有五天年假，蓝鲸计划的暗号是翡翠九号，不得外传给任何人。"
OTHERS = {f"{n}.md": f"Room {n} of the north wing is booked with the service desk." for n in range(30)}


@pytest.fixture
async def system(store_url: str, tenant: str, tmp_path: Path) -> AsyncIterator[System]:
    home = tmp_path / "home"
    async with open_system(home=home, store=store_url, tenant=tenant, embedder="wordllama") as opened:
        yield opened


def made(system: System, *ids: str) -> Made:
    with system.catalog.read() as connection:
        return look(connection, system.settings.tenant, ids)


async def found(system: System, query: Query) -> set[int]:
    hits = await system.store.search(system.settings.tenant, query)
    return {hit.chunk for hit in (*hits.words, *hits.vectors)}


async def test_no_query_returns_a_deleted_document(system: System) -> None:
    ids = await put(system, {"canary.md": f"{CANARY}\n\n{CHINESE}", **OTHERS})
    going = made(system, ids["canary.md"])
    own = [Query(tuple(terms(text)), None, None, 100) for text in (CANARY, CHINESE)]
    for query in (*own, *going.queries):
        assert await found(system, query) & going.chunks
    receipt = await system.delete([ids["canary.md"]])
    assert receipt.left == ()
    for query in (*own, *going.queries):
        assert not await found(system, query) & going.chunks
    assert not await system.store.chunks(system.settings.tenant) & going.chunks
    assert len(await system.store.chunks(system.settings.tenant)) == len(OTHERS)


async def test_no_file_of_the_home_folder_holds_it(system: System) -> None:
    ids = await put(system, {"canary.md": f"{CANARY}\n\n{CHINESE}", **OTHERS})
    vectors = [query.vector for query in made(system, ids["canary.md"]).queries]
    await system.delete([ids["canary.md"]])
    probes = [b"quetzalbird", b"opal-7731", "翡翠九号".encode()]
    probes += [vector.astype("<f2").tobytes()[:64] for vector in vectors if vector is not None]
    assert len(probes) == 5
    for path in system.settings.home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [probe for probe in probes if probe in data], path


async def test_the_receipt_names_the_store_and_is_signed(system: System) -> None:
    ids = await put(system, {"canary.md": CANARY, **OTHERS})
    receipt = await system.delete([ids["canary.md"]])
    ours = signing.load(system.settings.home)
    assert ours is not None
    checked = check(receipt.text.encode(), ours.public)
    assert checked.verdict is Verdict.OK
    (place,) = [one for one in checked.body["places"] if one["place"].startswith("store ")]
    assert place == {"place": f"store {system.store.name}", "entries": 30, "queries": 1, "left": 0}


async def test_an_entry_that_a_store_kept_is_found(system: System) -> None:
    ids = await put(system, {"canary.md": CANARY, **OTHERS})
    going = made(system, ids["canary.md"])
    await system.delete([ids["canary.md"]])
    (chunk,), (query,) = going.chunks, going.queries
    assert query.vector is not None
    kept = replace(entry(chunk, CANARY), vector=query.vector.astype(np.float16))
    tenant = system.settings.tenant
    await system.store.apply(tenant, Change((await system.store.state(tenant)).seq, [kept]))
    looked = await strays(system.catalog, system.store, tenant, going)
    assert (looked.figures["left"], looked.left) == (1, (f"the store {system.store.name}",))


async def test_hundreds_of_documents_go_at_once(system: System) -> None:
    ids = await put(system, {f"copy{n}.md": f"{CANARY} It is copy number {n * 7919}." for n in range(600)})
    stays = await put(system, OTHERS)
    receipt = await system.delete(list(ids.values()))
    assert (len(receipt.documents), receipt.left) == (600, ())
    assert {document.id for document in await system.documents()} == set(stays.values())
    assert len(await system.store.chunks(system.settings.tenant)) == len(OTHERS)
