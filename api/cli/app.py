"""All commands under their names. Importing this costs little: the work is imported by each command."""

from typing import Annotated

import typer

from api.cli import (
    about,
    ask,
    chat,
    delete,
    diff,
    doctor,
    documents,
    evaluation,
    explain,
    ingest,
    receipt,
    reindex,
    search,
    serve,
    show,
    source,
    sync,
    terminal,
    tune,
    unanswered,
)

app = typer.Typer(
    help="Ask your company's documents; every quote is proved against the stored text.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    ingest.ingest,
    sync.sync,
    reindex.reindex,
    documents.documents,
    show.show,
    diff.diff,
    delete.delete,
    receipt.receipts,
    receipt.verify_receipt,
    ask.ask,
    search.search,
    explain.explain,
    chat.chat,
    serve.serve,
    about.config,
    doctor.doctor,
    tune.tune,
    about.version,
):
    app.command(no_args_is_help=False)(command)
app.add_typer(source.app)
app.add_typer(evaluation.app)
app.add_typer(unanswered.app)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", "-V", help="Print the version.")] = False,
) -> int:
    """Ask your company's documents; every quote is proved against the stored text."""
    if version:
        return about.version()
    if context.invoked_subcommand is None:
        terminal.out(context.get_help())
    return 0
