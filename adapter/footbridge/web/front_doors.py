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

from footbridge.web import problems
from footbridge.web.api import changes, contract, events, health, prescription, prescriptions, waiting
from footbridge.web.auth import authenticate_bearer
from footbridge.web.errors import Problem
from footbridge.web.fhir import adapter, validate

Authentication = Callable[[], None]
"""Finds out who calls, before any view; raises Problem ``unauthorized``."""

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
    FrontDoor("public", "", (contract.routes, health.routes), None, problems.problem_details, DATA_HEADERS),
    FrontDoor(
        "api",
        "/api",
        (prescriptions.routes, prescription.routes, events.routes, changes.routes, waiting.routes),
        authenticate_bearer,
        problems.problem_details,
        DATA_HEADERS,
    ),
    FrontDoor("fhir", "/fhir", (validate.routes,), authenticate_bearer, adapter.problem_outcome, DATA_HEADERS),
)


def register(app: Flask) -> None:
    """Open every door of the app; what no blueprint takes is refused in the form of the door that it belongs to."""
    for door in FRONT_DOORS:
        whole = Blueprint(door.name, __name__)
        if door.authentication is not None:
            whole.before_request(door.authentication)
        problems.register(whole, door.error_form)
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
