"""The question of a command: its words, or standard input."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from rag.errors import BadInput

_MOST = 16_000_000  # characters read before the question is judged

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="[QUESTION]", help="The question; '-' or nothing reads standard input."),
]


def read(words: Sequence[str] | None) -> str:
    """The question. `BadInput` when there is none and nobody pipes one in."""
    if words and list(words) != ["-"]:
        return _valid(" ".join(words))
    if not words and sys.stdin.isatty():
        raise BadInput("no question", hint='kb ask "How many days of leave do we get?"')
    return _valid(sys.stdin.read(_MOST).strip("\r\n"))


def _valid(text: str) -> str:
    """Bytes that are not UTF-8 come in as lone surrogates; nothing further on can hold those."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
