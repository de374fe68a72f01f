"""The catalog: the source of truth, in SQL.

Functions of its modules take a connection and the tenant first; `Catalog` hands out connections.
`docs/data-model.md` says what each event does.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, OperationalError

from rag.catalog import engine as engines
from rag.catalog.lock import hold
from rag.errors import BackendError, Damaged, Unreachable
from rag.settings import Settings


class Catalog:
    """Open connections to one database. Synchronous; call it from a worker thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A snapshot: everything read within is of one moment."""
        with _translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: durable when the block ends, undone when it raises."""
        with _translated(), self.engine.connect() as connection:
            connection = connection.execution_options(**engines.IMMEDIATE)
            with connection.begin():
                yield connection

    def lock(
        self, tenant: str, *, tell: Callable[[str], None] | None = None, patience: float = 86_400.0
    ) -> AbstractContextManager[None]:
        """The tenant's writer lock; `tell` hears who holds it when one must wait."""
        return hold(self.engine.url.database or "", tenant, tell=tell, patience=patience)

    def compact(self) -> None:
        """Rewrite the database without free space and empty its log: nothing deleted is left."""
        with _translated():
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.close()
            finally:
                connection.close()

    def close(self) -> None:
        self.engine.dispose()


def open_catalog(settings: Settings) -> Catalog:
    """The catalog of the settings; made or upgraded when it must be."""
    return Catalog(engines.connect(settings))


@contextmanager
def _translated() -> Iterator[None]:
    """SQLAlchemy's errors as ours: what happened to the database, and what to do."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig)
        if "locked" in said:
            raise Unreachable("the catalog is busy", hint="try again in a moment") from error
        if "full" in said or "disk I/O" in said:
            raise BackendError(
                f"the catalog cannot be written: {said}", hint="free some disk space"
            ) from error
        raise BackendError(f"the catalog failed: {said}", hint="kb doctor") from error
    except DatabaseError as error:
        raise Damaged(f"the catalog is damaged: {error.orig}", hint="kb doctor") from error
