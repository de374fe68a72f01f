"""Which file a run is written to, and whether an earlier run goes on in it."""

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import BadInput
from rag.evaluate import record
from rag.evaluate.cases import Cases
from rag.evaluate.types import Row, Run
from rag.system import System

FOLDER = Path("eval")
# Settings that change no answer, or that must not be written down.
_APART = frozenset(
    """collection embedder_key host keys keep_versions log_level max_body max_file_mb model_key
    parse_seconds port record reranker_key weaviate_key workers""".split()
)
_CREDENTIALS = re.compile("//[^/@]*@")
_SAME = {
    "questions": "other questions",
    "version": "another version of kb",
    "change": "other documents",
    "judge": "another judge",
    "tuning": "another tuning",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, and those that are there already, without errors.

    `goes_on` is false for a file that must be begun. `said` tells a person what was decided.
    """

    path: Path
    rows: tuple[Row, ...] = ()
    goes_on: bool = False
    said: str = ""


def about(system: System, cases: Cases, files: Sequence[Path], version: str) -> dict[str, object]:
    """The header of a run: what was asked of which documents under which settings, and when."""
    settings = system.settings
    view = system.library.view(settings.tenant)
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": version,
        "files": [str(path) for path in files],
        "questions": cases.digest,
        "count": len(cases.cases),
        "unconfirmed": cases.unconfirmed,
        "change": [view.seq, view.rights],
        "tuning": asdict(system.tuning),
        "settings": {
            name: _shown(value)
            for name, value in settings.model_dump(mode="json").items()
            if name not in _APART
        },
    }


def held(out: Path | None, files: Sequence[Path]) -> Path:
    """What a run holds for itself: its file, or all runs of its questions in `./eval`."""
    return out or FOLDER / files[0].stem


def choose(out: Path | None, header: Mapping[str, object], cases: Cases) -> Target:
    """The file for a run with this header: `out`, or one of its own in `./eval`.

    An earlier run of the same header goes on, unless it is complete and `out` was not named. Another
    file at `out` is kept under another name. `BadInput` where `out` holds something else.
    """
    if out is not None:
        return _named(out, header, cases)
    stem = Path(str(_first(header["files"]))).stem
    earlier = _unfinished(stem)
    if earlier is None:
        return Target(_fresh(stem))
    path, run = earlier
    if why := difference(run.about, header):
        return Target(_fresh(stem), said=f"{path} stays unfinished: it has {why}")
    return _going_on(path, run.rows, cases)


def difference(earlier: Mapping[str, object], now: Mapping[str, object]) -> str:
    """Why a run cannot go on; '' when it can."""
    for name, why in _SAME.items():
        if earlier.get(name) != now.get(name):
            return why
    before, after = _settings(earlier), _settings(now)
    changed = sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
    return f"other settings ({', '.join(changed)})" if changed else ""


def _unfinished(stem: str) -> tuple[Path, Run] | None:
    """The last run of these files, if it can be read and has questions left."""
    paths = sorted(FOLDER.glob(f"{glob.escape(stem)}-????????-??????.jsonl"))
    try:
        run = record.read(paths[-1]) if paths else None
    except BadInput:  # of another version, or not ours
        return None
    count = run.about.get("count") if run else None
    return (paths[-1], run) if run and isinstance(count, int) and len(run.rows) < count else None


def _named(out: Path, header: Mapping[str, object], cases: Cases) -> Target:
    if not out.exists():
        return Target(out)
    run = record.read(out)
    why = difference(run.about, header)
    if not why:
        return _going_on(out, run.rows, cases)
    kept = _beside(out, str(run.about.get("started", "")))
    try:
        out.rename(kept)
    except OSError as error:
        raise BadInput(f"{out} cannot be moved away: {error.strerror}", hint="--out names another") from error
    return Target(out, said=f"{out} had {why}; it is kept as {kept}")


def _going_on(path: Path, rows: Sequence[Row], cases: Cases) -> Target:
    record.mend(path)
    done = tuple(row for row in rows if not row.error)
    left = len(cases.cases) - len(done)
    said = f"goes on: {left} of {len(cases.cases)} questions are left" if left else "is complete"
    return Target(path, done, True, f"{path} {said}")


def _beside(path: Path, started: str) -> Path:
    """A name that is free."""
    mark = "".join(c for c in started[:19] if c.isalnum()) or "earlier"
    names = (path.with_name(f"{path.stem}-{mark}{n}{path.suffix}") for n in ("", *map(str, range(2, 1000))))
    for name in names:
        if not name.exists():
            return name
    raise BadInput(f"{path} has too many earlier runs beside it", hint="move them away")


def _fresh(stem: str) -> Path:
    """A file of the local time, so that people find it."""
    now = datetime.now(UTC).astimezone()
    return FOLDER / f"{stem}-{now:%Y%m%d-%H%M%S}.jsonl"


def _shown(value: object) -> object:
    """A setting without the user and password of an address."""
    return _CREDENTIALS.sub("//", value) if isinstance(value, str) else value


def _settings(header: Mapping[str, object]) -> Mapping[str, object]:
    found = header.get("settings")
    return found if isinstance(found, Mapping) else {}


def _first(values: object) -> object:
    return values[0] if isinstance(values, list) and values else "run"
