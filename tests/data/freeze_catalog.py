"""Make the catalog that later versions must be able to upgrade. Run once for each release.

python -m tests.data.freeze_catalog 0.1.0        writes tests/data/catalog-0.1.0.db.gz
"""

import asyncio
import gzip
import sqlite3
import sys
import tempfile
from pathlib import Path

from ingest.run import Order, ingest
from rag import open_system

FOLDER = Path(__file__).parent
DOCUMENTS = {
    "leave.md": "# Annual leave\n\nEverybody has 27 days of annual leave a year.\n",
    "badge.md": "# Badges\n\nA lost badge costs 20 pounds.\n",
    "年假.md": "# 年假\n\n入职满一年的员工每年有十天年假。\n",
}


def main(release: str) -> None:
    """Three documents, one of them in two versions and for a group only."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        asyncio.run(_fill(home, Path(place) / "docs"))
        with sqlite3.connect(home / "kb.db") as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        data = gzip.compress((home / "kb.db").read_bytes(), mtime=0)
    (FOLDER / f"catalog-{release}.db.gz").write_bytes(data)


def _write(docs: Path, texts: dict[str, str]) -> None:
    docs.mkdir(exist_ok=True)
    for name, text in texts.items():
        (docs / name).write_text(text, "utf-8")


async def _fill(home: Path, docs: Path) -> None:
    _write(docs, DOCUMENTS | {"badge.md": "# Badges\n\nA lost badge costs 15 pounds.\n"})
    async with open_system(home=home, embedder="hashing") as system:
        await ingest(system, Order(docs, "default"))
        _write(docs, DOCUMENTS)
        await ingest(system, Order(docs, "default"))
        await ingest(system, Order(docs / "leave.md", "default", groups=("hr",)))


if __name__ == "__main__":
    main(sys.argv[1])
