"""The shell of a report: one HTML file that loads nothing and runs nothing of its documents.

Everything is put in by `Markup.format`, which escapes what is not `Markup` itself. The policy in the
head forbids every request, and every script but the one beside this file.
"""

import base64
import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

from markupsafe import Markup

Cell = str | Markup

MARK = b'<meta http-equiv="Content-Security-Policy"'  # in the head of every report
# Controls that HTML forbids, halves of surrogate pairs, and marks that turn what stands beside them around.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_FOLDER = Path(__file__).parent
_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
<script>{script}</script>
</body>
</html>
""")
_FOLDED = Markup('<details class="group"{}><summary>{}</summary>\n{}</details>\n')
_TABLE = Markup(
    '<div class="wide"><table><caption>{}</caption><thead>{}</thead><tbody>{}</tbody></table></div>\n'
)


def page(title: str, body: Markup) -> str:
    """The whole file."""
    script = _part("report.js")
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    made = _PAGE.format(policy=policy, title=title, style=_part("report.css"), script=script, body=body)
    return _FORBIDDEN.sub("\ufffd", made)


def section(title: str, *parts: Markup) -> Markup:
    """A heading and what follows it; nothing when nothing follows."""
    body = joined(parts)
    return body and Markup("<section><h2>{}</h2>\n{}</section>\n").format(title, body)


def folded(title: str, *parts: Markup, is_open: bool = False) -> Markup:
    """What opens under its title; nothing when there is nothing."""
    body = joined(parts)
    opened = Markup(" open") if is_open else Markup()
    return body and _FOLDED.format(opened, title, body)


def table(caption: str, head: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> Markup:
    """A table that scrolls in a box of its own where the screen is narrow."""
    return _TABLE.format(caption, _row("th", head), joined(_row("td", cells) for cells in rows))


def joined(parts: Iterable[Markup]) -> Markup:
    """The parts one after the other."""
    return Markup().join(parts)


def _row(tag: str, cells: Sequence[Cell]) -> Markup:
    return Markup("<tr>{}</tr>\n").format(
        joined(Markup("<{0}>{1}</{0}>").format(Markup(tag), cell) for cell in cells)  # noqa: S704
    )


@cache
def _part(name: str) -> Markup:
    """A file of ours; nothing from outside is ever in it."""
    return Markup((_FOLDER / name).read_text("utf-8"))  # noqa: S704
