"""What is taken from a chunk of the chat-completions wire; all else a service sends is dropped.

The client builds chunks without checking them, so any field may be missing or of any type.
"""

from dataclasses import dataclass

from rag.types import Usage

_MOST_TOKENS = 100_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its text, whether the service says it is the end, and tokens if it names them."""

    text: str
    finished: bool
    usage: Usage | None


def take(raw: object) -> Chunk:
    """The text of the first choice; never its reasoning, tool calls or refusal."""
    text, finished = "", False
    usage = _usage(getattr(raw, "usage", None))
    choices = getattr(raw, "choices", None)
    for choice in choices if isinstance(choices, list) else []:
        if getattr(choice, "index", 0) not in (0, None):
            continue
        content = getattr(getattr(choice, "delta", None), "content", None)
        text += _whole(content) if isinstance(content, str) else ""
        finished = finished or isinstance(getattr(choice, "finish_reason", None), str)
        # Moonshot's place for it.
        usage = usage or _usage(getattr(choice, "usage", None))
    return Chunk(text, finished, usage)


def _whole(text: str) -> str:
    """Without half surrogates, which no encoding can carry further."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _usage(raw: object) -> Usage | None:
    read, said = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    return Usage(read, said) if read is not None and said is not None else None


def _count(raw: object, name: str) -> int | None:
    value = raw.get(name) if isinstance(raw, dict) else getattr(raw, name, None)
    # bool is an int to Python, not to us
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None
