"""The prompt: fixed rules, then passages as data behind a boundary that no passage can know.

Passages travel as JSON, each line behind a mark of this request (datamarking), so that the model can
tell read text from orders and no passage can close its block. Numbers are the server's.
"""

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from rag.gate.leak import Guarded
from rag.guards.normalise import shown
from rag.models import Turn
from rag.pack import Passage
from rag.sentences import sentences
from rag.tables import header_above
from rag.types import Language, Message, Question

HISTORY_CHARACTERS = 4000  # of earlier turns, the newest first
NOT_FOUND: dict[Language, str] = {"en": "Not in the documents.", "zh": "文档中没有找到答案。"}

_FOLDER = Path(__file__).parent / "prompts"
_MARKER = re.compile(r"[\[【［](\^?\d{1,4})[\]】］]")
_CONTROL = re.compile(r"<\||\|>|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to the model, what of it must not come back, and the hash of the fixed rules.

    `mark` stands before each line of the passages; a model may copy it.
    """

    turns: tuple[Turn, ...]
    guarded: Guarded
    mark: str
    hash: str


def build(question: Question, passages: Sequence[Passage], *, token: str = "") -> Prompt:
    """The prompt of one request. `token` (16 hex digits) is drawn anew unless it is given."""
    token = token or secrets.token_hex(8)
    mark = f"{token[:4]}|"
    rules = _rules(question.language)
    system = rules.replace("{boundary}", token).replace("{mark}", mark)
    turns = (
        Turn("system", system),
        *(Turn(turn.role, turn.content) for turn in recent(question.history)),
        Turn("user", _ask(question, passages, token, mark)),
    )
    return Prompt(turns, Guarded(rules, token), mark, sha256(rules.encode()).hexdigest()[:16])


def recent(history: Sequence[Message]) -> list[Message]:
    """The newest turns that fit into `HISTORY_CHARACTERS`, oldest first."""
    kept: list[Message] = []
    left = HISTORY_CHARACTERS
    for turn in reversed(history):
        if len(turn.content) > left:
            break
        left -= len(turn.content)
        kept.append(turn)
    return kept[::-1]


def _ask(question: Question, passages: Sequence[Passage], token: str, mark: str) -> str:
    block = "\n".join(_passage(n, passage, mark) for n, passage in enumerate(passages, 1))
    begin, end = f"-----passages {token}-----", f"-----end of passages {token}-----"
    label = "问题" if question.language == "zh" else "Question"
    return f"{begin}\n{block.replace(token, '')}\n{end}\n\n{label}: {question.text}"


def _passage(n: int, passage: Passage, mark: str) -> str:
    hit = passage.hit
    updated = datetime.fromtimestamp(hit.updated, UTC).date().isoformat() if hit.updated else ""
    fields = {
        "n": n,
        "title": _harmless(hit.title),
        "heading": _harmless(hit.heading),
        "date": updated,
        "lines": [mark + _harmless(line) for line in _lines(passage)],
    }
    return json.dumps({key: value for key, value in fields.items() if value}, ensure_ascii=False)


def _lines(passage: Passage) -> list[str]:
    """Sentences, one a line: the unit in which a model should quote. Rows of a table have its header."""
    text = passage.hit.text
    header = header_above(passage.whole, passage.hit.start)
    lines = [" ".join(text[s.start : s.end].split()) for s in sentences(text)]
    return [header, *lines] if header else lines


def _harmless(text: str) -> str:
    """Without control and hidden characters, and without anything like a citation number of ours."""
    text = shown(text)
    return _MARKER.sub(r"(\1)", _CONTROL.sub(" ", text))


@cache
def _rules(language: Language) -> str:
    return (_FOLDER / f"answer_{language}.md").read_text("utf-8")
