"""search-type, by GET and by POST to ``_search``: https://hl7.org/fhir/R4/http.html#search.

Parameters that are not known are ignored, and an OperationOutcome in the answer says so; with
``Prefer: handling=strict`` they are refused.
"""

from dataclasses import replace
from urllib.parse import parse_qsl

from footbridge.fhirserver.call import Call
from footbridge.fhirserver.message import Pairs, Response, refuse_repeated
from footbridge.fhirserver.negotiation import require_form_data, wanted_form
from footbridge.fhirserver.subsetting import Subset
from footbridge.fhirserver.write_policy import require_chains
from footbridge.i18n import _
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.search_query import MOST_PARAMETERS

ONCE = ("_sort", "_count", "_total", "_summary", "_elements", "_contained", "_containedType", "_format", "_cursor")
"""Parameters of the result that have no meaning when repeated: https://hl7.org/fhir/R4/search.html#Summary."""


def search(call: Call) -> Response:
    """One page of matches."""
    query = call.request.query
    if call.request.method == "POST":
        require_form_data(call.request)
        query += _form(call.request.body)
        call = replace(call, form=wanted_form(replace(call.request, query=query)))
    refuse_repeated(query, ONCE)
    require_chains(call.offer, call.type, query)
    subset = Subset(query)
    found = call.store.search(call.type, query, strict=call.preferences.strict is True, estimate=True)
    return call.answer(subset.of_bundle(found.bundle()))


def _form(body: bytes) -> Pairs:
    try:
        return tuple(parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS))
    except ValueError:  # not UTF-8, or too many
        raise InvalidRequest(_("The body is not a form in UTF-8 with at most 100 parameters.")) from None
