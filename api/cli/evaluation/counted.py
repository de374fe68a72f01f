"""A number with its noun."""


def counted(count: int, noun: str) -> str:
    """`1 question`, `2 questions`."""
    return f"{count} {noun}{'s' * (count != 1)}"
