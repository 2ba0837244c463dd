"""What goes wrong, typed from the API's problem details (RFC 9457).

::

    ApiError
    ├── UnauthorizedError     401: the token
    ├── ForbiddenError        403: the token's role
    ├── NotFoundError         404
    ├── ConflictError         409: the identifier or the key belongs to another document
    │   ├── NotAllowedError   409: the referral's state; ``reason`` and ``allowed``
    │   └── CursorAheadError  409: a backup was restored; begin again without a cursor
    ├── InvalidDocumentError  422: each error with the JSON Pointer of its place
    └── UnavailableError      408, 429, 5xx, after all retries
        └── NoAnswerError     no answer came, after all retries
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong with a request.

    Attributes:
        rule: stable id of the rule.
        message: one plain sentence, in English.
        pointer: JSON Pointer (RFC 6901) into the body; None for an error of a parameter or a header.
        parameter: name of the query's parameter.
        header: name of the header.
    """

    rule: str
    message: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class ApiError(Exception):
    """The API refused a request.

    Attributes:
        status: of HTTP; 0 where there was no answer.
        kind: of the problem, such as ``not-found``: the last part of its ``type``; empty where the answer was no
            problem of the API's.
        detail: one sentence about this occurrence.
        issues: every error that the API lists.
        request: under this id the server's log knows the request; None where there was no answer.
        retry_after: seconds after which to try again, where the API says so.
    """

    def __init__(
        self, status: int, problem: Mapping[str, Any], *, request: str | None = None, retry_after: float | None = None
    ) -> None:
        self.status = status
        self.kind = str(problem.get("type", "")).rpartition("/")[2]
        self.detail = str(problem.get("detail", ""))
        self.issues = [_issue(one) for one in problem.get("errors") or ()]
        self.reason: str | None = problem.get("reason")
        self.allowed: list[str] = list(problem.get("allowed") or ())
        self.request = request
        self.retry_after = retry_after
        title = problem.get("title") or f"HTTP {status}"
        super().__init__(f"{title}: {self.detail}" if self.detail else str(title))

    @property
    def pointers(self) -> list[str]:
        """JSON Pointers of the errors, in the order of ``issues``."""
        return [issue.pointer for issue in self.issues if issue.pointer is not None]


class UnauthorizedError(ApiError):
    """There is no valid token."""


class ForbiddenError(ApiError):
    """The token's role may not do this."""


class NotFoundError(ApiError):
    """There is no such prescription, or none that the token may see."""


class ConflictError(ApiError):
    """The identifier or the Idempotency-Key belongs to another document."""


class NotAllowedError(ConflictError):
    """The referral's state does not allow the event; ``reason`` is a code, ``allowed`` what may be sent instead."""


class CursorAheadError(ConflictError):
    """The cursor is ahead of what is stored, since a backup was restored: begin again without one."""


class InvalidDocumentError(ApiError):
    """The body is JSON and has errors; nothing was stored."""


class UnavailableError(ApiError):
    """The API could not answer, after all retries; a prescription may be submitted again under the same key."""


class NoAnswerError(UnavailableError):
    """No answer came, after all retries; whether the last request took effect is not known."""


_BY_KIND = {"not-allowed": NotAllowedError, "ahead": CursorAheadError}
_BY_STATUS = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidDocumentError,
    408: UnavailableError,
    429: UnavailableError,
}


def error_of(
    status: int, problem: Mapping[str, Any], *, request: str | None = None, retry_after: float | None = None
) -> ApiError:
    """The error of an answer."""
    kind = str(problem.get("type", "")).rpartition("/")[2].rpartition(":")[2]
    usual = UnavailableError if status >= 500 else ApiError
    chosen = _BY_KIND.get(kind) or _BY_STATUS.get(status, usual)
    return chosen(status, problem, request=request, retry_after=retry_after)


def _issue(one: Mapping[str, Any]) -> Issue:
    return Issue(
        rule=str(one.get("rule", "")),
        message=str(one.get("message", "")),
        pointer=one.get("pointer"),
        parameter=one.get("parameter"),
        header=one.get("header"),
    )
