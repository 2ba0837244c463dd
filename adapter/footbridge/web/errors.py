"""Every refusal is a ``Problem``: raised by a view, or made here of an exception, by the table in ``error_kinds``.

How it is shown is for each front door to say (``web.front_doors``). What nobody foresaw is a 500 that says nothing of
its cause: the log has its class and place, never its text. An error of ours says whether it may have taken effect.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from flask import request
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from footbridge.error_kinds import KINDS, Kind, effect, kind_of, kind_of_status
from footbridge.errors import LifecycleError, MappingFault, PrescriptionError
from footbridge.i18n import _, _n
from footbridge.logs import get_logger
from footbridge.model.issues import Issue
from footbridge.store.engine import may_have_committed
from footbridge.store.error_codes import code_of, is_away

RETRY_AFTER = "5"  # seconds until a database that does not answer is worth another request
_HERE = Path(__file__).resolve().parents[1]

_log = get_logger(__name__)


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A refusal.

    Attributes:
        name: a key of ``error_kinds.KINDS``.
        kind: that kind.
        detail: one plain sentence about this occurrence, without personal data.
        members: more members of the answer, ``errors`` among them.
        headers: of the answer.
        status: of the answer, where the kind stands for several.
    """

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
        **members: object,
    ) -> None:
        self.name = name
        self.kind: Kind = KINDS[name]
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members
        self.status = status or self.kind.status
        super().__init__(detail)


def problem_of(error: Exception) -> Problem:
    """The problem that an exception is; logs the ones that are ours to mend."""
    match error:
        case Problem():
            return error
        case HTTPException():
            return _of_http(error)
        case PrescriptionError():
            return invalid(error.issues)
        case OperationalError() | InterfaceError() | PoolTimeout() | DBAPIError(connection_invalidated=True):
            return _unavailable(error)
        case DBAPIError() if is_away(error):
            return _unavailable(error)
        case MappingFault():  # logged where it was found, under this request's id
            return _internal()
    name = kind_of(error)
    if name == "internal":
        _log.error(
            "request.failed", exception=type(error).__name__, code=code_of(error), at=_places(error.__traceback__)
        )
        return _internal()
    wait = getattr(error, "retry_after", None)
    problem = Problem(name, str(error), headers=None if wait is None else _after(str(int(wait))))
    if isinstance(error, LifecycleError):
        problem.members["reason"] = error.reason
    return problem


def listed(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Issues as ``errors`` shows them: each with its JSON Pointer, its rule and a sentence."""
    return [{"pointer": issue.pointer or "", "rule": issue.rule, "message": issue.message} for issue in issues]


def invalid(issues: Iterable[Issue]) -> Problem:
    """The problem of a document with these issues: it is not JSON, too large, or has errors."""
    found = list(issues)
    errors = [issue for issue in found if issue.is_error]
    rules = {issue.rule.rpartition(".")[2] for issue in errors if issue.severity == "fatal"}
    if "too-large" in rules:
        return Problem("too-large", errors[0].message, errors=listed(errors))
    if rules - {"not-object"}:
        return Problem("malformed", errors[0].message, errors=listed(errors))
    detail = _n(
        "The document has {count} error; nothing was stored.",
        "The document has {count} errors; nothing was stored.",
        len(errors),
    )
    problem = Problem("faults", detail, errors=listed(errors))
    if len(found) > len(errors):
        problem.members["warnings"] = listed(issue for issue in found if not issue.is_error)
    return problem


def _of_http(error: HTTPException) -> Problem:
    """What Flask and Werkzeug refuse by themselves; their texts are replaced by ours."""
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    match status:
        case 404:
            return Problem("not-found", _("Nothing is at this address."))
        case 405:
            return Problem(
                "method-not-allowed",
                _("Allowed: {methods}.", methods=headers.get("Allow") or _("none")),
                headers=headers,
            )
        case 413:
            return Problem(
                "too-large",
                _(
                    "The body is larger than the limit of {most} bytes.",
                    most=request.max_content_length,
                ),
            )
        case _:
            return Problem(kind_of_status(status), f"{error.name}.", headers=headers, status=status)


def _unavailable(error: SQLAlchemyError) -> Problem:
    _log.error("database.unavailable", exception=type(error).__name__, code=code_of(error))
    return Problem(
        "unavailable", _("The database does not answer. {effect}", effect=_effect()), headers=_after(RETRY_AFTER)
    )


def _internal() -> Problem:
    return Problem(
        "internal", _("{effect} Details are in the server's log, under this request's id.", effect=_effect())
    )


def _effect() -> str:
    return effect(may_have_committed=may_have_committed())


def _after(seconds: str) -> dict[str, str]:
    return {"Retry-After": seconds}


def _places(trace: TracebackType | None) -> list[str]:
    """Where it happened, as ``file:line`` of our own code, outermost first; no text of any exception."""
    places = []
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.is_relative_to(_HERE):
            places.append(f"{file.relative_to(_HERE)}:{trace.tb_lineno}")
        trace = trace.tb_next
    return places
