"""Mailboxes in one file (RFC 4155): one section a mail, headed by subject, date and sender."""

import re
from collections.abc import Iterator

from ingest.formats.mail import message as _mail
from ingest.formats.mail import mime as _mail_mime
from ingest.formats.named import title_of
from ingest.formats.parts import Parts
from ingest.notes import Notes
from ingest.types import Loaded
from rag.errors import UnreadableFile

SUFFIXES = (".mbox",)
VERSION = 1
MOST_MAILS = 20_000
_FROM = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]{1,500}\r?\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def load(data: bytes, name: str) -> Loaded:
    """Every mail in order; one that cannot be read is named in a warning."""
    notes = Notes()
    parts = Parts(notes)
    for number, mail in enumerate(_mails(data), 1):
        if number > MOST_MAILS:
            notes.warn(f"only the first {MOST_MAILS} mails are read")
            break
        try:
            _add(_mail_mime.parse(mail), parts, notes)
        except UnreadableFile as error:
            notes.warn(f"mail {number} is not read: {error}")
    if not parts.length and notes.warnings:
        raise UnreadableFile("no mail in it can be read", hint="export the mails as .eml")
    return parts.loaded(title_of(name))


def _add(mail: _mail.Mail, parts: Parts, notes: Notes) -> None:
    said = dict(mail.headers)
    heading = ", ".join(filter(None, (mail.subject, said.get("Date"), said.get("From"))))
    _mail.write(mail, parts, notes, (heading,) if heading else ())


def _mails(data: bytes) -> Iterator[bytes]:
    """The bytes of each mail, the quoting of its lines that begin with `From ` undone."""
    starts = [(match.start(), match.end()) for match in _FROM.finditer(data)]
    if not starts:
        yield data
        return
    ends = [start for start, _ in starts[1:]] + [len(data)]
    for (_, start), end in zip(starts, ends, strict=True):
        yield _QUOTED.sub(rb"\1", data[start:end])
