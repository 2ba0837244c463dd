"""What every resource with a canonical URL says of its state (rules canonical.status, canonical.version).

https://hl7.org/fhir/R4/structuredefinition-standards-status.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.rows import HL7_EXTENSION, extension_values, is_hl7s

STATUS = HL7_EXTENSION + "structuredefinition-standards-status"
GROUP = HL7_EXTENSION + "structuredefinition-wg"
# Statuses of the resource that go with a status of its text in the standard; others may go, and are to be reviewed.
FITTING = {
    "draft": {"draft", "active"}, "trial-use": {"active", "draft"}, "informative": {"active", "draft"},
    "normative": {"active"}, "deprecated": {"active", "retired"}, "withdrawn": {"retired"}, "external": {"active"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CanonicalState:
    """Version, status and working group."""

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Compare them with each other."""
        return list(self._faults(spot))

    def _faults(self, spot: Spot) -> Iterator[Issue]:
        resource = spot.value
        if "#" in str(resource.get("version", "")):
            words = "A # in the version is taken for the start of a fragment where version and URL are joined."
            yield from _told("canonical.version", spot, words, "warning")
        for told in extension_values(resource, STATUS):
            if (status := str(resource.get("status"))) not in FITTING.get(str(told), {status}):
                words = "The status is not one that the standard's text can have."
                yield from _told("canonical.status", spot, words, "warning")
        groups = list(extension_values(resource, GROUP))
        if groups and is_hl7s(resource.get("url")) and not resource.get("publisher"):
            yield from _told("canonical.group", spot, "What a working group owns names its publisher.", "warning")
        if len(groups) > 1 and str(resource.get("url")).startswith("http://hl7.org/"):
            yield from _told("canonical.group", spot, "A resource is owned by one working group.", "error")


def _told(rule: str, spot: Spot, words: str, severity: Severity) -> Findings:
    return finding(rule, spot, words, severity=severity, code="business-rule", spec="resource.html#canonical")
