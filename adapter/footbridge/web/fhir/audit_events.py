"""``GET /fhir/AuditEvent``: the audit of the tenant, for the role admin. Who reads it is noted there too.

Parameters: ``patient`` (an id that is no personal identifier), ``date`` with ge, gt, le or lt, ``_count``; further
pages by the link ``next``.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from footbridge.fhirserver.bodies import write_resource
from footbridge.fhirserver.message import Response as FhirResponse
from footbridge.fhirserver.message import refuse_others
from footbridge.fhirserver.negotiation import SENT, wanted_form
from footbridge.i18n import _
from footbridge.security import audit
from footbridge.security.audit_events import audit_events
from footbridge.settings import settings
from footbridge.store.audit import AuditRow, WantedRows, find_places, list_rows
from footbridge.store.fhir_dates import span
from footbridge.store.interaction_errors import InvalidRequest, NotFound
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.fhir import adapter
from footbridge.web.smart.addresses import FHIR

TYPE = "AuditEvent"
MOST = 500
USUAL = 50
ACTION = "audit.read"
_STEP = timedelta(microseconds=1)

routes = Blueprint("fhir-audit", __name__)


@routes.get(f"{FHIR}/{TYPE}")
def search() -> Response:
    """A page of AuditEvents, the newest first."""
    who = principal(ACTION)
    query = tuple(request.args.items(multi=True))
    refuse_others(tuple(pair for pair in query if pair[0] != "date"), ("patient", "_count", "_cursor"))
    given = dict(pair for pair in query if pair[0] != "date")
    count = _whole(given.get("_count", str(USUAL)), 1, MOST)
    since, until = _range([value for name, value in query if name == "date"])
    with app_context().database.read() as connection:
        places = find_places(connection, who.tenant, _reference(given["patient"])) if "patient" in given else None
        before = _whole(given["_cursor"], 1, 2**62) if "_cursor" in given else None
        wanted = WantedRows(places, since, until, before, limit=count + 1)
        rows = list_rows(connection, who.tenant, wanted)
    _note("search-type", query=audit.safe_query(query))
    return _sent(_bundle(rows[:count], query, rows[count - 1].id if len(rows) > count else None))


@routes.get(f"{FHIR}/{TYPE}/<id>")
def read(id: str) -> Response:  # noqa: A002 - the name in the address, as of every resource
    """One AuditEvent."""
    who = principal(ACTION)
    refuse_others(tuple(request.args.items(multi=True)))
    number = id.partition("-")[0]
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound(_("There is no such AuditEvent."))
    with app_context().database.read() as connection:
        rows = list_rows(connection, who.tenant, WantedRows(only=int(number)))
    found = [event for row in rows for event in audit_events(row, _base()) if event["id"] == id]
    if not found:
        raise NotFound(_("There is no such AuditEvent."))
    _note("read", resource=id)
    return _sent(found[0])


def _note(interaction: str, **more: Any) -> None:  # noqa: ANN401 - members of AuditRow
    call = audit.current()
    if call is not None:
        app_context().audit.note(call, interaction, type=TYPE, **more)


def _bundle(rows: list[AuditRow], query: tuple[tuple[str, str], ...], following: int | None) -> dict[str, Any]:
    base = _base()
    links = [{"relation": "self", "url": _url(query)}]
    if following is not None:
        rest = [pair for pair in query if pair[0] != "_cursor"]
        links.append({"relation": "next", "url": _url((*rest, ("_cursor", str(following))))})
    events = [event for row in rows for event in audit_events(row, base)]
    entries = [
        {"fullUrl": f"{base}/{TYPE}/{event['id']}", "resource": event, "search": {"mode": "match"}} for event in events
    ]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return bundle | ({"entry": entries} if entries else {})


def _sent(resource: Mapping[str, Any]) -> Response:
    form = wanted_form(adapter.asked(with_body=False))
    return adapter.sent(
        FhirResponse(200, {"Content-Type": SENT[form], "Vary": "Accept"}, write_resource(resource, form))
    )


def _base() -> str:
    return f"{(settings().public_url or request.host_url).rstrip('/')}{FHIR}"


def _url(query: tuple[tuple[str, str], ...]) -> str:
    return f"{_base()}/{TYPE}?{urlencode(query)}" if query else f"{_base()}/{TYPE}"


def _reference(value: str) -> str:
    if "|" in value:
        raise InvalidRequest(_("The parameter patient takes a pseudonymous id: an address must not name a person."))
    return value


def _whole(value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 20 and least <= int(value) <= most):
        raise InvalidRequest(_("A number from {least} to {most} was expected.", least=least, most=most))
    return int(value)


def _range(values: list[str]) -> tuple[datetime | None, datetime | None]:
    since = until = None
    for value in values:
        prefix, text = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
        try:
            given = span(text)
        except ValueError:
            raise InvalidRequest(_("The parameter date takes a date with ge, gt, le or lt.")) from None
        match prefix:
            case "ge":
                since = given.first
            case "gt":
                since = given.last + _STEP
            case "lt":
                until = given.first
            case "le":
                until = given.last + _STEP
            case "eq":
                since, until = given.first, given.last + _STEP
            case _:
                raise InvalidRequest(_("The parameter date takes a date with ge, gt, le or lt."))
    return since, until
