"""What a scripted model sees in a prompt: its rules, the passages and the question.

It reads tolerantly, as a real model does: a passage is a JSON object on a line of its own with its
`lines` (or one `text`), wherever it stands in the last user turn.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.models import Turn
from rag.sentences import sentences

_MARK = re.compile(r"^[0-9a-f]{4}\|")  # of the request, before each line of a passage
_QUESTION = re.compile(r"^(?:Question|问题)\s?[:：]", re.MULTILINE)
_NOTHING = re.compile(r"(?:nothing but|只回复这一句)\s?[:：]\s?(.+)")


@dataclass(frozen=True, slots=True)
class Passage:
    """A numbered passage of the prompt, without marks."""

    n: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """All that an answer is made from. `not_found` are the words that the rules give for that case."""

    system: str
    question: str
    passages: tuple[Passage, ...]
    not_found: str


def read(turns: Sequence[Turn]) -> Seen:
    """The prompt's parts. Without a labelled question it is the whole last user turn."""
    system = "\n".join(turn.content for turn in turns if turn.role == "system")
    user = next((turn.content for turn in reversed(turns) if turn.role == "user"), "")
    labels = list(_QUESTION.finditer(user))
    question = user[labels[-1].end() :] if labels else user
    told = _NOTHING.search(system)
    not_found = told[1].strip() if told else "Not in the documents."
    return Seen(system, question.strip(), tuple(_passages(user)), not_found)


def _passages(text: str) -> Iterator[Passage]:
    for line in text.splitlines():
        found = _object(line)
        n, lines = found.get("n"), found.get("lines")
        if isinstance(told := found.get("text"), str):
            lines = [told[s.start : s.end] for s in sentences(told)]
        if isinstance(n, int) and isinstance(lines, list):
            yield Passage(n, tuple(_MARK.sub("", str(each)) for each in lines))


def _object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line) if line.startswith("{") else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
