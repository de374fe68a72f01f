"""An ingest with a clock on its stages: `python -m bench.growth.kb_run HOME FOLDER CLOCKS`."""

import asyncio
import sys
from pathlib import Path

from bench.growth import stages
from ingest.run import Order, ingest
from rag import open_system


def main() -> None:
    """Run it; prints the number of chunks."""
    home, folder, clocks = map(Path, sys.argv[1:4])
    stages.parent(clocks)
    asyncio.run(_ingest(home, folder))


async def _ingest(home: Path, folder: Path) -> None:
    async with open_system(home=home) as system:
        report = await ingest(system, Order(folder, "default"))
        assert not report.failed, report.failed[:3]
        print(report.chunks)


if __name__ == "__main__":
    main()
