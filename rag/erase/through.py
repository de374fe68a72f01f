"""Looking through tables and files for what must be gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.catalog import Catalog
from rag.erase.explain import explained
from rag.erase.made import Made
from rag.erase.places import PLACES
from rag.erase.probes import Rows, Secret
from rag.erase.receipt import Looked
from rag.erase.scan import File, Scanner, files


@dataclass(frozen=True, slots=True)
class Traces:
    """What the files say. `shared` are the rows that something which stays holds as well."""

    looked: Looked
    shared: frozenset[int]


def tables(catalog: Catalog, tenant: str, made: Made) -> list[Looked]:
    """Each table of the catalog, with how many rows are left."""
    with catalog.read() as connection:
        counts = [(place.name, place.left(connection, tenant, made)) for place in PLACES]
    return [
        Looked(f"catalog {name}", {"left": count}, (f"the table {name}",) if count else ())
        for name, count in counts
    ]


def traces(
    catalog: Catalog, rows: Rows, secret: Secret, made: Made, places: Sequence[Path], home: Path
) -> Traces:
    """Every file of the places, searched for every row that nothing which stays explains."""
    scanner = Scanner(rows, secret)
    seen = [scanner.file(path) for path in files(places)]
    every = frozenset[int]().union(*(one.found for one in seen))
    with catalog.read() as connection:
        shared = explained(connection, rows, every, secret, made)
    left = tuple(dict.fromkeys(_name(one, home) for one in seen if one.error or one.found - shared))
    figures = {"files": len(seen), "bytes": sum(one.size for one in seen), "probes": len(rows)}
    return Traces(Looked("files", {**figures, "left": len(left)}, left), shared)


def _name(file: File, home: Path) -> str:
    path = file.path
    name = str(path.relative_to(home)) if path.is_relative_to(home) else str(path)
    return f"{name} ({file.error})" if file.error else name
