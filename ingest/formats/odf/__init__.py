"""OpenDocument, read from its XML."""
