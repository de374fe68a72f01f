"""The text of 30 PDFs and 20 Office files beside that of two other readers each.

    python -m bench.second_opinion [NAME ...]

Names are parts of file names; without them, all. Files come from the shared parsers set, from
data/samples and from `bench/readers/made.py`. How alike the two others are to each other is told
beside it: where they differ, there is no one right text. The result holds no text of any file.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

from bench import shared
from bench.readers import environments, made
from bench.readers.environments import Text
from bench.readers.explained import WHY
from bench.readers.similarity import Likeness, likeness, units
from bench.results import save
from ingest.load import parse
from ingest.options import Options
from rag.settings import Settings

SAMPLES = Path(__file__).resolve().parents[1] / "data/samples"
READERS = {".pdf": ("pdfminer", "pdftotext"), "office": ("markitdown", "office")}
KINDS = {".pdf": ".pdf", ".docx": "office", ".pptx": "office", ".xlsx": "office"}
WORST = 5
SECONDS = 300  # for a file: this is about its text, and other programs may be running


@dataclass(frozen=True, slots=True)
class Compared:
    """A file: ours against each other reader, and the two others against each other."""

    file: str
    words: int
    first: Likeness
    second: Likeness
    others: Likeness
    error: str = ""

    @property
    def likeness(self) -> float:
        """The mean of ours with both, over words and order."""
        parts = (self.first.words, self.first.order, self.second.words, self.second.order)
        return sum(parts) / len(parts)


def main(names: Sequence[str]) -> None:
    """Read, compare, print, and save if all was compared."""
    with tempfile.TemporaryDirectory() as place:
        files = [path for path in _files(Path(place)) if not names or any(n in path.name for n in names)]
        kinds = [(kind, list(some)) for kind, some in groupby(files, key=_kind)]
        found = [one for kind, some in kinds for one in _compare(kind, some)]
    found.sort(key=lambda one: one.likeness)
    _tell(found)
    if not names:
        save("second-opinion", _figures(found))


def _files(place: Path) -> list[Path]:
    """PDFs, then Office files, each only if it holds text that may be read without a password."""
    lines = (shared.folder() / "parsers/manifest.jsonl").read_text("utf-8").splitlines()
    wanted = [row["file"] for row in map(json.loads, lines) if row["expect"] == "text"]
    found = [shared.folder() / "parsers" / name for name in wanted]
    found += [path for path in sorted(SAMPLES.rglob("*")) if path.name not in _WITHOUT_TEXT]
    found += made.make(place)
    return sorted((path for path in found if path.suffix.lower() in KINDS), key=lambda p: (_kind(p), p.name))


_WITHOUT_TEXT = {"calibration-certificate-scan.pdf", "board-minutes-2026-06.pdf"}  # a scan, a locked one


def _kind(path: Path) -> str:
    return KINDS[path.suffix.lower()]


def _compare(kind: str, files: Sequence[Path]) -> list[Compared]:
    texts = [environments.texts(name, files) for name in READERS[kind]]
    return [_one(path, *pair) for path, *pair in zip(files, *texts, strict=True)]


def _one(path: Path, first: Text, second: Text) -> Compared:
    own = _own(path)
    ours, one, two = (units(text.text) for text in (own, first, second))
    error = "; ".join(text.error for text in (own, first, second) if text.error)
    return Compared(path.name, len(ours), likeness(ours, one), likeness(ours, two), likeness(one, two), error)


def _own(path: Path) -> Text:
    parsed = parse(str(path), path.name, path.read_bytes(), Options.of(Settings(parse_seconds=SECONDS)))
    loaded = parsed.loaded
    if loaded is None:
        return Text("", parsed.error)
    parts: list[str] = []
    for section in loaded.sections:
        text = loaded.text[section.span.start : section.span.end]
        # The names of sheets stand beside the text: they are searched, but no part of a quote.
        parts += [name for name in section.heading[-1:] if name not in text and name not in parts]
        parts.append(text)
    return Text("\n".join(parts))


def _tell(found: Sequence[Compared]) -> None:
    print(f"{'file':44}{'words':>8}  first: words order   second: words order   the two: words order")
    for one in found:
        pairs = "".join(
            f"{part.words:14.3f}{part.order:6.3f}" for part in (one.first, one.second, one.others)
        )
        print(f"{one.file[:43]:44}{one.words:8}{pairs}  {one.error[:60]}")
    print(f"\nThe {WORST} least alike:")
    for one in found[:WORST]:
        print(f"- {one.file} ({one.likeness:.3f}): {WHY.get(one.file, 'not explained yet')}")


def _figures(found: Sequence[Compared]) -> dict[str, object]:
    kinds = {"pdf": READERS[".pdf"], "office": READERS["office"]}
    figures: dict[str, object] = {"readers": kinds}
    for kind in kinds:
        some = [one for one in found if (one.file.endswith(".pdf")) == (kind == "pdf")]
        values = sorted(one.likeness for one in some)
        figures[kind] = {
            "files": len(some),
            "least": round(values[0], 3),
            "median": round(values[len(values) // 2], 3),
            "above 0.9": sum(value > 0.9 for value in values),
            "at least as like as the others to each other": sum(_no_outsider(one) for one in some),
        }
    figures["worst"] = {one.file: WHY.get(one.file, "not explained yet") for one in found[:WORST]}
    figures["files"] = {one.file: _shown(one) for one in found}
    return figures


def _no_outsider(one: Compared) -> bool:
    return max(one.first.words, one.second.words) >= one.others.words - 0.02


def _shown(one: Compared) -> dict[str, object]:
    rounded = {
        name: {key: round(value, 3) for key, value in asdict(getattr(one, name)).items()}
        for name in ("first", "second", "others")
    }
    return {"words": one.words, "likeness": round(one.likeness, 3), **rounded, "error": one.error}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.second_opinion", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    main(parser.parse_args().names)
