"""The form of a reference, and whether it leads anywhere (rules reference.form, reference.unresolved).

https://hl7.org/fhir/R4/references.html#literal
"""

import re
from dataclasses import dataclass

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "references.html#literal"
_FORM = re.compile(r"\S+\Z")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """``Reference.reference``: a URL, absolute, relative to the server, or a fragment."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at its form; ask for its target when the options say so."""
        reference = spot.value.get("reference")
        if reference.__class__ is not str:
            return NONE
        if _FORM.match(reference) is None:
            return finding("reference.form", spot, "The reference is no valid URL.", code="value", spec=SPEC)
        if scope.run.options.references == "ignore" or reference.startswith(("#", "urn:")):
            return NONE
        if _ABSOLUTE.match(reference) or scope.run.engine.resolve(reference, scope) is not None:
            return NONE
        return finding(
            "reference.unresolved", spot, "The reference leads to nothing that is at hand.", code="not-found", spec=SPEC
        )
