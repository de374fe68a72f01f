"""Where the files of a source lie between being fetched and being committed."""

from pathlib import Path


def spool(home: Path, tenant: str) -> Path:
    """The folder of all sources of a tenant; each has one of its own name in it."""
    return home.resolve() / "spool" / tenant
