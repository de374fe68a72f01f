"""Secrets in HTTP headers, sent over TLS or to hosts that the operator named."""

import base64
from urllib.parse import urlsplit

from ingest.sources import Options
from rag.errors import BadInput


def authorization(url: str, user: str, options: Options) -> dict[str, str]:
    """Basic with a user (RFC 7617), Bearer without one (RFC 6750), nothing without a secret."""
    secret = checked_secret(url, options)
    if not secret:
        return {}
    if not user:
        return {"authorization": f"Bearer {secret}"}
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def checked_secret(url: str, options: Options) -> str:
    """The secret; `BadInput` when it would cross the internet readable by all, or is no header's value."""
    secret = options.secret.get_secret_value()
    parts = urlsplit(url)
    named = {parts.hostname, parts.netloc.rpartition("@")[2]} & options.private_hosts
    if secret and parts.scheme in ("http", "webdav", "imap") and not named:
        raise BadInput("a secret is not sent unencrypted over the internet", hint=f"use {parts.scheme}s://")
    if not (secret.isprintable() and secret == secret.strip()):
        raise BadInput("the secret has characters that no secret has", hint="a line end, perhaps?")
    return secret
