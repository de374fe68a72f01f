"""`GET /v1/documents` and the text of each: what answers come from."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from api import encode, schemas
from api.routes.access import principal_of, problems, system_of

router = APIRouter()
Collection = Annotated[str | None, Query(description="only documents of this collection")]


@router.get(
    "/v1/documents",
    summary="List documents",
    response_model=schemas.Documents,
    responses=problems(401, 503),
)
async def documents(http: HttpRequest, collection: Collection = None) -> Response:
    """The documents that this key may read, with the figures of their current versions."""
    system = system_of(http)
    principal = await principal_of(http)
    found = await system.documents(collection, principal=principal)
    return Response(encode.to_json(encode.documents(found)), media_type="application/json")


@router.get(
    "/v1/documents/{id:path}/text",
    summary="The stored text of a document",
    response_class=Response,
    responses={
        200: {
            "description": "the canonical text, in which `start` and `end` count code points",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        },
        **problems(401, 404, 503),
    },
)
async def text(http: HttpRequest, id: str) -> Response:  # noqa: A002 - its name in the path
    """Exactly the text that quotes are proved against. `id` may be a version's id or a source, too."""
    system = system_of(http)
    found = await system.version(id, principal=await principal_of(http))
    return Response(
        found.text.encode("utf-8", "replace"),
        media_type="text/plain; charset=utf-8",
        headers={"ETag": f'"{found.id}"', "Content-Security-Policy": "default-src 'none'; sandbox"},
    )
