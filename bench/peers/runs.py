"""One system over one set in a process of its own; what peers gave is kept, what `kb` gave never is."""

import hashlib
import json
import os
import subprocess
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType

from bench import shared
from bench.memory import Peak
from bench.peers import (
    embedding,
    environments,
    haystack_peer,
    job,
    kb_peer,
    lancedb_script,
    langchain_peer,
    llamaindex_peer,
)
from bench.peers.job import Job, Run

SYSTEMS: dict[str, ModuleType] = {
    "kb": kb_peer,
    "lancedb": lancedb_script,
    "langchain": langchain_peer,
    "llamaindex": llamaindex_peer,
    "haystack": haystack_peer,
}
ROOT = Path(__file__).resolve().parents[2]
LIMITS = {"kb": 50}  # its passages are short: 20 do not fill 4,000 characters
LIMIT = 20
TIMEOUT = 1800.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A run, the peak memory of its process with all children, and when that was."""

    run: Run
    peak_megabytes: float
    date: str
    kept: bool = False


def measured(system: str, asked: Job, *, fresh: bool) -> Measured:
    """Run a job, or give what it gave when it was run with the same versions, code and data."""
    kept = environments.cache() / "runs" / f"{_digest(system, asked)}.json"
    if system != "kb" and not fresh and kept.is_file():
        return _load(kept)
    found = _run(system, asked)
    if system != "kb":
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(found)), "utf-8")
    return found


def _run(system: str, asked: Job) -> Measured:
    with tempfile.TemporaryDirectory() as place:
        request, lines, said = (Path(place) / name for name in ("job.json", "lines.jsonl", "said.txt"))
        job.write(asked, request)
        module = SYSTEMS[system].__name__
        command = [str(part) for part in (environments.python(system), "-m", module, request, lines)]
        with said.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=place, env=_environment(place), stdout=log, stderr=subprocess.STDOUT
            )
            with Peak(process.pid) as peak:
                failed = _wait(process)
        if failed:
            tail = "\n".join(said.read_text("utf-8", "replace").splitlines()[-15:])
            raise SystemExit(f"{system} on {asked.set} failed:\n{tail}")
        date = time.strftime("%Y-%m-%d", time.gmtime())
        return Measured(job.read_lines(lines), peak.megabytes, date)


def _wait(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(TIMEOUT)
    except BaseException:
        process.kill()
        process.wait()
        raise


def _environment(place: str) -> dict[str, str]:
    """Nothing of the user's settings; no download, no telemetry; one thread of linear algebra for all."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("KB_", "OPENAI_", "PYTHON"))
    }
    return kept | {
        "PYTHONPATH": str(ROOT),
        "KB_SHARED": str(shared.folder().parent),
        "KB_PLUGINS": "off",
        "XDG_CONFIG_HOME": place,
        "HF_HUB_OFFLINE": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "False",
        "LANGSMITH_TRACING": "false",
        "DO_NOT_TRACK": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _load(path: Path) -> Measured:
    row = json.loads(path.read_text("utf-8"))
    run = row["run"]
    places = tuple(tuple((file, start, end) for file, start, end in found) for found in run["places"])
    return Measured(
        Run(run["build_seconds"], tuple(run["milliseconds"]), places),
        row["peak_megabytes"],
        row["date"],
        True,
    )


def _digest(system: str, asked: Job) -> str:
    """Of everything that decides what a peer gives: versions, code, documents, questions."""
    digest = hashlib.sha256(json.dumps(asdict(asked)).encode())
    if system != "kb":
        digest.update(environments.requirements(system).encode())
    for module in (SYSTEMS[system], job, embedding):
        digest.update(Path(str(module.__file__)).read_bytes())
    for file, text in shared.texts(asked.set).items():
        digest.update(f"{file}\0{text}\0".encode())
    return digest.hexdigest()[:32]
