"""`kb tune`: fit ranking and refusal to the owner's questions, and keep only what holds."""

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, terminal
from api.cli.options import Home, Json, Store
from rag.errors import BadInput

if TYPE_CHECKING:
    from rag.evaluate.cases import Cases
    from rag.evaluate.tune import Order, Outcome
    from rag.settings import Settings
    from rag.system import System

_WIDTHS = (48, 19, 19, 10, 20)  # columns of the table

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE...", help="Questions, as kb eval run reads them.", show_default=False),
]
Put = Annotated[
    str | None,
    typer.Option("--collection", "-c", help="Collection to ask; else as the file says.", show_default=False),
]
Folds = Annotated[int, typer.Option("--folds", help="Parts, each left out once.", min=2, max=20)]
Refuse = Annotated[
    float,
    typer.Option("--refuse", help="Most of the answerable questions that may be refused.", min=0, max=0.5),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Measure, and change nothing.")]
Show = Annotated[bool, typer.Option("--show", help="Print the tuning there is.")]
Undo = Annotated[bool, typer.Option("--undo", help="Go back to the tuning before, or to none.")]


def tune(
    files: Files = None,
    collection: Put = None,
    folds: Folds = 5,
    refuse: Refuse = 0.05,
    dry_run: DryRun = False,
    show: Show = False,
    undo: Undo = False,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Fit ranking and refusal to your questions; keep only what beats the defaults on others."""
    from rag.settings import load

    if bool(files) + show + undo != 1:
        raise BadInput("give files of questions, or --show, or --undo", hint="kb tune questions.csv")
    settings = load(store=store, home=home, record=False)
    if undo:
        return _undo(settings, json)
    if show:
        return _show(settings, json)
    from rag.evaluate import cases
    from rag.evaluate.tune import Order

    questions = cases.read(files or []).within(collection)
    return _tune(settings, questions, Order(folds, refuse), dry_run, json)


def _tune(settings: "Settings", questions: "Cases", order: "Order", dry_run: bool, json: bool) -> int:
    from api.cli import opened
    from api.cli.evaluation import progress
    from api.encode import product_version
    from rag import weights
    from rag.evaluate import tuned
    from rag.evaluate.tune import tune as tuning

    async def work(system: "System") -> "Outcome":
        with progress.shown(len(questions.cases)) as advance:
            return await tuning(system, questions.cases, order, advance)

    terminal.note(f"kb: asking {len(questions.cases)} questions, then fitting; it may take a minute")
    outcome = opened.run_with(settings, work)
    path = None
    if outcome.is_kept and not dry_run:
        text = tuned.text(outcome, version=product_version(), now=time.time())
        path = weights.keep(settings.home, text)
    if json:
        terminal.out_json(_encoded(outcome, questions, path))
    else:
        for line in _lines(outcome, questions, settings.home, path):
            terminal.out(line)
    return 0


def _lines(outcome: "Outcome", questions: "Cases", home: Path, path: Path | None) -> Iterator[str]:
    from rag.evaluate import tuned

    yield (
        f"{outcome.questions} questions, {outcome.placed} with known places in {outcome.groups} documents "
        f"or FAQ entries; {outcome.order.folds} folds"
    )
    if missing := outcome.answerable - outcome.placed:
        yield f"where {missing} answers stand is not known: ranking is tuned without (kb eval run names them)"
    if questions.unconfirmed:
        yield f"{questions.unconfirmed} drafted questions are not confirmed, so they were left out"
    if rows := tuned.figures(outcome):
        yield ""
        yield from layout.table([("held out", "defaults", "tuned", "change", "95 %"), *rows], most=_WIDTHS)
    yield ""
    yield from _verdicts(outcome)
    yield _end(outcome, home, path)


def _verdicts(outcome: "Outcome") -> Iterator[str]:
    """What is kept and what is not, each with the reason."""
    from rag.weights import EVERYWHERE

    ranking = outcome.ranking
    if isinstance(ranking, str):
        yield f"ranking: not tuned, {ranking}"
    elif ranking.is_kept:
        yield "ranking: the tuned weights are better on questions that they were not fitted to"
    else:
        yield "ranking: the tuned weights are not surely better on questions that they were not fitted to"
    for name, one in outcome.cutoffs.items():
        title = "refusal" if name == EVERYWHERE else f"refusal in {name}"
        if isinstance(one, str):
            yield f"{title}: not tuned, {one}"
        elif one.is_kept:
            yield f"{title}: evidence of {one.threshold:.2f} is enough (by default {one.default:.2f})"
        else:
            yield f"{title}: {one.threshold:.2f} decides no better than the default, {one.default:.2f}"


def _end(outcome: "Outcome", home: Path, path: Path | None) -> str:
    from rag.evaluate import tuned
    from rag.weights import FILE

    if path:
        return f"kept in {path} for whatever starts from now on; kb tune --undo goes back"
    if outcome.is_kept:
        return "This was a dry run; nothing was changed."
    ranking = outcome.ranking
    figure = "" if isinstance(ranking, str) else ", ".join(tuned.signed(ranking.trials["both"].difference))
    former = f" {home / FILE} stays as it is." if (home / FILE).exists() else ""
    said = f" ({figure})" if figure else ""
    return f"The defaults are as good on your questions{said}; nothing was changed.{former}"


def _undo(settings: "Settings", json: bool) -> int:
    from rag import weights

    done = weights.undo(settings.home)
    path = settings.home / weights.FILE
    if json:
        terminal.out_json({"undone": done, "file": str(path) if path.exists() else None})
    elif not done:
        terminal.out("nothing is tuned; the defaults hold")
    elif path.exists():
        terminal.out(f"{path} is what it was before")
    else:
        terminal.out("the tuning is removed; the defaults hold")
    return 0


def _show(settings: "Settings", json: bool) -> int:
    from rag import weights

    tuning, path = weights.load(settings.home), settings.home / weights.FILE
    there = path.is_file()
    if json:
        terminal.out_json({"file": str(path) if there else None} | asdict(tuning))
    elif there:
        terminal.out(path.read_text("utf-8"), end="")
    else:
        terminal.out("nothing is tuned; the defaults hold")
    return 0


def _encoded(outcome: "Outcome", questions: "Cases", path: Path | None) -> dict[str, Any]:
    """`ranking` and each `refusal` are objects, or strings that say why they were not fitted."""
    ranking = outcome.ranking
    return {
        "questions": outcome.questions,
        "unconfirmed": questions.unconfirmed,
        "answerable": outcome.answerable,
        "placed": outcome.placed,
        "groups": outcome.groups,
        "order": asdict(outcome.order),
        "ranking": ranking if isinstance(ranking, str) else asdict(ranking) | {"kept": ranking.is_kept},
        "refusal": {
            name: one if isinstance(one, str) else asdict(one) | {"kept": one.is_kept}
            for name, one in outcome.cutoffs.items()
        },
        "tuning": asdict(outcome.tuning),
        "kept": outcome.is_kept,
        "file": str(path) if path else None,
    }
