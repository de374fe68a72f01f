"""Errors over HTTP: problem+json (RFC 9457) for each of them, and nothing of our inside."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from api.body import Unfit
from api.encode import problem, problem_of, to_json
from api.gone import Gone
from rag.errors import KBError, Throttled, Unauthenticated

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("kb.http")
_RETRY_SECONDS = 5


def install(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    app.add_exception_handler(KBError, _ours)
    app.add_exception_handler(HTTPException, _of_the_framework)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(Gone, _nobody)
    app.add_exception_handler(ClientDisconnect, _nobody)


def body(error: KBError, scope: Scope) -> dict[str, Any]:
    """The problem object of an error of ours. What operators must mend is told only to operators."""
    made = problem(error)
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s %s: %s", scope["path"], _request_id(scope), error)
        if not _tells_all(scope):
            made |= {"detail": f"{made['title']}; the operator finds more in the log", "hint": ""}
    if isinstance(error, Unfit):
        made["errors"] = [{"field": field, "message": message} for field, message in error.faults]
    return _placed(made, scope)


def unexpected(scope: Scope) -> Response:
    """The answer to an error nobody meant to raise."""
    return _response(unexpected_body(scope))


def unexpected_body(scope: Scope) -> dict[str, Any]:
    """The problem object of such an error."""
    made = problem_of(500, "bug", "something went wrong here; the operator finds it in the log")
    return _placed(made, scope)


def refusal(scope: Scope, status: int, code: str, detail: str, hint: str = "") -> Response:
    """A problem that no exception stands for."""
    return _response(_placed(problem_of(status, code, detail, hint), scope))


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, KBError)
    headers = {}
    if isinstance(error, Unauthenticated):
        given = ' error="invalid_token"' if "authorization" in request.headers else ""
        headers["WWW-Authenticate"] = f'Bearer realm="kb"{"," if given else ""}{given}'
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(round(error.retry_after or _RETRY_SECONDS))
    if error.status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT):
        headers["Connection"] = "close"  # the rest of the body is not read
    return _response(body(error, request.scope), headers)


def _of_the_framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "-")
    detail = f"{request.method} {request.url.path}: {error.detail}"
    made = problem_of(status, code, detail, "see /openapi.json")
    return _response(_placed(made, request.scope), dict(error.headers or {}))


def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [(".".join(map(str, one["loc"][1:])), str(one["msg"])) for one in error.errors()]
    said = "; ".join(f"{field}: {message}" for field, message in faults)
    return _ours(request, Unfit(said, faults))


def _nobody(request: Request, error: Exception) -> Response:
    return Response(status_code=499)  # as nginx logs it; it is not sent


def _placed(made: dict[str, Any], scope: Scope) -> dict[str, Any]:
    return made | {"instance": scope["path"], "request_id": _request_id(scope)}


def _response(made: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(to_json(made), status_code=made["status"], headers=headers, media_type=MEDIA_TYPE)


def _request_id(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))


def _tells_all(scope: Scope) -> bool:
    """Without keys only the operator's own machine is served."""
    app = scope.get("app")
    return app is not None and not app.state.system.settings.keys
