"""transaction and batch: https://hl7.org/fhir/R4/http.html#transaction. What a single request may not, no entry may.

An entry that reads is answered as a single request is (``bundle_reads``).
"""

from typing import Any, Literal

from footbridge.fhirserver.bodies import Resource, read_resource
from footbridge.fhirserver.bundle_checks import faults_around
from footbridge.fhirserver.bundle_reads import fetcher
from footbridge.fhirserver.call import Call
from footbridge.fhirserver.message import Response, refuse_others
from footbridge.fhirserver.write_policy import admit
from footbridge.fhirserver.writing import DONE, FOUND
from footbridge.i18n import _
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.interaction_errors import InteractionError, InvalidRequest, NotOffered
from footbridge.store.interactions.bundle_entry import BundleEntry, at
from footbridge.store.interactions.rewriting import may_hold_searches, with_found

_WRITES = frozenset({"POST", "PUT", "DELETE"})
MOST_ENTRIES = 1000
"""Of a Bundle from outside: each takes its time in one transaction, for which others wait."""


def bundle(call: Call) -> Response:
    """Do a Bundle of type transaction as one, one of type batch entry by entry."""
    refuse_others(call.request.query)
    given = read_resource(call.request)
    kind = _kind(call, given)
    by_search = kind == "transaction" and may_hold_searches(call.request.body)
    faults = _inspected(call, given, by_search=by_search)
    if kind == "transaction" and faults:
        raise next(iter(faults.values()))

    def admitted(step: BundleEntry) -> None:
        admit(call.offer, step)
        if step.place in faults:
            raise faults[step.place]

    do = call.store.transaction if kind == "transaction" else call.store.batch
    answer = do(given, admit=admitted, fetch=fetcher(call))
    for asked, entry in zip(given.get("entry", ()), answer["entry"], strict=True):
        method = _method(asked)
        if method in _WRITES:
            _complete(call, entry, is_found=method == "POST" and entry["response"]["status"].startswith("200"))
    return call.answer(answer, headers=call.preferences.applied())


def _method(entry: Resource) -> str:
    """Of an entry; empty where it names none."""
    request = entry.get("request")
    method = request.get("method") if isinstance(request, dict) else None
    return method if isinstance(method, str) else ""


def _kind(call: Call, given: Resource) -> Literal["transaction", "batch"]:
    kind = given.get("type") if given["resourceType"] == "Bundle" else None
    if kind not in {"transaction", "batch"}:
        raise InvalidRequest(_("The body is not a Bundle of type transaction or batch."), expression="Bundle.type")
    if kind not in call.offer.system:
        raise NotOffered(_("A {kind} is not supported here.", kind=kind), expression="Bundle.type")
    return "transaction" if kind == "transaction" else "batch"


def _inspected(call: Call, given: Resource, *, by_search: bool) -> dict[int, InteractionError]:
    """What is wrong with the resources that are to be stored, by their entries; before a transaction is open.

    ``by_search``: references may be searches, which are resolved when the resources are stored.
    """
    entries = given.get("entry", [])
    if not isinstance(entries, list) or call.inspect is None:
        return {}
    if len(entries) > MOST_ENTRIES:
        raise InvalidRequest(
            _("A Bundle may have at most {most} entries.", most=MOST_ENTRIES), expression="Bundle.entry"
        )
    faults = faults_around(call.inspect, given, entries)
    for place, entry in enumerate(entries):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and isinstance(entry, dict) and _method(entry) in {"POST", "PUT"}:
            try:
                with at(place):
                    call.inspect(place, with_found(resource) if by_search else resource)
            except InteractionError as error:
                faults[place] = error
    return faults


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
