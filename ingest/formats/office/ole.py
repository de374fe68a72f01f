"""Compound files (MS-CFB), the container of Office before 2007."""

from io import BytesIO
from typing import Any

from ingest.formats.office.lock import OLE
from rag.errors import UnreadableFile


class Compound:
    """The streams of a compound file. `kind` names the program that writes such files."""

    def __init__(self, data: bytes, kind: str) -> None:
        import olefile

        self._kind = kind
        if not data.startswith(OLE):
            raise self.broken()
        try:
            self._file: Any = olefile.OleFileIO(BytesIO(data))
        except Exception as error:  # it raises its own, and whatever broken sizes lead to
            raise self.broken() from error

    def stream(self, name: str) -> bytes | None:
        """The bytes of a stream; None when there is none, or it cannot be read."""
        try:
            if not self._file.exists(name):
                return None
            return bytes(self._file.openstream(name).read())
        except Exception as error:
            raise self.broken() from error

    def needed(self, name: str) -> bytes:
        """The bytes of a stream without which there is no document."""
        found = self.stream(name)
        if found is None:
            raise self.broken()
        return found

    @property
    def title(self) -> str:
        """The title in the file's properties."""
        try:
            about = self._file.get_metadata()
            raw, page = about.title or b"", about.codepage or 1252
            text = (
                raw.decode("utf-8" if page == 65001 else f"cp{page}") if isinstance(raw, bytes) else str(raw)
            )
        except Exception:  # noqa: BLE001  # properties are broken more often than documents
            return ""
        return " ".join(text.replace("\0", "").split())

    def broken(self) -> UnreadableFile:
        """The error of a file that is none of this kind."""
        return UnreadableFile(
            f"not a file of {self._kind}", hint=f"open it in {self._kind} and save it in the present format"
        )
