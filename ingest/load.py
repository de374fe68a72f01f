"""Bytes of a file to a parsed document. Whatever the bytes are, the caller gets a value, not an error."""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import PurePath
from types import FrameType

from ingest.clean import inspect, seen
from ingest.formats.parts import absorb
from ingest.loaders import loader_for
from ingest.notes import Notes
from ingest.options import Options, using
from ingest.split import VERSION as PIECES_VERSION
from ingest.split import pieces
from ingest.title import by_rule
from ingest.types import Loaded, Parsed
from ingest.wall import wire
from rag.errors import KBError, UnreadableFile
from rag.plugins import load as load_plugin
from rag.types import Language
from rag.words import CJK

SPLITTER = "sections"
MAX_CHARACTERS = wire.MOST_CHARACTERS
TOO_MUCH_MEMORY = "parsing it takes more memory than a worker may have"
_LANGUAGE_SAMPLE = 5_000
_WIDE = re.compile(f"[{CJK}]+")
_LETTERS = re.compile(r"[^\W\d_]+")
# UTF-8 and PostgreSQL hold neither of them; one character for one, so offsets stay.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LONGEST_TITLE = 200
_ORDINARY = frozenset({"comment", "deleted"})  # what editors leave behind; nobody is deceived by it


class _Late(BaseException):
    """Parsing takes too long. No `Exception`: a parser's own rescue must not swallow it."""


def parse(
    place: str, name: str, data: bytes, options: Options, *, language: str = "", title: str = ""
) -> Parsed:
    """Load, split and analyse one file. `name` is its path as users see it; its suffix picks the loader.

    `language` (`en` or `zh`) and `title` are taken instead of what the file says, unless empty.
    Never raises: what went wrong stands in `error`, `state` and `hint` of the result.
    """
    unread = Parsed(place, content_hash=sha256(data).digest())
    try:
        with _deadline(options.parse_seconds), using(options):
            return _parse(unread, name, data, options, language, title)
    except UnreadableFile as error:
        return replace(unread, error=str(error), state=error.state, hint=error.hint)
    except KBError as error:
        return replace(unread, error=str(error), state="damaged", hint=error.hint)
    except _Late:
        said = f"parsing it takes longer than {options.parse_seconds} s"
        return replace(unread, error=said, state="too large", hint="raise KB_PARSE_SECONDS, or divide it")
    except MemoryError:
        return replace(unread, error=TOO_MUCH_MEMORY, state="too large", hint="divide the file")
    except Exception as error:  # noqa: BLE001  # parsers of strangers' files raise anything
        said = f"the parser failed: {type(error).__name__}"
        hint = "open it in its own program and save it anew"
        return replace(unread, error=said, state="damaged", hint=hint)


def parser_version(name: str, chunk_size: int) -> str:
    """What the pieces of a file depend on besides its bytes; when it changes the file is read anew."""
    loader = loader_for(name)
    short = loader.__name__.rpartition(".")[2]
    splitter = load_plugin("splitters", SPLITTER).VERSION
    return f"{short}{loader.VERSION}-{SPLITTER}{splitter}-pieces{PIECES_VERSION}-{chunk_size}"


def _parse(unread: Parsed, name: str, data: bytes, options: Options, language: str, title: str) -> Parsed:
    loader = loader_for(name)
    if len(data) > options.max_file_mb << 20:
        raise UnreadableFile(
            f"larger than {options.max_file_mb} MB", state="too large", hint="raise KB_MAX_FILE_MB"
        )
    loaded = _inspected(_storable(loader.load(data, PurePath(name).name)))
    _check_hidden(loaded, options)
    if not any(loaded.text[s.span.start : s.span.end].strip() for s in loaded.sections):
        raise UnreadableFile("there is no text in it", state="empty", hint="remove it, or add text")
    if len(loaded.text) > MAX_CHARACTERS or len(loaded.sections) > wire.MOST_SECTIONS:
        raise UnreadableFile("it holds too much text", state="too large", hint="divide the file")
    report = dict(loaded.report) | {"characters": len(loaded.text)}
    boxes = loaded.boxes[: wire.MOST_BOXES]  # without one a quote is shown without its place
    loaded = replace(loaded, title=_title(loaded, name, title), report=report, boxes=boxes)
    known: Language = "zh" if language == "zh" else "en" if language == "en" else language_of(loaded.text)
    # An ideograph says more than a letter: the same size would make chunks too coarse to quote.
    size = options.chunk_size * 8 // 9 if known == "zh" else options.chunk_size
    made, embed = pieces(loaded, name, size=size, splitter=SPLITTER)
    if len(made) > wire.MOST_PIECES:
        raise UnreadableFile("it holds too much text", state="too large", hint="divide the file")
    return replace(unread, loaded=loaded, language=known, pieces=made, embed=embed)


def _inspected(loaded: Loaded) -> Loaded:
    """With the characters that no reader sees and no script needs in its report."""
    if loaded.text.isascii():
        return loaded
    notes = Notes()
    absorb(notes, loaded.report)
    inspect(loaded.text, notes)
    return replace(loaded, report={**loaded.report, **notes.report()})


def _check_hidden(loaded: Loaded, options: Options) -> None:
    """Put aside a file that holds what its readers do not see, where that is asked for."""
    found = loaded.report.get("hidden")
    hidden = {w: n for w, n in found.items() if w not in _ORDINARY} if isinstance(found, dict) else {}
    if options.hidden_text != "quarantine" or not hidden:
        return
    reasons = ", ".join(f"{why} ({n})" for why, n in hidden.items())
    raise UnreadableFile(
        f"it holds text that no reader sees: {reasons}",
        state="quarantined",
        hint="look at the file; KB_HIDDEN_TEXT=drop takes it without that text",
    )


def _storable(loaded: Loaded) -> Loaded:
    """Headings too: not all of them are taken from the text."""
    if not any(map(_UNSTORABLE.search, _texts(loaded))):
        return loaded
    sections = [replace(s, heading=tuple(map(_stored, s.heading))) for s in loaded.sections]
    return replace(
        loaded, text=_stored(loaded.text), summary=_stored(loaded.summary), sections=tuple(sections)
    )


def _texts(loaded: Loaded) -> Iterator[str]:
    yield from (loaded.text, loaded.summary)
    for section in loaded.sections:
        yield from section.heading


def _stored(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


def _title(loaded: Loaded, name: str, given: str) -> str:
    """The one that a rule gives, else the file's own, else its first heading, else the words of its name."""
    heading = next((s.heading[0] for s in loaded.sections if s.heading), "")
    words = re.sub(r"[_\s-]+", " ", PurePath(name).stem).strip()
    own = seen(_stored(by_rule(given, loaded, name) if given else loaded.title))
    title = own or heading or words or name
    return title[:_LONGEST_TITLE]


def language_of(text: str) -> Language:
    """`zh` when at least one letter in twenty is of a script written without spaces."""
    sample = text[:_LANGUAGE_SAMPLE]
    if sample.isascii():
        return "en"
    wide = sum(map(len, _WIDE.findall(sample)))
    return "zh" if wide and wide * 20 >= sum(map(len, _LETTERS.findall(sample))) else "en"


@contextmanager
def _deadline(seconds: int) -> Iterator[None]:
    """Raise `_Late` after so many seconds, where signals can: in the main thread of a POSIX process."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _late(number: int, frame: FrameType | None) -> None:
    raise _Late
