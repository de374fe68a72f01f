"""`kb unanswered`: what the documents could not answer, and the step from there to an FAQ entry."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import layout, question, terminal
from api.cli.answers import NOT_ANSWERED
from api.cli.evaluation.counted import counted
from api.cli.ingest import Allow, groups
from api.cli.options import Collection, Home, Json, Store
from rag.errors import BadInput, UnreadableFile

if TYPE_CHECKING:
    from ingest.faq import Entry
    from ingest.publish import Published
    from rag.system import System
    from rag.unanswered import Cluster, Near

_SHOWN = 4  # wordings of a cluster
_DAY = 86_400.0

app = typer.Typer(
    name="unanswered", help="List what could not be answered; answer it.", rich_markup_mode=None
)

Days = Annotated[
    int | None, typer.Option("--days", min=1, help="Only what was asked since.", show_default=False)
]
Most = Annotated[int, typer.Option("--limit", "-n", min=1, help="Most clusters.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id that `kb unanswered` prints.")]
Words = Annotated[
    list[str] | None, typer.Argument(metavar="ANSWER", help="The answer, Markdown; '-' reads standard input.")
]
Wanted = Annotated[
    str | None, typer.Option("--question", "-q", help="The entry's question.", show_default=False)
]
File = Annotated[Path | None, typer.Option("--file", "-f", help="The FAQ document, .md.", show_default=False)]
Into = Annotated[
    str | None, typer.Option("--collection", "-c", help="Collection of the FAQ.", show_default=False)
]


@app.callback(invoke_without_command=True)
def listed(
    context: typer.Context,
    days: Days = None,
    limit: Most = 20,
    collection: Collection = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """List what could not be answered, by meaning, the most asked first."""
    if context.invoked_subcommand is not None:
        return 0
    from api.cli import opened
    from rag.unanswered import clusters

    since = time.time() - days * _DAY if days else 0.0
    found = opened.run(
        lambda system: clusters(system, since=since, collection=collection), store=store, home=home
    )
    if json:
        shown = [_encoded(cluster) for cluster in found[:limit]]
        terminal.out_json({"clusters": shown, "total": len(found)})
    elif found:
        _print(found, limit)
    elif days or collection:
        terminal.note("kb: no unanswered question of these days or this collection is kept")
    else:
        terminal.note("kb: every question that is kept was answered")
    return 0


@app.command(no_args_is_help=False)
def answer(
    wanted: Id,
    words: Words = None,
    ask: Wanted = None,
    file: File = None,
    collection: Into = None,
    allow: Allow = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Write an answer into the FAQ, read the FAQ, and ask the questions again."""
    from api.cli import opened
    from ingest import faq
    from ingest.publish import publish

    if not words and sys.stdin.isatty():
        raise BadInput("no answer", hint='kb unanswered answer ID "Sixteen weeks, paid in full."')
    text, readers = question.read(words), groups(allow)

    async def work(system: "System") -> "Published":
        cluster, entry = await _entry(system, wanted, text, ask)
        into = collection or cluster.collection or system.settings.collection
        path = file or faq.default_path(system.settings, into)
        return await publish(system, cluster, entry, path, into, groups=readers, tell=_tell)

    made = opened.run(work, collection=collection, store=store, home=home)
    if json:
        terminal.out_json(_encoded_entry(made))
    else:
        _print_entry(made)
    if made.report.failed:
        return UnreadableFile.exit_code
    return 0 if any(one.answered for one in made.asked) else NOT_ANSWERED


async def _entry(system: "System", wanted: str, text: str, ask: str | None) -> "tuple[Cluster, Entry]":
    """The cluster of this id and the entry that answers it."""
    from ingest import faq
    from rag.unanswered import clusters, find

    cluster = find(await clusters(system), wanted)
    wordings = [one.text for one in cluster.wordings]
    return cluster, faq.entry(ask or faq.question_of(wordings), text, wordings)


def _tell(said: str) -> None:
    terminal.note(f"kb: {said}")


def _print(found: Sequence["Cluster"], limit: int) -> None:
    for cluster in found[:limit]:
        times = "once" if cluster.count == 1 else f"{cluster.count} times"
        terminal.out_styled(terminal.bold(f"{cluster.id}  asked {times}, last on {_day(cluster.last)}"))
        for one in cluster.wordings[:_SHOWN]:
            terminal.out(layout.wrap(_masked(one.text), indent="    "))
        if (more := len(cluster.wordings) - _SHOWN) > 0:
            terminal.out(f"    and {more} more wordings (--json names all)")
        for near in cluster.nearest:
            terminal.out_styled(terminal.dim(f"    near: {_place(near)}"))
    asked = sum(cluster.count for cluster in found)
    times = "once" if asked == 1 else f"{asked} times"
    terminal.note(f"{counted(len(found), 'question')}, asked {times}")
    terminal.note('hint: kb unanswered answer ID "..." writes the answer into the FAQ')


def _print_entry(made: "Published") -> None:
    others = made.entry.heading.count(" / ")
    also = f" and {counted(others, 'more wording')}" if others else ""
    terminal.out(f'{made.path}: "{made.entry.question}"{also}')
    for failure in made.report.failed:
        terminal.out(f"failed: {failure.source}: {failure.state}: {failure.error}")
    if made.report.failed:
        return
    now = sum(one.answered for one in made.asked)
    ours = sum(one.by_entry for one in made.asked)
    terminal.out(f"read into {made.collection}; {made.report.chunks} chunks")
    terminal.out(f"asked again: {now} of {len(made.asked)} wordings are answered now, {ours} from this file")
    for one in made.asked:
        if not one.answered:
            terminal.out(layout.wrap(f"still not answered: {_masked(one.question)}", indent="    "))


def _encoded(cluster: "Cluster") -> dict[str, Any]:
    return {
        "id": cluster.id,
        "count": cluster.count,
        "last": cluster.last,
        "collection": cluster.collection,
        "questions": [
            {"id": one.id, "text": _masked(one.text), "count": one.count, "last": one.last}
            for one in cluster.wordings
        ],
        "nearest": [asdict(near) for near in cluster.nearest],
    }


def _encoded_entry(made: "Published") -> dict[str, Any]:
    return {
        "file": str(made.path),
        "collection": made.collection,
        "created": made.is_new,
        "heading": made.entry.heading,
        "asked": [asdict(one) | {"question": _masked(one.question)} for one in made.asked],
        "failed": [asdict(failure) for failure in made.report.failed],
    }


def _masked(text: str) -> str:
    """A question may hold what must not be shown, like any other text."""
    from rag.gate import mask

    return mask(text)[0]


def _place(near: "Near") -> str:
    parts = [f"{near.title} — {near.source}" if near.title else near.source]
    parts += [f"page {near.page}"] if near.page is not None else []
    parts += [f'"{near.heading}"'] if near.heading else []
    return layout.one_line(", ".join(parts))


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))
