"""From an error to its status and OperationOutcome: https://hl7.org/fhir/R4/operationoutcome.html.

An InteractionError says its own status and issue type; ``footbridge.error_kinds`` has those of the other errors that a
caller can cause. Whatever is in neither is an error of ours: 500, with nothing of its text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from footbridge.error_kinds import KINDS, Fault, fault_of_status, kind_of
from footbridge.fhirserver.bodies import write_resource
from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.negotiation import SENT, form_of_refusal
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.interaction_errors import InteractionError, NotAcceptable, issues_of

INTERNAL = Issue(
    "fhir.exception", "error", "exception", _("Internal error. The request may or may not have taken effect.")
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered in place of what was asked for; ``fault``: whose it is, where the status alone does not say."""

    status: int
    issues: Sequence[Issue]
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None


def refusal_of(error: Exception) -> Refusal:
    """The refusal that an error stands for; status 500 for one that no caller can cause."""
    if isinstance(error, InteractionError):
        return Refusal(error.status, issues_of(error), error.headers)
    name = kind_of(error)
    if name == "internal":
        return Refusal(500, (INTERNAL,))
    kind = KINDS[name]
    issues = getattr(error, "issues", ()) or (Issue(f"fhir.{name}", "error", kind.issue, str(error)),)
    retry_after = getattr(error, "retry_after", None)
    headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
    return Refusal(kind.fhir_status or kind.status, issues, headers, kind.fault)


def refuse(request: Request, refusal: Refusal) -> Response:
    """The response of a refusal, in the form that the caller wants where there is such."""
    form = form_of_refusal(request)
    outcome = operation_outcome(refusal.issues, fault=refusal.fault or fault_of_status(refusal.status))
    try:
        body = write_resource(outcome, form)
    except NotAcceptable:  # a text that XML cannot hold
        form, body = "json", write_resource(outcome, "json")
    return Response(refusal.status, {"Content-Type": SENT[form], "Vary": "Accept", **refusal.headers}, body)
