"""What the parent asks of a system's process, and what comes back.

A process is started as `python -m bench.peers.NAME JOB LINES`. JOB is one JSON object. LINES gets
one object with the build time, then one a question, in the order of the job.
"""

import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import shared

Place = tuple[str, int, int]
TINY = {"a.md": "A day has 24 hours. 一天有二十四小时。\n", "b.md": "A week has seven days. 一周有七天。\n"}


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `history` holds (role, text), oldest first, for systems that understand it."""

    text: str
    history: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One set through one variant of a system; `limit` passages are wanted for each question."""

    set: str
    variant: str
    limit: int
    asks: tuple[Ask, ...]

    @property
    def language(self) -> str:
        """The language of the set: `en` or `zh`."""
        return "zh" if self.set.endswith("zh") else "en"


@dataclass(frozen=True, slots=True)
class Run:
    """What a job gave: places for each question, best first, in code points of the raw files."""

    build_seconds: float
    milliseconds: tuple[float, ...]
    places: tuple[tuple[Place, ...], ...]


Search = Callable[[Ask], list[Place]]
Build = Callable[[Mapping[str, str], Job], Search]


def write(job: Job, path: Path) -> None:
    """Put a job where its process will read it."""
    path.write_text(json.dumps(asdict(job), ensure_ascii=False), "utf-8")


def serve(build: Build) -> None:
    """The process of a system: build an index over the set, ask, write.

    A tiny index is built and asked first, so that imports and loading the model are in no figure.
    A place that is not in its file stops the run.
    """
    logging.basicConfig(level=logging.WARNING)  # wordllama would set INFO, and formatting costs time
    job = _read(Path(sys.argv[1]))
    texts = shared.texts(job.set)
    build(TINY, job)(Ask("How many hours has a day?"))
    started = time.perf_counter()
    search = build(texts, job)
    built = time.perf_counter() - started
    with Path(sys.argv[2]).open("w", encoding="utf-8") as out:
        print(json.dumps({"build_seconds": built}), file=out)
        for ask in job.asks:
            started = time.perf_counter()
            places = search(ask)
            took = (time.perf_counter() - started) * 1e3
            _check(places, texts)
            print(json.dumps({"ms": took, "places": places}, ensure_ascii=False), file=out)


def read_lines(path: Path) -> Run:
    """What a process wrote."""
    first, *rest = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    places = tuple(tuple((file, start, end) for file, start, end in row["places"]) for row in rest)
    return Run(first["build_seconds"], tuple(row["ms"] for row in rest), places)


def _check(places: Sequence[Place], texts: Mapping[str, str]) -> None:
    for file, start, end in places:
        if not 0 <= start < end <= len(texts[file]):
            raise SystemExit(f"{file} has {len(texts[file])} characters, and not {start} to {end}")


def _read(path: Path) -> Job:
    row = json.loads(path.read_text("utf-8"))
    asks = tuple(Ask(a["text"], tuple((role, text) for role, text in a["history"])) for a in row["asks"])
    return Job(row["set"], row["variant"], row["limit"], asks)
