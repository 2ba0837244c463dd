"""What a FHIR interaction may refuse, and how it says so.

InteractionError            an HTTP status, a FHIR issue type, a sentence without personal data
├── InvalidRequest    400   the request itself is wrong
├── NotSupported      400   it asks for what this server cannot do
├── NotFound          404   there never was such a resource
├── Gone              410   it was deleted, or its content was erased
└── PreconditionFailed 412  another version than the caller knows, or criteria that match several

The statuses are those of https://hl7.org/fhir/R4/http.html, the issue types of
https://hl7.org/fhir/R4/valueset-issue-type.html.
"""

from collections.abc import Iterable
from typing import Any

from footbridge.errors import FootbridgeError
from footbridge.model.issues import Issue


class InteractionError(FootbridgeError):
    """A FHIR interaction was refused; nothing of it was stored."""

    status = 500
    code = "exception"

    def __init__(self, message: str, *, expression: str | None = None) -> None:
        self.expression = expression
        super().__init__(message)


class InvalidRequest(InteractionError):  # noqa: N818 - reads as the state that it names
    """The request is malformed."""

    status = 400
    code = "invalid"


class NotSupported(InteractionError):  # noqa: N818 - as above
    """The request is well-formed and asks for what this server does not do."""

    status = 400
    code = "not-supported"


class NotFound(InteractionError):  # noqa: N818 - as above
    """The tenant never had this resource, or not this version of it."""

    status = 404
    code = "not-found"


class Gone(InteractionError):  # noqa: N818 - as above
    """The resource was deleted and its history remains, or the content of this version was erased."""

    status = 410
    code = "deleted"


class PreconditionFailed(InteractionError):  # noqa: N818 - as above
    """The version is not the current one, or the criteria do not name one resource."""

    status = 412
    code = "conflict"


class MultipleMatches(PreconditionFailed):
    """The criteria of a conditional interaction or reference match more than one resource."""

    code = "multiple-matches"


def issue_of(error: InteractionError) -> Issue:
    """The one finding that an error stands for."""
    return Issue(
        rule=f"fhir.{error.code}", severity="error", code=error.code, message=str(error), expression=error.expression
    )


def operation_outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """An OperationOutcome with these issues (https://hl7.org/fhir/R4/operationoutcome.html)."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(issue) for issue in issues]}


def _issue(issue: Issue) -> dict[str, Any]:
    shown: dict[str, Any] = {"severity": issue.severity, "code": issue.code, "diagnostics": issue.message}
    if issue.expression:
        shown["expression"] = [issue.expression]
    return shown
