"""`kb explain`: how an answer came about."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.cli import answers, layout, question, terminal
from api.cli.options import Collection, Home, Json, Limit, Model, Store

_PARTS = ("score", "bm", "phrases", "vector", "coverage")


def explain(
    words: question.Words = None,
    collection: Collection = None,
    limit: Limit = None,
    model: Model = None,
    store: Store = None,
    home: Home = None,
    json: Json = False,
) -> int:
    """Answer a question and show how: terms, candidates, ranking, evidence, timings."""
    from api import explain as explaining
    from api.cli import opened

    text = question.read(words)
    made = opened.run(
        lambda system: explaining.explain(system, text, collection=collection, limit=limit),
        model=model,
        store=store,
        home=home,
    )
    data = explaining.as_json(made)
    if json:
        terminal.out_json(data)
    else:
        for line in _lines(data):
            terminal.out_styled(line)
        terminal.out_styled(terminal.bold("answer"))
        terminal.out(layout.wrap(made.answer.text, indent="  "))
        answers.print_places(made.answer)
    return answers.exit_code(made.answer)


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    yield _row("question", f"{data['question']} ({data['language']})")
    terms = sorted(data["terms"].items(), key=lambda pair: -pair[1])
    yield _row("terms", ", ".join(f"{name} {weight:.1f}" for name, weight in terms) or "none")
    found = data["candidates"]
    yield _row("candidates", f"{found['keyword']} by words, {found['vector']} by meaning")
    reason = f", {data['reason']}" if data["reason"] else ""
    yield _row("evidence", f"{data['evidence']:.2f}: {data['band']}{reason}")
    yield from _ranking(data["ranked"])
    spent = ", ".join(f"{stage} {ms:.1f} ms" for stage, ms in data["timings"].items())
    yield _row("timings", spent or "none")
    for name, value in data["trace"].items():
        yield _row(name, _plain(value))


def _ranking(ranked: list[Mapping[str, Any]]) -> Iterator[str]:
    if not ranked:
        return
    rows: list[tuple[str, ...]] = [("", "source", *_PARTS)]
    for n, one in enumerate(ranked, 1):
        parts = (f"{one[part]:.3f}" if part in one else "" for part in _PARTS)
        rows.append((f"{n}.", str(one["source"]), *parts))
    lines = layout.table(rows, most=(4, 40, 8, 8, 8, 8, 8))
    yield terminal.dim(next(lines))
    yield from lines


def _row(name: str, value: str) -> str:
    return f"{terminal.bold(name.ljust(11))} {layout.one_line(value)}"


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value)) or "none"
    return str(value)
