"""Opens a file that strangers may write to: step by step from the root, never through a link.

What a walk found as a folder may be a link by the time its files are read. Each part of the path is opened
from the descriptor of the part before it, so what is opened is what the path names without links.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rag.errors import UnreadableFile

_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINKS
# To go through a folder takes no right to list it.
_THROUGH = _LIST | getattr(os, "O_PATH", getattr(os, "O_SEARCH", 0))
# Without O_NONBLOCK, opening a pipe would wait for its writer.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | _NO_LINKS
BY_STEPS = os.open in os.supports_dir_fd and os.scandir in os.supports_fd  # not on Windows

Folder = int | str  # a descriptor; where there are none, a path


def open_file(path: Path) -> int:
    """A descriptor of a regular file, for reading. `path` has no links.

    `UnreadableFile` for links anywhere in it, for what is no regular file, and for what may not be read.
    """
    try:
        if not BY_STEPS:
            return _opened(str(path), None)
        with _parent(path) as folder:
            return _opened(_name(path), folder)
    except FileNotFoundError as error:
        said = "it went away while the folder was read"
        raise UnreadableFile(said, state="unreadable", hint="run kb ingest again") from error
    except OSError as error:
        said = f"cannot be read: {error.strerror or error}"
        raise UnreadableFile(said, state="unreadable", hint="give this user the right to read it") from error


def _opened(name: str, folder: int | None) -> int:
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(before.st_mode):  # opening a device may do something
        raise UnreadableFile("not a regular file", state="unreadable", hint="put the file itself there")
    descriptor = os.open(name, _READ, dir_fd=folder)
    after = os.fstat(descriptor)
    if _identity(before) != _identity(after):
        os.close(descriptor)
        said = "it was replaced while it was opened"
        raise UnreadableFile(said, state="unreadable", hint="run kb ingest again")
    return descriptor


def _identity(about: os.stat_result) -> tuple[int, int, int]:
    return about.st_dev, about.st_ino, stat.S_IFMT(about.st_mode)


@contextmanager
def folder_at(path: Path) -> Iterator[Folder]:
    """A folder to be listed. `OSError` for links anywhere in `path`, and for files."""
    if not BY_STEPS:
        yield str(path)
        return
    with _parent(path) as above, folder_below(_name(path), above) as found:
        yield found


@contextmanager
def folder_below(name: str, above: Folder) -> Iterator[Folder]:
    """A folder within a folder, to be listed. `OSError` when it is a link or a file."""
    if not isinstance(above, int):
        yield os.path.join(above, name)
        return
    found = os.open(name, _LIST, dir_fd=above)
    try:
        yield found
    finally:
        os.close(found)


@contextmanager
def _parent(path: Path) -> Iterator[int]:
    """A descriptor of the folder that `path` is in."""
    whole = path.absolute()
    place = os.open(whole.anchor, _THROUGH)
    try:
        for folder in whole.parts[1:-1]:
            inner = os.open(folder, _THROUGH, dir_fd=place)
            os.close(place)
            place = inner
        yield place
    finally:
        os.close(place)


def _name(path: Path) -> str:
    return path.name or os.curdir  # a root has no name
