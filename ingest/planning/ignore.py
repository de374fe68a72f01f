"""`.kbignore` and patterns: which files are left alone. The syntax is that of `.gitignore`."""

import os
from collections.abc import Callable, Sequence
from functools import lru_cache

from pathspec import GitIgnoreSpec

from rag.errors import BadInput

FILE = ".kbignore"


def compiled(lines: Sequence[str], said_by: str) -> GitIgnoreSpec:
    """Patterns ready for use; `BadInput` names who said one that is none."""
    try:
        return _compiled(tuple(lines))
    except ValueError as error:
        raise BadInput(f"{said_by}: {error}", hint="patterns are written as in a .gitignore") from error


@lru_cache(maxsize=256)
def _compiled(lines: tuple[str, ...]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(lines)


class Ignore:
    """Decides for files below `root`, by the `.kbignore` of every folder down to theirs.

    As in git: the nearest file that says anything decides, and below a folder that is left out
    nothing comes back. `read` gives the lines of a folder's file, none where it has none.
    """

    def __init__(self, root: str, read: Callable[[str], Sequence[str]]) -> None:
        self._root, self._read = root, read
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        self._folders: dict[str, bool] = {root: False}

    def leaves_out(self, place: str) -> bool:
        """Whether the file at this absolute path is left out."""
        folder = os.path.dirname(place)
        return self._folder(folder) or self._says(place, folder)

    def _folder(self, folder: str) -> bool:
        if folder not in self._folders:
            parent = os.path.dirname(folder)
            self._folders[folder] = self._folder(parent) or self._says(folder + "/", parent)
        return self._folders[folder]

    def _says(self, place: str, folder: str) -> bool:
        """What the nearest file that speaks of it says."""
        while True:
            spec = self._spec(folder)
            found = spec.check_file(below(place, folder)).include if spec else None
            if found is not None or folder == self._root:
                return bool(found)
            folder = os.path.dirname(folder)

    def _spec(self, folder: str) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            lines = self._read(folder)
            self._specs[folder] = compiled(lines, os.path.join(folder, FILE)) if lines else None
        return self._specs[folder]


def below(place: str, folder: str) -> str:
    """A path as it is written from a folder on, with forward slashes."""
    return place[len(folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
