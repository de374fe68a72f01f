"""An Outlook message to a `Mail`: each property is a stream named by its number and type.

[MS-OXMSG] has the streams, [MS-OXPROPS] the properties, [MS-OXRTFCP] the compressed RTF.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_string
from email.utils import format_datetime
from io import BytesIO
from typing import Any

from ingest.formats.mail.message import Attachment, Mail
from ingest.formats.mail.mime import header
from ingest.formats.mail.rtf import unpacked
from rag.charset import decode
from rag.errors import KBError, UnreadableFile

MOST_STREAM = 64 << 20
_SUBJECT, _BODY, _HTML, _RTF, _HEADERS = 0x0037, 0x1000, 0x1013, 0x1009, 0x007D
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_TO, _CC, _SENT, _DELIVERED, _CODE_PAGE = 0x0E04, 0x0E03, 0x0039, 0x0E06, 0x3FFD
_NAME, _SHORT_NAME, _DATA, _MIME, _CONTENT_ID = 0x3707, 0x3704, 0x3701, 0x370E, 0x3712
_ROOT, _SUB = 32, 24  # bytes before the first property, in a message and in an attached one
_WIDE, _NARROW, _BYTES, _TIME, _LONG = 0x001F, 0x001E, 0x0102, 0x0040, 0x0003
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def parse(data: bytes) -> Mail:
    """The mail in these bytes. `UnreadableFile` when they are damaged or something else."""
    import olefile

    try:
        with olefile.OleFileIO(BytesIO(data)) as ole:
            return _Storage(ole, "", _ROOT).mail()
    except KBError:
        raise
    except Exception as error:  # olefile raises anything on damaged files
        raise UnreadableFile(
            f"no Outlook message, or a damaged one ({type(error).__name__})",
            hint="save it again in Outlook, or as .eml",
        ) from error


class _Storage:
    """A storage of the file that holds the properties of a message or attachment."""

    def __init__(self, ole: Any, path: str, head: int) -> None:
        self._ole = ole
        self._path = path
        self._fixed = dict(self._numbers(head))

    def mail(self) -> Mail:
        """The message in this storage."""
        internet = message_from_string(self._text(_HEADERS))
        subject = self._text(_SUBJECT) or header(internet, "Subject")
        said = (
            ("From", self._sender() or header(internet, "From")),
            ("To", self._text(_TO) or header(internet, "To")),
            ("Cc", self._text(_CC) or header(internet, "Cc")),
            ("Date", self._date() or header(internet, "Date")),
            ("Subject", subject),
        )
        plain, page = self._text(_BODY), self._page()
        if not plain.strip() and not page.strip():
            plain = _rtf_text(self._stream(_RTF, _BYTES))
        headers = tuple((name, " ".join(value.split())) for name, value in said if value.strip())
        return Mail(subject, headers, plain, page, tuple(self._attachments()))

    def _attachments(self) -> Iterator[Attachment]:
        for storage in self._storages("__attach_version1.0_#"):
            inner = _Storage(self._ole, storage, 8)
            name = (inner._text(_NAME) or inner._text(_SHORT_NAME)).replace("/", "_").replace("\\", "_")
            data = inner._stream(_DATA, _BYTES)
            if inner._text(_CONTENT_ID) and inner._text(_MIME).startswith("image/"):
                continue  # a picture of the page
            if data:
                yield Attachment(name.strip("\0 ") or "attachment", data)
            elif self._ole.exists(f"{storage}/__substg1.0_{_DATA:04X}000D"):
                yield _forwarded(_Storage(self._ole, f"{storage}/__substg1.0_{_DATA:04X}000D", _SUB))

    def _page(self) -> str:
        data = self._stream(_HTML, _BYTES)
        return _decoded(data, self._code_page()) if data else self._text(_HTML)

    def _sender(self) -> str:
        name = self._text(_SENDER)
        address = self._text(_SENDER_SMTP) or self._text(_SENDER_ADDRESS)
        return f"{name} <{address}>" if name and "@" in address and address != name else name or address

    def _date(self) -> str:
        ticks = self._fixed.get((_SENT, _TIME)) or self._fixed.get((_DELIVERED, _TIME))
        if not ticks:
            return ""
        try:
            return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10))
        except OverflowError:
            return ""

    def _text(self, number: int) -> str:
        """A property in words, in Unicode or in the message's code page."""
        wide = self._stream(number, _WIDE)
        if wide:
            return wide.decode("utf-16-le", "replace").strip("\0")
        return _decoded(self._stream(number, _NARROW), self._code_page()).strip("\0")

    def _code_page(self) -> str:
        page = self._fixed.get((_CODE_PAGE, _LONG), 0)
        return {0: "", 65001: "utf-8"}.get(page & 0xFFFF, f"cp{page & 0xFFFF}")

    def _stream(self, number: int, kind: int) -> bytes:
        path = self._below(f"__substg1.0_{number:04X}{kind:04X}")
        if not self._ole.exists(path) or self._ole.get_type(path) != 2:
            return b""
        found: bytes = self._ole.openstream(path).read(MOST_STREAM)
        return found

    def _numbers(self, head: int) -> Iterator[tuple[tuple[int, int], int]]:
        """Properties of fixed size, by number and type."""
        path = self._below("__properties_version1.0")
        data = self._ole.openstream(path).read(1 << 20)[head:] if self._ole.exists(path) else b""
        for kind, number, _, value in struct.iter_unpack("<HHIQ", data[: len(data) // 16 * 16]):
            yield (number, kind), value

    def _storages(self, prefix: str) -> list[str]:
        depth = self._path.count("/") + 1 if self._path else 0
        here = self._path.split("/") if self._path else []
        found = (entry for entry in self._ole.listdir(streams=False, storages=True) if entry[:depth] == here)
        return sorted("/".join(e) for e in found if len(e) == depth + 1 and e[-1].startswith(prefix))

    def _below(self, name: str) -> str:
        return f"{self._path}/{name}" if self._path else name


def _forwarded(inner: _Storage) -> Attachment:
    """An attached message, as a mail of plain text."""
    mail = inner.mail()
    lines = [f"{name}: {value}" for name, value in mail.headers]
    head = "\n".join([*lines, "MIME-Version: 1.0", "Content-Transfer-Encoding: 8bit"])
    kind, body = ("plain", mail.plain) if mail.plain.strip() else ("html", mail.page)
    said = f"{head}\nContent-Type: text/{kind}; charset=utf-8\n\n{body}"
    name = mail.subject.replace("/", "_").replace("\\", "_") or "mail"
    return Attachment(f"{name[:150]}.eml", said.encode("utf-8", "replace"))


def _decoded(data: bytes, charset: str) -> str:
    if not data:
        return ""
    try:
        return decode(data, charset)[0]
    except UnreadableFile:
        return data.decode("cp1252", "replace")


def _rtf_text(data: bytes) -> str:
    """The text of a compressed RTF body; '' when there is no reader for it."""
    from ingest.loaders import loader_for

    if not data:
        return ""
    found: str = loader_for("body.rtf").load(unpacked(data), "body.rtf").text
    return found
