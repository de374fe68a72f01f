"""The doors: every exchangeable part is a module with `connect`, found by its name.

Built-in parts are the modules of a package (`rag/stores/local.py` is the store `local`); packages
outside register theirs under the entry-point group `kb.<kind>`. There are no tables to edit.
`KB_PLUGINS=off` leaves the outside ones out.
"""

import importlib
import importlib.util
import os
import pkgutil
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from rag.errors import ConfigError

DOORS = {
    "stores": "rag.stores",
    "embedders": "rag.embedders",
    "rerankers": "rag.rerankers",
    "models": "rag.models",
    "guards": "rag.guards",
    "loaders": "ingest.loaders",
    "splitters": "ingest.splitters",
    "sources": "ingest.sources",
}


def names(kind: str) -> list[str]:
    """All parts of a kind, sorted; a name from outside never hides a built-in one."""
    return sorted({*_built_in(kind), *_outside(kind)})


def load(kind: str, name: str) -> ModuleType:
    """Import a part. `ConfigError` when there is none, or when its optional library is missing."""
    try:
        if name in _built_in(kind):
            return importlib.import_module(f"{DOORS[kind]}.{name}")
        point = _outside(kind).get(name)
        if point is not None:
            module: ModuleType = point.load()
            return module
    except ImportError as error:
        raise ConfigError(
            f"the {kind[:-1]} {name!r} needs a library that is not installed: {error.name}",
            hint=f"pip install 'kb[{name}]'",
        ) from error
    known = ", ".join(names(kind))
    raise ConfigError(f"no {kind[:-1]} named {name!r}", hint=f"there are: {known}")


@cache
def _built_in(kind: str) -> tuple[str, ...]:
    """Looked for once in the life of a process: a new file counts at the next start."""
    spec = importlib.util.find_spec(DOORS[kind])
    places = spec.submodule_search_locations if spec else None
    return tuple(m.name for m in pkgutil.iter_modules(places or []) if not m.name.startswith("_"))


def _outside(kind: str) -> dict[str, EntryPoint]:
    if os.environ.get("KB_PLUGINS") == "off":
        return {}
    return {point.name: point for point in entry_points(group=f"kb.{kind}")}
