"""`POST /v1/ask` and `POST /v1/search`: the same body, an answer or the passages."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from api import body, encode, schemas
from api.gone import unless_gone
from api.routes.access import Plain, principal_of, problems, system_of
from api.stream import EventStream
from rag.errors import BadInput, TooLarge
from rag.settings import Settings
from rag.types import Message, Principal, Request

router = APIRouter(route_class=Plain)
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ask"}}},
    }
}
_EVENTS: dict[str, Any] = {
    "description": "The answer; as events when `stream` is true or `Accept` asks for them: `piece` "
    '({"text"}), then `answer` (an Answer) or `error` (a Problem).',
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_PROBLEMS = problems(400, 401, 408, 413, 415, 422, 502, 503, 504)


@router.post(
    "/v1/ask",
    summary="Answer a question",
    response_model=schemas.Answer,
    responses={200: _EVENTS, **_PROBLEMS},
    openapi_extra=_BODY,
)
async def ask(http: HttpRequest) -> Response:
    """An answer whose every quote is proved; `not_found` when the documents do not say."""
    system = system_of(http)
    asked = await body.read(http, schemas.Ask, most=system.settings.max_body)
    request = to_request(asked, system.settings, await principal_of(http))
    if asked.stream or "text/event-stream" in http.headers.get("accept", ""):
        return EventStream(system.stream(request))
    answer = await unless_gone(http.receive, system.ask(request))
    return _json(encode.answer(answer))


@router.post(
    "/v1/search",
    summary="Find passages",
    response_model=schemas.Hits,
    responses=_PROBLEMS,
    openapi_extra=_BODY,
)
async def search(http: HttpRequest) -> Response:
    """The passages themselves, best first."""
    system = system_of(http)
    asked = await body.read(http, schemas.Ask, most=system.settings.max_body)
    request = to_request(asked, system.settings, await principal_of(http))
    work = system.search(
        request.text,
        history=request.history,
        collection=request.collection,
        limit=request.limit,
        principal=request.principal,
    )
    return _json(encode.hits(await unless_gone(http.receive, work)))


def to_request(asked: schemas.Ask, settings: Settings, principal: Principal) -> Request:
    """The noun that the pipeline takes. What can be refused at the door is refused here."""
    if not asked.question.strip():
        raise BadInput("the question is empty", hint="put it into the field question")
    if len(asked.question) > settings.max_question:
        said = f"the question has {len(asked.question):,} characters; {settings.max_question:,} are allowed"
        raise TooLarge(said, hint="ask shorter, or raise KB_MAX_QUESTION")
    return Request(
        asked.question,
        history=tuple(Message(turn.role, turn.content) for turn in asked.history),
        collection=asked.collection,
        limit=asked.limit or settings.limit,
        principal=principal,
    )


def _json(value: object) -> Response:
    return Response(encode.to_json(value), media_type="application/json")
