"""The error tree: each class says who must act.

    KBError             raised on purpose; carries a hint          CLI exit   HTTP
      ConfigError       the operator can mend it                    2          500
      NotAllowed        this principal may not                      3          401 / 403
      BadInput          the asker can mend it                       4          4xx
        NotFound        no such document, collection, answer        4          404
        UnreadableFile  a loader could not; the run goes on         (5 partial)
      BackendError      a service failed; `.retryable`              6          502 / 503 / 504
        Throttled  TimedOut  Unreachable  Damaged

"Not in the documents" is an answer, not an error.
"""

from typing import ClassVar


class KBError(Exception):
    """Raised on purpose. `str(error)` is one line; `hint` says what to do next."""

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500
    slug: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ConfigError(KBError):
    """A setting or an installation is wrong; the operator can mend it."""

    exit_code = 2
    slug = "config"


class NotAllowed(KBError):
    """This principal may not do this; `status` 401 without a valid key, 403 with one."""

    exit_code = 3
    status = 403
    slug = "not-allowed"


class Unauthenticated(NotAllowed):
    """No key, or one that is not known."""

    status = 401
    slug = "unauthenticated"


class BadInput(KBError):
    """The question, file or argument is wrong; the asker can mend it."""

    exit_code = 4
    status = 400
    slug = "bad-input"


class TooLarge(BadInput):
    """More bytes, characters or turns than the limit says."""

    status = 413
    slug = "too-large"


class NotFound(BadInput):
    """No such document, version, collection or answer (or none that this principal may see)."""

    status = 404
    slug = "not-found"


class UnreadableFile(BadInput):
    """A loader could not read this file; the run goes on and reports it.

    `state` is the document status that results: `unsupported`, `damaged`, `password needed`,
    `ocr needed`, `empty` or `too large`.
    """

    exit_code = 5
    slug = "unreadable-file"

    def __init__(self, message: str, *, state: str = "damaged", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.state = state


class BackendError(KBError):
    """A service that we depend on failed."""

    exit_code = 6
    status = 502
    slug = "backend"
    retryable: ClassVar[bool] = False


class Throttled(BackendError):
    """The service refused for now (429, 503); `retry_after` in seconds, if it said so."""

    status = 503
    slug = "throttled"
    retryable = True

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class TimedOut(BackendError):
    """No answer within the deadline."""

    status = 504
    slug = "timed-out"
    retryable = True


class Unreachable(BackendError):
    """No connection to the service."""

    status = 503
    slug = "unreachable"
    retryable = True


class Damaged(BackendError):
    """An index or catalog file is missing, older than it must be, or corrupt."""

    status = 503
    slug = "damaged"
