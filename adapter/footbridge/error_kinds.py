"""One table of errors, for every answer over HTTP: from an exception to its kind, and from a kind to what is shown.

A kind is the last part of the ``type`` of problem details (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457). FHIR
shows the same kind as an OperationOutcome, by its issue type
(https://hl7.org/fhir/R4/valueset-issue-type.html). An exception with a ``status`` in its class, as those of a FHIR
interaction, is of the first kind with that status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from footbridge.errors import (
    ConflictError,
    FootbridgeError,
    ForbiddenError,
    LifecycleError,
    NotFoundError,
    PartnerUnavailable,
    PrescriptionError,
)
from footbridge.i18n import _

Fault = Literal["caller", "server", "partner"]
"""Who has to put it right: who sent the request, who runs Footbridge, or a system that Footbridge asked."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is shown for an error.

    Attributes:
        status: of HTTP.
        title: the same sentence for every error of the kind.
        issue: FHIR issue type.
        fault: whose it is.
        fhir_status: of HTTP, where FHIR wants another one (https://hl7.org/fhir/R4/http.html#rejecting-updates).
    """

    status: int
    title: str
    issue: str
    fhir_status: int | None = None
    fault: Fault = "caller"


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(400, _("Bad request"), "invalid"),
    "malformed": Kind(400, _("Malformed body"), "structure"),
    "unauthorized": Kind(401, _("Unauthorized"), "login"),
    "forbidden": Kind(403, _("Forbidden"), "forbidden"),
    "not-found": Kind(404, _("Not found"), "not-found"),
    "method-not-allowed": Kind(405, _("Method not allowed"), "not-supported"),
    "not-acceptable": Kind(406, _("Not acceptable"), "not-supported"),
    "conflict": Kind(409, _("Conflict"), "conflict"),
    "key-used": Kind(409, _("Idempotency-Key already used"), "conflict"),
    "in-flight": Kind(409, _("Request in progress"), "conflict"),
    "ahead": Kind(409, _("Cursor ahead of the data"), "conflict"),
    "not-allowed": Kind(409, _("Not allowed in this state"), "business-rule", fhir_status=422),
    "gone": Kind(410, _("Gone"), "deleted"),
    "precondition-failed": Kind(412, _("Precondition failed"), "conflict"),
    "too-large": Kind(413, _("Body too large"), "too-long"),
    "request-timeout": Kind(408, _("Request not complete in time"), "timeout"),
    "unsupported-media-type": Kind(415, _("Unsupported media type"), "not-supported"),
    "faults": Kind(422, _("Invalid document"), "invalid"),
    "too-many-requests": Kind(429, _("Too many requests"), "throttled"),
    "internal": Kind(500, _("Internal error"), "exception", fault="server"),
    "not-supported": Kind(501, _("Not supported"), "not-supported"),
    "unavailable": Kind(503, _("Service unavailable"), "transient", fault="server"),
    "partner-unavailable": Kind(503, _("A partner is not available"), "transient", fault="partner"),
}

ERRORS: Mapping[type[FootbridgeError], str] = {
    PrescriptionError: "faults",
    ForbiddenError: "forbidden",
    LifecycleError: "not-allowed",
    NotFoundError: "not-found",
    ConflictError: "conflict",
    PartnerUnavailable: "partner-unavailable",
}
"""Every other exception is ``internal``: no caller can cause it."""

_OF_STATUS = {kind.status: name for name, kind in reversed(tuple(KINDS.items()))}

NOTHING_STORED = _("Nothing was stored.")
PERHAPS_STORED = _("The request may or may not have taken effect; read it again before you send it again.")


def kind_of(error: BaseException) -> str:
    """The kind of an exception: a key of ``KINDS``."""
    of_class = type(error)
    for known in of_class.__mro__:
        if known in ERRORS:
            return ERRORS[known]
    status = getattr(of_class, "status", None)
    return kind_of_status(status) if isinstance(status, int) else "internal"


def kind_of_status(status: int) -> str:
    """The kind of an HTTP status from 400 up."""
    return _OF_STATUS.get(status) or ("bad-request" if status < 500 else "internal")


def fault_of_status(status: int) -> Fault:
    """Whose an error is, as far as its HTTP status tells."""
    return KINDS[kind_of_status(status)].fault


def effect(*, may_have_committed: bool) -> str:
    """What is known of whether a request that failed took effect, as a sentence."""
    return PERHAPS_STORED if may_have_committed else NOTHING_STORED
