"""Services that are asked over HTTP with JSON: where one is, and what its failures mean.

Redirects are not followed, and no more is read of an answer than it can need. Nothing that a service
says gets into an error but its status.
"""

import json
import math
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from rag.errors import BackendError, ConfigError, KBError, Throttled, TimedOut, Unreachable

CONNECT_SECONDS = 5.0
MAX_BYTES = 64_000_000  # of one answer
MAX_RETRY_AFTER = 120.0
_BUSY, _LATE = (429, 503, 529), (408, 504)


class ServiceFailed(BackendError):
    """The service failed on its own account; the same request may pass the next time."""

    retryable: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Service:
    """`what` is what errors call it; `setting` is where its address and name were given."""

    what: str
    url: str
    setting: str
    key: str = ""

    def __post_init__(self) -> None:
        if not _is_address(self.url):
            raise ConfigError(f"no address of the {self.what}: {self.url!r}", hint=f"see {self.setting}")
        if not (self.key.isascii() and self.key.isprintable()):
            raise ConfigError(f"the key of the {self.what} has characters that no key has")

    @property
    def headers(self) -> dict[str, str]:
        """For every request. Packed answers are not asked for: their size would not be known."""
        held = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return {"accept": "application/json", "accept-encoding": "identity", **held}

    def failed(self, error: Exception) -> KBError:
        """What to raise instead of an error of the HTTP client."""
        import httpx2

        if isinstance(error, KBError):
            return error
        if isinstance(error, httpx2.TimeoutException | TimeoutError):
            return TimedOut(f"the {self.what} did not answer in time", hint="try again later")
        if isinstance(error, httpx2.TransportError):
            return Unreachable(
                f"no connection to the {self.what} at {shown(self.url)}", hint=f"is it up? see {self.setting}"
            )
        return BackendError(f"the {self.what} sends rubbish", hint=self._hint(200))

    def check(self, status: int, headers: Mapping[str, str]) -> None:
        """Raise what a status other than 200 means."""
        said = f"the {self.what} answered {status}"
        if status in _BUSY:
            raise Throttled(
                said, hint="try again later", retry_after=retry_after(headers.get("retry-after", ""))
            )
        if status in _LATE:
            raise TimedOut(said, hint="try again later")
        if status >= 500:
            raise ServiceFailed(said, hint="try again later")
        if status != 200:
            raise BackendError(said, hint=self._hint(status))

    def parse(self, body: bytes) -> object:
        """The JSON of an answer."""
        try:
            return json.loads(body)
        except ValueError as error:
            raise BackendError(f"the {self.what} sends no JSON", hint=self._hint(200)) from error

    def too_much(self) -> BackendError:
        return BackendError(f"the {self.what} sends more than any answer needs")

    def _hint(self, status: int) -> str:
        if status in (401, 403):
            return f"is its key right? see {self.setting}_KEY"
        if 300 <= status < 400:
            return f"redirects are not followed; set the final address in {self.setting}"
        return f"is {shown(self.url)} its base URL, and does it know the model? see {self.setting}"


def options(rest: str, allowed: Collection[str], *, setting: str) -> tuple[str, dict[str, str]]:
    """The name and the options of `NAME?option=value&...`. `ConfigError` for an option there is not."""
    name, _, query = rest.partition("?")
    found = dict(parse_qsl(query, keep_blank_values=True))
    if strange := [key for key in found if key not in allowed]:
        raise ConfigError(
            f"{setting} has no option {strange[0]!r}", hint=f"there are: {', '.join(sorted(allowed))}"
        )
    return name, found


def shown(url: str) -> str:
    """The address without a password or a query."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


def retry_after(value: str) -> float | None:
    """Seconds, from a number or an HTTP date (RFC 9110, 10.2.3); None when it is neither."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return None if math.isnan(seconds) else min(max(seconds, 0.0), MAX_RETRY_AFTER)


def _seconds_until(date: str) -> float:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, OverflowError):
        return math.nan


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
