"""What was found wrong, in one shape for every door: the API, FHIR, the command line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["fatal", "error", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about a document or a resource. Its message never holds a person's value.

    Attributes:
        rule: stable id of the rule, e.g. ``prescription.unknown-member``; one search finds its code.
        severity: ``fatal``, ``error``, ``warning`` or ``information``
            (https://hl7.org/fhir/R4/valueset-issue-severity.html).
        code: FHIR issue type (https://hl7.org/fhir/R4/valueset-issue-type.html).
        message: one plain sentence: what was found and what was expected.
        expression: FHIRPath with indices, for a fault in a FHIR resource.
        pointer: JSON Pointer (RFC 6901), for a fault in a prescription.
        profile: canonical URL of the profile that the rule comes from.
        spec: URL of the text that the rule comes from.
    """

    rule: str
    severity: Severity
    code: str
    message: str
    expression: str | None = None
    pointer: str | None = None
    profile: str | None = None
    spec: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def is_error(self) -> bool:
        """Whether the issue refuses what it is about."""
        return self.severity in {"fatal", "error"}

    def told(self, profile: str | None, line: int | None, column: int | None) -> "Issue":
        """The same with a profile and a place. ``replace`` takes three times as long, and a stream makes very many."""
        return Issue(
            self.rule, self.severity, self.code, self.message, self.expression, self.pointer, profile, self.spec, line,
            column,
        )  # fmt: skip


def errors(issues: Iterable[Issue]) -> list[Issue]:
    """Those of the issues that refuse what they are about."""
    return [issue for issue in issues if issue.is_error]
