"""Files of a folder, or one file: regular files only, no symlinks, nothing hidden, sorted."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.sources import Seen, Unseen, Walked
from rag.errors import BadInput


def walk(path: Path) -> Walked:
    """Every regular file below `path`; `BadInput` when there is no such folder or file.

    Links in `path` itself are followed, so that a file has one place however it is reached; links
    found below it are not.
    """
    root = Path(os.path.realpath(path))
    try:
        kind = root.lstat().st_mode
    except OSError as error:
        raise BadInput(f"no such folder or file: {path}", hint="check the path") from error
    if not _is_storable(str(root)):
        raise BadInput(f"the path {_shown(str(path))} is not UTF-8 and cannot be stored", hint="rename it")
    if stat.S_ISREG(kind):
        found: list[Seen | Unseen] = [*_seen(root, root.parent)]
    elif not stat.S_ISDIR(kind):
        raise BadInput(f"{path} is neither a folder nor a file")
    else:
        found = list(_below(root, root))
    files = tuple(one for one in found if isinstance(one, Seen))
    unreadable = tuple(one for one in found if isinstance(one, Unseen))
    if any(one.place == str(root) for one in unreadable):
        raise BadInput(f"{path} may not be read: {unreadable[0].error}", hint="check its permissions")
    return Walked(root, files, unreadable)


def _below(folder: Path, root: Path) -> Iterator[Seen | Unseen]:
    try:
        with os.scandir(folder) as scan:
            found = sorted(scan, key=lambda entry: entry.name)
    except FileNotFoundError as error:
        if folder == root:
            yield _unseen(folder, root, error)
        return  # it went away meanwhile
    except OSError as error:
        yield _unseen(folder, root, error)
        return
    for entry in found:
        if not entry.name.startswith((".", "~$")):  # hidden, or Office's lock files
            yield from _entry(entry, root)


def _entry(entry: "os.DirEntry[str]", root: Path) -> Iterator[Seen | Unseen]:
    path = Path(entry.path)
    try:
        is_folder, is_file = entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)
    except OSError as error:
        yield _unseen(path, root, error)
        return
    if not (is_folder or is_file):
        return
    if not _is_storable(entry.name):
        said = "its name is not UTF-8 and cannot be stored"
        yield Unseen(entry.path, _source(path, root), said, "rename it")
    elif is_folder:
        yield from _below(path, root)
    else:
        yield from _seen(path, root)


def _seen(path: Path, root: Path) -> Iterator[Seen | Unseen]:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return  # it went away meanwhile
    except OSError as error:
        yield _unseen(path, root, error)
        return
    yield Seen(
        place=str(path),
        source=_source(path, root),
        path=path,
        size=found.st_size,
        mtime=found.st_mtime_ns,
    )


def _unseen(path: Path, root: Path, error: OSError) -> Unseen:
    said = f"cannot be read: {error.strerror or error}"
    return Unseen(str(path), _source(path, root), said, "give this user the right to read it")


def _source(path: Path, root: Path) -> str:
    return _shown(path.relative_to(root).as_posix())


def _is_storable(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    """The name, with the bytes that are no UTF-8 written out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
