"""What a FHIR interaction may refuse: each an HTTP status, a FHIR issue type and a sentence without personal data.

InteractionError
├── InvalidRequest        400   the request itself is wrong
├── NotSupported          400   it asks for what this server cannot do
├── Forbidden             403   the caller may not do this
├── NotFound              404   there never was such a resource, or nothing is at this address
├── MethodNotAllowed      405   nothing at this address takes this method
├── NotAcceptable         406   no form of the answer that the caller accepts
├── Gone                  410   it was deleted, or its content was erased
├── PreconditionFailed    412   another version than the caller knows
│   └── MultipleMatches   412   criteria that match several
├── UnsupportedMediaType  415   the body has a form that is not read here
├── UnprocessableEntity   422   the resource is refused; its issues say why
├── NotOffered            501   an interaction of FHIR that this server does not have
└── Overloaded            503   too much of this runs at the moment

The statuses are those of https://hl7.org/fhir/R4/http.html, the issue types of
https://hl7.org/fhir/R4/valueset-issue-type.html.
"""

from collections.abc import Iterable, Mapping, Sequence

from footbridge.errors import FootbridgeError
from footbridge.i18n import _
from footbridge.model.issues import Issue


class InteractionError(FootbridgeError):
    """A FHIR interaction was refused; nothing of it was stored.

    Attributes:
        expression: FHIRPath of the element that is wrong, where there is one.
        issues: several findings in place of the one that the error itself is.
        headers: more headers of the answer.
    """

    status = 500
    code = "exception"

    def __init__(self, message: str, *, expression: str | None = None, issues: Iterable[Issue] = ()) -> None:
        self.expression = expression
        self.issues = tuple(issues)
        self.headers: Mapping[str, str] = {}
        super().__init__(message)


class InvalidRequest(InteractionError):  # noqa: N818 - reads as the state that it names
    """The request is malformed."""

    status = 400
    code = "invalid"


class NotSupported(InteractionError):  # noqa: N818 - as above
    """The request is well-formed and asks for what this server does not do."""

    status = 400
    code = "not-supported"


class Forbidden(InteractionError):  # noqa: N818 - as above
    """The caller may not do this."""

    status = 403
    code = "forbidden"


class NotFound(InteractionError):  # noqa: N818 - as above
    """The tenant never had this resource, or not this version of it; or nothing is at this address."""

    status = 404
    code = "not-found"


class MethodNotAllowed(InteractionError):  # noqa: N818 - as above
    """Something is at this address, but it does not take this method; ``allowed`` are those that it takes."""

    status = 405
    code = "not-supported"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(_("This method is not supported here. Allowed: {allowed}.", allowed=", ".join(allowed)))
        self.headers = {"Allow": ", ".join(allowed)}


class NotAcceptable(InteractionError):  # noqa: N818 - as above
    """The answer has no form that the caller accepts."""

    status = 406
    code = "not-supported"


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


class UnsupportedMediaType(InteractionError):  # noqa: N818 - as above
    """The body has a media type that is not read here; ``accepted`` are those that are."""

    status = 415
    code = "not-supported"

    def __init__(self, accepted: Sequence[str]) -> None:
        super().__init__(_("Send Content-Type: {accepted}, in UTF-8.", accepted=" or ".join(accepted)))
        self.headers = {"Accept": ", ".join(accepted)}


class UnprocessableEntity(InteractionError):  # noqa: N818 - as above
    """The resource is understood and refused: by a profile, or by a rule of the business."""

    status = 422
    code = "processing"


class NotOffered(InteractionError):  # noqa: N818 - as above
    """FHIR or HTTP has this interaction, and this server does not."""

    status = 501
    code = "not-supported"


class Overloaded(InteractionError):  # noqa: N818 - as above
    """Too much of this runs at the moment; ``retry_after`` is in seconds. Nothing was done."""

    status = 503
    code = "throttled"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.headers = {"Retry-After": str(retry_after)}


def issues_of(error: InteractionError) -> Sequence[Issue]:
    """The findings that an error stands for; at least one."""
    if error.issues:
        return error.issues
    rule = f"fhir.{error.code}"
    return (Issue(rule, "error", error.code, str(error), expression=error.expression),)
