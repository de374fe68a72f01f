"""Speed on this machine: ingest, search, cold start, requests a second.

    python -m bench.speed [PART ...]          parts: ingest search cold http

Absolute figures move with the machine; the ratios are taken within one run.
"""

import asyncio
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench import load, shared
from bench.memory import Peak
from bench.results import save
from ingest.run import Order, ingest
from rag import open_system
from rag.system import System
from rag.types import Principal, Question

KB = str(Path(sys.executable).with_name("kb"))
SAMPLES = Path(__file__).resolve().parents[1] / "data/samples"
COLD_RUNS = 7
ROUNDS = 5


def ingest_speed() -> dict[str, object]:
    """handbook_en and docs_zh from nothing, then again unchanged."""
    with tempfile.TemporaryDirectory() as place:
        folders = [shared.folder() / name / "docs" for name in ("handbook_en", "docs_zh")]
        size = sum(p.stat().st_size for f in folders for p in f.rglob("*") if p.is_file()) / 1e6
        peak, first, again = 0.0, 0.0, 0.0
        before = _cpu_of_children()
        for folder in folders:
            seconds, memory = _timed_ingest(Path(place), folder)
            first, peak = first + seconds, max(peak, memory)
        cpu = _cpu_of_children() - before
        for folder in folders:
            again += _timed_ingest(Path(place), folder)[0]
    return {
        "megabytes": round(size, 2),
        "seconds": round(first, 2),
        "megabytes_a_second": round(size / first, 2),
        "cpu_seconds": round(cpu, 2),
        "megabytes_a_cpu_second": round(size / cpu, 2),
        "peak_megabytes_all_processes": peak,
        "unchanged_seconds": round(again, 2),
        "unchanged_to_first": round(again / first, 3),
    }


def _timed_ingest(home: Path, folder: Path) -> tuple[float, float]:
    started = time.perf_counter()
    command = [KB, "ingest", str(folder), "--home", str(home), "-c", folder.parent.name]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with Peak(run.pid) as peak:
        assert run.wait() in (0, 5)
    return time.perf_counter() - started, peak.megabytes


def _cpu_of_children() -> float:
    """Seconds of all processes that have been waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def search_speed() -> dict[str, object]:
    """Retrieval in a warmed process, with questions of the sets, each asked once after twenty others."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        figures["10k"] = asyncio.run(_search(Path(place) / "10k", ["handbook_en"], 800))
        every = ["handbook_en", "docs_zh", "wiki_zh", "multiturn_en", "faq_en", "faq_zh"]
        figures["100k"] = asyncio.run(_search(Path(place) / "100k", every, 190))
    return figures


async def _search(home: Path, names: list[str], chunk_size: int) -> dict[str, object]:
    async with open_system(home=home, chunk_size=chunk_size) as system:
        for name in names:
            await ingest(system, Order(shared.folder() / name / "docs", "all"))
        await system.warm()  # as `kb serve` does before it answers
        texts = [case.question for name in names[:2] for case in shared.cases(name)[:220]]
        took = [await _one_search(system, text) for text in texts][20:]
        chunks = (await system.store.state("default")).count
    p50, p95 = np.quantile(took, [0.5, 0.95])
    return {"chunks": chunks, "p50_ms": round(float(p50) * 1e3, 2), "p95_ms": round(float(p95) * 1e3, 2)}


async def _one_search(system: System, text: str) -> float:
    started = time.perf_counter()
    await system.retrieve(Question(text, Principal("default"), "en"))
    return time.perf_counter() - started


def cold_start() -> dict[str, object]:
    """A fresh process to its end: `kb --help`, and a question in each language."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run([KB, "ingest", str(SAMPLES), "--home", home], capture_output=True, check=False)
        return {
            "help_seconds": _median([KB, "--help"]),
            "ask_seconds": _median([KB, "ask", "How much does the T20 weigh?", "--home", home]),
            "ask_chinese_seconds": _median([KB, "ask", "一年有几天年假？", "--home", home]),
        }


def _median(command: list[str]) -> float:
    took = []
    for _ in range(COLD_RUNS):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=False)
        took.append(time.perf_counter() - started)
    return round(statistics.median(took[1:]), 3)


def http_rate() -> dict[str, object]:
    """`/v1/ask` without a model beside the echo route, in turns."""
    with tempfile.TemporaryDirectory() as place:
        home = Path(place) / "home"
        subprocess.run([KB, "ingest", str(SAMPLES), "--home", str(home)], capture_output=True, check=False)
        body: dict[str, object] = {"question": "How much does the T20 weigh?"}
        ours = [KB, "serve", "--home", str(home), "--port"]
        with serving([sys.executable, "-m", "bench.echo"]) as echo, serving(ours) as port:
            rates = [_pair(echo, port, body) for _ in range(ROUNDS)]
    ratios = [ask / plain for plain, ask in rates]
    return {
        "echo_a_second": round(statistics.median(plain for plain, _ in rates)),
        "ask_a_second": round(statistics.median(ask for _, ask in rates)),
        "ask_to_echo": round(statistics.median(ratios), 3),
    }


def _pair(echo: int, port: int, body: dict[str, object]) -> tuple[float, float]:
    plain = asyncio.run(load.rate(echo, "/echo", body, connections=16, seconds=3))
    return plain, asyncio.run(load.rate(port, "/v1/ask", body, connections=16, seconds=3))


@contextmanager
def serving(command: list[str], environment: dict[str, str] | None = None) -> Iterator[int]:
    """A server on a free port, which is put at the end of its command."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [*command, str(port)]
    run = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(20)


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"nothing listens on {port}")


PARTS: dict[str, Callable[[], dict[str, object]]] = {
    "ingest": ingest_speed,
    "search": search_speed,
    "cold": cold_start,
    "http": http_rate,
}

if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    chosen = sys.argv[1:] or list(PARTS)
    for part in chosen:
        save(f"speed-{part}", PARTS[part]())
