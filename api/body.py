"""Reading a request body: counted as it comes, in time, JSON, and of the right shape."""

import asyncio
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from rag.errors import BadInput, TooLarge

M = TypeVar("M", bound=BaseModel)
_SECONDS = 30.0


class NotJson(BadInput):
    """The body is of another kind."""

    status = 415
    slug = "not-json"


class TooSlow(BadInput):
    """The body did not come in time."""

    status = 408
    slug = "too-slow"


class Unfit(BadInput):
    """The body is JSON, but not what is asked for; `faults` are (field, message) pairs."""

    status = 422
    slug = "unfit"

    def __init__(self, message: str, faults: list[tuple[str, str]]) -> None:
        super().__init__(message, hint="see /openapi.json")
        self.faults = faults


async def read(request: Request, shape: type[M], *, most: int) -> M:
    """The body as `shape`; `most` is its limit in bytes."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # A web page of a stranger can send anything but JSON without being asked first.
    if kind != "application/json":
        said = f"the body must be JSON, not {kind or 'of no type'}"
        raise NotJson(said, hint="Content-Type: application/json")
    try:
        async with asyncio.timeout(_SECONDS):
            return parse(await _bytes(request, most), shape)
    except TimeoutError as error:
        raise TooSlow(f"the body did not come within {_SECONDS:.0f} seconds") from error


def parse(data: bytes, shape: type[M]) -> M:
    """JSON to a value; `BadInput` when it is no JSON, `Unfit` when it is another."""
    try:
        return shape.model_validate_json(data)
    except ValidationError as error:
        faults = [(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors(include_url=False)]
        if error.errors()[0]["type"] == "json_invalid":
            raise BadInput(f"the body is no JSON: {faults[0][1]}") from None
        said = "; ".join(f"{field or 'body'}: {message}" for field, message in faults[:5])
        raise Unfit(said, faults[:50]) from None


async def _bytes(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise _too_large(most)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is larger than {most:,} bytes", hint="send less, or raise KB_MAX_BODY")


__all__ = ["ClientDisconnect", "NotJson", "TooSlow", "Unfit", "parse", "read"]
