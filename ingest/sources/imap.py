"""Messages of a mailbox (RFC 9051): `imaps://user@host/FOLDER`; several folders with folders=A,B.

Options: folders, since (YYYY-MM-DD: messages that arrived on that day or later), ca. The password is
the source's secret. Folders are opened for reading only: no message becomes seen, none is changed.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote, urlsplit

from ingest.outbound import Wall
from ingest.sources import Options, Seen, Unseen, Walked
from ingest.sources._auth import checked_secret
from ingest.sources._mailbox import encode
from ingest.sources._spool import spooled
from ingest.sources._values import Values
from ingest.sources._web import trusting
from rag.errors import BackendError, BadInput, TimedOut, Unreachable

ALLOWED = "ca folders since"
PORTS = frozenset({143, 993})
_SECONDS = 60.0
_AT_ONCE = 500
_FACTS = re.compile(rb"UID (\d+)|RFC822\.SIZE (\d+)|INTERNALDATE \"([^\"]+)\"")
T = TypeVar("T")


def connect(url: str, options: Options) -> "Mailbox":
    """The messages of folders. Nothing is asked of the network yet."""
    return Mailbox(url, options, Wall(options.private_hosts, PORTS))


class Mailbox:
    """A source of messages. A message never changes: its place is its etag too."""

    def __init__(self, url: str, options: Options, wall: Wall) -> None:
        parts = urlsplit(url)
        values = Values.of("imap", options, ALLOWED)
        if not (parts.hostname and parts.username) or parts.password is not None:
            raise BadInput(f"no mailbox in {parts.hostname or url!r}", hint="imaps://user@host/INBOX")
        self._is_tls, self._host = parts.scheme == "imaps", parts.hostname
        self._port = parts.port or (993 if self._is_tls else 143)
        self._user, self._secret = unquote(parts.username), checked_secret(url, options)
        self._root = f"{parts.scheme}://{parts.netloc}"
        self._folders = values.listed("folders") or (unquote(parts.path.strip("/")) or "INBOX",)
        self._since, self._options, self._wall = _day(values.text("since")), options, wall
        self._tls = trusting(values.text("ca")) or ssl.create_default_context()
        self._link: imaplib.IMAP4 | None = None
        self._selected = ""

    def walk(self) -> Walked:
        """Every message that is not marked as deleted. Only numbers, sizes and dates are asked for."""
        found = [one for folder in self._folders for one in self._in(folder)]
        files = tuple(one for one in found if isinstance(one, Seen))
        return Walked(self._root, files, tuple(one for one in found if isinstance(one, Unseen)))

    def fetch(self, seen: Seen) -> Path:
        """The message as it was sent, in the spool folder."""
        folder, validity, uid = _parts(seen.place.removeprefix(self._root))

        def write(path: Path) -> None:
            if self._validity(folder) != validity:
                raise BackendError(f"the folder {folder} was made anew", hint="sync again")
            found = self._ask("FETCH", uid, "(UID BODY.PEEK[])")
            body = next((one[1] for one in found if isinstance(one, tuple)), None)
            if body is None:
                raise BackendError("the message is gone", hint="sync again")
            path.write_bytes(body)

        return spooled(self._options.spool, seen.place, write)

    def close(self) -> None:
        """Log out."""
        link, self._link, self._selected = self._link, None, ""
        if link is not None:
            try:
                link.logout()
            except (imaplib.IMAP4.error, OSError):
                link.shutdown()

    def _in(self, folder: str) -> Iterator[Seen | Unseen]:
        base = f"{self._root}/{quote(folder, safe='/')}"
        validity = self._validity(folder)
        since = ("SINCE", f"{self._since:%d-%b-%Y}") if self._since else ()
        uids = [
            uid.decode() for line in self._ask("SEARCH", "UNDELETED", *since) for uid in (line or b"").split()
        ]
        for start in range(0, len(uids), _AT_ONCE):
            asked = ",".join(uids[start : start + _AT_ONCE])
            for line in self._ask("FETCH", asked, "(UID RFC822.SIZE INTERNALDATE)"):
                yield from self._seen(line, f"{base};UIDVALIDITY={validity}", folder)

    def _seen(self, line: Any, base: str, folder: str) -> Iterator[Seen | Unseen]:
        facts = _facts(line[0] if isinstance(line, tuple) else line)
        if facts is None:
            return
        uid, size, arrived = facts
        place, name = f"{base}/;UID={uid}", f"{folder}/{uid}.eml"
        if size > self._options.max_bytes:
            most = f"larger than {self._options.max_bytes >> 20} MB"
            yield Unseen(place, name, most, "raise KB_MAX_FILE_MB")
        else:
            yield Seen(place, name, None, size, arrived, etag=place)

    def _validity(self, folder: str) -> str:
        """Open the folder for reading; the number that changes when its messages are numbered anew."""
        link = self._opened()
        if self._selected != folder:
            status, _ = self._told(lambda: link.select(_quoted(folder), readonly=True))
            if status != "OK":
                raise BackendError(f"there is no folder {folder!r} in the mailbox", hint="--set folders=NAME")
            self._selected = folder
        _, values = link.response("UIDVALIDITY")
        link.untagged_responses["UIDVALIDITY"] = values  # `response` takes it away
        return values[0].decode() if values and values[0] else "0"

    def _ask(self, *command: str) -> list[Any]:
        link = self._opened()
        status, found = self._told(lambda: link.uid(*command))
        if status != "OK":
            raise BackendError(f"the mail server refuses {command[0]}")
        return list(found)

    def _opened(self) -> imaplib.IMAP4:
        if self._link is None:
            link = self._told(lambda: _Link(self._host, self._port, self._socket, self._options.max_bytes))
            self._link = link
            try:
                link.login(self._user, self._secret)
            except imaplib.IMAP4.error as error:
                self.close()
                raise BackendError(
                    f"{self._host} refuses the login", hint="check the user in the URL and --key-env"
                ) from error
        return self._link

    def _socket(self) -> socket.socket:
        plain = self._wall.connect(self._host, self._port, _SECONDS)
        return self._tls.wrap_socket(plain, server_hostname=self._host) if self._is_tls else plain

    def _told(self, call: Callable[[], T]) -> T:
        """Errors of the library as ours. After one, the connection is not used again."""
        try:
            return call()
        except (imaplib.IMAP4.error, OSError) as error:
            self._link, self._selected = None, ""
            if isinstance(error, TimeoutError):
                raise TimedOut(f"{self._host} did not answer in time", hint="try again later") from error
            raise Unreachable(f"no connection to {self._host}", hint="is it up?") from error


class _Link(imaplib.IMAP4):
    """An IMAP connection over a socket that is given. No message beyond `most` bytes is taken in."""

    def __init__(self, host: str, port: int, connected: Callable[[], socket.socket], most: int) -> None:
        self._connected, self._most = connected, most
        super().__init__(host, port, _SECONDS)

    def read(self, size: int) -> bytes:
        """So many bytes: the server names the number, whatever was asked for."""
        if size > self._most:
            raise self.abort("the server sends more than it said")
        return super().read(size)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._connected()


def _facts(line: bytes | None) -> tuple[int, int, int] | None:
    """UID, size and time of arrival in nanoseconds, of one FETCH line."""
    found = [match.groups() for match in _FACTS.finditer(line or b"")]
    uid, size, arrived = (next((one[i] for one in found if one[i]), b"") for i in range(3))
    if not uid or not size:
        return None
    when = imaplib.Internaldate2tuple(b'INTERNALDATE "' + arrived + b'"')
    return int(uid), int(size), int(_seconds(when) * 1e9)


def _seconds(when: Any) -> float:
    import time

    return time.mktime(when) if when else 0.0


def _parts(place: str) -> tuple[str, str, str]:
    """Folder, UIDVALIDITY and UID of a place (RFC 5092)."""
    folder, _, rest = place.lstrip("/").rpartition(";UIDVALIDITY=")
    validity, _, uid = rest.partition("/;UID=")
    return unquote(folder), validity, uid


def _quoted(folder: str) -> str:
    return '"' + encode(folder).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        said = f"option since is {text!r}; a day was expected"
        raise BadInput(said, hint="--set since=2026-01-31") from error
