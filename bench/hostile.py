"""Bombs, files with hidden text and all shared parser files, through the real children.

    python -m bench.hostile [NAME...]

Each file must end as a result or as a failure with a next step, within 25 seconds; the run's own memory must
not grow by 50 MB; no hidden text may be searched, and no visible text lost. NAME takes only files whose
names hold it.
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import shared
from bench.results import save
from ingest.clean import searchable
from ingest.options import Options
from ingest.sources import Seen, Walked, folder
from ingest.types import Parsed
from ingest.wall.archive import expand
from ingest.wall.pool import Pool, Task
from rag.features import term_id, unpack
from rag.settings import Settings
from rag.words import terms
from tests.hostile import SECRET, Hidden, bombs, hidden

MOST_SECONDS = 25.0
MOST_GROWTH_MB = 50
# Code and values of forms are no text: counted, nearly every page and document would hold hidden text.
_CODE = frozenset({"script.html", "style.html", "input.html", "field.docx"})
_MADE = "import sys; from bench.hostile import make; make(sys.argv[1], sys.argv[2:])"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended. `growth_mb` is that of this process, at its highest, while the file was read."""

    name: str
    seconds: float
    growth_mb: float
    state: str
    error: str

    @property
    def is_reported(self) -> bool:
        return not self.state or bool(self.error)


def main(only: Iterable[str] = (), *, with_shared: bool = True) -> dict[str, object]:
    """Run all files; returns the figures."""
    names = list(only)
    with tempfile.TemporaryDirectory() as place, Pool(Settings(workers=1)) as pool:
        # Made by another process: this one's memory is measured.
        subprocess.run([sys.executable, "-c", _MADE, place, *names], check=True)
        root = Path(place).resolve()
        _warm(pool, root)
        found = list(_bombs(pool, root / "bombs"))
        covers = list(_hidden(pool, root / "hidden", names))
        real = list(_files(pool, _real())) if with_shared else []
        alive = _warm(pool, root)
    return {
        "bombs": _summed(found),
        "shared": _summed(real),
        "hidden": _summed_hidden(covers),
        "run_went_on": alive,
        "most_seconds_allowed": MOST_SECONDS,
        "most_growth_mb_allowed": MOST_GROWTH_MB,
    }


def make(place: str, only: Iterable[str] = ()) -> None:
    """Write the files below `place`."""
    wanted = list(only)
    for kind, files in (("bombs", bombs()), ("hidden", hidden())):
        (Path(place) / kind).mkdir(parents=True)
        for file in files:
            if not wanted or any(part in file.name for part in wanted):
                (Path(place) / kind / file.name).write_bytes(file.make())


def _warm(pool: Pool, root: Path) -> bool:
    """Whether a harmless file is read."""
    (root / "warm.md").write_text("# Warm\n\ntext\n")
    return all(not one.error for one in pool.parse([Task("warm", "warm.md", root / "warm.md", embed=True)]))


def _bombs(pool: Pool, root: Path) -> Iterator[Outcome]:
    plain: list[Seen] = []
    for file in folder.walk(root).files:
        if not file.source.endswith((".zip", ".svgz")):
            plain.append(file)
            continue
        started, before = time.monotonic(), _reset_memory()
        walked = expand(Walked(root, (file,)), Options())
        results = list(_files(pool, walked.files))
        said = next((one.error for one in walked.unreadable), "")
        said = said or next((one.error for one in results if one.error), "")
        growth = max([_peak_mb() - before, *(one.growth_mb for one in results)])
        yield _shown(
            Outcome(file.source, time.monotonic() - started, growth, "archive" if said else "", said)
        )
    for file in plain:
        yield from map(_shown, _files(pool, [file]))


def _files(pool: Pool, files: Iterable[Seen]) -> Iterator[Outcome]:
    for file in files:
        assert file.path is not None
        before, started = _reset_memory(), time.monotonic()
        for result in pool.parse([Task(file.place, file.source, file.path, embed=True, member=file.member)]):
            seconds, growth = time.monotonic() - started, _peak_mb() - before
            yield Outcome(file.source, seconds, growth, result.state, result.error)


def _shown(one: Outcome) -> Outcome:
    print(
        f"{one.seconds:6.1f} s {one.growth_mb:+6.0f} MB  {one.name:26} {one.state or 'read':12} {one.error}"
    )
    return one


def _real() -> tuple[Seen, ...]:
    return folder.walk(shared.folder() / "parsers/files").files


def _summed(outcomes: list[Outcome]) -> dict[str, object]:
    return {
        "files": len(outcomes),
        "slowest_seconds": round(max((one.seconds for one in outcomes), default=0), 1),
        "most_growth_mb": round(max((one.growth_mb for one in outcomes), default=0)),
        "states": dict(Counter(one.state or "read" for one in outcomes)),
        "too_slow": [one.name for one in outcomes if one.seconds > MOST_SECONDS],
        "grew_too_much": [one.name for one in outcomes if one.growth_mb > MOST_GROWTH_MB],
        "not_reported": [one.name for one in outcomes if not one.is_reported],
        "crashed": [one.name for one in outcomes if one.error == "the parser crashed"],
    }


def _hidden(pool: Pool, root: Path, only: list[str]) -> Iterator[tuple[Hidden, Parsed]]:
    for one in hidden():
        if not only or any(part in one.name for part in only):
            yield one, next(pool.parse([Task(one.name, one.name, root / one.name)]))


def _summed_hidden(covers: list[tuple[Hidden, Parsed]]) -> dict[str, object]:
    told = sum(len(text) for one, _ in covers for text in one.visible)
    lost = sum(len(text) for one, parsed in covers for text in one.visible if not is_found(text, parsed))
    return {
        "files": len(covers),
        "unread": [f"{one.name}: {parsed.error}" for one, parsed in covers if parsed.error],
        "in_the_index": [one.name for one, parsed in covers if is_found(SECRET, parsed)],
        "visible_lost_share": round(lost / max(told, 1), 4),
        "visible_lost_in": [
            one.name for one, parsed in covers if not all(is_found(text, parsed) for text in one.visible)
        ],
        "not_counted": [
            one.name for one, parsed in covers if one.name not in _CODE and not _is_counted(parsed)
        ],
    }


def is_found(text: str, parsed: Parsed) -> bool:
    """Whether a search could meet the text: among what is embedded, in the title, or by its words."""
    if parsed.loaded is None:
        return False
    told = searchable("\n".join((*parsed.embed, parsed.loaded.title, parsed.loaded.summary)))
    if "".join(searchable(text).split()) in "".join(told.split()):
        return True
    wanted = {term_id(term) for term in terms(text)}
    is_secret = text == SECRET  # a sentence may be divided; of a secret no word may be there
    return is_secret and any(wanted & set(unpack(one.features).everything.tolist()) for one in parsed.pieces)


def _is_counted(parsed: Parsed) -> bool:
    return parsed.loaded is not None and bool(parsed.loaded.report.get("hidden"))


def _reset_memory() -> float:
    """Megabytes in use; the peak counts from here on. Linux alone: elsewhere growth is not measured."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return 0.0
    return _memory("VmRSS")


def _peak_mb() -> float:
    return _memory("VmHWM")


def _memory(name: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    figures = main(sys.argv[1:])
    if len(sys.argv) == 1:
        save("hostile", figures)
    else:
        print(figures)
