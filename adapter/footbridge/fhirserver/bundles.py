"""transaction and batch: https://hl7.org/fhir/R4/http.html#transaction. What a single request may not, no entry may.

An entry that reads is answered as a single request is (``bundle_reads``).
"""

from typing import Any, Literal

from footbridge.fhirserver.bodies import Resource, read_resource
from footbridge.fhirserver.bundle_checks import inspected
from footbridge.fhirserver.bundle_reads import fetcher
from footbridge.fhirserver.call import Call
from footbridge.fhirserver.message import Response, refuse_others
from footbridge.fhirserver.write_policy import admit
from footbridge.fhirserver.writing import DONE, FOUND
from footbridge.i18n import _
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.interaction_errors import InvalidRequest, NotOffered
from footbridge.store.interactions.bundle_entry import BundleEntry

_WRITES = frozenset({"POST", "PUT", "DELETE"})


def bundle(call: Call) -> Response:
    """Do a Bundle of type transaction as one, one of type batch entry by entry."""
    refuse_others(call.request.query)
    given = read_resource(call.request)
    kind = _kind(call, given)
    faults = inspected(call, given, by_search=kind == "transaction")
    if kind == "transaction" and faults:
        raise next(iter(faults.values()))

    def admitted(step: BundleEntry) -> None:
        admit(call.offer, step)
        if step.place in faults:
            raise faults[step.place]

    do = call.store.transaction if kind == "transaction" else call.store.batch
    answer = do(given, admit=admitted, fetch=fetcher(call))
    for asked, entry in zip(given.get("entry", ()), answer["entry"], strict=True):
        if asked.get("request", {}).get("method") in _WRITES:
            is_found = asked["request"]["method"] == "POST" and entry["response"]["status"].startswith("200")
            _complete(call, entry, is_found=is_found)
    return call.answer(answer, headers=call.preferences.applied())


def _kind(call: Call, given: Resource) -> Literal["transaction", "batch"]:
    kind = given.get("type") if given["resourceType"] == "Bundle" else None
    if kind not in {"transaction", "batch"}:
        raise InvalidRequest(_("The body is not a Bundle of type transaction or batch."), expression="Bundle.type")
    if kind not in call.offer.system:
        raise NotOffered(_("A {kind} is not supported here.", kind=kind), expression="Bundle.type")
    return "transaction" if kind == "transaction" else "batch"


def _complete(call: Call, entry: dict[str, Any], *, is_found: bool) -> None:
    """Add to the answer of a write what the caller prefers to get: the resource, or an OperationOutcome.

    ``is_found``: it was there already, and is shown to who may read it.
    """
    response, preferences = entry["response"], call.preferences
    status, location = int(response["status"][:3]), response.get("location")
    if status >= 400:
        return
    if preferences.returns == "OperationOutcome":
        response.setdefault("outcome", operation_outcome((), otherwise=DONE.get(status, FOUND)))
    if preferences.returns == "representation" and location is not None:
        type_name, identity, _, version = location.split("/")[-4:]
        if not is_found or call.offer.has(type_name, "read"):
            entry["resource"] = call.store.vread(type_name, identity, version).resource
