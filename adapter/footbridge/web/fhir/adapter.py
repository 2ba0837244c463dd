"""Flask on one side, ``fhirserver`` on the other: requests and responses from the one's values to the other's.

What the server itself cannot answer, because Flask or the authentication refused it first, is turned into an
OperationOutcome here: so every answer under ``/fhir`` is FHIR.
"""

import orjson
from flask import Blueprint, Response, request

from footbridge.fhirserver import FhirServer, Request
from footbridge.fhirserver.message import Response as FhirResponse
from footbridge.fhirserver.outcomes import Refusal, refuse
from footbridge.model.issues import Issue
from footbridge.web.problems import is_fhir
from footbridge.web.responses import PROBLEM_JSON

BASE = "/fhir"
CODES = {
    "malformed": "structure",
    "bad-request": "invalid",
    "unauthorized": "login",
    "forbidden": "forbidden",
    "not-found": "not-found",
    "method-not-allowed": "not-supported",
    "conflict": "conflict",
    "too-large": "too-long",
    "unsupported-media-type": "not-supported",
    "faults": "invalid",
    "unavailable": "transient",
}
"""Kind of a problem (``web.problems.KINDS``) -> FHIR issue type (https://hl7.org/fhir/R4/valueset-issue-type.html)."""


def register(routes: Blueprint, server: FhirServer) -> None:
    """Let a server answer what has no route of Flask under its base, and turn every problem there into an outcome."""

    def unrouted() -> Response | None:
        if request.routing_exception is None or not is_fhir(request.path):
            return None
        return sent(server.handle(asked(with_body=False)))

    routes.before_app_request(unrouted)
    routes.after_app_request(_of_problem)


def asked(*, with_body: bool = True) -> Request:
    """The request that Flask is answering."""
    path = request.path.removeprefix(BASE).removeprefix("/")
    body = request.get_data(cache=False) if with_body else b""
    return Request(request.method, path, tuple(request.args.items(multi=True)), request.headers, body)


def sent(answer: FhirResponse) -> Response:
    """A response for Flask to send."""
    response = Response(answer.body, answer.status, dict(answer.headers))
    if "Content-Type" not in answer.headers:  # Flask gives an empty body a type too
        del response.headers["Content-Type"]
    return response


def _of_problem(response: Response) -> Response:
    """Problem details as an OperationOutcome, status and headers unchanged; every other answer as it is."""
    if response.mimetype != PROBLEM_JSON or not is_fhir(request.path):
        return response
    problem = orjson.loads(response.get_data())
    kind = problem["type"].rpartition("/")[2]
    issue = Issue(f"request.{kind}", "error", CODES.get(kind, "exception"), f"{problem['title']}. {problem['detail']}")
    made = refuse(asked(with_body=False), Refusal(response.status_code, (issue,)))
    response.set_data(made.body)
    response.headers.update(made.headers)
    return response
