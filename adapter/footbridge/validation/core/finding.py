"""Makes Issues for rules."""

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.spot import Spot

R4 = "https://hl7.org/fhir/R4/"


def finding(  # noqa: PLR0913 - the parts of an Issue
    rule: str,
    where: Spot | str,
    message: str,
    *,
    severity: Severity = "error",
    code: str = "invalid",
    profile: str | None = None,
    spec: str = "validation.html",
) -> tuple[Issue]:
    """One issue, as rules give them. ``spec`` is a page of R4, or a whole URL."""
    link = spec if "://" in spec else R4 + spec
    return (Issue(rule, severity, code, message, expression=str(where), profile=profile, spec=link),)
