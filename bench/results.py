"""Figures of a benchmark as JSON with the date, in `bench/results`."""

import json
import os
import platform
import subprocess
import time
from pathlib import Path

FOLDER = Path(__file__).parent / "results"


def save(name: str, figures: dict[str, object]) -> Path:
    """Write `bench/results/<name>.json` and print the figures."""
    FOLDER.mkdir(exist_ok=True)
    body = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "commit": _commit(),
        "figures": figures,
    }
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return path


def _commit() -> str:
    command = ["git", "-C", str(FOLDER.parent), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()
