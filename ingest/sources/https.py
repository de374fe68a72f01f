"""Web pages over TLS: as `http`."""

from ingest.sources.http import connect

__all__ = ["connect"]
