"""The page of formats names what is read, and nothing else."""

import re
from collections import Counter
from pathlib import Path

from ingest.formats.mail import message
from ingest.formats.sheet import sheet
from ingest.loaders import image, ipynb, mbox, pdf, suffixes
from ingest.ocr import MOST_PIXELS
from ingest.types import Loaded
from ingest.wall import members, wire, zipped
from rag.charset import decode
from rag.settings import Settings
from rag.types import Section, Span

PAGE = (Path(__file__).resolve().parents[2] / "docs/formats.md").read_text("utf-8")
NAMED = re.findall(r"`(\.[a-z0-9]+)`", PAGE[: PAGE.index("## States")])


def test_every_suffix_that_is_read_is_on_the_page_once() -> None:
    assert Counter(NAMED) == Counter(dict.fromkeys(suffixes(), 1))


def test_suffixes_elsewhere_on_the_page_are_read_too() -> None:
    assert set(re.findall(r"`(\.[a-z0-9]+)`", PAGE)) <= set(suffixes())


def test_the_limits_are_those_of_the_code() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    for said in (
        f"| {defaults['max_file_mb']} MB | `KB_MAX_FILE_MB`",
        f"| {defaults['parse_seconds']} s | `KB_PARSE_SECONDS`",
        f"| {defaults['parse_mb']:,} MB | `KB_PARSE_MB`",
        f"| {wire.MOST_CHARACTERS:,} characters",
        f"| {zipped.MOST_BYTES >> 20} MB; a hundredfold",
        f"| {zipped.MOST_ENTRIES:,}; {members.MOST_BYTES >> 20} MB in all",
        f"| {pdf.MOST_PAGES:,}; those after",
        f"| {sheet.MOST_CELLS:,} |",
        f"| {MOST_PIXELS // 1_000_000} million pixels; {image.MOST_FRAMES} frames",
        f"first {message.MOST_ATTACHMENTS} attachments, {message.MOST_ATTACHED_BYTES >> 20} MB",
        f"first {mbox.MOST_MAILS:,} mails",
        f"first {ipynb.LONGEST_OUTPUT:,} characters",
    ):
        assert said in PAGE, said
    assert zipped.MOST_RATIO == 100


def test_the_example_of_a_loader_loads() -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example
    names = {"Loaded": Loaded, "Section": Section, "Span": Span, "decode": decode}
    exec(example[1], names)  # our own page
    loaded = names["load"]("请假须知".encode(), "a.note")  # type: ignore[operator]
    assert loaded.text == "请假须知"
    assert loaded.sections[0].span == Span(0, 4)
