"""Bringing a collection up to date with a source that has a name."""

import os
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

from anyio.to_thread import run_sync
from pydantic import SecretStr

from ingest.outbound import hosts
from ingest.planning.ignore import compiled
from ingest.planning.order import Order
from ingest.planning.prune import Agree
from ingest.report import Progress, Report
from ingest.run import ingest
from ingest.sources import Options, Source
from ingest.wall.pool import Pool
from rag import plugins
from rag.catalog import sources
from rag.catalog.sources import Registered
from rag.errors import BadInput, ConfigError, KBError, NotFound
from rag.spool import spool
from rag.system import System

_NAME = re.compile(r"[^\W_][\w.-]*")
_MOST_NAME = 64  # bytes; it is part of file names
_LOCAL = ("", "file", "folder", "zip")
_COUNTED = ("new", "changed", "moved", "removed", "failed")


async def sync(
    system: System,
    name: str,
    *,
    dry_run: bool = False,
    sure: bool = False,
    pool: Pool | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
    agree: Agree | None = None,
) -> Report:
    """Read what is new or changed in a source, and remove what is gone from it.

    `BackendError` when the source cannot be reached: then nothing changes. What happened is kept with
    the source either way, but for a dry run. The other arguments are those of `ingest.run.ingest`.
    """
    row = await run_sync(find, system, name)
    source = await run_sync(connect, system, row)
    with closing(source) if source else nullcontext():
        order = _order(row, source, dry_run=dry_run, sure=sure)
        try:
            report = await ingest(system, order, pool=pool, progress=progress, tell=tell, agree=agree)
        except KBError as error:
            if not dry_run:
                await run_sync(_note_failure, system, name, error)
            raise
    if not dry_run:
        await run_sync(_note_end, system, name, report)
    return report


def register(system: System, source: Registered) -> None:
    """Keep a source under its name. `BadInput` when anything about it is wrong; nothing is asked of it."""
    if not _is_name(source.name):
        raise BadInput(
            f"{source.name!r} is no name of a source",
            hint="small letters of any script, digits, . _ -, not longer than 64 bytes",
        )
    if (path := local_path(source.url)) is not None and not path.exists():
        raise BadInput(f"no such folder or file: {path}", hint="check the path")
    if source.key_env and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", source.key_env):
        raise BadInput(f"{source.key_env!r} is no name of an environment variable", hint="--key-env NAME")
    for option, patterns in (("--include", source.include), ("--exclude", source.exclude)):
        compiled(patterns, option)
    opened = connect(system, source, known={}, secret=SecretStr("unknown" if source.key_env else ""))
    if opened is not None:
        opened.close()
    with system.catalog.write() as connection:
        if sources.get(connection, system.settings.tenant, source.name) is not None:
            hint = f"kb source remove {source.name} forgets it; its documents stay"
            raise BadInput(f"there is a source named {source.name} already", hint=hint)
        sources.add(connection, system.settings.tenant, source)


def _is_name(name: str) -> bool:
    """Whether a source may be called so: two names are never the same folder, on any file system."""
    is_plain = unicodedata.normalize("NFKC", name).casefold() == name
    return is_plain and len(name.encode()) <= _MOST_NAME and bool(_NAME.fullmatch(name))


def find(system: System, name: str) -> Registered:
    """The source of this name. `NotFound` when there is none."""
    with system.catalog.read() as connection:
        found = sources.get(connection, system.settings.tenant, name)
        known = [one.name for one in sources.listing(connection, system.settings.tenant)] if not found else []
    if found is None:
        hint = f"there are: {', '.join(known)}" if known else "kb source add NAME URL makes one"
        raise NotFound(f"no source named {name!r}", hint=hint)
    return found


def connect(
    system: System,
    row: Registered,
    *,
    known: Mapping[str, str] | None = None,
    secret: SecretStr | None = None,
) -> Source | None:
    """The source itself, ready to be walked; None for a folder or file of this machine."""
    scheme = urlsplit(row.url).scheme
    if local_path(row.url) is not None:
        if row.values or row.key_env:
            raise BadInput("a folder has neither options nor a key", hint="include and exclude are read")
        return None
    options = Options(
        name=row.name,
        spool=spool(system.settings.home, system.settings.tenant) / row.name,
        values=row.values,
        secret=_secret(row) if secret is None else secret,
        state=row.state,
        known=_known(system, row.name) if known is None else known,
        private_hosts=hosts(system.settings.private_hosts),
        max_bytes=system.settings.max_file_mb << 20,
    )
    made: Source = _kind(scheme).connect(row.url, options)
    return made


def _kind(scheme: str) -> ModuleType:
    """The module for a scheme such as `https` or `git+ssh`."""
    name = scheme.split("+")[0]
    if name not in (kinds := plugins.names("sources")):
        raise BadInput(f"no kind of source is called {name!r}", hint=f"there are: {', '.join(kinds)}")
    return plugins.load("sources", name)


def local_path(url: str) -> Path | None:
    """The folder or file of this machine that an address means; None when it is another kind of address."""
    parts = urlsplit(url)
    if parts.scheme not in _LOCAL:
        return None
    if not parts.scheme:
        return Path(url)
    if parts.netloc:
        raise BadInput(f"{url!r} names a host", hint=f"{parts.scheme}:///path, with three slashes")
    return Path(unquote(parts.path))


def _order(row: Registered, source: Source | None, *, dry_run: bool, sure: bool) -> Order:
    return Order(
        path=local_path(row.url) if source is None else None,
        collection=row.collection,
        groups=row.groups,
        prune=True,
        dry_run=dry_run,
        sure=sure,
        source=source,
        origin=row.name,
        include=row.include,
        exclude=row.exclude,
    )


def _secret(row: Registered) -> SecretStr:
    if not row.key_env:
        return SecretStr("")
    value = os.environ.get(row.key_env, "")
    if not value:
        raise ConfigError(
            f"the secret of {row.name} is not there: {row.key_env} is not set",
            hint=f"export {row.key_env}=...",
        )
    return SecretStr(value)


def _known(system: System, name: str) -> dict[str, str]:
    with system.catalog.read() as connection:
        return sources.etags(connection, system.settings.tenant, name)


def _note_end(system: System, name: str, report: Report) -> None:
    now = time.time()
    counted: dict[str, Any] = {what: len(getattr(report, what)) for what in _COUNTED}
    said = {"at": now, "unchanged": report.unchanged, **counted, "seconds": report.seconds}
    with system.catalog.write() as connection:
        tenant = system.settings.tenant
        sources.note_end(connection, tenant, name, synced=now, state=report.state, report=said)


def _note_failure(system: System, name: str, error: KBError) -> None:
    said = {"at": time.time(), "error": str(error), "hint": error.hint}
    with system.catalog.write() as connection:
        sources.note_failure(connection, system.settings.tenant, name, said)
