"""Mails as Outlook saves them ([MS-OXMSG]: MAPI properties in an OLE file)."""

from ingest.formats.mail import message as _mail
from ingest.formats.mail.outlook import parse
from ingest.formats.parts import Parts
from ingest.notes import Notes
from ingest.types import Loaded

SUFFIXES = (".msg",)
VERSION = 1


def load(data: bytes, name: str) -> Loaded:
    """As a mail in the internet format."""
    notes = Notes(reader="olefile")
    parts = Parts(notes)
    mail = parse(data)
    _mail.write(mail, parts, notes)
    return parts.loaded(mail.subject)
