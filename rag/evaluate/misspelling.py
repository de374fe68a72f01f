"""Names that are nearly a field's: passed over in silence, they would change what is measured."""

import difflib
from collections.abc import Collection

# Without one of these a question is measured as another: as answerable, or without its answer.
_NEEDED = (
    "question",
    "answer",
    "answerable",
    "gold",
    "gold_mode",
    "quote",
    "history",
    "collection",
    "confirmed",
)
_NEAR = 0.82  # "anwser" is .83 near to "answer", "answer date" .80 to "answerable"


def meant(name: str, there: Collection[str]) -> str:
    """The field that `name` is a slip of, of those that are not `there`; '' for any other name."""
    missing = [field for field in _NEEDED if field not in there]
    return next(iter(difflib.get_close_matches(name.casefold(), missing, 1, _NEAR)), "")
