"""Every refusal as problem details (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457), from one table of kinds.

A view raises ``Problem``, or lets an exception of ``footbridge.errors`` through; ``register`` turns both into an
answer. What nobody foresaw is a 500 that says nothing of its cause: the log has its class and place, never its text.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from footbridge.data import own_uri
from footbridge.errors import (
    ConflictError,
    FootbridgeError,
    ForbiddenError,
    LifecycleError,
    MappingFault,
    NotFoundError,
    PrescriptionError,
)
from footbridge.logs import EventLog
from footbridge.model.issues import Issue
from footbridge.web.responses import PROBLEM_JSON, answer

KINDS: dict[str, tuple[int, str]] = {
    "malformed": (400, "The body cannot be read"),
    "bad-request": (400, "The request is not as it should be"),
    "unauthorized": (401, "A valid bearer token is needed"),
    "forbidden": (403, "This token may not do that"),
    "not-found": (404, "There is no such thing here"),
    "method-not-allowed": (405, "This method does nothing here"),
    "conflict": (409, "The request contradicts what is stored"),
    "key-used": (409, "The Idempotency-Key was used for another request"),
    "in-flight": (409, "The same request is being worked on"),
    "ahead": (409, "The cursor is ahead of what is stored"),
    "not-allowed": (409, "The referral does not allow this now"),
    "too-large": (413, "The body is too large"),
    "unsupported-media-type": (415, "The body has another media type than this needs"),
    "faults": (422, "The document has faults"),
    "internal": (500, "Something went wrong on our side"),
    "unavailable": (503, "The service cannot answer now"),
}
"""Kind of a problem, the last part of its ``type``: HTTP status and title."""

FHIR_HERE = "FHIR is offered at POST /fhir/$validate and POST /fhir/TYPE/$validate alone."

_OF_STATUS = {status: kind for kind, (status, _) in reversed(KINDS.items())} | {400: "bad-request", 409: "conflict"}
_HERE = Path(__file__).resolve().parents[1]

_log = EventLog(__name__)


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refusal.

    Attributes:
        kind: a key of ``KINDS``.
        detail: one plain sentence about this occurrence, without personal data.
        members: more members of the answer, ``errors`` among them.
        headers: of the answer.
        status: of the answer, where the kind stands for several.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        **members: object,
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members
        self.status = status or KINDS[kind][0]
        super().__init__(detail)


def register(app: Flask) -> None:
    """Answer every exception of the app with problem details."""
    app.register_error_handler(Problem, _answer)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(FootbridgeError, _of_ours)
    app.register_error_handler(OperationalError, _of_database)
    app.register_error_handler(PoolTimeout, _of_database)
    app.register_error_handler(Exception, _of_bug)


def is_fhir(path: str) -> bool:
    """Whether a path is under ``/fhir``, where ``web.fhir.adapter`` turns problems into OperationOutcomes."""
    return path == "/fhir" or path.startswith("/fhir/")


def listed(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Findings as ``errors`` shows them: each with its JSON Pointer, its rule and a sentence."""
    return [{"pointer": issue.pointer or "", "rule": issue.rule, "message": issue.message} for issue in issues]


def of_faults(issues: Iterable[Issue]) -> Problem:
    """The problem of a document with these findings: what is no JSON, what is too large, what has faults."""
    found = list(issues)
    faults = [issue for issue in found if issue.is_error]
    count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
    rules = {issue.rule.rpartition(".")[2] for issue in faults if issue.severity == "fatal"}
    if "too-large" in rules:
        return Problem("too-large", faults[0].message, errors=listed(faults))
    if rules - {"not-object"}:
        return Problem("malformed", faults[0].message, errors=listed(faults))
    problem = Problem("faults", f"The document has {count}; nothing was stored.", errors=listed(faults))
    if len(found) > len(faults):
        problem.members["warnings"] = listed(issue for issue in found if not issue.is_error)
    return problem


def _answer(problem: Problem) -> Response:
    body = {
        "type": own_uri(f"problem/{problem.kind}"),
        "title": KINDS[problem.kind][1],
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
        "request": g.get("request_id"),
    }
    return answer(body, problem.status, problem.headers, media_type=PROBLEM_JSON)


def _of_http(error: HTTPException) -> Response:
    """What Flask and Werkzeug refuse by themselves; their texts are replaced by ours."""
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    match status:
        case 404:
            detail = FHIR_HERE if is_fhir(request.path) else "No resource has this address."
            return _answer(Problem("not-found", detail))
        case 405:
            may = headers.get("Allow", "")
            return _answer(Problem("method-not-allowed", f"Allowed here: {may or 'nothing'}.", headers=headers))
        case 413:
            most = request.max_content_length
            return _answer(Problem("too-large", f"The body is larger than the {most} bytes that are read."))
        case _:
            kind = _OF_STATUS.get(status) or ("bad-request" if status < 500 else "internal")
            return _answer(Problem(kind, f"{error.name}.", headers=headers, status=status))


def _of_ours(error: FootbridgeError) -> Response:
    match error:
        case PrescriptionError():
            return _answer(of_faults(error.issues))
        case ForbiddenError():
            return _answer(Problem("forbidden", str(error)))
        case NotFoundError():
            return _answer(Problem("not-found", str(error)))
        case LifecycleError():
            return _answer(Problem("not-allowed", str(error), reason=error.reason))
        case ConflictError(retry_after=None):
            return _answer(Problem("conflict", str(error)))
        case ConflictError():
            return _answer(Problem("conflict", str(error), headers={"Retry-After": str(error.retry_after)}))
        case MappingFault():
            _log.error(
                "mapping.fault", request=g.get("request_id"), rules=sorted({issue.rule for issue in error.issues})
            )
            return _internal()
        case _:
            return _of_bug(error)


def _of_database(error: Exception) -> Response:
    _log.error("database.unavailable", request=g.get("request_id"), exception=type(error).__name__)
    return _answer(Problem("unavailable", "The database does not answer.", headers={"Retry-After": "5"}))


def _of_bug(error: Exception) -> Response:
    _log.error(
        "request.failed", request=g.get("request_id"), exception=type(error).__name__, at=_places(error.__traceback__)
    )
    return _internal()


def _internal() -> Response:
    return _answer(Problem("internal", "Nothing was stored. The log names the cause under this request's id."))


def _places(trace: TracebackType | None) -> list[str]:
    """Where it happened, as ``file:line`` of our own code, outermost first; no text of any exception."""
    places = []
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(_HERE):
            places.append(f"{file.relative_to(_HERE)}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places
