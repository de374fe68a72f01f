"""Who asks: the bearer key of a request, judged by the pipeline's own stage."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from api.schemas import Problem
from rag.pipeline.auth import auth
from rag.system import System
from rag.types import Principal, Request

_MEANINGS = {
    400: "not JSON, or a question that cannot be asked",
    401: "no key, or none that is known",
    403: "this key may not",
    404: "no such thing, or none that this key may see",
    408: "the body came too slowly",
    413: "more than the limit",
    415: "the body is not JSON",
    422: "the body does not fit",
    500: "this service is not set up right, or has a bug",
    502: "a service failed",
    503: "a service or the index is not available",
    504: "a service was too slow",
}


class Plain(APIRoute):
    """A route whose function takes the request and nothing else: it is called as it is.

    FastAPI would work out its arguments anew each time, which costs more than reading the body.
    """

    def get_route_handler(self) -> Callable[[HttpRequest], Coroutine[Any, Any, Response]]:
        function: Callable[[HttpRequest], Coroutine[Any, Any, Response]] = self.endpoint
        return function


def system_of(request: HttpRequest) -> System:
    """The system that the app answers from."""
    system: System = request.app.state.system
    return system


def key_of(request: HttpRequest) -> str | None:
    """The bearer key (RFC 6750, header only); None when there is none."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


async def principal_of(request: HttpRequest) -> Principal:
    """Who asks; `Unauthenticated` when that is not known."""
    found = await auth(Request("", key=key_of(request)), system_of(request))
    assert found.principal is not None
    return found.principal


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of these errors."""
    return {
        status: {
            "model": Problem,
            "description": _MEANINGS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (*statuses, 500)
    }
