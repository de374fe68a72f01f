"""The openai library's errors as ours, at the edge."""

import re
from typing import ClassVar

import openai

from rag.errors import BackendError, KBError, Throttled, TimedOut, Unreachable
from rag.remote import retry_after

_WORD = re.compile(r"[\w.-]{1,64}")
_BUSY = (503, 529)
_LATE = (408, 504)


class ServiceFailed(BackendError):
    """The service failed on its own account; the same request may pass the next time."""

    retryable: ClassVar[bool] = True


def translate(error: Exception, *, url: str, model: str) -> KBError:
    """What to raise instead. Never holds text that the service sent, except a one-word code."""
    if isinstance(error, KBError):
        return error
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return TimedOut("the model service did not answer in time", hint="raise KB_DEADLINE, or try again")
    if isinstance(error, openai.APIConnectionError):
        return Unreachable(
            f"no connection to the model service at {url}", hint=f"is {url} up? see KB_MODEL_URL"
        )
    if isinstance(error, openai.APIStatusError):
        return _status(error, url, model)
    if isinstance(error, openai.APIError):
        return BackendError(f"the model service broke off with an error{_code(error)}")
    return BackendError("the model service sends rubbish", hint=f"does {url} speak chat completions?")


def _status(error: openai.APIStatusError, url: str, model: str) -> KBError:
    status, said = error.status_code, f"the model service answered {error.status_code}{_code(error)}"
    if status == 429 or status in _BUSY:
        wait = retry_after(error.response.headers.get("retry-after", ""))
        return Throttled(said, hint="try again later", retry_after=wait)
    if status in _LATE:
        return TimedOut(said, hint="try again later")
    if status >= 500:
        return ServiceFailed(said, hint="try again later")
    return BackendError(said, hint=_hint(status, url, model))


def _hint(status: int, url: str, model: str) -> str:
    if status in (401, 403):
        return f"is KB_MODEL_KEY the key of {url}?"
    if status == 404:
        return f"does {url} know a model named {model!r}? see KB_MODEL and KB_MODEL_URL"
    if 300 <= status < 400:
        return "redirects are not followed; set KB_MODEL_URL to the final address"
    return f"the service at {url} did not accept the request"


def _code(error: openai.APIError) -> str:
    """The service's own word for it, such as `insufficient_quota`."""
    code = error.code or error.type
    return f" ({code})" if isinstance(code, str) and _WORD.fullmatch(code) else ""
