"""OpenDocument files (ISO/IEC 26300): their parts and the looks that their styles give."""

import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from ingest.formats.ooxml.package import parse
from ingest.formats.ooxml.word_styles import is_white
from ingest.notes import Notes
from ingest.wall.zipped import check
from rag.errors import UnreadableFile

_NAME = "{{urn:oasis:names:tc:opendocument:xmlns:{}:1.0}}".format
OFFICE, TEXT, TABLE, STYLE, DRAW = map(_NAME, ("office", "text", "table", "style", "drawing"))
SHOW, NUMBER, MANIFEST = map(_NAME, ("presentation", "datastyle", "manifest"))
FORMAT, SVG = (_NAME(f"{part}-compatible") for part in ("xsl-fo", "svg"))
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_DEPTH = 32  # styles build on styles
_TINY = 1.5  # points
_HINT = "open it in its own program and save it anew"
_GROUNDS = (f"{FORMAT}background-color", f"{DRAW}fill-color")


@dataclass(frozen=True, slots=True)
class Look:
    """How text of a style looks; None where it does not say."""

    hidden: bool | None = None
    white: bool | None = None
    ground: bool | None = None
    tiny: bool | None = None
    breaks: bool = False  # a page begins before it
    title: bool = False

    def over(self, base: "Look") -> "Look":
        """This look where it says something, else the one it builds on."""
        return Look(
            base.hidden if self.hidden is None else self.hidden,
            base.white if self.white is None else self.white,
            base.ground if self.ground is None else self.ground,
            base.tiny if self.tiny is None else self.tiny,
            self.breaks,
            self.title,
        )

    @property
    def reason(self) -> str:
        """Why nobody sees it, or ''."""
        if self.hidden:
            return "vanish"
        if self.tiny:
            return "tiny"
        return "white" if self.white and not self.ground else ""


PLAIN = Look()


@dataclass(slots=True)
class Odf:
    """An open file: its body and its styles."""

    body: Any
    notes: Notes
    title: str = ""
    styles: dict[tuple[str, str], Any] = field(default_factory=dict)  # by family and name
    lists: dict[str, Any] = field(default_factory=dict)
    _looks: dict[tuple[str, str], Look] = field(default_factory=dict)

    def look(self, family: str, name: str | None) -> Look:
        """The look of a style with all that it builds on."""
        key = (family, name or "")
        if key not in self._looks:
            found, above, depth = PLAIN, self.styles.get(key), 0
            while above is not None and depth < _DEPTH:
                own = _look(above)
                found = found.over(own) if depth else own
                above = self.styles.get((family, above.get(f"{STYLE}parent-style-name") or ""))
                depth += 1
            self._looks[key] = found
        return self._looks[key]

    def says(self, family: str, name: str | None, attribute: str) -> str:
        """An attribute of the properties of a style itself, or ''."""
        style = self.styles.get((family, name or ""))
        found = (p.get(attribute) for p in style) if style is not None else ()
        return next((value for value in found if value), "")


def opened(data: bytes, notes: Notes) -> Odf:
    """The parts of a file, zipped or flat. `UnreadableFile` for a locked or broken one."""
    roots = _roots(data, notes)
    body = next((b for root in roots for b in root.iter(f"{OFFICE}body")), None)
    if body is None or not len(body):
        raise UnreadableFile("not an OpenDocument file", hint=_HINT)
    titles = [title.text or "" for root in roots for title in root.iter(_TITLE)]
    made = Odf(body[0], notes, " ".join("".join(titles[:1]).split()))
    for root in roots:
        for style in root.iter(f"{STYLE}style"):
            made.styles[style.get(f"{STYLE}family") or "", style.get(f"{STYLE}name") or ""] = style
        for style in root.iter(f"{TEXT}list-style"):
            made.lists[style.get(f"{STYLE}name") or ""] = style
    return made


def _roots(data: bytes, notes: Notes) -> list[Any]:
    if not data.startswith(b"PK"):
        found = [parse(data, "document", notes)]
    else:
        check(data)
        found = _parts(data, notes)
    return [root for root in found if root is not None]


def _parts(data: bytes, notes: Notes) -> list[Any]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        known = set(archive.namelist())
        if "META-INF/manifest.xml" in known and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise UnreadableFile(
                "it is protected by a password", state="password needed", hint="save a copy without it"
            )
        # Styles of the content come last: they count where names are the same.
        names = [name for name in ("meta.xml", "styles.xml", "content.xml") if name in known]
        return [parse(archive.read(name), name, notes) for name in names]


def _look(style: Any) -> Look:
    said: dict[str, str] = {}
    for properties in style:
        said |= {str(name): str(value) for name, value in properties.attrib.items()}
    colour = said.get(f"{FORMAT}color")
    size = said.get(f"{FORMAT}font-size", "")
    grounds = [said[name] for name in _GROUNDS if name in said]
    return Look(
        said[f"{TEXT}display"] == "none" if f"{TEXT}display" in said else None,
        None if colour is None else is_white(colour.lstrip("#")),
        any(g != "transparent" and not is_white(g.lstrip("#")) for g in grounds) if grounds else None,
        points(size) <= _TINY if size.endswith("pt") else None,
        said.get(f"{FORMAT}break-before") == "page",
        style.get(f"{STYLE}name") == "Title",
    )


def points(length: str) -> float:
    """A length in points; 0 for what is none."""
    units = {"pt": 1.0, "cm": 28.3465, "mm": 2.83465, "in": 72.0, "px": 0.75}
    try:
        return float(length[:-2]) * units.get(length[-2:], 0.0)
    except ValueError:
        return 0.0


def repeats(element: Any, attribute: str, most: int) -> int:
    """How often an element stands for itself, within a bound."""
    said = element.get(attribute) or "1"
    return min(int(said), most) if said.isdecimal() and len(said) < 10 else 1
