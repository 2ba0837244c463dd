"""The front doors of the app, one for each audience, in one table: ``FRONT_DOORS``.

A door brings its blueprints, and for all of them the authentication, the form of a refusal and the security headers.
An address belongs to the door with the longest prefix that it has, also where no route takes it: so a 404 under
``/fhir`` is an OperationOutcome, and elsewhere problem details.

Headers: https://owasp.org/www-project-secure-headers/. No door lets anything be cached or guessed; a content security
policy without any source is for answers that no browser shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, request

from footbridge.web import audit, problems
from footbridge.web.api import (
    changes,
    contract,
    events,
    health,
    metrics,
    prescription,
    prescriptions,
    services,
    waiting,
    worklist,
)
from footbridge.web.auth import authenticate_unscoped
from footbridge.web.errors import Problem
from footbridge.web.fhir import adapter, audit_events, compartment, validate
from footbridge.web.ocean import messages as ocean_messages
from footbridge.web.ocean import token as ocean_token
from footbridge.web.ocean.site_auth import authenticate_site
from footbridge.web.portal import (
    account,
    acting,
    documents,
    language,
    openid,
    printing,
    referral,
    refusing,
    reply,
    signing_in,
    static_files,
)
from footbridge.web.portal import door as portal_door
from footbridge.web.portal import ocean_messages as unread_messages
from footbridge.web.portal import worklist as portal_worklist
from footbridge.web.portal.admin import (
    directory,
    listings,
    organization,
    overview,
    owed,
    partner_changes,
    partner_ways,
    partners,
    routing,
    tokens,
    users,
)
from footbridge.web.portal.prescribing import checking, namesakes, start, write
from footbridge.web.smart import addresses, discovery, enforcement, token

Authentication = Callable[[], Response | None]
"""Finds out who calls, before any view; raises Problem ``unauthorized``, or gives the answer instead of the view's."""

DATA_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of answers that programs read."""


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """What the blueprints of one audience have in common.

    Attributes:
        name: of the blueprint that holds the others.
        prefix: what every address of it starts with.
        blueprints: its routes.
        authentication: None where anybody may ask.
        error_form: how it shows a refusal.
        headers: that each of its answers has, where the view did not say otherwise.
    """

    name: str
    prefix: str
    blueprints: Sequence[Blueprint]
    authentication: Authentication | None
    error_form: problems.ErrorForm
    headers: Mapping[str, str]


FRONT_DOORS = (
    FrontDoor(
        "public",
        "",
        (contract.routes, health.routes, metrics.routes, discovery.jwks),
        None,
        problems.problem_details,
        DATA_HEADERS,
    ),
    FrontDoor(
        "api",
        "/api",
        (
            prescriptions.routes,
            prescription.routes,
            events.routes,
            changes.routes,
            waiting.routes,
            worklist.routes,
            services.routes,
        ),
        authenticate_unscoped,
        problems.problem_details,
        DATA_HEADERS,
    ),
    FrontDoor(
        "fhir",
        "/fhir",
        (validate.routes, audit_events.routes, compartment.routes),
        compartment.authenticate,
        adapter.problem_outcome,
        DATA_HEADERS,
    ),
    FrontDoor("smart-token", addresses.TOKEN, (token.routes,), None, token.problem_error, DATA_HEADERS),
    FrontDoor(
        "smart-configuration",
        addresses.SMART_CONFIGURATION,
        (discovery.configuration,),
        None,
        problems.problem_details,
        DATA_HEADERS,
    ),
    FrontDoor(
        "ocean",
        "/ocean",
        (ocean_messages.routes, ocean_token.routes),
        authenticate_site,
        adapter.problem_outcome,
        DATA_HEADERS,
    ),
    FrontDoor(
        "portal",
        "/portal",
        (
            signing_in.routes,
            openid.routes,
            language.routes,
            static_files.routes,
            account.routes,
            portal_worklist.routes,
            referral.routes,
            documents.routes,
            acting.routes,
            printing.routes,
            reply.routes,
            start.routes,
            write.routes,
            checking.routes,
            namesakes.routes,
            overview.routes,
            users.routes,
            organization.routes,
            partners.routes,
            listings.routes,
            unread_messages.routes,
            partner_changes.routes,
            partner_ways.routes,
            directory.routes,
            tokens.routes,
            routing.routes,
            owed.routes,
        ),
        portal_door.authenticate,
        refusing.refuse,
        portal_door.HEADERS,
    ),
)


def register(app: Flask) -> None:
    """Open every door of the app; what no blueprint takes is refused in the form of the door that it belongs to."""
    for door in FRONT_DOORS:
        whole = Blueprint(door.name, __name__)
        if door.authentication is not None:
            whole.before_request(door.authentication)
            audit.watch(whole, "fhir" if door.name == "fhir" else "api")
        if door.name == "fhir":
            whole.before_request(enforcement.require_scopes)
        problems.register(whole, door.error_form)
        if door.name == "portal":
            portal_door.register(whole)
        for routes in door.blueprints:
            whole.register_blueprint(routes)
        app.register_blueprint(whole)
    problems.register(app, _refuse_unrouted)
    app.after_request(_add_headers)


def door_of(path: str) -> FrontDoor:
    """The door that an address belongs to."""
    mine = [
        door for door in FRONT_DOORS if not door.prefix or path == door.prefix or path.startswith(f"{door.prefix}/")
    ]
    return max(mine, key=lambda door: len(door.prefix))


def _refuse_unrouted(problem: Problem) -> Response:
    return door_of(request.path).error_form(problem)


def _add_headers(response: Response) -> Response:
    for name, value in door_of(request.path).headers.items():
        response.headers.setdefault(name, value)
    return response
