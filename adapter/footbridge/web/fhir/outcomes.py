"""Answers that are OperationOutcomes, and refusals as such: https://hl7.org/fhir/R4/operationoutcome.html."""

from typing import Any

import orjson
from flask import Response

from footbridge.model.issues import Issue
from footbridge.validation import Outcome, Validator
from footbridge.validation.reports.operation_outcome import outcome
from footbridge.validation.writing import write_xml
from footbridge.web.errors import Problem
from footbridge.web.fhir.negotiation import SENT, wanted_form
from footbridge.web.responses import written


def told(found: Outcome) -> Response:
    """What a validation found."""
    return resource(outcome(found))


def resource(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A resource in the form that the caller wants."""
    form = wanted_form()
    text = write_xml(body, Validator().types) if form == "xml" else orjson.dumps(body)
    return written(text, status, {"Vary": "Accept", **(headers or {})}, media_type=SENT[form])


def problem_outcome(problem: Problem) -> Response:
    """A refusal as an OperationOutcome."""
    kind = problem.kind
    issue = Issue(f"request.{problem.name}", "error", kind.issue, f"{kind.title}. {problem.detail}")
    status = kind.fhir_status if kind.fhir_status and problem.status == kind.status else problem.status
    return resource(outcome(Outcome((issue,), ())), status, problem.headers)
