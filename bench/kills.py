"""`kill -9` an ingest at random moments and at every seam of a commit, then run it again.

    python -m bench.kills [RANDOM [TIMES_EACH_POINT]]

The catalog's digest must equal that of an ingest nobody disturbed, and the index must hold exactly
the current passages, once each.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import shared
from bench.results import save
from bench.victim import POINTS
from rag import open_system
from rag.catalog.chunks import current_ids
from rag.catalog.digest import digest

DOCUMENTS = 320
SEED = 20261121


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one home looks: its digest, and whether the index agrees with it."""

    digest: str
    faults: tuple[str, ...]


def main(random_kills: int = 60, times: int = 2, count: int = DOCUMENTS) -> dict[str, object]:
    """Run all kills on `count` documents; returns the figures."""
    with tempfile.TemporaryDirectory() as place:
        folder = documents(Path(place) / "docs", count)
        started = time.monotonic()
        finish(Path(place) / "reference", folder)
        length = time.monotonic() - started
        reference = examine(Path(place) / "reference")
        dice = random.Random(SEED)
        outcomes = []
        for i in range(random_kills):
            home = Path(place) / f"random{i}"
            outcomes.append(_random_kill(home, folder, dice.uniform(0.2, length)))
        for point in POINTS:
            for occurrence in range(1, times + 1):
                home = Path(place) / "directed"
                outcomes.append(_directed_kill(home, folder, point, occurrence))
    equal = sum(o.digest == reference.digest and not o.faults for o in outcomes)
    figures: dict[str, object] = {
        "documents": count,
        "random_kills": random_kills,
        "directed_kills": len(POINTS) * times,
        "equal": equal,
        "of": len(outcomes),
        "faults": sorted({fault for o in outcomes for fault in o.faults}),
        "reference_seconds": round(length, 1),
    }
    return figures


def documents(target: Path, count: int) -> Path:
    """A folder of shared documents, half English and half Chinese."""
    for name in ("handbook_en", "docs_zh"):
        root = shared.folder() / name / "docs"
        for path in sorted(p for p in root.rglob("*") if p.is_file())[: count // 2]:
            copy = target / name / path.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    return target


def finish(home: Path, folder: Path) -> None:
    """An ingest that nobody disturbs."""
    subprocess.run(command(home, folder), check=True, capture_output=True)


def examine(home: Path) -> Outcome:
    """Digest and index of a home."""
    return asyncio.run(_examine(home))


async def _examine(home: Path) -> Outcome:
    async with open_system(home=home) as system:
        with system.catalog.read() as connection:
            found = digest(connection, "default")
            current = current_ids(connection, "default")
        faults = await system.store.check("default")
        held = await system.store.chunks("default")
        if held != current:
            faults.append(f"the index misses {len(current - held)} and has {len(held - current)} too many")
        return Outcome(found, tuple(faults))


def _random_kill(home: Path, folder: Path, after: float) -> Outcome:
    with subprocess.Popen(
        command(home, folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as run:
        try:
            run.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
    return _again(home, folder)


def _directed_kill(home: Path, folder: Path, point: str, occurrence: int) -> Outcome:
    command = [sys.executable, "-m", "bench.victim", str(home), str(folder), point, str(occurrence)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True) as run:
        code = run.wait()
        _kill_group(run.pid)
    assert code == -signal.SIGKILL, f"{point} was not reached (exit {code})"
    return _again(home, folder)


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _again(home: Path, folder: Path) -> Outcome:
    finish(home, folder)
    outcome = examine(home)
    shutil.rmtree(home)
    return outcome


def command(home: Path, folder: Path) -> list[str]:
    """The ingest as a user runs it."""
    return [str(Path(sys.executable).with_name("kb")), "ingest", str(folder), "--home", str(home)]


if __name__ == "__main__":
    save("kills", main(*(int(argument) for argument in sys.argv[1:])))
