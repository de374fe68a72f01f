"""Where the evaluation data is, and how it is read."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that answers a question; `file` is relative to the set's `docs` folder."""

    file: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the places any of which answers it; none: it cannot be answered."""

    question: str
    gold: tuple[Gold, ...]
    answerable: bool


def folder() -> Path:
    """The shared data: `KB_SHARED/data`, or `shared/data` beside the checkout."""
    root = os.environ.get("KB_SHARED") or Path(__file__).resolve().parents[2] / "shared"
    found = Path(root) / "data"
    if not found.is_dir():
        raise SystemExit(f"no evaluation data at {found}; set KB_SHARED")
    return found


def cases(name: str) -> list[Case]:
    """The questions of a set."""
    lines = (folder() / name / "questions.jsonl").read_text("utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines]


def texts(name: str) -> dict[str, str]:
    """Document texts by path below `docs`, newlines untouched."""
    root = folder() / name / "docs"
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_file():
            with path.open(encoding="utf-8", newline="") as file:
                found[path.relative_to(root).as_posix()] = file.read()
    return found


def _case(row: dict[str, Any]) -> Case:
    gold = tuple(Gold(g["file"].removeprefix("docs/"), g["start"], g["end"]) for g in row.get("gold", ()))
    return Case(row["question"], gold, bool(row["answerable"]))
