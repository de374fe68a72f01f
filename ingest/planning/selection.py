"""Which of the files that a source has are read, and under which rules."""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.planning import ignore, rules
from ingest.planning.ignore import Ignore, below, compiled
from ingest.planning.rules import Rules
from ingest.sources import Seen, Walked
from rag.errors import BadInput

MOST_BYTES = 256 << 10
NO_RULES = Rules()


@dataclass(frozen=True, slots=True)
class Selected:
    """`walked` without what is left out. `rules` are those of each place that has any.

    `archives` counts those that were opened: their members are among the files.
    """

    walked: Walked
    ignored: tuple[Seen, ...] = ()
    rules: dict[str, Rules] = field(default_factory=dict)
    archives: int = 0

    def rules_of(self, file: Seen) -> Rules:
        """What its folders say of a file."""
        return self.rules.get(file.place, NO_RULES)


def select(walked: Walked, include: Sequence[str], exclude: Sequence[str]) -> Selected:
    """Leave out what patterns and `.kbignore` name, and read the rules of what stays.

    Folders have rules only where the source is a folder of this machine. A file that was named itself
    is not left out. `BadInput` when a rule or a pattern is wrong: then nothing is known for sure.
    """
    wanted = compiled(include, "--include") if include else None
    unwanted = compiled(exclude, "--exclude") if exclude else None
    folders = Folders(walked.root) if isinstance(walked.root, Path) else None
    kept: list[Seen] = []
    ignored: list[Seen] = []
    found: dict[str, Rules] = {}
    for file in walked.files:
        own = folders.rules(file) if folders and not folders.leaves_out(_path(file)) else None
        fits = own is not None if folders else True
        fits = fits and (wanted is None or is_packed(file) or wanted.match_file(file.source))
        fits = fits and (unwanted is None or not unwanted.match_file(file.source))
        if not fits or (own is not None and not _fits(own, file)):
            ignored.append(file)
            continue
        kept.append(file)
        if own is not None and own != NO_RULES:
            found[file.place] = own
    unreadable = tuple(
        one for one in walked.unreadable if folders is None or not folders.leaves_out(one.place)
    )
    return Selected(replace(walked, files=tuple(kept), unreadable=unreadable), tuple(ignored), found)


def is_packed(file: Seen) -> bool:
    """Whether it is an archive whose members are not known yet: what is wanted may be among them."""
    return file.path is not None and not file.member and file.source.lower().endswith(".zip")


def _fits(own: Rules, file: Seen) -> bool:
    """What `include` and `exclude` of the folders' rules say."""
    for patterns, is_wanted in ((own.include, True), (own.exclude, False)):
        if patterns and not (is_wanted and is_packed(file)):
            spec = compiled(patterns.lines, os.path.join(patterns.folder, rules.FILE))
            if spec.match_file(below(_path(file), patterns.folder)) is not is_wanted:
                return False
    return True


class Folders:
    """The rules and ignore files of a folder that is ingested, read when first needed.

    Folders above it have rules too, so that a part of a tree is read as the whole would be; which
    files are left out is said only from the folder itself downwards.
    """

    def __init__(self, root: Path) -> None:
        self._is_file = not root.is_dir()
        self._root = str(root.parent if self._is_file else root)
        self._ignore = Ignore(self._root, lambda folder: _read(folder, ignore.FILE).splitlines())
        self._rules: dict[str, Rules] = {}
        self._trusted = {0, os.stat(self._root).st_uid, *([os.geteuid()] if hasattr(os, "geteuid") else [])}

    def leaves_out(self, place: str) -> bool:
        """Whether an ignore file names what stands there."""
        return not self._is_file and self._ignore.leaves_out(place)

    def rules(self, file: Seen) -> Rules:
        """The rules of the file's folder; of a file in an archive, those of the archive's."""
        return self._of(str(file.path.parent) if file.path else self._root)

    def _of(self, folder: str) -> Rules:
        if folder not in self._rules:
            parent = os.path.dirname(folder)
            outer = self._of(parent) if parent != folder else NO_RULES
            self._rules[folder] = self._own(folder).over(outer)
        return self._rules[folder]

    def _own(self, folder: str) -> Rules:
        is_inside = not self._is_file and (folder + os.sep).startswith(self._root.rstrip(os.sep) + os.sep)
        if not is_inside and not self._is_trusted(folder):
            return NO_RULES
        text = _read(folder, rules.FILE)
        own = rules.parse(text, os.path.join(folder, rules.FILE), folder) if text.strip() else NO_RULES
        return own if is_inside else replace(own, include=None, exclude=None)

    def _is_trusted(self, folder: str) -> bool:
        """Anybody may put a file into a folder such as /tmp: above the root, its owner must be known."""
        try:
            return os.lstat(os.path.join(folder, rules.FILE)).st_uid in self._trusted
        except OSError:
            return False


def _path(file: Seen) -> str:
    """Where the file stands, an archive counting as a folder."""
    return file.place.replace("!/", "/") if file.member else file.place


def _read(folder: str, name: str) -> str:
    """The text of a folder's own file, empty where it has none. One that cannot be read is no "none"."""
    path = os.path.join(folder, name)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with open(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BadInput(f"{path} is not a regular file", hint="links are not followed")
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise BadInput(f"{path} is larger than {MOST_BYTES >> 10} kB", hint="it holds rules, not data")
        return data.decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8: {error.reason}", hint="save it as UTF-8") from error
    except OSError as error:
        raise BadInput(
            f"{path} cannot be read: {error.strerror or error}", hint="a link, or no right to it?"
        ) from error
