"""Entries of a Bundle that read: each is answered as the same single request is, with all that this one may ask.

So ``_elements``, ``_summary``, ``_since``, ``Prefer: handling`` and the scopes of a token hold there too, and what a
single request refuses is refused. https://hl7.org/fhir/R4/http.html#transaction, https://hl7.org/fhir/R4/http.html#cread
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from werkzeug.datastructures import Headers

from footbridge.fhirserver import reading
from footbridge.fhirserver.call import Call
from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.offer import Interaction
from footbridge.fhirserver.operations import capabilities
from footbridge.fhirserver.routes import resolve
from footbridge.fhirserver.searching import search
from footbridge.i18n import _
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import span
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.interactions.bundle_entry import BundleEntry, Fetch, status_line
from footbridge.store.resource_rows import Scope

_HANDLERS: Mapping[Interaction, Callable[[Call], Response]] = {
    "capabilities": capabilities,
    "search-type": search,
    "read": reading.read,
    "history-instance": reading.history,
    "vread": reading.vread,
}
"""What does each interaction that has the method GET."""


def fetcher(call: Call) -> Fetch:
    """Answers the entries of a Bundle that read, for the caller of the Bundle and in its transaction."""

    def fetch(scope: Scope, step: BundleEntry) -> dict[str, Any]:
        headers = Headers() if step.if_none_match is None else Headers({"If-None-Match": step.if_none_match})
        request = Request("GET", "/".join(step.path), tuple(step.criteria), headers)
        target = resolve(call.offer, request.method, request.path)
        resources = call.store.within(scope)
        single = replace(call, request=request, target=target, resources=resources, form="json")
        answer = _entry(_HANDLERS[target.route.interaction](single), _since(step))
        return {"response": answer["response"]} if step.method == "HEAD" else answer

    return fetch


def _entry(answer: Response, since: datetime | None) -> dict[str, Any]:
    """An answer as the entry of a response Bundle; one of before ``since`` is 304 and has no resource."""
    resource = loads(answer.body.decode()) if answer.body else None
    response: dict[str, Any] = {"status": status_line(answer.status)}
    if "ETag" in answer.headers:
        response["etag"] = answer.headers["ETag"]
        if resource is not None:
            response["lastModified"] = resource["meta"]["lastUpdated"]
            if since is not None and span(response["lastModified"]).first <= since:
                return {"response": response | {"status": status_line(304)}}
    return {"response": response} if resource is None else {"resource": resource, "response": response}


def _since(step: BundleEntry) -> datetime | None:
    """The moment of ``request.ifModifiedSince``; it counts where there is no ifNoneMatch (RFC 9110, section 13.2)."""
    if step.if_modified_since is None or step.if_none_match is not None:
        return None
    try:
        return span(step.if_modified_since).first
    except ValueError:
        raise InvalidRequest(_("request.ifModifiedSince must be an instant.")) from None
