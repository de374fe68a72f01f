"""The three streams: results to stdout, everything else to stderr, UTF-8 whatever the locale says."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from api.cli import layout

BROKEN_PIPE = 141  # as a shell reports a process that SIGPIPE ended
_STARTED = time.monotonic()


def prepare() -> None:
    """Speak UTF-8 on every stream; what cannot be encoded becomes a question mark."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(encoding="utf-8", errors="replace")


def finish(code: int) -> int:
    """Flush; a reader that has gone away is no error worth a word."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = code or BROKEN_PIPE
    if code == BROKEN_PIPE:
        # The interpreter flushes once more when it ends, and would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def out(text: str = "", *, end: str = "\n") -> None:
    """Print a result. Control characters from documents never reach a terminal."""
    print(layout.clean(text), end=end, flush=sys.stdout.isatty())  # noqa: T201


def out_exactly(text: str) -> None:
    """Print a text byte for byte, unless a person's terminal would obey what is in it."""
    if sys.stdout.isatty():
        out(text, end="")
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))


def out_json(data: object, **meta: object) -> None:
    """Print the one object of `--json`."""
    _print_object({"ok": True, "data": data, "meta": _meta() | meta})


def out_error(problem: Mapping[str, object]) -> None:
    """Print the one object of `--json` when a command failed."""
    _print_object({"ok": False, "error": problem, "meta": _meta()})


def note(text: str) -> None:
    """Say something beside the result."""
    print(layout.clean(text), file=sys.stderr, flush=True)  # noqa: T201


def is_person(stream: TextIO) -> bool:
    """True when somebody looks at this stream."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def bold(text: str) -> str:
    """Emphasis, where it shows; the text itself is cleaned."""
    return _styled(text, "1")


def dim(text: str) -> str:
    """Less important, where it shows; the text itself is cleaned."""
    return _styled(text, "2")


def out_styled(text: str) -> None:
    """Print a line made of `bold` and `dim` parts, which are clean already."""
    print(text, flush=sys.stdout.isatty())  # noqa: T201


def _styled(text: str, code: str) -> str:
    text = layout.clean(text)
    if not is_person(sys.stdout) or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{code}m{text}\x1b[0m"


def _print_object(value: Mapping[str, object]) -> None:
    from api.encode import to_json

    sys.stdout.flush()
    sys.stdout.buffer.write(to_json(value) + b"\n")


def _meta() -> dict[str, Any]:
    from api.encode import product_version

    return {"version": product_version(), "seconds": round(time.monotonic() - _STARTED, 3)}
