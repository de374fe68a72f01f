"""Mails: who wrote to whom, when and what; attachments as sections of their own.

Of a body that is there twice the plain one is read, unless it only points to the other.
"""

from ingest.formats.mail import message as _mail
from ingest.formats.mail import mime as _mail_mime
from ingest.formats.parts import Parts
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".eml",)
VERSION = 1


def load(data: bytes, name: str) -> Loaded:
    """The subject is the title, headers are the first lines."""
    notes = Notes()
    parts = Parts(notes)
    mail = _mail_mime.parse(data)
    _mail.write(mail, parts, notes)
    return parts.loaded(mail.subject)
