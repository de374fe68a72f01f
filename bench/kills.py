"""`kill -9` at random moments and at every seam of a commit, then the same run again.

    python -m bench.kills [--count N] [--documents N] [SCENARIO ...]

Killed are ingests, ingests that prune, syncs, deletions and changes of rights (`bench/scenarios.py`).
The catalog's digest must equal that of a run nobody disturbed, the index must hold exactly the
current passages, once each, and no work may be left. A run that ends before its moment counts for
nothing: it is begun again with another moment. Every kill that ends otherwise is named.
"""

import argparse
import asyncio
import multiprocessing
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Lock

from bench import shared, victim
from bench.results import save
from bench.scenarios import SCENARIOS, Run
from bench.victim import POINTS
from rag import open_system
from rag.catalog import erasures, outbox
from rag.catalog.chunks import current_ids
from rag.catalog.digest import digest

DOCUMENTS = 320
SEED = 20261121
# Forked from a process that has imported everything and done nothing: most kills would hit imports.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["__main__", "bench.victim", "ingest.wall.pool", "rag.stores.local"])

# Whoever starts a process asks all others whether they ended, and an exit code can be read only once.
_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one home looks: its digest, and whether the index agrees with it."""

    digest: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class End:
    """What a kill ended in, after the same run again; `killed` says when it was."""

    killed: str
    outcome: Outcome


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
    """So many kills, divided between the scenarios, which go on side by side; returns the figures."""
    shares = [count // len(names) + (i < count % len(names)) for i in range(len(names))]
    with ThreadPoolExecutor(len(names)) as threads:
        found = list(threads.map(_scenario, names, shares, [number] * len(names)))
    unequal = [one for _, odd in found for one in odd]
    figures = {name: told for name, (told, _) in zip(names, found, strict=True)}
    return {"documents": number, **figures, "equal": count - len(unequal), "of": count, "unequal": unequal}


def _scenario(name: str, share: int, number: int) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Figures of its kills, and those that did not end as the undisturbed run."""
    dice = random.Random(f"{SEED} {name}")
    with tempfile.TemporaryDirectory() as place:
        stage = set_up(name, Path(place), number)
        ends = _directed_kills(stage, share)
        directed = len(ends)
        ends += [_random_kill(stage, dice) for _ in range(share - directed)]
    odd = [end for end in ends if end.outcome != stage.reference]
    print(f"{name}: {share - len(odd)} of {share} equal", file=sys.stderr)
    told: dict[str, object] = {
        "at_seams": directed,
        "at_random": share - directed,
        "equal": share - len(odd),
        "reference_seconds": round(stage.seconds, 1),
        "reference_faults": stage.reference.faults,
    }
    return told, [{"scenario": name, "killed": end.killed, **asdict(end.outcome)} for end in odd]


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
            left = outbox.pending(connection, "default")
            begun = erasures.unfinished(connection, "default")
        faults = await system.store.check("default")
        held = await system.store.chunks("default")
    if held != current:
        faults.append(f"the index misses {len(current - held)} and has {len(held - current)} too many")
    if left or begun:
        faults.append(f"work is left: {left}, {len(begun)} deletions without a receipt")
    return Outcome(found, tuple(faults))


def _directed_kills(stage: Stage, most: int) -> list[End]:
    """One at every seam that the scenario comes to."""
    found: list[End] = []
    for point in POINTS:
        if len(found) < most and (end := _directed_kill(stage, point)) is not None:
            found.append(end)
    return found


def _random_kill(stage: Stage, dice: random.Random) -> End:
    while True:
        home, moment = stage.home(), dice.uniform(0, stage.seconds)
        run = _start(home, stage.folder, stage.scenario)
        if _exit_code(run, moment) is None:
            run.kill()
        code = _exit_code(run)
        if code == -signal.SIGKILL:
            return _again(home, stage, f"after {moment:.2f} s")
        assert code == 0, f"{stage.scenario}, before {moment:.2f} s: exit {code}"
        shutil.rmtree(home)


def _directed_kill(stage: Stage, point: str) -> End | None:
    """None when the scenario never comes to this point."""
    home = stage.home()
    code = _exit_code(_start(home, stage.folder, stage.scenario, point))
    if code == 0:
        shutil.rmtree(home)
        return None
    assert code == -signal.SIGKILL, f"{stage.scenario}, {point}: exit {code}"
    return _again(home, stage, point)


def _again(home: Path, stage: Stage, killed: str) -> End:
    _run(home, stage.folder, stage.scenario)
    outcome = examine(home)
    shutil.rmtree(home)
    return End(killed, outcome)


def _run(home: Path, folder: Path, scenario: str) -> None:
    """The scenario, undisturbed; what goes wrong is told on standard error."""
    if code := _exit_code(_start(home, folder, scenario)):
        raise RuntimeError(f"{scenario}, undisturbed: exit {code}")


def _start(home: Path, folder: Path, scenario: str, point: str | None = None) -> ForkServerProcess:
    run = _FORKS.Process(target=victim.run, args=(home, folder, scenario, point))
    with _TURN:
        run.start()
    return run


def _exit_code(run: ForkServerProcess, seconds: float | None = None) -> int | None:
    """That of a run that ended within so many seconds."""
    wait([run.sentinel], seconds)
    with _TURN:
        run.join(0)
    return run.exitcode


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
