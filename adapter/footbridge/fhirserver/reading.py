"""read, vread, history-instance and conditional reads: https://hl7.org/fhir/R4/http.html#read, #cread, #history."""

from datetime import datetime

from werkzeug.http import parse_date, parse_etags

from footbridge.fhirserver.call import Call, stamps
from footbridge.fhirserver.message import Response, refuse_others
from footbridge.i18n import _
from footbridge.store.fhir_dates import span
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.resource_rows import Stored


def read(call: Call) -> Response:
    """The current version; 304 when the caller has it."""
    refuse_others(call.request.query)
    found = call.store.read(call.type, call.id)
    if _known(call, found):
        return Response(304, {**stamps(found), "Vary": "Accept"})
    return call.answer_stored(found)


def vread(call: Call) -> Response:
    """One version."""
    refuse_others(call.request.query)
    return call.answer_stored(call.store.vread(call.type, call.id, call.target.values["vid"]))


def history(call: Call) -> Response:
    """Every version, newest first; those after ``_since`` only."""
    refuse_others(call.request.query, ("_since",))
    return call.answer(call.store.history_bundle(call.type, call.id, since=_since(call)))


def _known(call: Call, found: Stored) -> bool:
    """Whether the caller has this version: If-None-Match, else If-Modified-Since (RFC 9110, section 13.2.2)."""
    tags = call.request.header("If-None-Match")
    if tags is not None:
        return parse_etags(tags).contains_weak(str(found.version))
    since = parse_date(call.request.header("If-Modified-Since"))
    return since is not None and found.last_updated.replace(microsecond=0) <= since


def _since(call: Call) -> datetime | None:
    given = next((value for name, value in call.request.query if name == "_since" and value), None)
    try:
        return None if given is None else span(given).first
    except ValueError:
        raise InvalidRequest(_("The parameter _since takes an instant.")) from None
