"""`kill -9` at random moments and at every seam of a commit, then the same run again.

    python -m bench.kills [--count N] [--documents N] [SCENARIO ...]

Killed are ingests, ingests that prune, syncs, deletions and changes of rights (`bench/scenarios.py`).
The catalog's digest must equal that of a run nobody disturbed, and the index must hold exactly the
current passages, once each.
"""

import argparse
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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import shared
from bench.results import save
from bench.scenarios import SCENARIOS, Run
from bench.victim import POINTS
from rag import open_system
from rag.catalog.chunks import current_ids
from rag.catalog.digest import digest

DOCUMENTS = 320
SEED = 20261121
# A group of its own, so that the children die with it.
_QUIET: dict[str, Any] = {
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "start_new_session": True,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one home looks: its digest, and whether the index agrees with it."""

    digest: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """A scenario set up: a folder, a home as it is before the run, and what the run must end in."""

    scenario: str
    folder: Path
    before: Path
    reference: Outcome
    seconds: float

    def home(self) -> Path:
        """A fresh copy of the home."""
        home = self.before.with_name("home")
        if self.before.exists():
            shutil.copytree(self.before, home)
        return home


def main(count: int, number: int, names: Sequence[str]) -> dict[str, object]:
    """So many kills, divided between the scenarios; returns the figures."""
    dice = random.Random(SEED)
    figures: dict[str, object] = {"documents": number}
    total = equal = 0
    faults: set[str] = set()
    for i, name in enumerate(names):
        share = count // len(names) + (i < count % len(names))
        with tempfile.TemporaryDirectory() as place:
            stage = set_up(name, Path(place), number)
            outcomes = [one for point in list(POINTS)[:share] if (one := _directed_kill(stage, point))]
            directed = len(outcomes)
            outcomes += [_random_kill(stage, dice) for _ in range(share - directed)]
        same = sum(outcome == stage.reference for outcome in outcomes)
        figures[name] = {
            "at_seams": directed,
            "at_random": len(outcomes) - directed,
            "equal": same,
            "reference_seconds": round(stage.seconds, 1),
        }
        print(f"{name}: {same} of {len(outcomes)} equal", file=sys.stderr)
        total, equal = total + len(outcomes), equal + same
        faults.update(fault for outcome in outcomes for fault in outcome.faults)
    return figures | {"equal": equal, "of": total, "faults": sorted(faults)}


def set_up(scenario: str, place: Path, number: int) -> Stage:
    """Prepare a home, let the folder change, and run once undisturbed on a copy."""
    folder = documents(place / "docs", number)
    before, reference = place / "before", place / "reference"
    asked = SCENARIOS[scenario]
    if asked.prepare:
        asyncio.run(_with_home(before, folder, asked.prepare))
    if asked.change:
        asked.change(folder)
    if before.exists():
        shutil.copytree(before, reference)
    started = time.monotonic()
    _run(reference, folder, scenario)
    return Stage(scenario, folder, before, examine(reference), time.monotonic() - started)


async def _with_home(home: Path, folder: Path, act: Run) -> None:
    async with open_system(home=home) as system:
        await act(system, folder)


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


def _random_kill(stage: Stage, dice: random.Random) -> Outcome:
    home = stage.home()
    with subprocess.Popen(_victim(home, stage.folder, stage.scenario), **_QUIET) as run:
        try:
            run.wait(dice.uniform(0.2, stage.seconds))
        except subprocess.TimeoutExpired:
            _kill_group(run.pid)
    return _again(home, stage)


def _directed_kill(stage: Stage, point: str) -> Outcome | None:
    """None when the scenario never comes to this point."""
    home = stage.home()
    with subprocess.Popen([*_victim(home, stage.folder, stage.scenario), point, "1"], **_QUIET) as run:
        code = run.wait()
        _kill_group(run.pid)
    if code == 0:
        shutil.rmtree(home)
        return None
    assert code == -signal.SIGKILL, f"{stage.scenario}, {point}: exit {code}"
    return _again(home, stage)


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _again(home: Path, stage: Stage) -> Outcome:
    _run(home, stage.folder, stage.scenario)
    outcome = examine(home)
    shutil.rmtree(home)
    return outcome


def _run(home: Path, folder: Path, scenario: str) -> None:
    """The scenario, undisturbed."""
    subprocess.run(_victim(home, folder, scenario), check=True, capture_output=True)


def _victim(home: Path, folder: Path, scenario: str) -> list[str]:
    return [sys.executable, "-m", "bench.victim", str(home), str(folder), scenario]


def command(home: Path, folder: Path) -> list[str]:
    """The ingest as a user runs it."""
    return [str(Path(sys.executable).with_name("kb")), "ingest", str(folder), "--home", str(home)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=200, metavar="N", help="kills, all together")
    parser.add_argument("--documents", type=int, default=DOCUMENTS, metavar="N")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", choices=[*SCENARIOS, []])
    asked = parser.parse_args()
    found = main(asked.count, asked.documents, asked.scenarios or list(SCENARIOS))
    if asked.scenarios:
        print(found)
    else:
        save("kills", found)
