"""One question from its fields, each checked: what is wrong is said with what was expected."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from rag.evaluate.types import Case, Gold, Need
from rag.pipeline.parse import language as language_of
from rag.types import Language, Message, Role

# What is read of an object; the names of `gold` and `history` within are theirs.
NAMES = frozenset(
    """id question lang language answer answerable kind gold gold_mode quote file history collection
    confirmed""".split()
)
_TRUE = frozenset({"true", "yes", "y", "1", "t", "是", "可", "可以", "能", "对", "✓", "x"})
_FALSE = frozenset({"false", "no", "n", "0", "f", "否", "不可", "不可以", "不能", "不", "不是"})
_ROLES: Mapping[str, Role] = {
    "user": "user",
    "用户": "user",
    "问": "user",
    "assistant": "assistant",
    "agent": "assistant",
    "助手": "assistant",
    "答": "assistant",
}


class Wrong(ValueError):
    """A field that cannot be used; `str` says which, what it holds and what was expected."""


def case(fields: Mapping[str, Any], where: str) -> Case:
    """The question of these fields; others are ignored. `Wrong` says what is wrong with one."""
    question = _text(fields, "question")
    if not question:
        raise Wrong("'question' is empty; expected a question")
    answer = _text(fields, "answer")
    answerable = flag(fields, "answerable", True)
    found = _gold(fields)
    if found and not answerable:
        raise Wrong("there is a gold place, but 'answerable' is false; expected one or the other")
    history = _history(fields.get("history"))
    collection = _text(fields, "collection") or None
    return Case(
        id=_text(fields, "id") or made_id(question, history, collection),
        question=question,
        where=where,
        answer=answer,
        gold=found,
        need=_need(fields),
        answerable=answerable,
        history=history,
        language=_language(fields, question),
        kind=_text(fields, "kind"),
        collection=collection,
    )


def flag(fields: Mapping[str, Any], name: str, default: bool) -> bool:
    """A yes or a no, in English or Chinese; the default where nothing is said."""
    value = fields.get(name)
    if value is None or value == "":
        return default
    word = str(value).strip().casefold()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Wrong(f"{name!r} is {_shown(value)}; expected true or false")


def made_id(question: str, history: tuple[Message, ...], collection: str | None) -> str:
    """An id of the question itself: it stays when lines are added to the file."""
    parts = [question, collection or "", *(turn.content for turn in history)]
    return "q-" + sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:10]


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value).strip()
    raise Wrong(f"{name!r} is {_shown(value)}; expected text")


def _need(fields: Mapping[str, Any]) -> Need:
    mode = fields.get("gold_mode") or "any"
    if mode not in ("any", "all"):
        raise Wrong(f"'gold_mode' is {_shown(mode)}; expected any or all")
    return "all" if mode == "all" else "any"


def _language(fields: Mapping[str, Any], question: str) -> Language:
    said = _text(fields, "language") or _text(fields, "lang")
    word = said.casefold()
    if not word:
        return language_of(question)
    if word.startswith(("zh", "chinese", "中", "汉")):
        return "zh"
    if word.startswith(("en", "英")):
        return "en"
    raise Wrong(f"'language' is {_shown(said)}; expected en or zh")


def _gold(fields: Mapping[str, Any]) -> tuple[Gold, ...]:
    """The list of JSONL, or the columns `file` and `quote` of a table."""
    listed = fields.get("gold")
    if listed is None or isinstance(listed, str):
        file, quote = _text(fields, "file"), _text(fields, "quote") or _text(fields, "gold")
        return (Gold(file, quote),) if file or quote else ()
    if not isinstance(listed, list):
        raise Wrong(f"'gold' is {_shown(listed)}; expected a list of places")
    return tuple(_place(value, number) for number, value in enumerate(listed, 1))


def _place(value: object, number: int) -> Gold:
    """One gold place. Its offsets, if there are any, must be as far apart as its quote is long."""
    if not isinstance(value, dict):
        raise Wrong(f"gold {number} is {_shown(value)}; expected an object with file and quote")
    file, start, end = _text(value, "file"), value.get("start"), value.get("end")
    quote = value.get("quote") or ""
    if not isinstance(quote, str):
        raise Wrong(f"gold {number}: 'quote' is {_shown(quote)}; expected text")
    if start is None and end is None:
        if not file and not quote:
            raise Wrong(f"gold {number} is empty; expected file and quote")
        return Gold(file, quote)
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise Wrong(f"gold {number}: start is {_shown(start)}, end {_shown(end)}; expected 0 <= start < end")
    if quote and end - start != len(quote):
        raise Wrong(
            f"gold {number}: {start} to {end} are {end - start} characters, its quote has {len(quote)}"
        )
    return Gold(file, quote, start, end)


def _history(value: object) -> tuple[Message, ...]:
    """Earlier turns: a list of objects, its JSON, or lines `user: ...` / `assistant: ...`."""
    if value is None or value == "":
        return ()
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise Wrong(f"'history' is {_shown(value)}; expected a JSON list of turns") from error
    if isinstance(value, str):
        return tuple(_line(line) for line in value.splitlines() if line.strip())
    if not isinstance(value, list):
        raise Wrong(f"'history' is {_shown(value)}; expected a list of turns")
    return tuple(_turn(turn, number) for number, turn in enumerate(value, 1))


def _turn(value: object, number: int) -> Message:
    if isinstance(value, dict):
        role, text = _ROLES.get(str(value.get("role")).casefold()), value.get("text", value.get("content"))
        if role and isinstance(text, str):
            return Message(role, text)
    raise Wrong(f"turn {number} of 'history' is {_shown(value)}; expected role (user, assistant) and text")


def _line(line: str) -> Message:
    """A line without a role is an earlier question."""
    head, mark, rest = line.replace("：", ":", 1).partition(":")
    role = _ROLES.get(head.strip().casefold()) if mark else None
    return Message(role, rest.strip()) if role else Message("user", line.strip())


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
