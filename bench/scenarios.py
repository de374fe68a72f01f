"""What may be interrupted: each changes a collection, and repeated it must end as if undisturbed.

To add one, add a `Scenario` to `SCENARIOS`: how the home is prepared, what then becomes of the
folder, and the run that is killed and afterwards repeated.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.run import Order, ingest
from ingest.sync import register, sync
from rag.catalog import documents
from rag.catalog.sources import Registered
from rag.system import System

Run = Callable[[System, Path], Awaitable[None]]
COLLECTION = "default"
_NAME = "shelf"
_CHANGED = "\n\nThis line is new. 这一行是新的。\n"


@dataclass(frozen=True, slots=True)
class Scenario:
    """`prepare` and `run` get the same folder; `change` alters its files in between."""

    run: Run
    prepare: Run | None = None
    change: Callable[[Path], None] | None = None


async def _ingest(system: System, folder: Path) -> None:
    await ingest(system, Order(folder, COLLECTION))


async def _prune(system: System, folder: Path) -> None:
    await ingest(system, Order(folder, COLLECTION, prune=True, sure=True))


async def _give_to_a_group(system: System, folder: Path) -> None:
    await ingest(system, Order(folder, COLLECTION, groups=("hr",)))


async def _register(system: System, folder: Path) -> None:
    register(system, Registered(_NAME, str(folder), COLLECTION))
    await _sync(system, folder)


async def _sync(system: System, folder: Path) -> None:
    await sync(system, _NAME, sure=True)


async def _delete(system: System, folder: Path) -> None:
    """Every third document. Of what an interrupted run left, the lock's next holder makes an end."""
    wanted = {str(path) for path in _files(folder)[::3]}
    async with system.writing() as writer:
        with system.catalog.read() as connection:
            held = documents.known(connection, system.settings.tenant, COLLECTION)
        ids = [document.id for document in held if document.place in wanted]
        if ids:
            await system.delete(ids, writer=writer)


def _alter(folder: Path) -> None:
    """A fifth of the files go, a fifth get a line more, a fifth are copied, a fifth move."""
    for number, path in enumerate(_files(folder)):
        match number % 5:
            case 0:
                path.unlink()
            case 1:
                path.write_bytes(path.read_bytes() + _CHANGED.encode())
            case 2:
                path.with_stem(f"{path.stem} copy").write_bytes(path.read_bytes())
            case 3:
                path.rename(path.with_stem(f"{path.stem} moved"))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.resolve().rglob("*") if path.is_file())


SCENARIOS: dict[str, Scenario] = {
    "ingest": Scenario(_ingest),
    "ingest with --prune": Scenario(_prune, _ingest, _alter),
    "sync": Scenario(_sync, _register, _alter),
    "delete": Scenario(_delete, _ingest),
    "rights": Scenario(_give_to_a_group, _ingest),
}
