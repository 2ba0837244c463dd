"""FHIRPath, compiled to closures: https://hl7.org/fhirpath/N1/ with FHIR's additions for R4.

    >>> from footbridge.validation.fhirpath import evaluate
    >>> evaluate({"resourceType": "Task", "status": "requested"}, "Task.status = 'requested'")
    [True]

The way of an expression: ``lexer`` and ``parser`` make the ``tree``; ``checker`` compares its names with the
types of ``typemodel``; ``compiler`` turns it into closures over ``nodes``, by ``operators`` and the
``functions`` families; ``engine`` runs them in the ``runtime``'s Context.
"""

from footbridge.validation.fhirpath.engine import Compiled, compile, evaluate, evaluate_in, fault_among  # noqa: A004
from footbridge.validation.fhirpath.errors import FHIRPathError, Undecided
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.runtime import Context
from footbridge.validation.fhirpath.typemodel import TypeInfo, fhir_type

__all__ = [
    "Compiled",
    "Context",
    "FHIRPathError",
    "Node",
    "TypeInfo",
    "Undecided",
    "compile",
    "evaluate",
    "evaluate_in",
    "fault_among",
    "fhir_type",
]
