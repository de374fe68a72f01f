"""`kb eval`: how good the answers are on the owner's own questions."""

import typer

from api.cli.evaluation import compare, confirm, make, report, run

app = typer.Typer(
    name="eval",
    help="Measure answers on your own questions.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.command()(run.run)
app.command()(compare.compare)
app.command()(report.report)
app.command()(make.make)
app.command()(confirm.confirm)
