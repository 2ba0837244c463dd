"""Flask on one side, ``fhirserver`` on the other: requests and responses from the one's values to the other's.

What the server itself cannot answer, because Flask or the authentication refused it first, is shown as an
OperationOutcome by ``problem_outcome``: so every answer under ``/fhir`` is FHIR.
"""

from flask import Blueprint, Response, request

from footbridge.fhirserver import FhirServer, Request
from footbridge.fhirserver.message import Response as FhirResponse
from footbridge.fhirserver.outcomes import Refusal, refuse
from footbridge.model.issues import Issue
from footbridge.web.errors import Problem

BASE = "/fhir"


def register(routes: Blueprint, server: FhirServer) -> None:
    """Let a server answer what has no route of Flask under its base."""

    def unrouted() -> Response | None:
        if request.routing_exception is None or not f"{request.path}/".startswith(f"{BASE}/"):
            return None
        return sent(server.handle(asked(with_body=False)))

    routes.before_app_request(unrouted)


def problem_outcome(problem: Problem) -> Response:
    """A refusal as an OperationOutcome, in the form that the caller wants."""
    kind = problem.kind
    issue = Issue(f"request.{problem.name}", "error", kind.issue, f"{kind.title}. {problem.detail}")
    status = kind.fhir_status if kind.fhir_status and problem.status == kind.status else problem.status
    return sent(refuse(asked(with_body=False), Refusal(status, (issue,), problem.headers)))


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
