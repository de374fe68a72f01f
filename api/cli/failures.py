"""What goes wrong, said in one line with a hint, and the exit code that it has."""

import os
import traceback
from dataclasses import dataclass

import typer

from api.cli import layout, terminal
from rag.errors import BadInput, KBError

BUG = 70  # EX_SOFTWARE of sysexits.h


class Bug(KBError):
    """Something nobody meant to raise."""

    exit_code = BUG
    slug = "bug"


@dataclass(frozen=True, slots=True)
class Reporter:
    """Says what failed, to a person or as JSON."""

    wants_json: bool

    def report(self, error: Exception) -> int:
        """Print the error; returns the exit code."""
        known = as_ours(error)
        if os.environ.get("KB_LOG_LEVEL", "").lower() == "debug":
            traceback.print_exception(error)
        if self.wants_json:
            from api.encode import problem

            terminal.out_error(problem(known))
        terminal.note(f"kb: {layout.one_line(str(known))}")
        if known.hint:
            terminal.note(f"hint: {layout.one_line(known.hint)}")
        return known.exit_code

    def interrupted(self) -> None:
        """Say that the person stopped it."""
        if self.wants_json:
            from api.encode import problem_of

            terminal.out_error(problem_of(499, "interrupted", "interrupted"))
        terminal.note("kb: interrupted")


def as_ours(error: Exception) -> KBError:
    """The error, or what it means."""
    if isinstance(error, KBError):
        return error
    if isinstance(error, typer.TyperException):
        return _usage(error)
    said = str(error) or type(error).__name__
    hint = "this is a bug; run it again with KB_LOG_LEVEL=debug and report what it prints"
    return Bug(f"unexpected {type(error).__name__}: {said}", hint=hint)


def _usage(error: typer.TyperException) -> BadInput:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "kb"
    said, _, meant = error.format_message().partition(" Did you mean ")
    hint = f"did you mean {meant}" if meant else f"{command} --help shows how"
    return BadInput(said.rstrip("."), hint=hint)
