"""First stage: who asks."""

import hmac
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from rag.errors import Unauthenticated
from rag.pipeline.shapes import System
from rag.settings import Key
from rag.types import Principal, Request


async def auth(request: Request, system: System) -> Request:
    """The request with its principal. Raises `Unauthenticated`, always with the same words.

    Without any configured key everybody is the operator: the service then listens to this machine
    only.
    """
    if request.principal is not None:
        return request
    settings = system.settings
    if not settings.keys:
        return replace(request, principal=Principal(settings.tenant), key=None)
    found = known(request.key or "", settings.keys)
    if found is None:
        raise Unauthenticated("no valid key", hint="send it as `Authorization: Bearer KEY`")
    return replace(request, principal=Principal(found.tenant, found.name, found.groups), key=None)


def known(secret: str, keys: Sequence[Key]) -> Key | None:
    """The key with this secret. All are compared, so the time tells nothing."""
    digest = sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    found = None
    for key in keys:
        if hmac.compare_digest(key.sha256, digest):
            found = key
    return found
