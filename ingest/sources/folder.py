"""Files of a folder, or one file: regular files only, no symlinks, nothing hidden, sorted."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.sources import Seen
from rag.errors import BadInput


def walk(path: Path) -> list[Seen]:
    """Every readable regular file below `path`; `BadInput` when there is no such folder or file."""
    root = Path(os.path.abspath(path))
    try:
        kind = root.lstat().st_mode
    except OSError as error:
        raise BadInput(f"no such folder or file: {path}", hint="check the path") from error
    if stat.S_ISLNK(kind):
        root = root.resolve()  # a link named by the operator is meant; one found below is not followed
        kind = root.stat().st_mode if root.exists() else 0
    if stat.S_ISREG(kind):
        return [_seen(root, root.parent)]
    if not stat.S_ISDIR(kind):
        raise BadInput(f"{path} is neither a folder nor a file")
    if not os.access(root, os.R_OK | os.X_OK):
        raise BadInput(f"the folder {path} may not be read", hint="check its permissions")
    return [_seen(found, root) for found in _files(root)]


def _files(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as scan:
        found = sorted(scan, key=lambda entry: entry.name)
    for entry in found:
        if entry.name.startswith(".") or entry.name.startswith("~$"):  # hidden, or Office's lock files
            continue
        if entry.is_dir(follow_symlinks=False):
            if os.access(entry.path, os.R_OK | os.X_OK):
                yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _seen(path: Path, root: Path) -> Seen:
    found = path.lstat()
    return Seen(
        place=str(path),
        source=path.relative_to(root).as_posix(),
        path=path,
        size=found.st_size,
        mtime=found.st_mtime_ns,
    )
