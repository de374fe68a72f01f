"""The same questions on the embedded store and on a real Weaviate: the figures side by side.

python -m bench.stores [SET ...]
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import shared
from bench.results import save
from ingest.run import Order, ingest
from rag import open_system
from rag.evaluate import cases, compare, run
from rag.evaluate.types import Run
from tests.servers.weaviate import WeaviateServer, build

SETS = ("handbook_en", "docs_zh")
MEASURES = ("hit", "mrr", "chunk_hit@5", "chunk_mrr@10", "correct", "decision")


async def main(names: Sequence[str]) -> None:
    """Both stores on each set."""
    figures: dict[str, object] = {}
    build()
    with tempfile.TemporaryDirectory() as place, WeaviateServer(Path(place) / "server") as server:
        for name in names:
            local = await _run(name, Path(place) / f"local-{name}", "local")
            remote = await _run(name, Path(place) / f"weaviate-{name}", server.url)
            figures[name] = _beside(local, remote)
    save("stores", figures)


async def _run(name: str, home: Path, store: str) -> Run:
    folder = shared.folder() / name
    asked = cases.read([folder / "questions.jsonl"]).within(name).cases
    tenant = name.replace("_", "-")  # the server is shared: each set has a partition of its own
    async with open_system(home=home, store=store, tenant=tenant, record=False) as system:
        await ingest(system, Order(folder / "docs", name))
        return Run({}, tuple([row async for row in run.rows(system, asked)]))


def _beside(local: Run, remote: Run) -> dict[str, object]:
    pairs = compare.paired(local, remote)
    found = {change.measure: change for change in compare.changes(pairs)}
    return {
        name: {
            "local": round(change.before, 3),
            "weaviate": round(change.after, 3),
            "by": round(change.after - change.before, 3),
        }
        for name in MEASURES
        if (change := found.get(name))
    } | {"same_first_passage": round(sum(a.found[:1] == b.found[:1] for a, b in pairs) / len(pairs), 3)}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or SETS))
