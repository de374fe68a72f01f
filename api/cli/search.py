"""`kb search`: the passages themselves, best first."""

from collections.abc import Sequence

from api.cli import answers, layout, question, terminal
from api.cli.options import Collection, Home, Json, Limit, Store
from rag.types import Hit


def search(
    words: question.Words = None,
    collection: Collection = None,
    limit: Limit = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Find passages. Exit code 1 when there are none."""
    from api import encode
    from api.cli import opened

    text = question.read(words)
    hits = opened.run(
        lambda system: system.search(text, collection=collection), limit=limit, store=store, home=home
    )
    if json:
        terminal.out_json(encode.hits(hits))
    else:
        _print(hits)
    return 0 if hits else answers.NOT_ANSWERED


def _print(hits: Sequence[Hit]) -> None:
    for n, hit in enumerate(hits, 1):
        head = terminal.bold(f"{n}. {answers.place(hit)}")
        terminal.out_styled(f"{head}  {terminal.dim(f'{hit.score:.3f}')}")
        terminal.out(layout.wrap(hit.text, indent="   "))
        terminal.out()
    if not hits:
        terminal.note("kb: nothing found")
