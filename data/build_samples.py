"""Render data/sources into data/samples, and keep the offsets in data/eval/samples.jsonl true.

    python data/build_samples.py            build
    python data/build_samples.py --check    build elsewhere, compare, check every gold quote

A source `name.pdf.md` becomes `name.pdf` (likewise docx, xlsx, pptx, eml); others are copied.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from building.check import point, question_faults, read_questions, sample_faults, write_questions
from building.mail import to_eml
from building.office import to_docx, to_pptx, to_xlsx
from building.page import Page, read_page
from building.paper import to_pdf

DATA = Path(__file__).parent
SOURCES, SAMPLES, QUESTIONS = DATA / "sources", DATA / "samples", DATA / "eval" / "samples.jsonl"

WRITERS: dict[str, Callable[[Page], bytes]] = {
    ".docx": to_docx,
    ".eml": to_eml,
    ".pdf": to_pdf,
    ".pptx": to_pptx,
    ".xlsx": to_xlsx,
}


def sources() -> Iterator[tuple[Path, Path]]:
    """Every source and the place of its sample: (hr/a.docx.md, hr/a.docx), (hr/b.md, hr/b.md)."""
    for path in sorted(SOURCES.rglob("*")):
        if path.is_file():
            source = path.relative_to(SOURCES)
            yield source, source.with_suffix("") if is_rendered(source) else source


def is_rendered(source: Path) -> bool:
    """The source is written as Markdown but shown as something else."""
    return Path(source.stem).suffix in WRITERS


def page_of(source: Path) -> Page:
    """The page of a rendered source."""
    return read_page((SOURCES / source).read_bytes().decode())


def build(target: Path) -> int:
    """Write all samples below `target`; returns how many."""
    pairs = list(sources())
    for source, sample in pairs:
        (target / sample).parent.mkdir(parents=True, exist_ok=True)
        (target / sample).write_bytes(
            WRITERS[sample.suffix](page_of(source))
            if is_rendered(source)
            else (SOURCES / source).read_bytes()
        )
    return len(pairs)


def passwords() -> dict[str, str]:
    """The samples that are locked, with what opens them."""
    pages = {str(sample): page_of(source) for source, sample in sources() if is_rendered(source)}
    return {name: page.meta["password"] for name, page in pages.items() if "password" in page.meta}


def check() -> list[str]:
    """Everything that is wrong with the committed samples and questions."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        faults = [*sample_faults(Path(folder), SAMPLES, passwords())]
    return [*faults, *question_faults(read_questions(QUESTIONS), SAMPLES)]


def main() -> int:
    """Build, or check and report; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="change nothing, compare and report")
    if not parser.parse_args().check:
        count = build(SAMPLES)
        questions = [point(question, SAMPLES) for question in read_questions(QUESTIONS)]
        write_questions(QUESTIONS, questions)
        print(f"{count} samples built, {len(questions)} questions pointed")
        return 0
    faults = check()
    print(*faults, f"{len(faults)} faults", sep="\n")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
