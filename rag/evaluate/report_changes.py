"""The part of a report that sets the run beside another one."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from rag.evaluate.compare import Change, Comparison, Shift
from rag.evaluate.report_numbers import signed, spoken, told
from rag.evaluate.report_page import folded, joined, section, table

_MOST = 20  # questions of a list
_HEADER = Markup('<p class="soft">{}: {} in the other, {} in this.</p>')
_COLOURS = {"better": Markup('<b class="good">{}</b>'), "worse": Markup('<b class="bad">{}</b>')}


def changes(made: Comparison, anchors: Mapping[str, str]) -> Markup:
    """What got better and worse; `anchors` are the names of the questions in the page, by id."""
    pairs = f"{made.pairs} questions in both runs"
    alone = f"{len(made.only_before)} only in the other, {len(made.only_after)} only in this"
    parts = ((key, name, each) for key, part in made.by.items() for name, each in part.items())
    return section(
        "Beside the other run",
        Markup('<p class="soft">{}; {}.</p>').format(pairs, alone),
        *(_HEADER.format(name, repr(old), repr(new)) for name, (old, new) in made.header.items()),
        _table("Main measures, and what moved", _that_matter(made.overall)),
        folded("All measures", _table("Over all questions", made.overall)),
        folded("Parts", *(_table(f"{key}: {name}", _that_matter(each)) for key, name, each in parts)),
        _list("What got worse", made.worse, anchors),
        _list("What got better", made.better, anchors),
    )


def _that_matter(found: Sequence[Change]) -> list[Change]:
    return [change for change in found if change.matters]


def _table(caption: str, found: Sequence[Change]) -> Markup:
    head = ("measure", "", "other", "this", "difference", "95 % interval", "questions")
    return table(caption, head, (_row(change) for change in found))


def _row(change: Change) -> tuple[str | Markup, ...]:
    name, difference = change.measure, change.difference
    return (
        spoken(name),
        _COLOURS.get(change.mark, Markup('<span class="soft">{}</span>')).format(change.mark),
        told(name, change.before),
        told(name, change.after),
        signed(name, difference.value),
        f"{signed(name, difference.low)} to {signed(name, difference.high)}",
        str(difference.n),
    )


def _list(title: str, shifts: Sequence[Shift], anchors: Mapping[str, str]) -> Markup:
    if not shifts:
        return Markup()
    items = joined(_item(shift, anchors) for shift in shifts[:_MOST])
    more = f", the first {_MOST}" if len(shifts) > _MOST else ""
    return folded(f"{title}: {len(shifts)}{more}", Markup("<ul>{}</ul>").format(items), is_open=True)


def _item(shift: Shift, anchors: Mapping[str, str]) -> Markup:
    case = shift.after.case
    moved = ", ".join(f"{spoken(name)} {a:.2f} → {b:.2f}" for name, (a, b) in shift.moved.items())
    return Markup('<li><a href="#{}">{}</a> <span class="soft">{}</span></li>').format(
        anchors[case.id], case.question, moved
    )
