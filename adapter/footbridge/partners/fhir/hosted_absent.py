"""What a requester's Task refers to and what is not in its compartment: the client's Patient, or a Consent.

A reference may be to a resource that the client never sent, or to one on another server, which is kept as it is and
never fetched (https://hl7.org/fhir/R4/references.html#literal). The prescription is taken in all the same, and waits.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from footbridge.i18n import _
from footbridge.mapping.references import local
from footbridge.model.issues import Issue
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.ports import Absent

SPEC = "https://hl7.org/fhir/R4/references.html#literal"
Key = tuple[str, str]


def absent_from(resources: Sequence[Mapping[str, Any]], base_url: str) -> tuple[Absent, tuple[Issue, ...]]:
    """References to a Patient or a Consent that lead nowhere, and a warning for each, at ``%resources[index]``.

    Args:
        resources: the Task, its ServiceRequest and all that these lead to.
        base_url: of our own server, where a reference may be absolute.
    """
    here = {(one["resourceType"], one["id"]) for one in resources}
    found: dict[str, list[str]] = {}
    issues = []
    has_client = False
    for index, resource in enumerate(resources):
        for type_, element, reference in _named(resource):
            key = key_of(reference, base_url)
            is_here = reference.startswith("#") or (key is not None and key in here)
            has_client = has_client or (is_here and type_ == "Patient")
            if not is_here:
                found.setdefault(type_, []).append(reference)
                issues.append(_warning(f"%resources[{index}].{element}", type_))
    if has_client:  # by the Task or by its ServiceRequest: one of them is enough
        found.pop("Patient", None)
    return {type_: tuple(dict.fromkeys(ones)) for type_, ones in found.items()}, tuple(issues)


def key_of(reference: str, base_url: str) -> Key | None:
    """Type and id of a reference to a resource of ours; None for any other."""
    relative = reference.removeprefix(f"{base_url}/") if base_url else reference
    return local(relative.partition("/_history/")[0])


def _named(resource: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Type, element and reference of what a Task and a ServiceRequest say of client and consent."""
    places = {"Task": ("for",), "ServiceRequest": ("subject",)}.get(resource["resourceType"], ())
    for name in places:
        reference = text_in(object_in(resource.get(name)).get("reference"))
        if reference and _type_of(reference) == "Patient":
            yield "Patient", name, reference
    if resource["resourceType"] == "ServiceRequest":
        for index, one in enumerate(objects_in(resource.get("supportingInfo"))):
            reference = text_in(one.get("reference"))
            if reference and "Consent" in {_type_of(reference), one.get("type")}:
                yield "Consent", f"supportingInfo[{index}]", reference


def _type_of(reference: str) -> str:
    parts = reference.partition("/_history/")[0].rsplit("/", 2)
    return parts[-2] if len(parts) > 1 else ""


def _warning(place: str, type_: str) -> Issue:
    message = _("It leads to no {type} here: the referral waits until that is sent, or a person decides.", type=type_)
    return Issue("prescription.reference-absent", "warning", "not-found", message, expression=place, spec=SPEC)
