"""PowerPoint presentations of 1997 to 2003: a page and a section a slide, read without PowerPoint."""

from ingest.formats.office.slides97 import Slide, opened
from ingest.formats.office.text import OfficeText, reading
from ingest.loaders import loader_for
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".ppt", ".pps", ".pot", ".dps")
VERSION = 1

_TITLES, _BODIES = (0, 6), (1, 5, 7, 8)


def load(data: bytes, name: str) -> Loaded:
    """Titles, texts and notes of each slide; a table gives its cells one below the other."""
    if data.startswith(b"PK"):
        loaded: Loaded = loader_for("a.pptx").load(data, name)
        return loaded
    with reading("PowerPoint"):
        title, slides = opened(data)
        text = OfficeText(Notes(reader="kb"))
        for slide in slides:
            _add(slide, text)
        text.title = "" if title.lower() in ("powerpoint presentation", "slide 1") else title
        return text.loaded()


def _add(slide: Slide, text: OfficeText) -> None:
    if slide.is_hidden:
        text.notes.hide("hidden slide", "".join(said for _, said in slide.texts))
        return
    text.page()
    title = next((said for kind, said in slide.texts if kind in _TITLES and said.strip()), "")
    if title:
        text.heading(title.replace("\v", " "), 1)
    else:
        text.unheaded()
    for kind, said in slide.texts:
        if kind in _TITLES and said == title:
            continue
        for paragraph in said.replace("\v", "\n").split("\r") if kind in _BODIES else ():
            text.item(paragraph)
        if kind not in _BODIES:
            text.paragraph(said.replace("\v", "\n").replace("\r", "\n"))
    if notes := "\n".join(said.replace("\r", "\n").strip() for said in slide.notes if said.strip()):
        text.paragraph(f"Notes:\n{notes}")
