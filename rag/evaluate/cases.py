"""Reading questions from files: JSON Lines, CSV, TSV and XLSX. See docs/evaluating.md for the formats."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

from rag.charset import decode
from rag.errors import BadInput, UnreadableFile
from rag.evaluate import fields, sheet
from rag.evaluate.misspelling import meant
from rag.evaluate.types import Case

SUFFIXES = (".jsonl", ".csv", ".tsv", ".xlsx")
MOST_SHOWN = 10


class BadCases(BadInput):
    """Files with lines that cannot be used; `problems` has one line for each of the first ten."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems[:MOST_SHOWN])
        self.count = len(problems)
        more = f"; and {self.count - len(self.problems)} more" if self.count > len(self.problems) else ""
        super().__init__(
            "; ".join(self.problems) + more, hint="nothing was asked; docs/evaluating.md has the formats"
        )


@dataclass(frozen=True, slots=True)
class Cases:
    """Questions in the order of their files. `unconfirmed` counts drafts, which are never scored;
    `repeated` counts rows that say again what another one says, which are left out.
    """

    cases: tuple[Case, ...]
    unconfirmed: int = 0
    repeated: int = 0

    @property
    def digest(self) -> str:
        """Equal for equal questions with equal golds, whatever file they stand in."""
        plain = [asdict(replace(case, where="")) for case in self.cases]
        text = json.dumps(plain, ensure_ascii=False, sort_keys=True)
        return sha256(text.encode("utf-8", "replace")).hexdigest()[:16]

    def sample(self, size: int | None, seed: int = 0) -> "Cases":
        """So many of the questions, drawn once for each seed, in their order; all where there are fewer."""
        if size is None or size >= len(self.cases):
            return self
        chosen = sorted(random.Random(seed).sample(range(len(self.cases)), size))  # noqa: S311
        return replace(self, cases=tuple(self.cases[i] for i in chosen))

    def within(self, collection: str | None) -> "Cases":
        """The questions put to one collection, whatever their file says."""
        if collection is None:
            return self
        return replace(self, cases=tuple(replace(case, collection=collection) for case in self.cases))


def read(paths: Sequence[Path]) -> Cases:
    """All questions of the files. `BadCases` names every line that cannot be used: the files are read
    whole or not at all. Unknown fields and columns are ignored.
    """
    reading = _Reading({}, [])
    for path in paths:
        reading.file(path)
    if reading.problems:
        raise BadCases(reading.problems)
    if not reading.cases:
        drafts = f"; {reading.unconfirmed} are not confirmed yet" if reading.unconfirmed else ""
        raise BadInput(
            f"no questions in {', '.join(map(str, paths))}{drafts}",
            hint="kb eval confirm FILE goes through drafts" if drafts else "write one question a row",
        )
    return Cases(tuple(reading.cases.values()), reading.unconfirmed, reading.repeated)


@dataclass(slots=True)
class _Reading:
    """What was read so far; cases by id."""

    cases: dict[str, Case]
    problems: list[str]
    unconfirmed: int = 0
    repeated: int = 0

    def file(self, path: Path) -> None:
        for line, found in _records(path):
            where = f"{path}:{line}"
            try:
                if isinstance(found, fields.Wrong):
                    raise found
                self.one(found, where)
            except fields.Wrong as wrong:
                self.problems.append(f"{where}: {wrong}")

    def one(self, found: Mapping[str, Any], where: str) -> None:
        if not fields.flag(found, "confirmed", True):
            self.unconfirmed += 1
            return
        case = fields.case(found, where)
        if (other := self.cases.get(case.id)) is None:
            self.cases[case.id] = case
        elif found.get("id"):
            raise fields.Wrong(f"the id {case.id!r} stands in {other.where} already; expected one of its own")
        else:
            self.again(case)

    def again(self, case: Case) -> None:
        """Exported tables repeat questions: with another answer it counts, the same would count twice."""
        known = [other for name, other in self.cases.items() if name.startswith(case.id)]
        if any(replace(case, id=other.id, where=other.where) == other for other in known):
            self.repeated += 1
        else:
            name = f"{case.id}-{len(known) + 1}"
            self.cases[name] = replace(case, id=name)


def _records(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | fields.Wrong]]:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"{path}: questions are read from {', '.join(SUFFIXES)}", hint="save it as CSV")
    try:
        yield from _lines(path) if suffix == ".jsonl" else sheet.records(path)
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}", hint="give the path of a file of questions") from error


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | fields.Wrong]]:
    try:
        text = decode(path.read_bytes())[0]
    except UnreadableFile as error:
        raise BadInput(f"{path}: {error}", hint=error.hint) from error
    # Only LF ends a line: a quote may hold the other line ends of Unicode.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _object(line)


def _object(line: str) -> Mapping[str, Any] | fields.Wrong:
    try:
        found = _whole(json.loads(line, parse_constant=_no_number))
    except json.JSONDecodeError as error:
        return fields.Wrong(
            f"not JSON ({error.msg} at character {error.pos + 1}); expected one object a line"
        )
    except (ValueError, RecursionError) as error:
        return fields.Wrong(f"not JSON ({error}); expected one object a line")
    if not isinstance(found, dict):
        return fields.Wrong('not an object; expected {"question": ...}')
    for name in found:
        if name not in fields.NAMES and (field := meant(name, found)):
            return fields.Wrong(f"{name!r} is not known; did you mean {field!r}?")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _whole(value: object) -> object:
    """Without halves of surrogate pairs, which no file can hold; each becomes a question mark."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
