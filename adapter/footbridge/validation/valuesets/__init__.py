"""Whether a code is in a value set, or in a code system, as far as that can be told without a server.

>>> from footbridge.validation.definitions.registry import Registry
>>> from footbridge.validation.valuesets import Terminology
>>> Terminology(Registry.default()).member("http://hl7.org/fhir/ValueSet/task-status", None, "requested")
True
"""

from footbridge.validation.valuesets.answers import Answer, Why
from footbridge.validation.valuesets.service import TerminologyService
from footbridge.validation.valuesets.terminology import Terminology

__all__ = ["Answer", "Terminology", "TerminologyService", "Why"]
