"""A mail as a document, wherever it came from: header lines, body, attachments read by their own loaders."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ingest.formats.asked import asked
from ingest.formats.named import whole
from ingest.formats.parts import Parts
from ingest.loaders import html
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import KBError

MOST_ATTACHMENTS = 100  # that are read; the names of all are noted
MOST_ATTACHED_BYTES = 64 << 20  # of one mail
_STUB = 3  # a plain body shorter than a third of the HTML only points to it

_is_within: ContextVar[bool] = ContextVar("is_within_a_mail", default=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """`headers` are names and values in the order in which they are shown. Bodies are decoded text."""

    subject: str
    headers: tuple[tuple[str, str], ...]
    plain: str = ""
    page: str = ""  # HTML
    attachments: tuple[Attachment, ...] = ()


def write(mail: Mail, parts: Parts, notes: Notes, heading: tuple[str, ...] = ()) -> None:
    """The mail at the end of `parts`; each attachment is a section of its own."""
    parts.say("\n".join(f"{name}: {value}" for name, value in mail.headers), heading)
    parts.add(_body(mail), heading)
    for attachment in mail.attachments:
        notes.attach(attachment.name)
    for attachment in _read(mail.attachments, notes):
        if made := _loaded(attachment, notes):
            above = (*heading, f"Attachment: {attachment.name}")
            parts.say(above[-1], above)
            parts.add(made, above, attachment.name)


def _body(mail: Mail) -> Loaded:
    if not mail.page.strip():
        return _plain(mail.plain)
    page = html.load_text(mail.page, titled=False)
    if len("".join(mail.plain.split())) * _STUB < len("".join(page.text.split())):
        return page
    return _plain(mail.plain)


def _plain(text: str) -> Loaded:
    text = text.replace("\r\n", "\n").strip("\n")
    return whole(text, headings=asked(text))


def _read(attachments: Sequence[Attachment], notes: Notes) -> Iterator[Attachment]:
    """Those that are looked into: not too many, not too large, and none of a mail within a mail."""
    if _is_within.get():
        if attachments:
            notes.warn("attachments of an attached mail are not read")
        return
    left = MOST_ATTACHED_BYTES
    for number, attachment in enumerate(attachments):
        left -= len(attachment.data)
        if number >= MOST_ATTACHMENTS or left < 0:
            notes.warn("more attachments than are read; the rest is left out")
            return
        yield attachment


def _loaded(attachment: Attachment, notes: Notes) -> Loaded | None:
    from ingest.loaders import loader_for

    try:
        with _within():
            made: Loaded = loader_for(attachment.name).load(attachment.data, attachment.name)
    except KBError as error:
        notes.warn(f"{attachment.name} is not read: {error}")
    except Exception as error:  # noqa: BLE001  # parsers of strangers' files raise anything
        notes.warn(f"{attachment.name} is not read: the parser failed ({type(error).__name__})")
    else:
        return made
    return None


@contextmanager
def _within() -> Iterator[None]:
    token = _is_within.set(True)
    try:
        yield
    finally:
        _is_within.reset(token)
