"""Says whether resources conform to FHIR R4 and to profiles. One door: ``Validator``.

    >>> from footbridge.validation import Validator
    >>> for issue in Validator().validate({"resourceType": "Task", "status": "requested"}):
    ...     print(issue.expression, issue.message)
    Task 'intent' is missing; Task requires it.

Below it: ``reading`` turns text into dicts, ``engine`` compiles definitions and walks resources, ``rules`` holds one
file a kind of rule, ``fhirpath`` evaluates expressions; ``packages``, ``definitions``, ``snapshot`` and ``valuesets``
provide the facts.
"""

from footbridge.validation.core.budget import Budget
from footbridge.validation.core.options import Options
from footbridge.validation.core.scope import Unchecked
from footbridge.validation.engine.engine import Outcome
from footbridge.validation.validator import Validator

__all__ = ["Budget", "Options", "Outcome", "Unchecked", "Validator"]
