"""Internet mail (RFC 5322, MIME) to a `Mail`, tolerant of what real programs send."""

import email
import email.policy
import re
from base64 import b64decode
from binascii import Error as BinasciiError
from collections.abc import Iterator
from email.message import Message
from quopri import decodestring

from ingest.formats.mail.message import Attachment, Mail
from rag.charset import decode
from rag.errors import UnreadableFile

MOST_PARTS = 10_000
_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_LONGEST_HEADER = 2_000
_LONGEST_FIELD = 10_000
_WORD = re.compile(r"=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bBqQ])\?([^?\s]{0,1000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_SAFE_NAME = re.compile(r"[\x00-\x1f\x7f/\\]+")


def parse(data: bytes) -> Mail:
    """The mail in these bytes. `UnreadableFile` when there is none."""
    try:
        message = email.message_from_bytes(data, policy=email.policy.compat32)
        parts = list(_leaves(message))
    except RecursionError as error:
        raise UnreadableFile("nested too deeply", state="too large", hint="save its parts by hand") from error
    if not message.keys():
        raise UnreadableFile("it has no header lines, so it is no mail", hint="export it again as .eml")
    return _mail(message, parts)


def _mail(message: Message, parts: list[Message]) -> Mail:
    headers = tuple((name, said) for name in _SHOWN if (said := header(message, name)))
    plain, pages, attachments = [], [], []
    for part in parts:
        kind, name = part.get_content_type(), _name(part)
        is_attached = part.get_content_disposition() == "attachment"
        if kind == "message/rfc822":
            attachments.append(Attachment(name or _forwarded(part), _inner(part)))
        elif kind == "text/plain" and not is_attached and (not name or _is_inline(part)):
            plain.append(_text(part))
        elif kind == "text/html" and not is_attached and (not name or _is_inline(part)):
            pages.append(_text(part))
        elif name and not _is_picture_of_the_page(part):
            attachments.append(Attachment(name, _bytes(part)))
    subject = header(message, "Subject")
    return Mail(subject, headers, "\n\n".join(plain), "\n".join(pages), tuple(attachments))


def header(message: Message, name: str) -> str:
    """The value of a header on one line, its encoded words read; '' when it is not there."""
    raw = next((said for key, said in message.raw_items() if key.lower() == name.lower()), "")
    return _decoded(" ".join(_unsurrogated(raw).split())[:_LONGEST_HEADER])


def _unsurrogated(said: str) -> str:
    """A header with bytes beyond ASCII, in the encoding it seems to have."""
    try:
        said.encode("ascii")
    except UnicodeEncodeError:
        try:
            return decode(said.encode("utf-8", "surrogateescape"))[0]
        except UnreadableFile:
            return said.encode("ascii", "replace").decode()
    return said


def _decoded(said: str) -> str:
    """RFC 2047 words; neighbours of one encoding are joined before, since some cut within a character."""
    said = _BETWEEN_WORDS.sub(r"\1", said)
    made, place = [], 0
    charset, run = "", b""
    for match in _WORD.finditer(said):
        if run and (match.start() > place or match[1].lower() != charset):
            made.append(_safely(run, charset))
            run = b""
        made.append(said[place : match.start()])
        charset, place = match[1].lower(), match.end()
        run += _word(match[2], match[3])
    if run:
        made.append(_safely(run, charset))
    return "".join([*made, said[place:]])


def _word(kind: str, said: str) -> bytes:
    if kind in "qQ":
        return decodestring(said.replace("_", " ").encode("utf-8", "replace"))
    try:
        return b64decode(said + "=" * (-len(said) % 4))
    except (BinasciiError, ValueError):
        return said.encode("utf-8", "replace")


def _safely(data: bytes, charset: str) -> str:
    try:
        return decode(data, charset)[0]
    except UnreadableFile:
        return data.decode("ascii", "replace")


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold something, in order; an attached mail is one of them."""
    stack, count = [message], 0
    while stack:
        part = _bounded(stack.pop())
        count += 1
        if count > MOST_PARTS:
            raise UnreadableFile("it has too many parts", state="too large", hint="save its parts by hand")
        payload = part.get_payload()
        if isinstance(payload, list) and (part.get_content_type() != "message/rfc822" or part is message):
            stack.extend(inner for inner in reversed(payload) if isinstance(inner, Message))
        else:
            yield part


def _bounded(part: Message) -> Message:
    """Without fields so long that reading their parameters would take for ever."""
    for name in ("Content-Type", "Content-Disposition"):
        if any(key.lower() == name.lower() and len(said) > _LONGEST_FIELD for key, said in part.raw_items()):
            del part[name]
    return part


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    data = _bytes(part)
    try:
        return decode(data, part.get_content_charset("") or "")[0]
    except (UnreadableFile, LookupError):
        return data.decode("utf-8", "replace")


def _name(part: Message) -> str:
    try:
        said = part.get_filename("")
    except (LookupError, ValueError, TypeError):
        return ""
    return _SAFE_NAME.sub("_", _decoded(_unsurrogated(said)))[:200]


def _is_inline(part: Message) -> bool:
    return part.get_content_disposition() == "inline"


def _is_picture_of_the_page(part: Message) -> bool:
    return part.get_content_maintype() == "image" and (
        _is_inline(part) or (bool(part.get("Content-ID")) and part.get_content_disposition() != "attachment")
    )


def _inner(part: Message) -> bytes:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else payload
    return inner.as_bytes() if isinstance(inner, Message) else _bytes(part)


def _forwarded(part: Message) -> str:
    """A name for an attached mail that has none: its subject."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    subject = header(inner, "Subject") if isinstance(inner, Message) else ""
    return (_SAFE_NAME.sub("_", subject) or "mail")[:150] + ".eml"
