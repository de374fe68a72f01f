"""A run as one HTML file: figures, plots, and every question with its evidence side by side.

The file needs no network and no script, fits a phone, and follows the reader's light or dark. Nothing
that comes from documents, questions or answers is ever read as markup.
"""

import json
from collections.abc import Mapping

from markupsafe import Markup

from rag.evaluate import judge
from rag.evaluate.compare import compare, paired
from rag.evaluate.report_changes import changes
from rag.evaluate.report_figures import Drawn, all_figures, headline, parts, pictures
from rag.evaluate.report_page import folded, page, section, table
from rag.evaluate.report_questions import anchors_of, questions
from rag.evaluate.types import Run

_FILTER = Markup(
    '<input id="filter" type="search" placeholder="Filter" aria-label="Filter questions" hidden>\n'
)


def report(run: Run, other: Run | None = None) -> str:
    """The file's text. With `other`, what changed from that run to this. `ConfigError` without matplotlib."""
    one = Drawn.of("this run", run)
    drawn = [one] if other is None else [one, Drawn.of("other run", other)]
    others = {} if other is None else {row.case.id: row for row, _ in paired(other, run)}
    return page(
        "Evaluation",
        Markup().join(
            (
                _origin(run.about),
                headline(one),
                Markup() if other is None else changes(compare(other, run), anchors_of(run.rows)),
                pictures(drawn),
                parts(one),
                _judged(run),
                section("Questions", _FILTER, questions(run.rows, others)),
                section("Details", all_figures(one), _about(run.about)),
            )
        ),
    )


def _origin(about: Mapping[str, object]) -> Markup:
    """When, with what and on which questions, as far as the run says so."""
    told = [_plain(about[name]) for name in ("started", "version", "files") if about.get(name)]
    return Markup('<p class="soft">{}</p>\n').format(" · ".join(told))


def _judged(run: Run) -> Markup:
    """What a model thinks of the answers, never without its agreement with gold."""
    agreed = judge.agreement(run.rows)
    if agreed is None and not run.about.get("judge"):
        return Markup()
    return section("Judge", Markup("<p>{}</p>").format(judge.sentence(agreed)))


def _about(about: Mapping[str, object]) -> Markup:
    settings = about.get("settings")
    parts = settings if isinstance(settings, Mapping) else {}
    rows = [(name, _plain(value)) for name, value in about.items() if name != "settings"]
    rows += [(f"setting {name}", _plain(value)) for name, value in parts.items()]
    return folded("How it was run", table("The header of the result file", ("name", "value"), rows))


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
