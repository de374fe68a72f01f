"""`kb eval run`: ask the owner's questions and measure the answers."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, terminal
from api.cli.evaluation.counted import counted
from api.cli.options import Home, Json, Model, Store
from rag.errors import BadInput

if TYPE_CHECKING:
    from rag.evaluate.cases import Cases
    from rag.evaluate.resume import Target
    from rag.evaluate.summary import Summary
    from rag.evaluate.thresholds import Outcome
    from rag.evaluate.types import Case, Run
    from rag.settings import Settings
    from rag.system import System

MISSED, PARTIAL = 1, 5

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE...", help="Questions: .csv, .tsv, .xlsx or .jsonl.", show_default=False),
]
Put = Annotated[
    str | None,
    typer.Option("--collection", "-c", help="Collection to ask; else as the file says.", show_default=False),
]
Sample = Annotated[
    int | None, typer.Option("--sample", help="Ask only so many, drawn at random.", min=1, show_default=False)
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs", "-j", help="Questions at once; 4 with a model.", min=1, max=64, show_default=False
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", "-o", help="Result file; ./eval/NAME-TIME.jsonl.", show_default=False)
]
FailUnder = Annotated[
    Path | None, typer.Option("--fail-under", help="TOML of what must be reached.", show_default=False)
]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML too.", show_default=False)]

Judge = Annotated[
    str | None,
    typer.Option("--judge", help="provider:name; a model that marks the answers.", show_default=False),
]


def run(
    files: Files,
    collection: Put = None,
    sample: Sample = None,
    jobs: Jobs = None,
    out: Out = None,
    fail_under: FailUnder = None,
    junit: Junit = None,
    model: Model = None,
    judge: Judge = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Ask your questions and measure the answers. Exit code 1 when a threshold is missed."""
    from rag.evaluate import junit as junit_file
    from rag.evaluate import thresholds
    from rag.evaluate.summary import summarise
    from rag.settings import load

    limits = thresholds.read(fail_under) if fail_under else ()
    if junit:  # an hour of questions must not end at a file that cannot be written
        junit_file.check(junit)
    questions = _read(files, as_json=json).within(collection).sample(sample)
    settings = load(model=model, store=store, home=home, record=False)
    path, made = _asked(settings, questions, files, out, jobs, judge)
    summary = summarise(made)
    outcomes = thresholds.check(limits, summary)
    if junit:
        junit_file.write(junit, made, outcomes)
    if json:
        terminal.out_json(_encoded(path, made, summary, outcomes))
    else:
        _print(path, made, summary, questions)
    return _judged(outcomes, summary)


def _read(files: Sequence[Path], *, as_json: bool) -> "Cases":
    """The questions; what cannot be used is said line by line."""
    from rag.evaluate import cases

    try:
        return cases.read(files)
    except cases.BadCases as error:
        if as_json or error.count == 1:
            raise
        for problem in error.problems:
            terminal.note(f"kb: {layout.one_line(problem)}")
        raise BadInput(f"{error.count} lines cannot be used", hint=error.hint) from error


def _asked(
    settings: "Settings",
    questions: "Cases",
    files: Sequence[Path],
    out: Path | None,
    jobs: int | None,
    judge: str | None,
) -> "tuple[Path, Run]":
    """Ask what is not asked yet; the result file, and what is in it, in the order of the questions."""
    from api.cli import opened
    from rag.evaluate import record, resume
    from rag.evaluate import run as asking
    from rag.evaluate.alone import alone
    from rag.evaluate.types import Run

    async def work(system: "System") -> "tuple[Path, Run]":
        await asking.check(system, questions.cases)
        with alone(resume.held(out, files)):
            target = await _target(system, questions, files, out, judge)
            done = {row.case.id for row in target.rows}
            if left := [case for case in questions.cases if case.id not in done]:
                await _ask(system, left, target, jobs, judge)
            return target.path, record.read(target.path)

    path, made = opened.run_with(settings, work)
    order = {case.id: number for number, case in enumerate(questions.cases)}
    ours = [row for row in made.rows if row.case.id in order]
    return path, Run(made.about, tuple(sorted(ours, key=lambda row: order[row.case.id])))


async def _target(
    system: "System", questions: "Cases", files: Sequence[Path], out: Path | None, judge: str | None
) -> "Target":
    """The result file, begun if it is new."""
    from anyio.to_thread import run_sync

    from api.encode import product_version
    from rag.evaluate import record, resume

    header = await run_sync(resume.about, system, questions, files, product_version())
    header |= {"judge": judge} if judge else {}
    target = resume.choose(out, header, questions)
    if target.said:
        terminal.note(f"kb: {target.said}")
    if not target.goes_on:
        record.begin(target.path, header)
        terminal.note(f"kb: writing {target.path}")
    return target


async def _ask(
    system: "System", left: "Sequence[Case]", target: "Target", jobs: int | None, judge: str | None
) -> None:
    """Every answer is in the file as soon as it is there, so a run may be stopped at any moment."""
    from asyncio import CancelledError

    from api.cli.evaluation import progress
    from rag.evaluate import record, run

    marking = system.connect_model(judge) if judge else None
    try:
        with progress.shown(len(left) + len(target.rows), done=len(target.rows)) as advance:
            async with aclosing(run.rows(system, left, jobs=jobs, judge=marking)) as rows:
                async for row in rows:
                    record.append(target.path, row)
                    advance()
    except CancelledError:  # Ctrl-C
        terminal.note(f"kb: what was asked is kept in {target.path}; the same command goes on with it")
        raise
    finally:
        if marking:
            await marking.close()


def _print(path: Path, made: "Run", summary: "Summary", questions: "Cases") -> None:
    from api.cli.evaluation import figures
    from rag.evaluate import judge

    figures.show(summary)
    if made.about.get("judge"):
        terminal.out(judge.sentence(judge.agreement(made.rows)))
    figures.show_left_out(made.rows)
    if count := questions.repeated:
        terminal.note(f"kb: left out: {counted(count, 'row')} that repeat a question with its answer")
    if count := questions.unconfirmed:
        terminal.note(f"kb: not asked: {counted(count, 'draft')} that nobody has confirmed yet")
    terminal.note(f"kb: every answer is in {path}")


def _judged(outcomes: "Sequence[Outcome]", summary: "Summary") -> int:
    missed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in missed:
        terminal.note(f"kb: {outcome.said}")
    if missed:
        return MISSED
    return PARTIAL if summary.overall.errors else 0


def _encoded(path: Path, made: "Run", summary: "Summary", outcomes: "Sequence[Outcome]") -> dict[str, Any]:
    limits = [asdict(one.threshold) | {"reached": one.reached, "passed": one.passed} for one in outcomes]
    return {"file": str(path), "about": dict(made.about), "summary": asdict(summary), "thresholds": limits}
