"""What must hold: samples equal a fresh build, and every gold quote stands at its place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NotRequired, TypedDict

from building.read import text_of

# In these files kb's canonical text is the decoded file, so that offsets can be given.
_WITH_OFFSETS = (".md", ".txt")


class Gold(TypedDict):
    """Where an answer stands: code points, end exclusive; None in formats without offsets."""

    file: str
    start: int | None
    end: int | None
    quote: str


class Question(TypedDict):
    """One line of data/eval/samples.jsonl."""

    id: str
    question: str
    lang: str
    kind: str
    answerable: bool
    answer: str
    gold: list[Gold]
    gold_mode: NotRequired[str]
    history: NotRequired[list[dict[str, str]]]


def read_questions(path: Path) -> list[Question]:
    """The questions, in the order of the file."""
    return [json.loads(line) for line in path.read_bytes().decode().splitlines()]


def write_questions(path: Path, questions: list[Question]) -> None:
    """One JSON object a line, Chinese as Chinese."""
    lines = [json.dumps(question, ensure_ascii=False) + "\n" for question in questions]
    path.write_bytes("".join(lines).encode())


def point(question: Question, samples: Path) -> Question:
    """The question with offsets found anew; a quote in md or txt must occur exactly once."""
    return {**question, "gold": [_pointed(gold, samples) for gold in question["gold"]]}


def _pointed(gold: Gold, samples: Path) -> Gold:
    path = samples / gold["file"]
    if path.suffix not in _WITH_OFFSETS:
        return {**gold, "start": None, "end": None}
    text = text_of(path)
    times = text.count(gold["quote"])
    if times != 1:
        raise SystemExit(f"{gold['file']}: {gold['quote']!r} occurs {times} times, must be 1")
    start = text.index(gold["quote"])
    return {**gold, "start": start, "end": start + len(gold["quote"])}


def question_faults(questions: list[Question], samples: Path) -> Iterator[str]:
    """One sentence for each thing that is wrong with the questions."""
    seen: set[str] = set()
    for question in questions:
        name = question["id"]
        if name in seen:
            yield f"{name}: the id is used twice"
        seen.add(name)
        if question["answerable"] != bool(question["gold"]):
            yield f"{name}: answerable and gold do not agree"
        for gold in question["gold"]:
            if not _stands(gold, samples):
                yield f"{name}: {gold['quote']!r} does not stand in {gold['file']}"


def _stands(gold: Gold, samples: Path) -> bool:
    path = samples / gold["file"]
    if not gold["quote"] or not path.is_file():
        return False
    if path.suffix in _WITH_OFFSETS:
        return text_of(path)[gold["start"] : gold["end"]] == gold["quote"]
    return gold["start"] is None and _squeeze(gold["quote"]) in _squeeze(text_of(path))


def sample_faults(fresh: Path, samples: Path, passwords: dict[str, str]) -> Iterator[str]:
    """One sentence for each sample that is missing, left over or unlike a fresh build.

    Other versions of the libraries may compress differently; then equal text is enough.
    """
    for name in sorted({*_files(fresh), *_files(samples)}):
        new, old = fresh / name, samples / name
        if not new.exists():
            yield f"{name}: has no source"
        elif not old.exists():
            yield f"{name}: has not been built"
        elif new.read_bytes() != old.read_bytes():
            password = passwords.get(name)
            if text_of(new, password) != text_of(old, password):
                yield f"{name}: differs from its source, run data/build_samples.py"


def _files(root: Path) -> Iterator[str]:
    return (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def _squeeze(text: str) -> str:
    return "".join(text.split())
