"""Files of a folder, or one file: regular files only, no symlinks, nothing hidden, sorted.

The tree is walked by descriptors: a folder that becomes a link while it is walked is not followed.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ingest.sources import Seen, Unseen, Walked
from ingest.wall.opening import Folder, folder_at, folder_below
from rag.errors import BadInput

MOST_DEPTH = 100  # each level keeps a descriptor open
_OWN = (".kb.toml", ".kbignore")  # read as what they are, not passed over
_HIDDEN, _LINK = "hidden", "link"

Entry = Seen | Unseen | str  # the last: why something was passed over


def walk(path: Path) -> Walked:
    """Every regular file below `path`; `BadInput` when there is no such folder or file.

    Links in `path` itself are followed, so that a file has one place however it is reached; links
    found below it are not.
    """
    root = Path(os.path.realpath(path))
    try:
        about = root.lstat()
    except OSError as error:
        raise BadInput(f"no such folder or file: {path}", hint="check the path") from error
    if not _is_storable(str(root)):
        raise BadInput(f"the path {_shown(str(path))} is not UTF-8 and cannot be stored", hint="rename it")
    if stat.S_ISREG(about.st_mode):
        return Walked(root, (_seen(root, root.parent, about),))
    if not stat.S_ISDIR(about.st_mode):
        raise BadInput(f"{path} is neither a folder nor a file", hint="pipes and devices are not read")
    found = list(_root(root, path))
    files = tuple(one for one in found if isinstance(one, Seen))
    unreadable = tuple(one for one in found if isinstance(one, Unseen))
    return Walked(root, files, unreadable, hidden=found.count(_HIDDEN), links=found.count(_LINK))


def _root(root: Path, path: Path) -> Iterator[Entry]:
    try:
        with folder_at(root) as folder:
            yield from _below(folder, root, root)
    except OSError as error:
        said = f"{path} may not be read: cannot be read: {error.strerror or error}"
        raise BadInput(said, hint="check its permissions") from error


def _below(folder: Folder, path: Path, root: Path) -> Iterator[Entry]:
    with os.scandir(folder) as scan:
        found = sorted(scan, key=lambda entry: entry.name)
    for entry in found:
        if not entry.name.startswith((".", "~$")):  # hidden, or Office's lock files
            yield from _entry(entry, folder, path / entry.name, root)
        elif entry.name not in _OWN:
            yield _HIDDEN


def _entry(entry: "os.DirEntry[str]", folder: Folder, path: Path, root: Path) -> Iterator[Entry]:
    try:
        is_folder, is_file = entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False)
        if not (is_folder or is_file):
            yield _LINK
        elif not _is_storable(entry.name):
            yield _unseen(path, root, "its name is not UTF-8 and cannot be stored", "rename it")
        elif is_file:
            yield _seen(path, root, entry.stat(follow_symlinks=False))
        elif len(path.parts) - len(root.parts) > MOST_DEPTH:
            yield _unseen(path, root, f"it lies below {MOST_DEPTH} folders", "move it up, or pack it")
        else:
            with folder_below(entry.name, folder) as inner:
                yield from _below(inner, path, root)
    except FileNotFoundError:
        return  # it went away meanwhile
    except OSError as error:
        said = f"cannot be read: {error.strerror or error}"
        yield _unseen(path, root, said, "give this user the right to read it")


def _seen(path: Path, root: Path, about: os.stat_result) -> Seen:
    return Seen(
        place=str(path),
        source=_source(path, root),
        path=path,
        size=about.st_size,
        mtime=about.st_mtime_ns,
    )


def _unseen(path: Path, root: Path, said: str, hint: str) -> Unseen:
    return Unseen(str(path), _source(path, root), said, hint)


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
