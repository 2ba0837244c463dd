"""``/api/v1/prescriptions/{id}``: one prescription, its Bundle, its timeline."""

from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy import Connection

from footbridge.store.exact_json import dumps
from footbridge.store.prescriptions import get_prescription
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import Caller
from footbridge.sync.case import read_case
from footbridge.web.answers import FHIR_JSON, answer, written
from footbridge.web.api import shown
from footbridge.web.api.bundle import bundle_of
from footbridge.web.api.prescriptions import PATH
from footbridge.web.callers import authenticate, caller
from footbridge.web.site import site
from footbridge.web.visible import happenings, must_see

ONE = f"{PATH}/<uuid:identity>"

routes = Blueprint("prescription", __name__)
routes.before_request(authenticate)


@routes.get(ONE)
def read(identity: UUID) -> Response:
    """How far it is."""
    return answer(state_of(str(identity)))


@routes.get(f"{ONE}/bundle")
def bundle(identity: UUID) -> Response:
    """Its resources as they stand; a recipient gets them through its own network, cut to what it may see."""
    who = caller("requester", "navigator", "admin")
    with site().database.read() as connection:
        case = read_case(_scope(connection, who), str(identity))
        return written(dumps(bundle_of(case)), media_type=FHIR_JSON)


@routes.get(f"{ONE}/timeline")
def timeline(identity: UUID) -> Response:
    """All that happened to it: what, when, by whom, from where, said or inferred."""
    who = caller()
    with site().database.read() as connection:
        must_see(connection, who, str(identity))
        rows = happenings(connection, who, of=str(identity))
    return answer({"events": [shown.event(row) for row in rows]})


def state_of(identity: str) -> shown.Json:
    """One prescription as the caller may see it. Raises NotFoundError."""
    who = caller()
    with site().database.read() as connection:
        must_see(connection, who, identity)
        record = get_prescription(connection, who.tenant, identity)
        return shown.whole(record, read_case(_scope(connection, who), identity), who)


def _scope(connection: Connection, who: Caller) -> Scope:
    return Scope(connection, who.tenant, site().clock.now())
