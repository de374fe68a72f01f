"""Damaged files through the real children: flipped bits, cuts, splices, and changed parts of zips.

    python -m bench.fuzz [--count N] [--loader NAME]... [--seed S] [--resume]

For each loader, N mutations (2,000 unless told) of its seeds: files of the shared set, of the samples and of
`tests/hostile`. Every one must come back as a result or as a failure with a state and a next step. The cheap
loaders come first; the figures are written after each of them, and `--resume` keeps those of a run that was
interrupted. OCR is off but for pictures.
"""

import argparse
import io
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import shared
from bench.results import FOLDER, save
from ingest.loaders import suffixes
from ingest.types import Parsed
from ingest.wall.pool import Pool, Task
from rag.errors import KBError
from rag.settings import Settings
from tests.hostile import bombs, hidden

COUNT = 2_000
SEED = 20261121
MOST_SEED = 700_000  # bytes: small files find as much, and many more of them
AT_ONCE = 200  # files on disk at a time
PARSE_SECONDS = 10  # half of what users grant: whoever is slow is named among the late
MOST_SILENCE = 40.0  # seconds without a result: longer than one file may take twice over
_DEAR = ("docx", "odf", "pptx", "xlsx", "epub", "pdf", "image")  # last, in this order
# Formats of which there are no samples.
SEEDS = {
    ".ipynb": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ['
    b'{"cell_type": "markdown", "metadata": {}, "source": ["# Leave\\n", "Fifteen days."]}, '
    b'{"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "x = 1", "outputs": '
    b'[{"output_type": "stream", "name": "stdout", "text": ["one\\n"]}]}]}',
    ".mbox": b"From a@b.example Thu Jan  1 00:00:00 2026\nFrom: a@b.example\nSubject: Leave\n\nTen days.\n\n"
    b"From a@b.example Thu Jan  1 00:00:00 2026\nSubject: =?utf-8?B?5bm05YGH?=\n\nTen days.\n",
    ".xml": "<?xml version='1.0'?><rules><rule id='1'><t>Leave</t></rule><rule>年假</rule></rules>".encode(),
    ".yaml": "leave:\n  days: 15\n  名称: 年假\nlist: [a, {b: c}]\n".encode(),
    ".jsonl": b'{"question": "How many days?", "answer": "Ten."}\n{"question": "Who?", "answer": "All"}\n',
}
SMALL_BOMBS = ("outside", "wide-cells", "far-cell", "odd", "repeated", "loop", "form-loop", "outline")
TOKENS = [
    *(b"\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"-1", b"99999999999", b"1e999", b"NaN", b"%n%s"),
    *(b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", b"&e;", b"]]>", b"<![CDATA[", b"</", b"/>"),
    *(b"endobj", b"stream\n", b"/Length -1", b"1 0 R", b"<< >>", b"/Filter /FlateDecode", b"trailer"),
    *(b"startxref 9", b"{", b"}", b"[" * 5_000, b'"' * 999, b"{" * 5_000, b"PK\3\4", b"PK\1\2", b"PK\5\6"),
    *(b"\r\n\r\n", b"--b--", b"=?utf-8?B?", b"charset=utf-7", b"\xef\xbb\xbf", b"\xff\xfe", b"\x1b["),
    *("\u202e\u200b年".encode(), b"&" * 999, b"|-|" * 999),
]


@dataclass(slots=True)
class Tally:
    """What became of one loader's mutations."""

    runs: int = 0
    states: Counter[str] = field(default_factory=Counter)
    deaths: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    hangs: int = 0
    escapes: list[str] = field(default_factory=list)
    exceptions: Counter[str] = field(default_factory=Counter)
    run_ended: str = ""

    def note(self, name: str, result: Parsed) -> None:
        """Judge one result."""
        self.runs += 1
        self.states[result.state or "read"] += 1
        if result.error == "the parser crashed":
            self.deaths.append(name)
        if "takes longer" in result.error:
            self.late.append(name)
        if result.error.startswith("the parser failed: "):
            self.exceptions[result.error] += 1
        is_told = bool(result.error and result.state and result.hint)
        if (result.loaded is None) != is_told or not _is_whole(result):
            self.escapes.append(name)


def main(
    count: int = COUNT,
    loaders: Collection[str] = (),
    seed: int = SEED,
    *,
    done: dict[str, dict[str, Any]] | None = None,
    tell: Callable[[dict[str, object]], object] = lambda figures: None,
) -> dict[str, object]:
    """Run all mutations; returns the figures of each loader and their sums.

    Loaders among `done` are not run again; `tell` gets the figures so far after each loader.
    """
    found = dict(done or {})
    for name, seeds in _seeds().items():
        if name in found or (loaders and name not in loaders):
            continue
        found[name] = _fuzzed(name, seeds, random.Random(f"{seed}-{name}"), count)
        print(f"{name:10} {found[name]['runs']:6} {found[name]['states']}", flush=True)
        tell(_summed(seed, found))
    return _summed(seed, found)


def _fuzzed(name: str, seeds: list[tuple[str, bytes]], dice: random.Random, count: int) -> dict[str, Any]:
    tally, started = Tally(), time.monotonic()
    settings = Settings(workers=2, parse_seconds=PARSE_SECONDS, ocr="auto" if name == "image" else "off")
    with tempfile.TemporaryDirectory() as place, Pool(settings) as pool:
        try:
            _run(pool, Path(place).resolve(), seeds, dice, count, tally)
        except KBError as error:
            tally.run_ended = str(error)
    return _figures(tally) | {"minutes": round((time.monotonic() - started) / 60, 1)}


def _summed(seed: int, found: dict[str, dict[str, Any]]) -> dict[str, object]:
    parts = found.values()
    return {
        "seed": seed,
        "mutations": sum(part["runs"] for part in parts),
        "escapes": sum(part["escapes"] for part in parts),
        "hangs": sum(part["hangs"] for part in parts),
        "ended_for_being_late": sum(part["late"] for part in parts),
        "deaths_of_children": sum(part["deaths"] for part in parts),
        "exceptions_of_the_run": [f"{name}: {p['run_ended']}" for name, p in found.items() if p["run_ended"]],
        "minutes": round(sum(part["minutes"] for part in parts), 1),
        "loaders": dict(sorted(found.items())),
    }


def mutated(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """One mutation; half of those of a zip change a part and pack it anew."""
    if data.startswith(b"PK") and dice.random() < 0.5:
        return _repacked(data, other, dice)
    return _changed(data, other, dice)


def _run(
    pool: Pool, place: Path, seeds: list[tuple[str, bytes]], dice: random.Random, count: int, tally: Tally
) -> None:
    for start in range(0, count, AT_ONCE):
        tasks = []
        for number in range(start, min(start + AT_ONCE, count)):
            name, data = dice.choice(seeds)
            path = place / f"{number}-{name}"
            path.write_bytes(mutated(data, dice.choice(seeds)[1], dice))
            tasks.append(Task(path.name, path.name, path))
        heard = time.monotonic()
        for result in pool.parse(tasks):
            tally.hangs += time.monotonic() - heard > MOST_SILENCE
            heard = time.monotonic()
            tally.note(result.place, result)
        for task in tasks:
            task.path.unlink()


def _seeds() -> dict[str, list[tuple[str, bytes]]]:
    """Loader to files of its kind, by name and bytes; the cheap loaders first."""
    known = suffixes()
    found: dict[str, list[tuple[str, bytes]]] = {name: [] for name in set(known.values())}
    for name, data in _files():
        loader = known.get(Path(name).suffix.lower())
        if loader and 0 < len(data) <= MOST_SEED:
            found[loader].append((name, data))
    for suffix, loader in known.items():
        if suffix in SEEDS:
            found[loader].append((f"made{suffix}", SEEDS[suffix]))
        elif not found[loader]:  # nobody has one: text of the right name
            found[loader].append((f"made{suffix}", f"# Leave\n\nFifteen days.\n\n{suffix} 年假\n".encode()))
    return {name: found[name] for name in sorted(found, key=_cost)}


def _cost(loader: str) -> tuple[int, str]:
    return _DEAR.index(loader) + 1 if loader in _DEAR else 0, loader


def _files() -> Iterator[tuple[str, bytes]]:
    roots = [shared.folder() / "parsers/files", Path(__file__).parents[1] / "data/samples"]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.stat().st_size <= MOST_SEED:
                yield path.name, path.read_bytes()
    for one in hidden():
        yield one.name, one.make()
    for bomb in bombs():
        if bomb.name.startswith(SMALL_BOMBS):
            yield bomb.name, bomb.make()


def _changed(data: bytes, other: bytes, dice: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(out) + 1)
        kind = dice.randrange(6)
        if kind == 0 and out:
            out[at % len(out)] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del out[at:]
        elif kind == 2:
            start = dice.randrange(len(other) + 1)
            out[at:at] = other[start : start + dice.randrange(2_000)]
        elif kind == 3:
            out[at:at] = dice.choice(TOKENS)
        elif kind == 4:
            del out[at : at + dice.randrange(200)]
        else:
            out[at : at + dice.randrange(1, 9)] = dice.randbytes(dice.randrange(9))
    return bytes(out)


def _repacked(data: bytes, other: bytes, dice: random.Random) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return _changed(data, other, dice)
    if not parts:
        return _changed(data, other, dice)
    victim = dice.choice(sorted(parts))
    parts[victim] = _changed(parts[victim], dice.choice(list(parts.values())), dice)
    if dice.random() < 0.1:
        del parts[dice.choice(sorted(parts))]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return stream.getvalue()


def _is_whole(result: Parsed) -> bool:
    """What a document must be, whatever its file was."""
    loaded = result.loaded
    if loaded is None:
        return not result.pieces
    return bool(result.pieces) and all(loaded.text[p.span.start : p.span.end].strip() for p in result.pieces)


def _figures(tally: Tally) -> dict[str, Any]:
    return {
        "runs": tally.runs,
        "states": dict(tally.states.most_common()),
        "escapes": len(tally.escapes),
        "hangs": tally.hangs,
        "late": len(tally.late),
        "deaths": len(tally.deaths),
        "run_ended": tally.run_ended,
        "examples": {"escapes": tally.escapes[:5], "late": tally.late[:5], "deaths": tally.deaths[:5]},
        "unexpected_exceptions": dict(tally.exceptions.most_common(10)),
    }


def _done(count: int, seed: int) -> dict[str, dict[str, Any]]:
    """What an interrupted run of the same seed and count has written."""
    path = FOLDER / "fuzz.json"
    figures = json.loads(path.read_text("utf-8"))["figures"] if path.exists() else {"seed": None}
    if figures["seed"] != seed:
        return {}
    return {name: part for name, part in figures["loaders"].items() if part["runs"] >= count}


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--count", type=int, default=COUNT)
    asked.add_argument("--seed", type=int, default=SEED)
    asked.add_argument("--loader", action="append", default=[])
    asked.add_argument("--resume", action="store_true")
    given = asked.parse_args(sys.argv[1:])
    if given.count >= COUNT:
        kept = _done(given.count, given.seed) if given.resume else {}
        main(given.count, given.loader, given.seed, done=kept, tell=lambda made: save("fuzz", made))
    else:
        print(json.dumps(main(given.count, given.loader, given.seed), indent=2))
