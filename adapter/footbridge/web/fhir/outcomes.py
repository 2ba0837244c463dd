"""Answers that are OperationOutcomes, and refusals turned into such: https://hl7.org/fhir/R4/operationoutcome.html."""

from typing import Any

import orjson
from flask import Blueprint, Response, request

from footbridge.model.issues import Issue
from footbridge.validation import Outcome, Validator
from footbridge.validation.reports.operation_outcome import outcome
from footbridge.validation.writing import write_xml
from footbridge.web.fhir.negotiation import SENT, wanted_form
from footbridge.web.problems import is_fhir
from footbridge.web.responses import PROBLEM_JSON, written

# Kind of a problem (``web.problems.KINDS``) -> FHIR issue type (https://hl7.org/fhir/R4/valueset-issue-type.html)
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


def register(routes: Blueprint) -> None:
    """Answer every refusal of a FHIR address with an OperationOutcome, also where no route takes it."""
    routes.after_app_request(_of_problem)


def told(found: Outcome) -> Response:
    """What a validation found."""
    return resource(outcome(found))


def resource(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource in the form that the caller wants."""
    form = wanted_form()
    text = write_xml(body, Validator().types) if form == "xml" else orjson.dumps(body)
    return written(text, status, {"Vary": "Accept", **(headers or {})}, media_type=SENT[form])


def _of_problem(response: Response) -> Response:
    """Problem details as an OperationOutcome, status and headers unchanged; every other answer as it is."""
    if response.mimetype != PROBLEM_JSON or not is_fhir(request.path):
        return response
    problem = orjson.loads(response.get_data())
    kind = problem["type"].rpartition("/")[2]
    text = f"{problem['title']}. {problem['detail']}"
    issue = Issue(f"request.{kind}", "error", CODES.get(kind, "exception"), text)
    made = resource(outcome(Outcome((issue,), ())))
    response.set_data(made.get_data())
    response.content_type = made.content_type
    response.headers["Vary"] = "Accept"
    return response
