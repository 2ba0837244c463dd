"""Names the definition that an issue comes from: the profile that its rule gave, else the base type of FHIR R4.

A rule of a profile tells the profile itself. Every other issue is about the type of the resource that it stands in, as
``http://hl7.org/fhir/StructureDefinition/Task`` (https://hl7.org/fhir/R4/resourcelist.html). Of a text that could not
be read as a resource, that is ``Resource``.
"""

from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.fhirpath import fhir_type
from footbridge.validation.reading.expressions import steps

BASE = "http://hl7.org/fhir/StructureDefinition/"
"""What the canonical URL of every base type begins with."""
_ANY = "Resource"


def profile_of(issue: Issue, resource: Any) -> str:  # noqa: ANN401 - JSON is any value
    """The profile of an issue: its own, or the base type of the innermost resource that it stands in."""
    return issue.profile or BASE + _type_at(issue.expression or "", resource)


def base_of(profile: str | None) -> str | None:
    """The resource type whose base definition this is; None for a profile, and where there is none."""
    name = profile.removeprefix(BASE) if profile is not None and profile.startswith(BASE) else None
    return name if name is not None and (name == _ANY or _is_resource(name)) else None


def _type_at(expression: str, resource: Any) -> str:  # noqa: ANN401 - as above
    found = _type_of(resource) or _ANY
    if "." not in expression:
        return found
    value: Any = resource if isinstance(resource, dict) else {}
    for name, at in steps(expression):
        value = value.get(name)
        if at is not None and isinstance(value, list):
            value = value[at] if at < len(value) else None
        if not isinstance(value, dict):
            break
        if "resourceType" in value:
            found = _type_of(value) or found
    return found


def _type_of(value: Any) -> str | None:  # noqa: ANN401 - as above
    name = value.get("resourceType") if isinstance(value, dict) else None
    return name if isinstance(name, str) and _is_resource(name) else None


def _is_resource(name: str) -> bool:
    kind = fhir_type(name)
    return kind is not None and kind.kind == "resource"
