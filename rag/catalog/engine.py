"""Opening the database: pragmas, transactions, schema revision."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from rag.errors import ConfigError, Damaged, Unreachable
from rag.settings import Settings

REVISION = "0002"
_BUSY_SECONDS = 10
_AGAIN_SECONDS = 0.01
IMMEDIATE = {"immediate": True}  # execution option: take the write lock at BEGIN, not in mid-flight


def catalog_url(settings: Settings) -> str | URL:
    """The setting, or SQLite in the home folder."""
    return settings.catalog or URL.create("sqlite", database=str(settings.home / "kb.db"))


def connect(settings: Settings) -> Engine:
    """An engine on a catalog of the current revision; made or upgraded when it must be."""
    url = catalog_url(settings)
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"KB_CATALOG is not a database URL: {url!r}", hint="sqlite:///path") from error
    if parsed.get_backend_name() != "sqlite":
        raise ConfigError(
            f"catalogs on {parsed.get_backend_name()} are not supported yet",
            hint="leave KB_CATALOG empty for SQLite in the home folder",
        )
    return _open_sqlite(Path(parsed.database or ":memory:"), parsed)


def _open_sqlite(path: Path, url: URL) -> Engine:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the home folder {path.parent} cannot be made: {error.strerror}",
            hint="set KB_HOME to a folder that can",
        ) from error
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        _check_revision(engine)
    except OperationalError as error:
        if not all(os.access(one, os.W_OK) for one in (path.parent, path) if one.exists()):
            raise ConfigError(
                f"the home folder {path.parent} cannot be written",
                hint="give this user the right to write there, or set KB_HOME to another folder",
            ) from error
        raise Unreachable(f"the catalog {path} cannot be opened: {error.orig}", hint="kb doctor") from error
    except DatabaseError as error:
        raise Damaged(
            f"the catalog {path} is damaged: {error.orig}",
            hint="restore a backup of it",
        ) from error
    os.chmod(path, 0o600) if path.exists() and os.access(path, os.W_OK) else None
    return engine


def _check_revision(engine: Engine) -> None:
    with engine.connect() as connection:
        found = _revision(connection)
    if found == REVISION:
        return
    if found is not None and found > REVISION:
        raise ConfigError(
            f"the catalog has schema {found}, made by a newer kb; this one knows {REVISION}",
            hint="upgrade kb",
        )
    from rag.catalog.migrate import (
        upgrade,
    )  # alembic takes .3 s: only when there is work

    upgrade(engine)


def _revision(connection: Connection) -> str | None:
    try:
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    except OperationalError as error:
        if "no such table" not in str(error.orig):
            raise
        return None
    return str(row[0]) if row else None


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # BEGIN is ours (below), as SQLAlchemy's SQLite page advises
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    _log_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    cursor.execute("PRAGMA cache_size = -32000")
    cursor.close()


def _log_ahead(cursor: sqlite3.Cursor) -> None:
    """Switch to the write-ahead log. SQLite does not wait when two processes do so at once: we do."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(_AGAIN_SECONDS)


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
