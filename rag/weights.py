"""How much each part of a score counts, and how much evidence is enough.

The defaults were measured on six sets in two languages (`make eval`); `kb tune` fits them to the
owner's questions and keeps them in `tuned.toml` in the home folder.
"""

import json
import math
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from rag.errors import ConfigError

FILE = "tuned.toml"
FORMER = "tuned.toml.before"


@dataclass(frozen=True, slots=True)
class Weights:
    """Parts of a score next to keywords, which count 1; every part is over its maximum.

    `vector` is the passage's vector in the first look at all candidates; `mean`, `rare`, `heading`
    and `sentence` stand in its place in the second look at the best of them.
    """

    phrases: float = 0.25
    coverage: float = 0.15
    vector: float = 0.35
    mean: float = 0.2
    rare: float = 0.3
    heading: float = 0.15
    sentence: float = 0.2


# (decimal logarithm of the number of passages, raw sum that is just enough). The more passages
# there are, the more the best one shares with any question by chance.
_ENOUGH = ((0.0, 0.50), (2.0, 0.75), (3.0, 1.00), (4.0, 1.58))


@dataclass(frozen=True, slots=True)
class Tuning:
    """Weights, and by collection the raw sum of evidence that is just enough (`rag.evidence`)."""

    weights: Weights = field(default_factory=Weights)
    enough: Mapping[str, float] = field(default_factory=dict)

    def threshold(self, collection: str | None, passages: int) -> float:
        """The raw sum at which a question is just answered."""
        if (name := collection or EVERYWHERE) in self.enough:
            return self.enough[name]
        places, sums = zip(*_ENOUGH, strict=True)
        return float(np.interp(math.log10(max(1, passages)), places, sums))


UNTUNED = Tuning()
EVERYWHERE = "*"  # in `enough`: questions that name no collection; a collection cannot be named so


def load(home: Path) -> Tuning:
    """The tuning of this home folder; the defaults where there is none. `ConfigError` when it is broken."""
    path = home / FILE
    if not path.is_file():
        return UNTUNED
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        weights, enough = _numbers(found, "weights"), _numbers(found, "enough")
        if unknown := weights.keys() - {one.name for one in fields(Weights)}:
            raise ValueError(f"no weight is named {min(unknown)!r}")
    except (OSError, ValueError, OverflowError) as error:  # TOML and Unicode errors are values that are wrong
        raise ConfigError(f"{path}: {error}", hint="kb tune --undo goes back to the defaults") from error
    return Tuning(replace(Weights(), **weights), enough)


def _numbers(found: Mapping[str, object], name: str) -> dict[str, float]:
    table = found.get(name, {})
    if not isinstance(table, dict):
        raise ValueError(f"{name} is {table!r}, not a table")
    return {str(key): _number(value) for key, value in table.items()}


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def dump(tuning: Tuning, about: Sequence[str] = ()) -> str:
    """The text of `FILE`, which `load` reads back: `about` as comments, then what was tuned."""
    lines = [("# " + "".join(c if c.isprintable() else " " for c in line)).rstrip() for line in about]
    if tuning.weights != Weights():
        lines += ["", "[weights] # of each part of a score; keywords count 1", *_weight_lines(tuning.weights)]
    if tuning.enough:
        lines += ["", "[enough] # by collection: the sum of evidence at which a question is just answered"]
        lines += [f"{_key(name)} = {value!r}" for name, value in tuning.enough.items()]
    return "\n".join(lines) + "\n"


def keep(home: Path, text: str) -> Path:
    """Put `text` in place of the tuning in one step; the former one is kept for `undo`. `ConfigError`."""
    from rag import atomic  # a question needs none of it

    path, former = home / FILE, home / FORMER
    try:
        if path.is_file():
            atomic.write(former, path.read_text("utf-8"))
        else:
            former.unlink(missing_ok=True)
        atomic.write(path, text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
    return path


def undo(home: Path) -> bool:
    """Go back to the tuning before, or to none; False where there is none to go back from. `ConfigError`."""
    path, former = home / FILE, home / FORMER
    try:
        if former.is_file():
            os.replace(former, path)
        elif path.is_file():
            path.unlink()
        else:
            return False
    except OSError as error:
        raise ConfigError(f"{path} cannot be changed: {error.strerror}") from error
    return True


def _weight_lines(weights: Weights) -> Iterator[str]:
    for one in fields(Weights):
        yield f"{f'{one.name} = {getattr(weights, one.name)!r}':18} # default {one.default!r}"


def _key(name: str) -> str:
    """A quoted key of TOML: that of JSON, but for one character that TOML does not let stand."""
    return json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f")
