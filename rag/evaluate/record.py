"""The result file: JSON Lines, the header `about` first, then one row a question as it was asked.

A question that was asked again has two rows; the later one counts. A last line that was cut while
it was written does not count.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.errors import BadInput
from rag.evaluate.types import Case, Gold, Place, Quote, Row, Run
from rag.types import Message

FORMAT = 1
_HINT = "kb eval run QUESTIONS makes one"


def begin(path: Path, about: Mapping[str, object]) -> None:
    """Start a file that holds the header alone. `BadInput` where it cannot be written, or is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", errors="replace") as file:
            file.write(_line({"kb_eval": FORMAT, **about}))
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="--out names another") from error


def append(path: Path, row: Row) -> None:
    """Add a row; it is in the file when this returns."""
    try:
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(_line(asdict(row)))
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="--out names another") from error


def mend(path: Path) -> None:
    """Take away a last line that was not finished."""
    data = path.read_bytes()
    if data.endswith(b"\n"):
        return
    try:
        with path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="--out names another") from error


def read(path: Path) -> Run:
    """What `kb eval run` wrote. `BadInput` names the file, and the line that is not one of ours."""
    try:
        data = path.read_bytes()
        text = data[: data.rfind(b"\n") + 1].decode()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}", hint=_HINT) from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no result of kb eval run", hint=_HINT) from error
    lines = text.split("\n")[:-1]  # `splitlines` would cut at line ends within texts
    about = _header(path, lines[0] if lines else "")
    rows: dict[str, Row] = {}
    for number, line in enumerate(lines[1:], 2):
        row = _row_of(path, number, line)
        rows[row.case.id] = row
    return Run(about, tuple(rows.values()))


def _header(path: Path, line: str) -> dict[str, object]:
    try:
        about = json.loads(line)
    except ValueError:
        about = None
    if not isinstance(about, dict) or "kb_eval" not in about:
        raise BadInput(f"{path} is no result of kb eval run", hint=_HINT)
    if about.pop("kb_eval") != FORMAT:
        raise BadInput(f"{path} was written by another version of kb", hint="run it again")
    return about


def _row_of(path: Path, number: int, line: str) -> Row:
    try:
        return row_of(json.loads(line))
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(
            f"{path}:{number}: not a row of kb eval run",
            hint="take the line out; kb eval run with --out asks its question again",
        ) from error


def row_of(value: Mapping[str, Any]) -> Row:
    """A row from its JSON object."""
    case = dict(value["case"])
    case["gold"] = tuple(Gold(**gold) for gold in case["gold"])
    case["history"] = tuple(Message(**turn) for turn in case["history"])
    made = dict(value)
    made["case"] = Case(**case)
    made["gold"] = tuple(Place(**place) for place in value["gold"])
    made["found"] = tuple(Place(**place) for place in value["found"])
    made["quotes"] = tuple(Quote(**(quote | {"place": Place(**quote["place"])})) for quote in value["quotes"])
    return Row(**made)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
