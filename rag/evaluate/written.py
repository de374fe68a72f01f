"""Drafts written by a model, one question a passage. It is believed only as far as it can be checked."""

import json
import re
import secrets
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from anyio import fail_after

from rag.cite import prove
from rag.errors import TimedOut
from rag.evaluate.drafts import Draft
from rag.evaluate.passages import Passage
from rag.gate import mask
from rag.models import Model, Turn
from rag.pipeline.parse import language
from rag.sentences import plain
from rag.types import Language
from rag.wording import ASKS
from rag.words import runs

KIND = "model"
TOKENS = 400
_SECONDS = 60.0
_LONGEST_REPLY = 8_000  # characters
_QUESTION: dict[Language, tuple[int, int]] = {"en": (10, 300), "zh": (4, 120)}  # characters
_QUOTE_MOST = 600
_COPIED: dict[Language, int] = {"en": 7, "zh": 14}  # words or characters in a row: then it is a copy
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)
_PROMPT = Path(__file__).parent.parent / "prompts/draft_question.md"


async def draft(model: Model, passage: Passage) -> Draft | str:
    """The model's question for a passage, or in a few words why it was dropped.

    Raises what the model raises; `TimedOut` when it is late.
    """
    try:
        with fail_after(_SECONDS):
            reply = await _reply(model, turns(passage))
    except TimeoutError as error:
        raise TimedOut("the model is late") from error
    return read(reply, passage)


async def _reply(model: Model, asked: Sequence[Turn]) -> str:
    """What the model says, cut where it does not stop."""
    reply = ""
    stream = model.stream(asked, max_tokens=TOKENS)
    try:
        async for delta in stream:
            reply += delta.text
            if len(reply) > _LONGEST_REPLY:
                break
    finally:
        if (close := getattr(stream, "aclose", None)) is not None:
            await close()
    return reply


def turns(passage: Passage, token: str = "") -> tuple[Turn, ...]:
    """What the model is asked. `token` (16 hex digits) is drawn anew unless it is given."""
    token = token or secrets.token_hex(8)
    fields = {"title": passage.title, "heading": passage.heading, "text": passage.text}
    block = json.dumps(fields, ensure_ascii=False).replace(token, "")
    user = f"-----passage {token}-----\n{block}\n-----end of passage {token}-----"
    return (Turn("system", _rules().replace("{boundary}", token)), Turn("user", user))


def read(reply: str, passage: Passage) -> Draft | str:
    """The draft that a reply holds: one JSON object, a question of its own, a quote that stands there."""
    found = _object(reply)
    if found is None:
        return "not the JSON that was asked for"
    if not found:
        return "nothing worth asking"
    question, answer = (" ".join(found[key].split()) for key in ("question", "answer"))
    if problem := _problem(question, answer, passage):
        return problem
    place = _place(found["quote"], passage.text)
    if place is None or place[1] - place[0] > _QUOTE_MOST:
        return "its quote does not stand in the passage"
    gold = passage.gold(*place)
    if mask(plain(gold.quote))[1] or mask(question + "\n" + answer)[1]:
        return "with text that may not be shown"
    return Draft(question, language(question), KIND, answer, (gold,))


def _problem(question: str, answer: str, passage: Passage) -> str:
    asked_in = language(question)
    least, most = _QUESTION[asked_in]
    if not least <= len(question) <= most or not question.endswith(ASKS) or not answer:
        return "not a question with an answer"
    if language(passage.text) != asked_in:
        return "in another language"
    return "a copy of the passage" if _is_copy(question, passage.text, asked_in) else ""


def _is_copy(question: str, text: str, asked_in: Language) -> bool:
    """Whether a long run of the question stands in the passage."""
    size = _COPIED[asked_in]
    asked, said = _pieces(question, asked_in), _pieces(text, asked_in)
    runs_said = {tuple(said[i : i + size]) for i in range(len(said) - size + 1)}
    return any(tuple(asked[i : i + size]) in runs_said for i in range(len(asked) - size + 1))


def _pieces(text: str, asked_in: Language) -> Sequence[str]:
    return "".join(runs(text)) if asked_in == "zh" else [run.lower() for run in runs(text)]


def _place(quote: str, text: str) -> tuple[int, int] | None:
    """Where the quote stands, character by character."""
    found = prove(quote, text)
    return found[:2] if found and found[2] == "verified" else None


def _object(reply: str) -> dict[str, str] | None:
    """The three fields as texts, nothing for `{}`, None for anything else."""
    fenced = _FENCED.fullmatch(reply.strip())
    try:
        found = json.loads(fenced[1] if fenced else reply)
    except ValueError:
        return None
    if found == {}:
        return {}
    if not isinstance(found, dict) or set(found) != {"question", "answer", "quote"}:
        return None
    return found if all(isinstance(value, str) for value in found.values()) else None


@cache
def _rules() -> str:
    return _PROMPT.read_text("utf-8")
