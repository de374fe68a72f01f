"""`kb eval report`: a run as one HTML file."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli import terminal
from rag.errors import BadInput

Result = Annotated[
    Path, typer.Argument(metavar="RUN", help="Result file of kb eval run.", show_default=False)
]
Other = Annotated[
    Path | None, typer.Option("--compare", help="An earlier result file, set beside it.", show_default=False)
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="HTML file; RUN with the ending .html.", show_default=False)
]


def report(run: Result, compare: Other = None, out: Out = None) -> int:
    """Write a run as one HTML file: figures, plots, every question with its evidence."""
    from rag.evaluate import plots, record, replaced
    from rag.evaluate.report import report as made
    from rag.evaluate.report_page import MARK

    plots.import_plots()
    path = out or run.with_suffix(".html")
    if path.resolve() in [each.resolve() for each in (run, compare) if each]:
        raise BadInput(f"{path} is the result file", hint="--out names another")
    replaced.check(path, MARK, "report of kb eval", "--out")
    text = made(record.read(run), record.read(compare) if compare else None)
    try:
        path.write_text(text, "utf-8", errors="replace")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="--out names another") from error
    terminal.out(str(path))
    return 0
