"""One run at a time on a result file: two would ask everything twice, or move it from under each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag.errors import BadInput


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold `path`, which need not be there, for this process. `BadInput` where another one holds it."""
    name = path.with_name(f".{path.name}.lock")
    lock = FileLock(name, timeout=0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        hint = "wait for it, or name another file with --out"
        raise BadInput(f"another run is writing {path}", hint=hint) from error
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}", hint="--out names another") from error
    try:
        yield
    finally:
        name.unlink(missing_ok=True)  # while it is held: whoever opened it before sees that it is gone
        lock.release()
