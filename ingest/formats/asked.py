"""Questions and answers in running text: `Q: ...` above `A: ...`, `问：…` above `答：…`."""

import re

from ingest.outline import Heading
from rag.wording import LONGEST_HEADING, asking

FEWEST = 2  # entries; a single pair may be anything
_ENTRY = re.compile(
    r"""^[ \t]{0,3}(?:\*\*|__)?(?P<number>\d{1,4}[.、)][ \t]*)?
        (?:Q(?:uestion)?|问题?|問題?)[ \t]?\d{0,4}(?:\*\*|__)?[ \t]*[:：.、](?:\*\*|__)?[ \t]*
        (?P<question>\S[^\n]{0,600}?)[ \t*_]*\r?\n
        (?:[ \t]*\r?\n){0,2}
        [ \t]{0,3}(?:\*\*|__)?(?:A(?:nswer)?|答案?)[ \t]?\d{0,4}(?:\*\*|__)?[ \t]*[:：.、]""",
    re.MULTILINE | re.VERBOSE,
)


def asked(text: str, begin: int = 0, level: int = 1) -> list[Heading]:
    """A heading for each entry, ending with a question mark; none when there are fewer than two."""
    found = [
        Heading(match.start(), level, _asking(match["question"])) for match in _ENTRY.finditer(text, begin)
    ]
    return found if len(found) >= FEWEST else []


def _asking(question: str) -> str:
    return asking(question.strip(" \t*_")[:LONGEST_HEADING])
