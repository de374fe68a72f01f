"""`/livez` and `/readyz`: for whoever watches the service."""

import asyncio

from fastapi import APIRouter
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from api import encode, health, schemas
from api.routes.access import Plain, problems, system_of
from rag.errors import TimedOut

router = APIRouter(route_class=Plain)
_SECONDS = 5.0


@router.get("/livez", summary="The process answers", response_model=schemas.Health)
async def livez(http: HttpRequest) -> Response:
    """Says nothing of catalog, store or model."""
    return Response(encode.to_json({"status": "ok"}), media_type="application/json")


@router.get(
    "/readyz",
    summary="Catalog and store answer",
    response_model=schemas.Health,
    responses=problems(502, 503, 504),
)
async def readyz(http: HttpRequest) -> Response:
    """A problem when questions cannot be answered now."""
    try:
        async with asyncio.timeout(_SECONDS):
            await health.ready(system_of(http))
    except TimeoutError as error:
        raise TimedOut(f"catalog or store did not answer within {_SECONDS:.0f} s") from error
    return Response(encode.to_json({"status": "ready"}), media_type="application/json")
