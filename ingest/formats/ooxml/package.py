"""Office Open XML packages (ECMA-376): parts of a zip, their relations, their XML.

No entity is resolved and no part may define one. A part that is broken is read as far as it goes.
"""

import posixpath
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

from ingest.formats.office.lock import opened
from ingest.notes import Notes
from rag.errors import UnreadableFile

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
SLIDE = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_OF_PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_BROKEN = "a part of the file is broken: {}"
_STRICT = b"http://purl.oclc.org/ooxml/"
# Namespaces of the strict variant (ISO 29500) and those that everybody writes.
_TRANSITIONAL = {
    b"wordprocessingml/main": b"wordprocessingml/2006/main",
    b"spreadsheetml/main": b"spreadsheetml/2006/main",
    b"presentationml/main": b"presentationml/2006/main",
    b"drawingml/main": b"drawingml/2006/main",
    b"drawingml/chart": b"drawingml/2006/chart",
    b"drawingml/diagram": b"drawingml/2006/diagram",
    b"officeDocument/math": b"officeDocument/2006/math",
    b"officeDocument/relationships": b"officeDocument/2006/relationships",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """One part points at another; `kind` is the last word of the type, `target` a part's name."""

    id: str
    kind: str
    target: str


class Package:
    """An open package. `kind` names the program that writes such files."""

    def __init__(self, data: bytes, kind: str, notes: Notes) -> None:
        self._zip = zipfile.ZipFile(BytesIO(opened(data, kind)))
        self._kind = kind
        self._relations: dict[str, tuple[Relation, ...]] = {}
        self._notes = notes
        self._names = {name.replace("\\", "/").lstrip("/").lower(): name for name in self._zip.namelist()}

    def main(self, usual: str) -> tuple[str, Any]:
        """The name and the XML of the main part; `usual` is where it stands when no relation says."""
        said = (relation.target for relation in self.relations("") if relation.kind == "officeDocument")
        for name in (*said, usual):
            if (root := self.xml(name)) is not None:
                return name, root
        raise UnreadableFile(f"not a file of {self._kind}", hint=f"open it in {self._kind} and save it anew")

    def read(self, name: str) -> bytes | None:
        """The bytes of a part, in the namespaces of above; None when there is no such part."""
        stored = self._names.get(name.lstrip("/").lower())
        if stored is None:
            return None
        data = self._zip.read(stored)
        if _STRICT in data:
            for strict, usual in _TRANSITIONAL.items():
                data = data.replace(_STRICT + strict, b"http://schemas.openxmlformats.org/" + usual)
        return data

    def xml(self, name: str) -> Any:
        """The root of a part; None when there is no such part, or nothing of it can be read."""
        data = self.read(name)
        return None if data is None else parse(data, name, self._notes)

    def stream(self, name: str, tags: Sequence[str]) -> Iterator[Any]:
        """The elements of a part with these tags, as each ends; nothing is kept of those before.

        An element within another of these tags comes first, and is empty when the outer one comes.
        """
        from lxml import etree

        data = self.read(name)
        if data is None:
            return
        _refuse_entities(data, name)
        events = etree.iterparse(
            BytesIO(data), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, recover=True
        )
        for number, (_, element) in enumerate(events):
            if not number and element.getroottree().docinfo.doctype:
                raise _defines(name)
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
        if len(events.error_log):
            self._notes.warn(_BROKEN.format(posixpath.basename(name)))

    def relations(self, part: str) -> tuple[Relation, ...]:
        """What a part points at within the package, in order; part `""` is the package itself."""
        if part not in self._relations:
            self._relations[part] = tuple(self._related(part))
        return self._relations[part]

    def related(self, part: str, kind: str) -> Iterator[Any]:
        """The XML of parts of one kind that a part points at."""
        for relation in self.relations(part):
            if relation.kind == kind and (root := self.xml(relation.target)) is not None:
                yield root

    @cached_property
    def title(self) -> str:
        """The title in the file's properties."""
        for root in self.related("", "core-properties"):
            return " ".join((root.findtext(_TITLE) or "").split())
        return ""

    def _related(self, part: str) -> Iterator[Relation]:
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        for found in () if root is None else root.iter(_OF_PACKAGE):
            if found.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, found.get("Target") or ""))
                kind = (found.get("Type") or "").rpartition("/")[2]
                yield Relation(found.get("Id") or "", kind, target.lstrip("/"))


def parse(data: bytes, name: str, notes: Notes) -> Any:
    """The root of an XML document, as far as it can be read; None when nothing can."""
    from lxml import etree

    _refuse_entities(data, name)
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "remove_comments": True}
    try:
        root = etree.fromstring(data, etree.XMLParser(**options, remove_pis=True))
    except etree.XMLSyntaxError:
        notes.warn(_BROKEN.format(posixpath.basename(name)))
        root = etree.fromstring(data, etree.XMLParser(**options, remove_pis=True, recover=True))
    if root is not None and root.getroottree().docinfo.doctype:  # in another encoding than above
        raise _defines(name)
    return root


def _refuse_entities(data: bytes, name: str) -> None:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _defines(name)


def _defines(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"{posixpath.basename(name)} defines entities, which no office program writes",
        hint="open it in its own program and save it anew",
    )
