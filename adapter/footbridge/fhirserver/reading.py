"""read, vread, history-instance and conditional reads: https://hl7.org/fhir/R4/http.html#read, #cread, #history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from werkzeug.http import parse_date, parse_etags

from footbridge.fhirserver.call import Call, stamps
from footbridge.fhirserver.message import Response, refuse_others
from footbridge.i18n import _
from footbridge.store.fhir_dates import span
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.stored import Stored

BEFORE: Final = "_before"
"""In links between pages of a history: the version before which the page begins."""


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
    """Every version, newest first; those after ``_since`` only, and ``_count`` of them on a page."""
    refuse_others(call.request.query, ("_since", "_count", BEFORE))
    most, before = (_number(call, name) for name in ("_count", BEFORE))
    bundle = call.store.history_bundle(call.type, call.id, since=_since(call))
    if most is None and before is None:
        return call.answer(bundle)
    rest = [one for one in bundle["entry"] if before is None or _version(one) < before]
    page = rest[:most]
    bundle |= {"link": [{"relation": "self", "url": _page(call, before)}], "entry": page}
    if page and len(rest) > len(page):
        bundle["link"].append({"relation": "next", "url": _page(call, _version(page[-1]))})
    return call.answer(bundle)


def _known(call: Call, found: Stored) -> bool:
    """Whether the caller has this version: If-None-Match, else If-Modified-Since (RFC 9110, section 13.2.2)."""
    tags = call.request.header("If-None-Match")
    if tags is not None:
        return parse_etags(tags).contains_weak(str(found.version))
    since = parse_date(call.request.header("If-Modified-Since"))
    return since is not None and found.last_updated.replace(microsecond=0) <= since


def _version(entry: Mapping[str, Any]) -> int:
    return int(entry["response"]["etag"].strip('W/"'))


def _page(call: Call, before: int | None) -> str:
    """The address of a page of this history: of the versions before one of them."""
    query = [(name, value) for name, value in call.request.query if name != BEFORE]
    query += [] if before is None else [(BEFORE, str(before))]
    return f"{call.base_url}/{call.type}/{call.id}/_history?{urlencode(query)}"


def _number(call: Call, name: str) -> int | None:
    given = next((value for key, value in call.request.query if key == name and value), None)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given) > 0):
        raise InvalidRequest(_("The parameter {name} takes a number above 0.", name=name))
    return int(given)


def _since(call: Call) -> datetime | None:
    given = next((value for name, value in call.request.query if name == "_since" and value), None)
    try:
        return None if given is None else span(given).first
    except ValueError:
        raise InvalidRequest(_("The parameter _since takes an instant.")) from None
