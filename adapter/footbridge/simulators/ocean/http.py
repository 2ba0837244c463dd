"""The HTTP side of a simulated Ocean: its token endpoint, ``$process-messages``, letters and attachments.

Two more blueprints are for people and tests: ``/`` (``page``) and ``/control`` (``control``). What Ocean answers is
hardly documented: the bodies here are the simulator's own, in the standards' forms (RFC 6749, OperationOutcome).
"""

from typing import Final

import orjson
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.simulators.ocean.acceptor import as_json
from footbridge.simulators.ocean.control import control_of
from footbridge.simulators.ocean.letters import attachment_of, letter_of
from footbridge.simulators.ocean.ocean import Ocean
from footbridge.simulators.ocean.page import page_of
from footbridge.simulators.ocean.receivers import FHIR
from footbridge.simulators.ocean.state import Resource, Site

PDF: Final = "application/pdf"
_SIZE: Final = 20_000_000
"""Bytes of the largest message that is read."""


def build_app(ocean: Ocean) -> Flask:
    """The Flask application of one simulated Ocean."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _SIZE
    app.register_blueprint(_token_endpoint(ocean))
    app.register_blueprint(_fhir(ocean))
    app.register_blueprint(control_of(ocean))
    app.register_blueprint(page_of(ocean))
    return app


def json(status: int, body: object, kind: str = "application/json") -> Response:
    """A JSON answer that nobody stores."""
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store"}, content_type=kind)


def _token_endpoint(ocean: Ocean) -> Blueprint:
    blueprint = Blueprint("token", __name__, url_prefix="/svc/oauth2")

    @blueprint.post("/token")
    def token() -> Response:
        if ocean.faults.is_down(ocean.now()):
            return json(503, {"error": "temporarily_unavailable"})
        if request.mimetype != "application/x-www-form-urlencoded":
            return json(400, {"error": "invalid_request", "error_description": "The body must be form-encoded."})
        form = request.form
        if form.get("grant_type") != "client_credentials":
            return json(400, {"error": "unsupported_grant_type"})
        issued = ocean.tokens.issue(form.get("client_id", ""), form.get("client_secret", ""))
        if issued is None:
            return json(401, {"error": "invalid_client"})
        return json(200, {"access_token": issued, "token_type": "Bearer", "expires_in": ocean.habits.token_seconds})

    return blueprint


def _fhir(ocean: Ocean) -> Blueprint:
    blueprint = Blueprint("fhir", __name__, url_prefix="/svc/fhir/v1")

    @blueprint.post("/$process-messages")
    def process_messages() -> Response:
        answer = ocean.process(_caller(ocean).number, request.get_data())
        return Response(as_json(answer), answer.status, content_type=FHIR)

    @blueprint.get("/ServiceRequest/<ref>/$letter")
    def letter(ref: str) -> Response:
        _check_access(ocean, ref)
        with_attachments = request.args.get("attachments") == "true"
        return Response(letter_of(ocean.referral(ref), with_attachments=with_attachments), content_type=PDF)

    @blueprint.get("/DocumentReference/<id_>/$binary")
    def binary(id_: str) -> Response:
        _caller(ocean)
        found = attachment_of(ocean.ledger, id_)
        if found is None:
            raise NotFoundError(_("Ocean does not know this attachment."))
        _check_access(ocean, found[0])
        return Response(found[1], content_type=PDF)

    @blueprint.get("/NamingSystem/id-site-number")
    def site_number() -> Response:
        _caller(ocean)
        system = {"type": "uri", "value": ocean.ledger.names.identifier("site")}
        body = {
            "resourceType": "NamingSystem",
            "id": "id-site-number",
            "name": "OceanSiteNumber",
            "status": "active",
            "kind": "identifier",
            "date": "2025-01-01",
            "uniqueId": [system],
        }
        return json(200, body, FHIR)

    @blueprint.errorhandler(_Refusal)
    def refused(error: _Refusal) -> Response:
        answer = json(error.status, _outcome(error.code, error.text), FHIR)
        if error.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @blueprint.errorhandler(NotFoundError)
    def not_found(error: NotFoundError) -> Response:
        return json(404, _outcome("not-found", str(error)), FHIR)

    @blueprint.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return json(error.code or 500, _outcome("processing", error.name), FHIR)

    return blueprint


class _Refusal(Exception):  # noqa: N818 - reads as what happens to the request
    """A request that is not answered; becomes an OperationOutcome."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(text)


def _caller(ocean: Ocean) -> Site:
    """The site that the bearer token is of."""
    if ocean.faults.is_down(ocean.now()):
        raise _Refusal(503, "transient", _("Ocean is not available."))
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    site = ocean.tokens.site(token) if scheme.lower() == "bearer" else None
    if site is None:
        raise _Refusal(401, "login", _("A valid bearer token is required."))
    return site


def _check_access(ocean: Ocean, ref: str) -> None:
    """Raise unless the referral is at the caller's site; one that it forwarded was, and may still be read."""
    site = _caller(ocean)
    if ocean.ledger.target(ocean.referral(ref)) is not site:
        raise _Refusal(403, "forbidden", _("This referral is not at site {site}.", site=site.number))


def _outcome(code: str, text: str) -> Resource:
    issue = {"severity": "error", "code": code, "diagnostics": str(text)}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
