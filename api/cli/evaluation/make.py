"""`kb eval make`: draft questions for a person to confirm."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import terminal
from api.cli.options import Collection, Home, Json, Model, Store
from rag.errors import BadInput

if TYPE_CHECKING:
    from rag.evaluate.make import Made, Order, Origin
    from rag.system import System

Out = Annotated[Path, typer.Option("--out", "-o", help="Where drafts are added, .jsonl.")]
Count = Annotated[int, typer.Option("--count", min=1, max=10_000, help="Most new drafts.")]
From = Annotated[str, typer.Option("--from", help="documents, asked or both.")]
Seed = Annotated[int, typer.Option("--seed", help="Another seed draws another sample.")]


def make(
    out: Out = Path("questions.jsonl"),
    count: Count = 50,
    origin: From = "both",
    seed: Seed = 0,
    collection: Collection = None,
    model: Model = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Draft questions from the documents and from what was asked; none is scored until confirmed."""
    from api.cli import opened
    from rag.evaluate import draft_file
    from rag.evaluate.make import Order

    order = Order(count, collection, _origin(origin), seed)
    draft_file.check(out)
    held = draft_file.read(out) if out.exists() else []
    known = draft_file.known(held)
    made = opened.run(lambda system: _make(system, order, known), model=model, store=store, home=home)
    if made.drafts:
        draft_file.append(out, made.drafts)
    kinds = dict(sorted(Counter(draft.kind for draft in made.drafts).items()))
    dropped = dict(sorted((+made.dropped).items()))
    if json:
        terminal.out_json(
            {
                "file": str(out),
                "added": len(made.drafts),
                "kept": len(held),
                "kinds": kinds,
                "dropped": dropped,
            }
        )
    else:
        _print(out, len(made.drafts), len(held), kinds, dropped)
    return 0


async def _make(system: "System", order: "Order", known: set[str]) -> "Made":
    from rag.evaluate import make as drafting

    return await drafting.make(system, order, known, progress=_progress)


def _progress(done: int, count: int) -> None:
    if done == count or done % 10 == 0:
        terminal.note(f"kb: the model has read {done} of {count} passages")


def _origin(name: str) -> "Origin":
    if name in ("documents", "asked", "both"):
        return name  # type: ignore[return-value]  # one of the three
    raise BadInput(f"--from is {name!r}", hint="it is documents, asked or both")


def _print(out: Path, added: int, held: int, kinds: dict[str, int], dropped: dict[str, int]) -> None:
    said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    terminal.out(f"{out}: {added} drafts added{f' ({said})' if said else ''}, {held} questions kept")
    for reason, count in dropped.items():
        terminal.out(f"not drafted: {count} {reason}")
    if added:
        terminal.note(f"hint: kb eval confirm {out} goes through them; none is scored before")
