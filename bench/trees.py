"""Hostile folders: links, loops, pipes, devices, odd names; and files swapped for links while they are read.

    python -m bench.trees [RACES]

Nothing outside the root may be read. Outside lies a secret that no file inside has; a race swaps a folder or
a file for a link to it, back and forth, while the real walk and the real children read.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.results import save
from ingest.loaders import suffixes
from ingest.options import Options
from ingest.sources import folder
from ingest.types import Parsed
from ingest.wall.archive import expand
from ingest.wall.pool import Pool, Task
from rag.settings import Settings
from tests.hostile.trees import GOOD, TREES, Tree

RACES = 1_000
SECRET = "OUTSIDE-7731"


def main(races: int = RACES) -> dict[str, object]:
    """Read all trees and run all races; returns the figures."""
    with tempfile.TemporaryDirectory() as place, Pool(Settings(workers=2)) as pool:
        root = Path(place).resolve()
        trees = [_tried(pool, root / f"tree{n}", tree) for n, tree in enumerate(TREES) if _can(tree)]
        raced = [_race(pool, root / f"race{kind}", kind, races // len(KINDS)) for kind in KINDS]
    leaks = [one for one in trees if one["leaked"]]
    return {
        "trees": len(trees),
        "trees_skipped": [tree.name for tree in TREES if not _can(tree)],
        "trees_that_leaked": [one["name"] for one in leaks],
        "trees_whose_good_file_was_lost": [one["name"] for one in trees if not one["good"]],
        "races": sum(int(str(one["reads"])) for one in raced),
        "bytes_read_from_outside": sum(int(str(one["bytes_outside"])) for one in [*trees, *raced]),
        "race": {str(one["kind"]): one for one in raced},
    }


def _can(tree: Tree) -> bool:
    return not tree.only_root or (hasattr(os, "geteuid") and os.geteuid() == 0)


def _tried(pool: Pool, place: Path, tree: Tree) -> dict[str, object]:
    inside, outside = _laid_out(place)
    with ExitStack() as after:
        after.callback(_cleared, place)
        tree.make(inside, outside)
        found = list(_read(pool, inside))
    good = any(one.loaded is not None and "Fifteen" in one.loaded.text for one in found)
    leaked = sum(map(_outside_bytes, found))
    return {"name": tree.name, "leaked": leaked > 0, "bytes_outside": leaked, "good": good}


def _laid_out(place: Path) -> tuple[Path, Path]:
    inside, outside = place / "inside", place / "outside"
    for where in (inside, outside / "sub"):
        where.mkdir(parents=True)
    (inside / "good.md").write_text(GOOD)
    (outside / "secret.md").write_text(f"# Outside\n\n{SECRET}\n")
    (outside / "sub/secret.md").write_text(f"# Outside\n\n{SECRET}\n")
    return inside, outside


def _read(pool: Pool, inside: Path) -> Iterator[Parsed]:
    walked = expand(folder.walk(inside), Options())
    files = [file for file in walked.files if Path(file.source).suffix.lower() in suffixes()]
    return pool.parse([Task(f.place, f.source, f.path, member=f.member) for f in files if f.path])


def _outside_bytes(parsed: Parsed) -> int:
    text = "" if parsed.loaded is None else parsed.loaded.text
    return len(text) if SECRET in text else 0


# What a race swaps: name to the path that is swapped and the path that is read through it.
KINDS = {
    "file": ("a/b/c.md", "secret.md"),
    "folder": ("a/b", ""),
    "outer folder": ("a", ""),
    "pipe": ("a/b/c.md", "pipe"),
}


def _race(pool: Pool, place: Path, kind: str, reads: int) -> dict[str, object]:
    """Read while another thread swaps; every read walks, opens and parses anew."""
    inside, outside = _laid_out(place)
    swapped, target = KINDS[kind]
    (inside / "a/b").mkdir(parents=True)
    (inside / "a/b/c.md").write_text(GOOD)
    for deeper in ("c.md", "b/c.md"):
        (outside / deeper).parent.mkdir(exist_ok=True)
        (outside / deeper).write_text(f"# Outside\n\n{SECRET}\n")
    if kind == "pipe":
        os.mkfifo(outside / "pipe")
    outcomes = {"good": 0, "refused": 0, "not there": 0}
    leaked = 0
    with _swapping(inside / swapped, outside / target):
        for _ in range(reads):
            # Walked or not, the path is opened: a walk that saw the link is no race.
            found = list(_read(pool, inside))
            found += pool.parse([Task("raced", "a/b/c.md", inside / "a/b/c.md")])
            for one in found:
                leaked += _outside_bytes(one)
            raced = found[-1]
            outcomes["refused" if raced.error else "good"] += 1
            outcomes["not there"] += len(found) < 3
    return {"kind": kind, "reads": reads, "bytes_outside": leaked, **outcomes}


@contextmanager
def _swapping(path: Path, target: Path) -> Iterator[None]:
    """Meanwhile, what lies at `path` is now itself and now a link to `target`, without a pause."""
    ended = threading.Event()
    real, link = path.with_name("real"), path.with_name("link")
    link.symlink_to(target)

    def swap() -> None:
        while not ended.is_set():
            path.rename(real)
            link.rename(path)
            path.rename(link)
            real.rename(path)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _cleared(place: Path) -> None:
    subprocess.run(["umount", "-q", place / "inside/mounted"], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["rm", "-rf", place], check=True)  # goes deeper than Python can


if __name__ == "__main__":
    save("trees", main(*(int(argument) for argument in sys.argv[1:])))
