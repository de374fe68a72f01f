"""A file that is written anew each time takes the place of its like, and of nothing else."""

from pathlib import Path

from rag.errors import BadInput

_HEAD = 400  # bytes in which the mark stands


def check(path: Path, mark: bytes, what: str, option: str) -> None:
    """`BadInput` where a folder is, or a file without `mark` in its head; an empty file may be replaced."""
    hint = f"{option} names another"
    if path.is_dir():
        raise BadInput(f"{path} cannot be written: it is a folder", hint=hint)
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint=hint) from error
    if head and mark not in head:
        raise BadInput(f"{path} is there already and is no {what}; it was left as it is", hint=hint)
