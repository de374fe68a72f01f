"""Presentations: a page and a section a slide, headed by its title; notes stand below their slide.

The XML is walked by ourselves, so that a slide of which a part is broken still gives the others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.formats.office.text import OfficeText, reading
from ingest.formats.ooxml.graphics import drawn
from ingest.formats.ooxml.package import DRAWING, RELATION, SLIDE, Package
from ingest.formats.ooxml.slide_shapes import TITLES, Shape, in_order, shapes
from ingest.formats.ooxml.slide_text import PARAGRAPH, Body, has_white, rows, text_of
from ingest.formats.ooxml.word_styles import is_white
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx")
VERSION = 2

_RUNNING = ("dt", "ftr", "hdr", "sldNum")
_LISTS = ("body", "obj")
_UNTITLED = re.compile(
    r"(?:powerpoint )?(?:presentation|演示文稿|簡報)\s*\d*|slide 1|幻灯片 1", re.IGNORECASE
)
_WHITE_GROUNDS = ("bg1", "lt1")


@dataclass(slots=True)
class _Show:
    """A presentation that is being read."""

    package: Package
    text: OfficeText
    width: float = 0.0
    height: float = 0.0
    running: set[str] = field(default_factory=set)
    models: dict[str, list[Any]] = field(default_factory=dict)  # layouts, each with its master


def load(data: bytes, name: str) -> Loaded:
    """Titles, text from top to bottom and left to right, tables, charts and notes of each slide."""
    with reading("PowerPoint"):
        notes = Notes(reader="kb")
        package = Package(data, "PowerPoint", notes)
        part, root = package.main("ppt/presentation.xml")
        show = _Show(package, OfficeText(notes), *_size(root))
        for slide in _slides(package, part, root):
            _add(slide, show)
        if not _UNTITLED.fullmatch(package.title):
            show.text.title = package.title
        return show.text.loaded()


def _size(root: Any) -> tuple[float, float]:
    size = root.find(f"{SLIDE}sldSz")
    return (0.0, 0.0) if size is None else (float(size.get("cx") or 0), float(size.get("cy") or 0))


def _slides(package: Package, part: str, root: Any) -> Iterator[str]:
    """The parts of the slides, in the order in which they are shown."""
    known = {r.id: r.target for r in package.relations(part) if r.kind == "slide"}
    listed = [s.get(f"{RELATION}id") for s in root.iter(f"{SLIDE}sldId")]
    order = [known[key] for key in listed if key in known] or list(known.values())
    return iter(dict.fromkeys(order))


def _add(part: str, show: _Show) -> None:
    root = show.package.xml(part)
    if root is None:
        show.text.notes.warn(f"a slide cannot be read: {part.rpartition('/')[2]}")
        return
    for comments in show.package.related(part, "comments"):
        show.text.notes.hide("comment", "".join(comments.itertext()))
    if root.get("show") in ("0", "false"):
        show.text.notes.hide("hidden slide", _all(root))
        return
    show.text.page()
    models = _models(part, show)
    found = shapes(root, models)
    white_is_seen = _is_coloured([root, *models])
    _open(found, show)
    for shape in in_order(found, show.height):
        _say(shape, found, part, white_is_seen, show)
    _say_notes(part, show)


def _models(part: str, show: _Show) -> list[Any]:
    """The layout of a slide and its master."""
    layout = next((r.target for r in show.package.relations(part) if r.kind == "slideLayout"), "")
    if layout not in show.models:
        root = show.package.xml(layout)
        masters = show.package.related(layout, "slideMaster")
        show.models[layout] = [] if root is None else [root, *masters]
    return show.models[layout]


def _is_coloured(roots: Sequence[Any]) -> bool:
    """Whether the ground of the slide may be another than white."""
    for number, root in enumerate(roots):
        if number and any(shape.is_filled for shape in shapes(root)):
            return True  # a picture or bar of the layout
    said = (root.find(f"{SLIDE}cSld/{SLIDE}bg") for root in roots)
    ground = next((ground for ground in said if ground is not None), None)
    if ground is None or ground.find(f".//{DRAWING}blip") is not None:
        return ground is not None
    colours = [c.get("val") for c in ground.iter(f"{DRAWING}srgbClr", f"{DRAWING}schemeClr")]
    return not colours or not all(colour in _WHITE_GROUNDS or is_white(colour) for colour in colours)


def _open(found: Sequence[Shape], show: _Show) -> None:
    """A slide without a title stands under no heading."""
    titles = (shape for shape in found if shape.holder in TITLES and not shape.is_hidden)
    if not any(_all(shape.element).strip() for shape in titles):
        show.text.unheaded()


def _say(shape: Shape, found: Sequence[Shape], part: str, white_is_seen: bool, show: _Show) -> None:
    text, element = show.text, shape.element
    if shape.is_hidden or shape.is_outside(show.width, show.height):
        text.notes.hide("not displayed" if shape.is_hidden else "off page", _all(element))
        return
    if (table := next(element.iter(f"{DRAWING}tbl"), None)) is not None:
        text.table(rows(table, text.notes))
        return
    seen = white_is_seen or not has_white(element) or any(s.is_filled and s.touches(shape) for s in found)
    said = [(p, text_of(p, text.notes, white_is_seen=seen)) for p in element.iter(PARAGRAPH)]
    if shape.holder in TITLES:
        text.heading(" ".join(line for _, line in said), 1)
    elif shape.holder in _RUNNING:
        _run(" ".join(" ".join(line for _, line in said).split()), show)
    else:
        body = Body(text, is_list=shape.holder in _LISTS)
        for paragraph, line in said:
            body.add(paragraph, line)
        for line in drawn(element, show.package, part):
            text.paragraph(line)


def _run(line: str, show: _Show) -> None:
    """Dates and footers: each once. One that has words is searched: whose the slides are, how secret."""
    if line in show.running:
        return
    show.running.add(line)
    if any(letter.isalpha() for letter in line):
        show.text.paragraph(line)
    else:
        show.text.aside(line)


def _say_notes(part: str, show: _Show) -> None:
    lines: list[str] = []
    for root in show.package.related(part, "notesSlide"):
        for shape in shapes(root):
            if shape.holder == "body":
                paragraphs = shape.element.iter(PARAGRAPH)
                lines += (text_of(p, show.text.notes, white_is_seen=True).strip() for p in paragraphs)
    if said := "\n".join(line for line in lines if line):
        show.text.paragraph(f"Notes:\n{said}")


def _all(element: Any) -> str:
    return "".join(t.text or "" for t in element.iter(f"{DRAWING}t"))
