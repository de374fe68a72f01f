"""The binary format of PowerPoint 97 to 2003 (MS-PPT): slides as they were saved last.

A file holds every earlier save too. Which records are the present ones is said by a chain of edits,
each with a directory; a reader that takes all text would find slides that were deleted.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.formats.office.lock import locked, unlocked
from ingest.formats.office.ole import Compound

_DOCUMENT, _LIST, _PERSIST, _NOTES_ATOM = 0x03E8, 0x0FF0, 0x03F3, 0x03F1
_HEADER, _CHARS, _BYTES, _REFERENCE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_SHOW, _EDIT, _DIRECTORY, _COMMENT = 0x03F9, 0x0FF5, 0x1772, 0x2EE0
_HIDDEN = 0x0004
_SLIDES, _NOTES = 0, 2  # the lists of a document
_MOST_EDITS = 10_000
_DEEPEST = 64

Text = tuple[int, str]  # its kind (0 title, 1 body, 2 notes, 4 other, 5 and 6 centred) and itself


@dataclass(frozen=True, slots=True)
class Record:
    """A record; of a container `data` holds the records within."""

    kind: int
    instance: int
    is_container: bool
    data: memoryview


@dataclass(slots=True)
class Slide:
    """The texts of a slide, in order, and of its notes."""

    texts: list[Text] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_hidden: bool = False
    comments: str = ""


def opened(data: bytes) -> tuple[str, list[Slide]]:
    """The title and the slides. `UnreadableFile` for what is no presentation, or is locked.

    Most locked ones stay locked: what the library gives for the password is rarely a whole file.
    """
    file = Compound(data, "PowerPoint")
    view = memoryview(file.needed("PowerPoint Document"))
    places, is_locked = _places(view, _last_edit(file))
    if is_locked:
        file = Compound(unlocked(data), "PowerPoint")
        view = memoryview(file.needed("PowerPoint Document"))
        places, _ = _places(view, _last_edit(file))
    present = (_record(view, place) for place in places.values())
    document = next((record for record in present if record and record.kind == _DOCUMENT), None)
    if document is None:
        raise locked("save a copy without its password") if is_locked else file.broken()
    lists = {r.instance: r for r in records(document.data) if r.kind == _LIST}
    return file.title, list(_slides(lists, places, view))


def records(data: memoryview) -> Iterator[Record]:
    """The records one after another; a broken length ends them."""
    at = 0
    while (found := _record(data, at)) is not None:
        yield found
        at += 8 + len(found.data)


def _record(data: memoryview, at: int) -> Record | None:
    if not 0 <= at <= len(data) - 8:
        return None
    head, kind, length = struct.unpack_from("<HHI", data, at)
    return Record(kind, head >> 4, head & 0x0F == 0x0F, data[at + 8 : at + 8 + length])


def _walk(data: memoryview, depth: int = 0) -> Iterator[Record]:
    """All records at any depth, in order."""
    for record in records(data):
        if record.is_container and depth < _DEEPEST:
            yield from _walk(record.data, depth + 1)
        elif not record.is_container:
            yield record


def _last_edit(file: Compound) -> int:
    current = file.stream("Current User") or b""
    return int(struct.unpack_from("<I", current, 16)[0]) if len(current) >= 20 else -1


def _places(view: memoryview, edit: int) -> tuple[dict[int, int], bool]:
    """Where each object that is in use begins, by its number; whether the file is locked."""
    found, seen, is_locked = dict[int, int](), set[int](), False
    while edit not in seen and len(seen) < _MOST_EDITS:
        seen.add(edit)
        record = _record(view, edit)
        if record is None or record.kind != _EDIT or len(record.data) < 16:
            break
        edit, directory = struct.unpack_from("<II", record.data, 8)
        is_locked = is_locked or len(record.data) >= 32
        held = _record(view, directory)
        if held is not None and held.kind == _DIRECTORY:
            for number, place in _entries(held.data):
                found.setdefault(number, place)  # the newest comes first
    return found, is_locked


def _entries(data: memoryview) -> Iterator[tuple[int, int]]:
    at = 0
    while at + 4 <= len(data):
        said = struct.unpack_from("<I", data, at)[0]
        first, count = said & 0xFFFFF, said >> 20
        at += 4
        for number in range(first, first + count):
            if at + 4 > len(data):
                return
            yield number, struct.unpack_from("<I", data, at)[0]
            at += 4


def _slides(lists: dict[int, Record], places: dict[int, int], view: memoryview) -> Iterator[Slide]:
    notes: dict[int, list[str]] = {}
    for number, _, _ in _listed(lists.get(_NOTES)):
        record = _record(view, places.get(number, -1))
        if record is not None:
            found = [said for kind, said in _texts(record.data, []) if kind == 2]
            notes[_slide_of(record)] = found
    for number, key, outline in _listed(lists.get(_SLIDES)):
        record = _record(view, places.get(number, -1))
        if record is None:
            yield Slide(outline)
            continue
        slide = Slide(list(_texts(record.data, outline)), notes.get(key, []))
        slide.is_hidden = any(r.kind == _SHOW and _is_hidden(r.data) for r in records(record.data))
        yield slide


def _listed(listed: Record | None) -> Iterator[tuple[int, int, list[Text]]]:
    """The number of each slide's object, its key, and the texts that stand in the list itself."""
    found: list[tuple[int, int, list[Text]]] = []
    kind = 4
    for record in records(listed.data) if listed else ():
        if record.kind == _PERSIST and len(record.data) >= 16:
            number, _, _, key = struct.unpack_from("<IIII", record.data)
            found.append((number, key, []))
        elif record.kind == _HEADER and len(record.data) >= 4:
            kind = struct.unpack_from("<I", record.data)[0]
        elif found and (said := _said(record)) is not None:
            found[-1][2].append((kind, said))
    return iter(found)


def _texts(data: memoryview, outline: list[Text]) -> Iterator[Text]:
    """The texts of a slide's shapes, and those of the outline that no shape names."""
    kind, left = 4, dict(enumerate(outline))
    for record in _walk(data):
        if record.kind == _HEADER and len(record.data) >= 4:
            kind = struct.unpack_from("<I", record.data)[0]
        elif record.kind == _REFERENCE and len(record.data) >= 4:
            if found := left.pop(struct.unpack_from("<I", record.data)[0], None):
                yield found
        elif (said := _said(record)) is not None:
            yield kind, said
    yield from left.values()


def _said(record: Record) -> str | None:
    if record.kind == _CHARS:
        return bytes(record.data[: len(record.data) // 2 * 2]).decode("utf-16-le", "replace")
    if record.kind == _BYTES:
        return bytes(record.data).decode("latin-1")
    return None


def _slide_of(record: Record) -> int:
    atom = next((r for r in records(record.data) if r.kind == _NOTES_ATOM and len(r.data) >= 4), None)
    return int(struct.unpack_from("<I", atom.data)[0]) if atom else -1


def _is_hidden(data: memoryview) -> bool:
    return len(data) >= 12 and bool(struct.unpack_from("<H", data, 10)[0] & _HIDDEN)
