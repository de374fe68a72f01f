"""A company's folder as it really is: 500 files of every kind, and what `kb ingest` says of them.

    python -m bench.messy FOLDER [--files 500]

makes the folder from `data/samples`: good files in both languages, copies, earlier drafts, empty and
huge ones, files whose suffix lies, broken and locked ones, odd names, caches, hidden folders, a zip.
The seed is fixed: the same folder each time.
"""

import argparse
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "data/samples"
SEED = 20261121
_PLACES = (
    "Projects/2025",
    "Projects/2026 (final)",
    "部门/人事",
    "部门/财务 报表",
    "old stuff/backup of backup",
    "Desktop",
    "",
)
_NAMES = (
    "notes",
    "Copy of minutes",
    "final_v2 (1)",
    "会议纪要",
    "项目计划 最终版",
    "Ünïcode ñame",
    "a&b #1",
    "~temp",
    "100% sure",
)

Make = Callable[[Path, random.Random, int], None]


def build(folder: Path, count: int = 500) -> int:
    """Fill the folder with `count` files; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    samples = sorted(path for path in SAMPLES.rglob("*") if path.is_file())
    for number in range(count):
        place = folder / chance.choice(_PLACES)
        place.mkdir(parents=True, exist_ok=True)
        if number < len(samples):
            shutil.copyfile(samples[number], place / samples[number].name)
        else:
            chance.choices(tuple(_MAKERS), tuple(_MAKERS.values()))[0](place, chance, number)
    return sum(path.is_file() or path.is_symlink() for path in folder.rglob("*"))


def _note(place: Path, chance: random.Random, number: int) -> None:
    """A text of its own, in English or Chinese, in one of several encodings."""
    if chance.random() < 0.5:
        text = f"# Minutes {number}\n\nThe steering group approved budget line {number} on day {number}.\n"
        encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16", "cp1252"))
    else:
        text = (
            f"# 会议纪要 {number}\n\n第{number}次例会批准了第{number}项预算，下次会议改在周三下午举行。\n" * 3
        )
        encoding = chance.choice(("utf-8", "gb18030", "utf-16", "big5"))
    suffix = chance.choice((".md", ".txt"))
    (place / _name(chance, number, suffix)).write_bytes(text.encode(encoding, "replace"))


def _copy(place: Path, chance: random.Random, number: int) -> None:
    """A sample once more, under another name."""
    sample = chance.choice(sorted(p for p in SAMPLES.rglob("*") if p.is_file()))
    shutil.copyfile(sample, place / _name(chance, number, sample.suffix))


def _draft(place: Path, chance: random.Random, number: int) -> None:
    """An earlier state of a text: the same but for a sentence."""
    sample = chance.choice(sorted(SAMPLES.rglob("*.md")))
    text = sample.read_text("utf-8") + f"\n\nDraft {number}, not for distribution.\n"
    (place / f"DRAFT {number} {sample.name}").write_text(text, "utf-8")


def _empty(place: Path, chance: random.Random, number: int) -> None:
    suffix = chance.choice((".md", ".txt", ".docx", ".pdf", ".xlsx", ".html", ".csv"))
    (place / _name(chance, number, suffix)).write_bytes(b"" if chance.random() < 0.7 else b" \n \n")


def _broken(place: Path, chance: random.Random, number: int) -> None:
    """The first half of a good file, or one with flipped bytes."""
    sample = chance.choice(
        sorted(p for p in SAMPLES.rglob("*") if p.suffix in (".pdf", ".docx", ".xlsx", ".pptx"))
    )
    data = bytearray(sample.read_bytes())
    if chance.random() < 0.5:
        data = data[: len(data) // 2]
    else:
        for _ in range(200):
            data[chance.randrange(len(data))] = chance.randrange(256)
    (place / _name(chance, number, sample.suffix)).write_bytes(bytes(data))


def _liar(place: Path, chance: random.Random, number: int) -> None:
    """A suffix that is not true."""
    suffix = chance.choice((".pdf", ".docx", ".xlsx", ".txt", ".html"))
    body = chance.choice(
        (b"PK\x03\x04 not really", b"%PDF-1.7 nothing more", b"\x89PNG\r\n\x1a\n" + bytes(200), b"{}")
    )
    (place / _name(chance, number, suffix)).write_bytes(body)


def _huge(place: Path, chance: random.Random, number: int) -> None:
    """A few megabytes of log."""
    line = f"2026-03-01 10:00:00 INFO worker {number} finished job in 12 ms\n"
    (place / f"server-{number}.log").write_text(line * 40_000)


def _foreign(place: Path, chance: random.Random, number: int) -> None:
    """Kinds that hold no text."""
    suffix = chance.choice((".mp4", ".exe", ".dll", ".ttf", ".psd", ".iso", ".bak", ""))
    (place / f"asset{number}{suffix}").write_bytes(chance.randbytes(2000))


def _litter(place: Path, chance: random.Random, number: int) -> None:
    """What programs leave behind: hidden files, lock files, links."""
    kind = chance.randrange(4)
    if kind == 0:
        (place / f".DS_Store{number}").write_bytes(bytes(100))
    elif kind == 1:
        (place / f"~$report {number}.docx").write_bytes(bytes(160))
    elif kind == 2:
        (place / ".git").mkdir(exist_ok=True)
        (place / ".git" / f"object{number}").write_bytes(chance.randbytes(50))
    else:
        (place / f"link{number}.md").symlink_to("/etc/hostname")


def _archive(place: Path, chance: random.Random, number: int) -> None:
    """A zip of a few samples, with another zip inside."""
    with zipfile.ZipFile(place / f"archive {number}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for sample in chance.sample(sorted(p for p in SAMPLES.rglob("*") if p.is_file()), 3):
            archive.write(sample, f"inner/{number}-{sample.name}")
        archive.writestr("inner/nested.zip", b"PK\x05\x06" + bytes(18))


def _name(chance: random.Random, number: int, suffix: str) -> str:
    return f"{chance.choice(_NAMES)} {number}{suffix.upper() if chance.random() < 0.1 else suffix}"


_MAKERS: dict[Make, int] = {
    _note: 40,
    _copy: 18,
    _draft: 8,
    _empty: 6,
    _broken: 8,
    _liar: 4,
    _huge: 1,
    _foreign: 6,
    _litter: 6,
    _archive: 2,
}


def main() -> None:
    """Make the folder and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=500)
    order = parser.parse_args()
    print(f"{build(order.folder, order.files)} files in {order.folder}: kb ingest {order.folder}")


if __name__ == "__main__":
    main()
