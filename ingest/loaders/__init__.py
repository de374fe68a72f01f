"""Loaders: bytes of one file format to text, one file each.

To add one, write `ingest/loaders/NAME.py` with `SUFFIXES: tuple[str, ...]` (lower case, with the
dot), `VERSION: int` (raise it when the output for the same bytes changes, so that documents are
read anew) and `def load(data: bytes, name: str) -> Loaded`; or register a module under the
entry-point group `kb.loaders`. Loaders run in a worker process, know nothing of paths or the
network, and raise `UnreadableFile` with the state and the next step.
"""

from contextlib import suppress
from functools import cache
from pathlib import PurePath
from types import ModuleType

from rag.errors import ConfigError, UnreadableFile
from rag.plugins import load as load_plugin
from rag.plugins import names


@cache
def suffixes() -> dict[str, str]:
    """File suffix to loader name; a loader that cannot be imported takes no others with it."""
    found: dict[str, str] = {}
    for name in names("loaders"):
        with suppress(ConfigError):
            found |= dict.fromkeys(load_plugin("loaders", name).SUFFIXES, name)
    return found


def loader_for(name: str) -> ModuleType:
    """The loader of a file name; `UnreadableFile` with state `unsupported` when there is none."""
    suffix = PurePath(name).suffix.lower()
    loader = suffixes().get(suffix)
    if loader is None:
        known = " ".join(sorted(suffixes()))
        raise UnreadableFile(
            f"no loader for {suffix or 'files without a suffix'}",
            state="unsupported",
            hint=f"these are read: {known}",
        )
    return load_plugin("loaders", loader)
