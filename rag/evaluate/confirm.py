"""What a person says about a draft, as it is written into its line."""

from rag.evaluate.draft_file import Value
from rag.pipeline.parse import language


def confirmed(value: Value) -> Value:
    """The question is good: it will be scored."""
    return {**value, "confirmed": True}


def dropped(value: Value) -> Value:
    """The question is not good. The line stays, so that it is not drafted again, and is never scored."""
    return {**value, "confirmed": False, "dropped": True}


def edited(value: Value, question: str) -> Value:
    """The question in other words; it is still to be confirmed, under the same id."""
    said = " ".join(question.split())
    return {**value, "question": said, "lang": language(said)}
