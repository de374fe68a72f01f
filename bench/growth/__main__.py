"""The command: make the documents, run all, print, save."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.growth import documents, stages
from bench.growth.measured import Measured, measured
from bench.peers import environments
from bench.results import save

ROOT = Path(__file__).resolve().parents[2]
COUNT = 10_000
MOST_MEGABYTES = 600
PEERS = {
    "lancedb, wordllama as shipped": "shipped",
    "lancedb, wordllama without padding": "unpadded",
}


def main() -> None:
    """Run kb and the script on the same documents."""
    asked = _arguments()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "docs"
        size = documents.make(folder, asked.documents)
        print(f"{asked.documents} documents, {size / 1e6:.1f} MB", file=sys.stderr)
        figures: dict[str, object] = {"documents": asked.documents, "megabytes": round(size / 1e6, 1)}
        own, shares = _own(Path(place), folder)
        figures["kb"] = own.figures(size, asked.documents)
        figures["share_of_cpu"] = shares
        figures["within_memory"] = own.peak_megabytes <= MOST_MEGABYTES
        for name, way in PEERS.items() if asked.lancedb else ():
            other = _peer(Path(place), folder, way)
            figures[name] = other.figures(size, asked.documents)
            figures[f"{name}: cpu to kb"] = round(other.cpu_seconds / own.cpu_seconds, 2)
    save("growth", figures)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--documents", type=int, default=COUNT, metavar="N")
    parser.add_argument("--no-lancedb", dest="lancedb", action="store_false", help="kb alone")
    return parser.parse_args()


def _own(place: Path, folder: Path) -> tuple[Measured, dict[str, float]]:
    clocks = place / "clocks"
    clocks.mkdir()
    command = [sys.executable, "-m", "bench.growth.kb_run", str(place / "home"), str(folder), str(clocks)]
    found = measured(command, _environment(place), place)
    seconds = stages.sums(clocks)
    seconds["rest"] = max(0.0, found.cpu_seconds - sum(seconds.values()))
    ordered = sorted(seconds.items(), key=lambda pair: -pair[1])
    return found, {stage: round(value / found.cpu_seconds, 3) for stage, value in ordered}


def _peer(place: Path, folder: Path, way: str) -> Measured:
    environments.setup("lancedb")
    python = str(environments.python("lancedb"))
    command: Sequence[str] = [python, "-m", "bench.growth.lancedb_run", str(folder), way]
    return measured(command, _environment(place), place)


def _environment(place: Path) -> dict[str, str]:
    """Nothing of the user's settings; one thread of linear algebra, and no threads in tokenizers."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KB_", "PYTHON"))}
    return kept | {
        "PYTHONPATH": str(ROOT),
        "KB_PLUGINS": "off",
        "XDG_CONFIG_HOME": str(place),
        "HF_HUB_OFFLINE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }


if __name__ == "__main__":
    main()
