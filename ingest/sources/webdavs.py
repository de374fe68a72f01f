"""Files of a WebDAV share over TLS: as `webdav`."""

from ingest.sources.webdav import connect

__all__ = ["connect"]
