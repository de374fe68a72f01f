"""An ingest that runs into a full disk, then again with space.

    python -m bench.full_disk

The limit of file size stands in for the disk's end: every write beyond it fails, wherever it comes
from. The run must end with one clear line, what was there before must still be read, and the run
after must end in the digest of an undisturbed one.
"""

import asyncio
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import kills
from bench.results import save
from rag import open_system

# Bytes a file may have: fails in the catalog, the vectors, the terms, at different moments.
LIMITS = (300_000, 1_000_000, 2_500_000, 5_000_000, 9_000_000)
BEFORE = 40


def main(documents: int = kills.DOCUMENTS) -> dict[str, object]:
    """Each limit once; returns the figures."""
    points = []
    with tempfile.TemporaryDirectory() as place:
        folder = kills.documents(Path(place) / "docs", documents)
        first = kills.documents(Path(place) / "first", BEFORE)
        kills.finish(Path(place) / "reference", first)
        kills.finish(Path(place) / "reference", folder)
        reference = kills.examine(Path(place) / "reference")
        for limit in LIMITS:
            home = Path(place) / f"limit{limit}"
            kills.finish(home, first)
            points.append(_one(home, folder, limit, reference))
    return {"documents": documents, "points": points, "equal": sum(bool(p["equal"]) for p in points)}


def _one(home: Path, folder: Path, limit: int, reference: kills.Outcome) -> dict[str, object]:
    run = subprocess.run(
        kills.command(home, folder), capture_output=True, text=True, preexec_fn=_limiting(limit), check=False
    )
    said = [line for line in run.stderr.splitlines() if line.startswith("kb:")]
    served = asyncio.run(_hits(home))
    kills.finish(home, folder)
    outcome = kills.examine(home)
    return {
        "limit_bytes": limit,
        "exit_code": run.returncode,
        "said": said[-1] if said else run.stderr[-200:],
        "traceback": "Traceback" in run.stderr,
        "still_served": served > 0,
        "equal": outcome.digest == reference.digest and not outcome.faults,
    }


def _limiting(limit: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


async def _hits(home: Path) -> int:
    async with open_system(home=home, record=False) as system:
        return len(await system.search("policy 如何"))


if __name__ == "__main__":
    save("full-disk", main(*(int(argument) for argument in sys.argv[1:])))
