"""Messages of a mailbox over TLS: as `imap`."""

from ingest.sources.imap import connect

__all__ = ["connect"]
