"""Writing a text file whole or not at all."""

import os
import tempfile
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Put `text` (UTF-8, line ends as they are) in place of the file, or make it, in one step.

    Whoever reads at the same moment sees the old text or the new one; an interrupt leaves the old one.
    A file that was there keeps its permissions. Raises `OSError`.
    """
    path = Path(os.path.realpath(path))  # the file behind a link, not the link, is replaced
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
