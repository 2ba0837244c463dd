"""What a reading lacks to be a prescription, each at the FHIR element that would have said it."""

from typing import Any

from pydantic import ValidationError

from footbridge.i18n import _
from footbridge.mapping.element_map import elements
from footbridge.mapping.graph import Graph
from footbridge.model.prescription.faults import issues_of


def report_missing(graph: Graph, refused: ValidationError, document: dict[str, Any]) -> None:
    """Tell what is missing (``mapping.missing``) and what is there and of no use (``mapping.not-usable``).

    Args:
        graph: is told.
        refused: the model's refusal of the document.
        document: the prescription's JSON, as far as the resources said it.
    """
    found = refused.errors(include_url=False, include_input=False)
    for path in (tuple(error["loc"]) for error in found if error["type"] == "missing"):
        first, *others = elements(path)
        instead = _(" {others} can be used instead.", others=" or ".join(others)) if others else ""
        message = _(
            "Required for a prescription; it is missing, or its reference cannot be resolved.{instead}", instead=instead
        )
        graph.tell("missing", message, first, severity="error")
    for path, issue in issues_of((error for error in found if error["type"] != "missing"), document).items():
        graph.tell("not-usable", issue.message, elements(path)[0], severity="error")
