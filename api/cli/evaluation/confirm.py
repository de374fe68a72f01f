"""`kb eval confirm`: a person goes through drafts, one key a draft."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import layout, terminal
from rag.errors import BadInput

if TYPE_CHECKING:
    from rag.evaluate.draft_file import Line, Value

_KEYS = "[y]es, [n]o, [e]dit, [s]kip, [q]uit"
_SKIP, _QUIT = "s", "q"

File = Annotated[Path, typer.Argument(metavar="FILE", help="A file that `kb eval make` wrote.")]


def confirm(file: File) -> int:
    """Confirm drafted questions one by one. Each decision is saved at once."""
    from rag.evaluate import draft_file

    waiting = [line for line in draft_file.read(file) if line.waits]
    if not waiting:
        terminal.note(f"kb: nothing in {file} waits to be confirmed")
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadInput(
            f"{len(waiting)} drafts in {file} wait for a person, and there is no terminal",
            hint='edit the file: "confirmed": true on each line that is good',
        )
    said = {"y": 0, "n": 0, _SKIP: 0}
    for place, line in enumerate(waiting, 1):
        terminal.out_styled(terminal.bold(f"{place} of {len(waiting)}"))
        key = _decide(file, line)
        if key == _QUIT:
            break
        said[key] += 1
    left = len(waiting) - said["y"] - said["n"]
    terminal.out(f"{file}: {said['y']} confirmed, {said['n']} dropped, {left} still wait")
    return 0


def _decide(file: Path, line: "Line") -> str:
    """Show a draft until it is decided; the key that decided it."""
    from rag.evaluate import confirm as verdict

    _show(line.value)
    while True:
        key = _ask(f"{_KEYS}: ").strip().lower()[:1]
        if key in (_SKIP, _QUIT):
            return key
        if key == "y":
            return key if _saved(file, line, verdict.confirmed(line.value)) else _SKIP
        if key == "n":
            return key if _saved(file, line, verdict.dropped(line.value)) else _SKIP
        if key == "e" and (question := _ask("question: ").strip()):
            new = _saved(file, line, verdict.edited(line.value, question))
            if new is None:
                return _SKIP
            line = new
            _show(line.value)


def _saved(file: Path, line: "Line", value: "Value") -> "Line | None":
    """The line as it stands in the file now; one that somebody else has changed is left alone."""
    from rag.evaluate import draft_file

    new = draft_file.change(file, line, value)
    if new is None:
        terminal.note(f"kb: somebody has changed line {line.number} meanwhile; it was left as it is")
    return new


def _show(value: "Value") -> None:
    terminal.out(layout.wrap(str(value["question"])))
    if value.get("answerable", True) is False:
        terminal.out("  nothing should answer this")
    else:
        terminal.out(layout.wrap(f"answer: {value.get('answer') or '(none)'}", indent="  "))
    gold = value.get("gold")
    for place in gold if isinstance(gold, list) else []:
        if isinstance(place, dict):
            where = f"{place.get('file')}, {place.get('start')}–{place.get('end')}"
            terminal.out_styled(terminal.dim(layout.wrap(where, indent="  ")))
            terminal.out(layout.wrap(str(place.get("quote")), indent="    "))


def _ask(prompt: str) -> str:
    """A line from the terminal; its end means quit."""
    try:
        return input(prompt)
    except EOFError:
        terminal.out()
        return _QUIT
