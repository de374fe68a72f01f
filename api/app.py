"""The HTTP service over a system. `create_app` is all there is to embed it elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from api import errors, schemas
from api.edge import Edge
from api.encode import product_version
from api.routes import ask, documents, health
from rag.system import System

_SUMMARY = "Ask your company's documents; every quote is proved against the stored text."


def create_app(system: System) -> FastAPI:
    """The service. It closes the system when it ends."""
    app = FastAPI(
        title="kb",
        summary=_SUMMARY,
        version=product_version(),
        lifespan=_life,
        docs_url=None,  # the usual pages load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation,
    )
    app.state.system = system
    for module in (ask, documents, health):
        app.include_router(module.router)
    errors.install(app)
    app.add_middleware(Edge, keyless=not system.settings.keys)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # as FastAPI's page advises
    return app


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    system: System = app.state.system
    async with system:
        yield


def _operation(route: APIRoute) -> str:
    return route.name


def _openapi(app: FastAPI) -> dict[str, Any]:
    """What FastAPI gathers, and what it cannot know: the bodies that are read by hand, and keys."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        parts = made.setdefault("components", {})
        _, shapes = models_json_schema(
            [(schemas.Ask, "validation"), (schemas.Problem, "serialization")],
            ref_template="#/components/schemas/{model}",
        )
        parts.setdefault("schemas", {}).update(shapes["$defs"])
        for name in ("HTTPValidationError", "ValidationError"):  # ours are problems
            parts["schemas"].pop(name, None)
        parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        made["security"] = [{"key": []}, {}]
        _replace_framework_errors(made)
        app.openapi_schema = made
    return app.openapi_schema


def _replace_framework_errors(made: dict[str, Any]) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in made["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = problem
