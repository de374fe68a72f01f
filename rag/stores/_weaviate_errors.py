"""What the Weaviate client and the libraries below it raise, in our words."""

from typing import Any

from rag.errors import BackendError, ConfigError, Damaged, KBError, Throttled, TimedOut, Unreachable

UNREACHABLE_HINT = "start it, or unset KB_STORE for the embedded store"
_MISSING = ("tenant not found", "could not find class", "not present in schema", "class not found")
_OTHER_LENGTH = "vector lengths don't match"
_REFUSED = {401, 403, "UNAUTHENTICATED", "PERMISSION_DENIED"}
_BUSY = {429, 503, "RESOURCE_EXHAUSTED"}
_LATE = {504, "DEADLINE_EXCEEDED"}
_AWAY = {502, "UNAVAILABLE"}


class Missing(BackendError):
    """There is no such collection or no such tenant in it; the store makes its own sense of it."""


def library_errors() -> tuple[type[Exception], ...]:
    """All that may come out of a client call; `TimeoutError` is an `OSError`."""
    import httpx
    from grpc import RpcError  # type: ignore[import-untyped]  # it ships no types
    from weaviate.exceptions import WeaviateBaseError

    return (WeaviateBaseError, httpx.HTTPError, RpcError, OSError)


def translate(error: Exception, place: str) -> KBError:
    """The error of ours that says the same; `place` is the server's address."""
    said, code = _one_line(error), _code(error)
    if code == 404 or any(words in said for words in _MISSING):
        return Missing(said)
    if _OTHER_LENGTH in str(error):  # it ends the message, which may be longer than what is said
        return Damaged(
            f"the index on Weaviate at {place} has vectors of another length than the question",
            hint="kb doctor --fix rebuilds it",
        )
    if code in _REFUSED or _is_refusal(error):
        return ConfigError(f"Weaviate at {place} refuses the key", hint="set KB_WEAVIATE_KEY")
    if code in _BUSY:
        return Throttled(f"Weaviate at {place} is too busy: {said}")
    if code in _LATE or _is_late(error):
        return late(place)
    if code in _AWAY or _is_away(error):
        return away(place)
    return BackendError(f"Weaviate at {place}: {said}")


def away(place: str) -> Unreachable:
    return Unreachable(f"no Weaviate at {place}", hint=UNREACHABLE_HINT)


def late(place: str) -> TimedOut:
    return TimedOut(f"Weaviate at {place} did not answer in time", hint="see its load and its log")


def _code(error: BaseException | None) -> int | str | None:
    """HTTP status or gRPC code. The client keeps it only in the error that its own came from."""
    while error is not None:
        status: Any = getattr(error, "status_code", None)
        if isinstance(status, int) and status >= 100:  # the client also puts gRPC's numbers here
            return status
        code: Any = getattr(error, "code", None)
        if callable(code) and (name := getattr(code(), "name", None)):
            return str(name)
        error = error.__cause__ or error.__context__
    return None


def _is_refusal(error: Exception) -> bool:
    from weaviate.exceptions import AuthenticationFailedError, InsufficientPermissionsError

    return isinstance(error, AuthenticationFailedError | InsufficientPermissionsError)


def _is_late(error: Exception) -> bool:
    import httpx
    from weaviate.exceptions import WeaviateTimeoutError

    return isinstance(error, WeaviateTimeoutError | httpx.ReadTimeout | httpx.WriteTimeout | TimeoutError)


def _is_away(error: Exception) -> bool:
    import httpx
    from weaviate.exceptions import (
        WeaviateClosedClientError,
        WeaviateConnectionError,
        WeaviateGRPCUnavailableError,
        WeaviateStartUpError,
    )

    return isinstance(
        error,
        WeaviateConnectionError
        | WeaviateStartUpError
        | WeaviateGRPCUnavailableError
        | WeaviateClosedClientError
        | httpx.TransportError
        | OSError,
    )


def _one_line(error: Exception) -> str:
    """At most 300 characters: messages of the client may quote whole objects."""
    return " ".join(str(error).split())[:300]
