"""Second stage: from what was sent to a question."""

import re
import unicodedata

from rag.errors import BadInput, TooLarge
from rag.pipeline.shapes import System
from rag.types import Language, Message, Principal, Question, Request
from rag.words import CJK

MOST_HITS = 50
_TURN_CHARACTERS = 8000  # of an earlier turn that are kept
_CHINESE_SHARE = 0.3  # of the letters; a Chinese question often names English products
# Tab and line feed stay; a line separator from elsewhere becomes a line feed.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_IDEOGRAPH = re.compile(f"[{CJK}]")
_LETTER = re.compile(r"[^\W\d_]")


async def parse(request: Request, system: System) -> Question:
    """The question, cleaned and bounded. Raises `BadInput` when it is empty, `TooLarge` when long."""
    settings = system.settings
    # Cleaning costs time by the character: a megabyte is refused before it.
    _not_above(len(request.text), settings.max_question)
    text = clean(request.text).strip()
    if not text:
        raise BadInput("the question is empty", hint="write a question of at least one word")
    if not 1 <= request.limit <= MOST_HITS:
        raise BadInput(f"limit is {request.limit}; it must be 1 to {MOST_HITS}")
    history = request.history[-settings.max_history :] if settings.max_history else ()
    return Question(
        text=text,
        principal=request.principal or Principal(settings.tenant, "nobody", frozenset()),
        language=language(text),
        history=tuple(Message(turn.role, clean(turn.content[:_TURN_CHARACTERS])) for turn in history),
        collection=request.collection,
        limit=request.limit,
        conversation=request.conversation,
    )


def clean(text: str) -> str:
    """NFC, without control, direction and hidden characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def language(text: str) -> Language:
    """Chinese when a good part of the letters are."""
    if text.isascii():
        return "en"
    chinese = len(_IDEOGRAPH.findall(text))
    return "zh" if chinese and chinese >= _CHINESE_SHARE * len(_LETTER.findall(text)) else "en"


def _not_above(length: int, most: int) -> None:
    if length > most:
        raise TooLarge(
            f"the question has {length:,} characters; at most {most:,} are read",
            hint="ask shorter, or put the text into a document",
        )
