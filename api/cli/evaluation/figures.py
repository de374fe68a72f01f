"""The sums of an evaluation on a terminal: every figure with its interval, then the groups side by side."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from api.cli import layout, terminal
from api.cli.evaluation.counted import counted
from rag.evaluate.bootstrap import Figure
from rag.evaluate.measures import MEANINGS
from rag.evaluate.summary import OF_GROUPS, Group, Summary
from rag.evaluate.types import Row

_SIDE_BY_SIDE = ("hit", "mrr", "contains", "answer_f1", "decision", "correct", "refusal_auroc")
_SHORT = {"refusal_auroc": "auroc", "answer_f1": "f1"}
_MOST_NAMED = 5
_SMALL = 0.1  # below it two decimals say nothing
_NAME = 18  # columns of the longest name of a figure


def show(summary: Summary) -> None:
    """Print it to stdout."""
    for line in _overall(summary.overall):
        terminal.out(line)
    for key in ("language", "kind", "collection"):
        groups = summary.by.get(key, {})
        if len(groups) > 1:
            terminal.out()
            for line in _groups(key, groups):
                terminal.out(line)


def show_left_out(rows: Sequence[Row]) -> None:
    """Say on stderr what could not be asked, and which golds stand in no document."""
    _named("could not be asked", [(row, row.error) for row in rows if row.error])
    _named("with golds that are not measured", [(row, row.note) for row in rows if row.note])
    if unknown := sum(row.case.answerable and not (row.gold or row.note or row.error) for row in rows):
        terminal.note(
            f"kb: of {counted(unknown, 'question')} it is not known where the answer stands: only words are "
            "measured (a column 'file' or 'quote' says it)"
        )


def _overall(group: Group) -> Iterator[str]:
    cannot = group.questions - group.answerable
    yield f"{counted(group.questions, 'question')}: {group.answerable} can be answered, {cannot} cannot"
    yield ""
    yield f"{'figure':{_NAME}}  {'value':5}  {'95 %':11}  {'n':>4}"
    for name in _ordered(group.figures):
        if name == "errors" and not group.errors:
            continue
        figure = group.figures[name]
        line = f"{name:{_NAME}}  {figure.value:.3f}  {_interval(figure):11}  {figure.n:>4}  "
        yield line + layout.fit(_meaning(name), layout.width() - len(line)).rstrip()
    yield _spent(group)


def _ordered(names: Iterable[str]) -> list[str]:
    """As they are explained; of the figures at a budget, only the hits, which follow `hit`."""
    budgets = [name for name in names if "@" in name and name not in MEANINGS]
    hits = sorted((name for name in budgets if name.startswith("hit@")), key=_budget)
    order = ["hit", *hits, *MEANINGS, *OF_GROUPS, *names]
    return [name for name in dict.fromkeys(order) if name in names and (name not in budgets or name in hits)]


def _meaning(name: str) -> str:
    if name.startswith("hit@"):
        return f"gold in {_budget(name):,} characters returned"
    return MEANINGS.get(name) or OF_GROUPS.get(name, "")


def _budget(name: str) -> int:
    return int(name.partition("@")[2])


def _interval(figure: Figure) -> str:
    digits = 2 if figure.high >= _SMALL else 3
    return f"{figure.low:.{digits}f}-{figure.high:.{digits}f}"


def _spent(group: Group) -> str:
    cost = "unknown" if group.cost is None else f"${group.cost:.4f}"
    return f"{'tokens, cost':{_NAME}}  {group.tokens:,}, {cost}"


def _groups(key: str, groups: Mapping[str, Group]) -> Iterator[str]:
    names = [name for name in _SIDE_BY_SIDE if any(name in group.figures for group in groups.values())]
    head = [key, "n", *(_SHORT.get(name, name) for name in names)]
    rows = [[name, str(group.questions), *_cells(group, names)] for name, group in groups.items()]
    yield from layout.table([head, *rows], most=(24, 6, *[8] * len(names)))


def _cells(group: Group, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        figure = group.figures.get(name)
        yield f"{figure.value:.3f}" if figure else "-"


def _named(what: str, pairs: Sequence[tuple[Row, str]]) -> None:
    if not pairs:
        return
    terminal.note(f"kb: {counted(len(pairs), 'question')} {what}:")
    for row, why in pairs[:_MOST_NAMED]:
        terminal.note(f"  {row.case.where}: {layout.one_line(why)}")
    if len(pairs) > _MOST_NAMED:
        terminal.note(f"  and {len(pairs) - _MOST_NAMED} more (each is in the result file)")
