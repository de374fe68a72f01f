"""What a worker must know of the settings, and how a loader asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import ConfigError
from rag.settings import Settings

MOST_PASSWORDS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """`passwords` are tried on locked files, in order; `ocr` says whether scans may be read at all."""

    chunk_size: int = 900
    max_file_mb: int = 64
    parse_seconds: int = 20
    embedder: str = "wordllama"
    parse_mb: int = 1536
    hidden_text: Literal["drop", "quarantine"] = "drop"
    ocr: Literal["auto", "off"] = "auto"
    passwords: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> "Options":
        """The options that these settings ask for."""
        return cls(
            settings.chunk_size,
            settings.max_file_mb,
            settings.parse_seconds,
            settings.embedder,
            settings.parse_mb,
            settings.hidden_text,
            settings.ocr,
            _passwords(settings.passwords),
        )


_current: ContextVar[Options | None] = ContextVar("options", default=None)


def current() -> Options:
    """The options of the file that is being loaded; the defaults outside of one."""
    return _current.get() or Options()


@contextmanager
def using(options: Options) -> Iterator[None]:
    """Within, `current` returns these."""
    token = _current.set(options)
    try:
        yield
    finally:
        _current.reset(token)


def _passwords(file: str) -> tuple[str, ...]:
    if not file:
        return ()
    try:
        lines = Path(file).expanduser().read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = "--password-file or KB_PASSWORDS names a text file, one password a line"
        raise ConfigError(f"the passwords in {file} cannot be read: {said}", hint=hint) from error
    return tuple(line for line in lines if line)[:MOST_PASSWORDS]
