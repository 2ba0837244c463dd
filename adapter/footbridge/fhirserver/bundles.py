"""transaction and batch: https://hl7.org/fhir/R4/http.html#transaction. What a single request may not, no entry may."""

from typing import Any, Literal

from footbridge.fhirserver.bodies import Resource, read_resource
from footbridge.fhirserver.call import Call
from footbridge.fhirserver.message import Response, refuse_others
from footbridge.fhirserver.preferences import Preferences
from footbridge.fhirserver.write_policy import admit
from footbridge.fhirserver.writing import DONE, FOUND
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.interaction_errors import InvalidRequest, NotOffered
from footbridge.store.resources import ResourceStore


def bundle(call: Call) -> Response:
    """Do a Bundle of type transaction as one, one of type batch entry by entry."""
    refuse_others(call.request.query)
    given = read_resource(call.request)
    kind = _kind(call, given)
    do = call.store.transaction if kind == "transaction" else call.store.batch
    answer = do(given, admit=lambda step: admit(call.offer, step))
    for entry in answer["entry"]:
        if "resource" not in entry:  # a write
            _complete(call.store, call.preferences, entry)
    return call.answer(answer, headers=call.preferences.applied())


def _kind(call: Call, given: Resource) -> Literal["transaction", "batch"]:
    kind = given.get("type") if given["resourceType"] == "Bundle" else None
    if kind not in {"transaction", "batch"}:
        raise InvalidRequest("The body is not a Bundle of type transaction or batch.", expression="Bundle.type")
    if kind not in call.offer.system:
        raise NotOffered(f"A {kind} is not supported here.", expression="Bundle.type")
    return "transaction" if kind == "transaction" else "batch"


def _complete(store: ResourceStore, preferences: Preferences, entry: dict[str, Any]) -> None:
    """Add to the answer of a write what the caller prefers to get: the resource, or an OperationOutcome."""
    response = entry["response"]
    status, location = int(response["status"][:3]), response.get("location")
    if status >= 400:
        return
    if preferences.returns == "OperationOutcome":
        response.setdefault("outcome", operation_outcome((), otherwise=DONE.get(status, FOUND)))
    if preferences.returns == "representation" and location is not None:
        type_name, identity, _, version = location.split("/")[-4:]
        entry["resource"] = store.vread(type_name, identity, version).resource
