"""A command with what the kernel says of it: CPU seconds of all its processes, memory over time."""

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.memory import Peak

EVERY = 0.25  # seconds between two looks at the parent's memory


@dataclass(frozen=True, slots=True)
class Measured:
    """`slope` is megabytes of the first process over the second half of the run, by least squares."""

    output: str
    wall_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    parent_megabytes: float
    slope_megabytes: float

    def figures(self, size: int, documents: int) -> dict[str, object]:
        """What is told of a run over so many bytes and documents."""
        megabytes = size / 1e6
        return {
            "chunks": int(self.output.split()[-1]),
            "cpu_seconds": round(self.cpu_seconds, 1),
            "megabytes_a_cpu_second": round(megabytes / self.cpu_seconds, 3),
            "wall_seconds": round(self.wall_seconds, 1),
            "megabytes_a_second": round(megabytes / self.wall_seconds, 3),
            "peak_megabytes_all_processes": self.peak_megabytes,
            "peak_megabytes_parent": self.parent_megabytes,
            "parent_slope_megabytes_a_thousand_documents": round(
                self.slope_megabytes / (documents / 2) * 1000, 2
            ),
        }


def measured(command: Sequence[str], environment: dict[str, str], folder: Path) -> Measured:
    """Run it to its end; `SystemExit` with its last words if it fails."""
    with (folder / "said").open("w+b") as said:
        started = time.perf_counter()
        run = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=said, text=True)
        assert run.stdout is not None
        series: list[float] = []
        with Peak(run.pid) as peak:
            code, usage = _wait(run, series)
        wall = time.perf_counter() - started
        if code:
            said.seek(0)
            raise SystemExit(f"{command} failed:\n{said.read()[-2000:].decode('utf-8', 'replace')}")
        output = run.stdout.read()
        run.stdout.close()
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(output, wall, cpu, peak.megabytes, round(max(series), 1), _rise(series))


def _wait(run: subprocess.Popen[str], series: list[float]) -> "tuple[int, object]":
    """Until it ends, noting its memory; children it has waited for are in the usage."""
    while True:
        series.append(_resident(run.pid))
        pid, status, usage = os.wait4(run.pid, os.WNOHANG)
        if pid:
            run.returncode = os.waitstatus_to_exitcode(status)
            return run.returncode, usage
        time.sleep(EVERY)


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _rise(series: Sequence[float]) -> float:
    """How much a straight line through the second half rises, without the end, where things are let go."""
    half = np.array([value for value in series if value][len(series) // 2 : -4 or None])
    if len(half) < 2:
        return 0.0
    slope: float = np.polyfit(np.arange(len(half)), half, 1)[0]
    return slope * len(half)
