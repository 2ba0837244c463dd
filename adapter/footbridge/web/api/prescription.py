"""``/api/v1/prescriptions/{id}``: one prescription, its Bundle, its timeline."""

from uuid import UUID

from flask import Blueprint, Response
from sqlalchemy import Connection

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.referrals.unit import read_unit
from footbridge.security.access import must_see
from footbridge.security.lists import Page, Wanted, happenings, summaries
from footbridge.store.exact_json import dumps
from footbridge.store.resource_rows import Scope
from footbridge.web.api import serializers
from footbridge.web.api.bundle import bundle_of
from footbridge.web.api.prescriptions import PATH
from footbridge.web.auth import principal
from footbridge.web.context import app_context
from footbridge.web.responses import FHIR_JSON, answer, written

ONE = f"{PATH}/<uuid:identity>"

routes = Blueprint("prescription", __name__)


@routes.get(ONE)
def read(identity: UUID) -> Response:
    """How far it is."""
    return answer(state_of(str(identity)))


@routes.get(f"{ONE}/bundle")
def bundle(identity: UUID) -> Response:
    """Its resources as they stand; a recipient gets them through its own network, cut to what it may see."""
    who = principal("prescription.read-bundle")
    with app_context().database.read() as connection:
        must_see(connection, who, str(identity))
        unit = read_unit(_scope(connection, who), str(identity))
        return written(dumps(bundle_of(unit)), media_type=FHIR_JSON)


@routes.get(f"{ONE}/timeline")
def timeline(identity: UUID) -> Response:
    """All that happened to it: what, when, by whom, from where, said or inferred."""
    who = principal("prescription.read-timeline")
    with app_context().database.read() as connection:
        must_see(connection, who, str(identity))
        rows = happenings(connection, who, now=app_context().clock.now(), of=str(identity))
    return answer({"events": [serializers.event(row) for row in rows]})


def state_of(identity: str) -> serializers.Json:
    """One prescription as the caller may see it. Raises NotFoundError."""
    who = principal("prescription.read")
    with app_context().database.read() as connection:
        scope = _scope(connection, who)
        found = summaries(connection, who, Wanted(id=identity), Page(), now=scope.now)
        if not found:
            raise NotFoundError(_("Prescription not found."))
        return serializers.whole(found[0], read_unit(scope, identity), who)


def _scope(connection: Connection, who: Principal) -> Scope:
    return Scope(connection, who.tenant, app_context().clock.now())
