"""create, update, delete, with and without conditions: https://hl7.org/fhir/R4/http.html#create, #update, #delete."""

from urllib.parse import urlencode

from footbridge.fhirserver.bodies import Resource, read_resource
from footbridge.fhirserver.call import Call, stamps
from footbridge.fhirserver.message import GENERAL, Response, refuse_others
from footbridge.fhirserver.write_policy import require_conditional_create
from footbridge.i18n import _
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.interactions.preconditions import Written, checked

DONE = {200: _("The resource was updated."), 201: _("The resource was created."), 204: _("The resource was deleted.")}
"""What an OperationOutcome says of a write that has no issues."""
FOUND = _("A resource that matches is there already; nothing was stored.")


def create(call: Call) -> Response:
    """A new resource (201); with If-None-Exist the one that matches (200), where there is such."""
    refuse_others(call.request.query)
    condition = call.request.header("If-None-Exist")
    if condition is not None:
        require_conditional_create(call.offer, call.type, condition)
    written = call.store.create(call.type, _read(call), if_none_exist=condition)
    found = written.stored if written.status == 200 else None
    if found is not None and not call.offer.has(call.type, "read"):  # it is there, and not for the caller to see
        return Response(200, {**stamps(found), "Location": call.url_of(found)})
    return _answer(call, written, DONE[201] if found is None else FOUND)


def update(call: Call) -> Response:
    """The next version (200), or the first under the caller's id (201).

    If-Match names the version before it, ``If-None-Match: *`` asks that there is none.
    """
    refuse_others(call.request.query)
    resource = _read(call)
    written = call.store.update(call.type, call.id, resource, **_preconditions(call))
    return _answer(call, written, DONE[written.status])


def conditional_update(call: Call) -> Response:
    """Update the one resource that the query names, or create it."""
    criteria = urlencode([pair for pair in call.request.query if pair[0] not in GENERAL])
    written = call.store.conditional_update(call.type, criteria, _read(call), **_preconditions(call))
    return _answer(call, written, DONE[written.status])


def delete(call: Call) -> Response:
    """Delete (204, or 200 with an OperationOutcome where that is preferred)."""
    refuse_others(call.request.query)
    written = call.store.delete(call.type, call.id, if_match=call.request.header("If-Match"))
    headers = {} if written.stored is None else {"ETag": written.stored.etag}
    if call.preferences.returns == "OperationOutcome":
        headers |= call.preferences.applied()
        return call.answer(operation_outcome(written.issues, otherwise=DONE[204]), headers=headers)
    return Response(204, headers)


def _preconditions(call: Call) -> dict[str, str | None]:
    """What an update asks of the version before it."""
    return {"if_match": call.request.header("If-Match"), "if_none_match": call.request.header("If-None-Match")}


def _read(call: Call) -> Resource:
    """The resource in the body, checked where the server does that."""
    resource = read_resource(call.request)
    checked(resource, call.type)
    if call.inspect is not None:
        call.inspect(None, resource)
    return resource


def _answer(call: Call, written: Written, said: str) -> Response:
    """The answer to a create or an update, with what the caller prefers in its body; else the resource."""
    found = written.stored
    if found is None:  # of deletions only
        return Response(written.status, {})
    place = call.url_of(found)
    headers = {"Location": place, **call.preferences.applied()}
    match call.preferences.returns:
        case "minimal":
            return Response(written.status, {**stamps(found), **headers})
        case "OperationOutcome":
            outcome = operation_outcome(written.issues, otherwise=said)
            return call.answer(outcome, written.status, {**stamps(found), **headers})
        case _:
            return call.answer_stored(found, written.status, headers)
