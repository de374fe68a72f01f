"""A file of drafts: lines of JSON that people edit as well, so every other byte of it stays as it is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag import atomic
from rag.errors import BadInput
from rag.evaluate.drafts import Draft, key_of

Value = dict[str, object]


@dataclass(frozen=True, slots=True)
class Line:
    """One question of the file: its raw text, what it says, and its number, 1-based."""

    number: int
    raw: str
    value: Value

    @property
    def waits(self) -> bool:
        """Whether a person has still to say yes or no."""
        return self.value.get("confirmed", True) is False and self.value.get("dropped") is not True


def read(path: Path) -> list[Line]:
    """All questions of a file. `BadInput` names the line that is none."""
    text = _text(path)
    return [_line(path, number, raw) for number, raw in enumerate(text.split("\n"), 1) if raw.strip()]


def known(lines: Sequence[Line]) -> set[str]:
    """Ids and keys of what must not be drafted again, dropped ones among them."""
    return {name for line in lines for name in (str(line.value.get("id")), key_of(line.value))}


def append(path: Path, drafts: Sequence[Draft]) -> None:
    """Add drafts at the end, all or none; the file is made when it is not there."""
    before = _text(path) if path.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    _write(path, before + "".join(draft.line() + "\n" for draft in drafts))


def change(path: Path, line: Line, value: Value) -> Line | None:
    """The line with its new value, put in its place; None when it no longer stands in the file."""
    rows = _text(path).split("\n")
    here = [i for i, raw in enumerate(rows) if raw == line.raw]
    if not here:
        return None
    end = "\r" if line.raw.endswith("\r") else ""
    rows[here[0]] = json.dumps(value, ensure_ascii=False) + end
    _write(path, "\n".join(rows))
    return Line(here[0] + 1, rows[here[0]], value)


def check(path: Path) -> None:
    """`BadInput` when drafts could not be kept in this file."""
    if path.suffix.lower() != ".jsonl":
        raise BadInput(f"{path}: drafts are kept as lines of JSON", hint="name it questions.jsonl")
    if not path.parent.is_dir():
        raise BadInput(f"{path}: there is no folder {path.parent}", hint="make it, or name another file")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8", hint="save it as UTF-8") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", hint="kb eval make makes one") from error


def _line(path: Path, number: int, raw: str) -> Line:
    try:
        value = json.loads(raw)
    except ValueError as error:
        raise BadInput(
            f"{path}:{number}: not JSON: {error}", hint="expected one object a line; nothing was changed"
        ) from error
    if not isinstance(value, dict) or not isinstance(value.get("question"), str):
        raise BadInput(f'{path}:{number}: expected an object with "question"', hint="nothing was changed")
    return Line(number, raw, value)


def _write(path: Path, text: str) -> None:
    try:
        atomic.write(path, text)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="name another file") from error
