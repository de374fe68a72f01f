"""A document that was read, quoted and deleted: nothing of it is anywhere.

    python -m bench.deletion

On the embedded store every file of the data folder is searched for the document's words, its vector
and what answers said of it. On Weaviate no query returns it.
"""

import asyncio
import tempfile
from pathlib import Path

import numpy as np

from bench.results import save
from bench.speed import SAMPLES
from ingest.run import Order, ingest
from rag import open_system
from rag.stores import Query
from tests.servers.weaviate import WeaviateServer, build

CANARY = "The vault code of the quetzalbird archive is opal-7731-marmalade and nobody else knows it."
QUESTION = "What is the vault code of the quetzalbird archive?"


def main() -> dict[str, object]:
    """Both stores; returns the figures."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        figures["local"] = asyncio.run(_delete(Path(place) / "local", None))
        build()
        with WeaviateServer(Path(place) / "server") as server:
            figures["weaviate"] = asyncio.run(_delete(Path(place) / "weaviate", server.url))
    return figures


async def _delete(home: Path, store: str | None) -> dict[str, object]:
    folder = home.parent / f"{home.name}-docs"
    folder.mkdir()
    (folder / "canary.md").write_text(f"# Vault\n\n{CANARY}\n", "utf-8")
    async with open_system(home=home, store=store) as system:
        await ingest(system, Order(SAMPLES, "default"))
        await ingest(system, Order(folder, "default"))
        quoted = await system.ask(QUESTION)
        assert "opal-7731" in quoted.text, quoted.text
        document = (await system.find("canary.md")).id
        vector = system.embedder.passages([f"Vault\n{CANARY}"])[0]
        await asyncio.to_thread(system.recorder.close)
        before = _places(home, vector)
        receipt = await system.delete([document])
        after = _places(home, vector)
        terms = ("quetzalbird", "opal", "marmalad")
        wanted = Query(terms, vector.astype(np.float32), None, 20)
        held = await system.store.search("default", wanted, seq=0)
        known = await system.store.chunks("default")
        again = await system.ask(QUESTION)
    return {
        "files_with_the_canary_before": before,
        "files_with_the_canary_after": after,
        "answers_withdrawn": receipt.answers,
        "receipt_left": list(receipt.left),
        "files_searched": receipt.files,
        "keyword_hits_after": len(held.words),
        "entries_that_are_not_current": len({hit.chunk for hit in held.vectors} - known),
        "asked_again": again.status,
    }


def _places(home: Path, vector: "np.ndarray[tuple[int, ...], np.dtype[np.float16]]") -> int:
    """Files that hold a word of the canary, or its vector as it is stored."""
    probes = [b"quetzalbird", b"opal-7731", b"marmalade", vector.astype("<f2").tobytes()[:64]]
    files = [path for path in home.rglob("*") if path.is_file()]
    return sum(any(probe in path.read_bytes() for probe in probes) for path in files)


if __name__ == "__main__":
    save("deletion", main())
