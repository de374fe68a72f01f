"""`kb ingest`: bring a collection up to date with a folder or a file."""

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import layout, terminal
from api.cli.options import Home, Json, Store
from rag.errors import BackendError, BadInput

if TYPE_CHECKING:
    from ingest.planning.order import Order
    from ingest.planning.prune import Loss
    from ingest.report import Report
    from rag.settings import Settings

PARTIAL = 5
_EVERYONE = "everyone"
_MOST_NAMES = 10
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")

Source = Annotated[Path, typer.Argument(metavar="PATH", help="A folder or a file.", show_default=False)]
Into = Annotated[
    str | None, typer.Option("--collection", "-c", help="Collection to fill.", show_default=False)
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="GROUP",
        help="Who may read it; again for more. 'everyone' opens it.",
        show_default=False,
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="PATTERN", help="Only such files; again for more.", show_default=False),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude", metavar="PATTERN", help="Not such files; as in a .gitignore.", show_default=False
    ),
]
MaxFileMb = Annotated[
    int | None,
    typer.Option("--max-file-mb", help="Report larger files, do not read them.", show_default=False),
]
PasswordFile = Annotated[
    str | None,
    typer.Option(
        "--password-file", metavar="FILE", help="Passwords of documents, one a line.", show_default=False
    ),
]
Ocr = Annotated[
    str | None, typer.Option("--ocr", metavar="auto|off", help="Read scans and images.", show_default=False)
]
HiddenText = Annotated[
    str | None,
    typer.Option(
        "--hidden-text",
        metavar="drop|quarantine",
        help="Text no reader sees: left out, or the whole file put aside.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and cost; change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Let --prune remove a great part of a collection.")]
Prune = Annotated[bool, typer.Option("--prune", help="Remove documents whose files are gone.")]


def ingest(
    path: Source,
    collection: Into = None,
    allow: Allow = None,
    include: Include = None,
    exclude: Exclude = None,
    max_file_mb: MaxFileMb = None,
    password_file: PasswordFile = None,
    ocr: Ocr = None,
    hidden_text: HiddenText = None,
    dry_run: DryRun = False,
    prune: Prune = False,
    yes: Yes = False,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Read a folder or a file. What did not change is not read again."""
    from ingest.planning.order import Order
    from rag.settings import load

    _check_path(path)
    settings = load(
        collection=collection,
        store=store,
        home=home,
        max_file_mb=max_file_mb,
        passwords=password_file,
        ocr=ocr,
        hidden_text=hidden_text,
    )
    order = Order(
        path,
        settings.collection,
        groups(allow),
        prune,
        dry_run,
        yes,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    report = _run(settings, order)
    if json:
        from dataclasses import asdict

        terminal.out_json(asdict(report))
    else:
        from api.cli import summary

        summary.print_report(report)
    if report.left:
        terminal.note(f"kb: something of the removed documents is left in {layout.one_line(report.left[0])}")
        return BackendError.exit_code
    return PARTIAL if report.failed else 0


def _check_path(path: Path) -> None:
    """An address is not a folder; a path has lost one of its slashes by now."""
    if _ADDRESS.match(str(path)) and not path.exists():
        raise BadInput(
            "an address is not a folder", hint="kb source add NAME URL keeps it, kb sync NAME reads it"
        )


def groups(allow: list[str] | None) -> tuple[str, ...] | None:
    """Group names; none for `everyone`; None leaves rights as they are."""
    if not allow:
        return None
    if _EVERYONE in allow:
        if len(set(allow)) > 1:
            raise BadInput("--allow everyone and --allow GROUP exclude each other", hint="choose one")
        return ()
    for name in allow:
        if not name.strip() or not name.isprintable():
            raise BadInput(f"{name!r} is no name of a group", hint="such as --allow staff")
    return tuple(sorted(set(allow)))


def agreed(loss: "Loss") -> bool:
    """Ask the person at the terminal; False when there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    for known in loss.gone[:_MOST_NAMES]:
        terminal.note(f"  {layout.one_line(known.source)}")
    if (more := len(loss.gone) - _MOST_NAMES) > 0:
        terminal.note(f"  and {more} more")
    gone = f"{len(loss.gone)} of the {loss.of} documents of {loss.collection}"
    sys.stderr.write(f"These are gone from {loss.source}. Remove {gone}? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _run(settings: "Settings", order: "Order") -> "Report":
    from api.cli import opened, progress
    from ingest import run as ingest_run

    with progress.shown() as show:
        return opened.run_with(
            settings,
            lambda system: ingest_run.ingest(
                system,
                order,
                progress=show,
                tell=lambda text: terminal.note(f"kb: {text}"),
                agree=agreed,
            ),
        )
