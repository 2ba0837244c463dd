"""All resources of one service, each with the profiles that it meets, and what could not be carried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from footbridge.directory.fhir.location import location
from footbridge.directory.fhir.organization import organization
from footbridge.directory.fhir.roles import roles_of
from footbridge.directory.fhir.service import healthcare_service
from footbridge.directory.fhir.values import Json, table
from footbridge.directory.model import ServiceDocument
from footbridge.i18n import _
from footbridge.mapping.narrative import generated
from footbridge.validation import Validator

Jurisdiction = str
_CARRIED = {"status": "active"}


@dataclass(frozen=True, slots=True)
class Made:
    """What a service became.

    Attributes:
        resources: Organization, Locations, HealthcareService, PractitionerRoles, in this order.
        not_carried: members of the document that FHIR has no place for.
        assumed: rules that stand for what the source does not say (``appointment-phone``: the first phone is taken to
            be the one for appointments).
        not_claimed: profile and what it lacks, for each that a resource does not meet.
        lacking: the same by resource, ``TYPE/ID``.
    """

    resources: tuple[Json, ...]
    not_carried: tuple[str, ...]
    assumed: tuple[str, ...]
    not_claimed: tuple[tuple[str, str], ...]
    lacking: Mapping[str, Sequence[tuple[str, str]]]


def resources_of(one: ServiceDocument, validator: Validator, jurisdiction: Jurisdiction, language: str = "en") -> Made:
    """Make the FHIR resources of a service.

    Args:
        one: the service.
        validator: decides which profiles are claimed.
        jurisdiction: ``us`` or ``ca``: US Core is claimed for the first only.
        language: of labels that we write ourselves, ``en`` or ``fr``.
    """
    owner = one.get("organization")
    owner_id = owner["id"] if owner else None
    not_carried = _not_carried(one)
    found: list[Json] = []
    if owner is not None:
        found.append(told(organization(one["source"], owner), owner.get("description"), language))
    for place in one.get("locations", []):
        made, lost = location(one["source"], place, owner_id, (owner or {}).get("name") or one["name"], language)
        not_carried += [f"locations.{name}" for name in lost]
        found.append(told(made, made.get("description"), language))
    service, assumed = healthcare_service(one, language)
    found.append(told(service, one.get("description"), language))
    found += [told(role, None, language) for role in roles_of(one).values()]
    lacking: dict[str, list[tuple[str, str]]] = {}
    for resource in found:  # what a service refers to comes before it
        of_it = lacking.setdefault(f"{resource['resourceType']}/{resource['id']}", [])
        claim(resource, validator, jurisdiction, of_it, found)
    not_claimed = tuple(chain.from_iterable(lacking.values()))
    return Made(tuple(found), tuple(dict.fromkeys(not_carried)), tuple(assumed), not_claimed, lacking)


def _not_carried(one: ServiceDocument) -> list[str]:
    """Members of the service, of its organization and places that FHIR has no place for, as the table names them."""
    owner: list[Any] = [one["organization"]] if "organization" in one else []
    parts: dict[str, list[Any]] = {"": [one], "organization": owner, "locations": [*one.get("locations", [])]}
    found = []
    for name in table()["notCarried"]:
        of, _dot, member = name.rpartition(".")
        if any(part.get(member) not in (None, "", [], {}, _CARRIED.get(member)) for part in parts[of]):
            found.append(name)
    return found


def told(resource: Json, text: str | None, language: str) -> Json:
    """The resource with its narrative."""
    title = resource.get("name") or (resource.get("practitioner") or {}).get("display") or resource["resourceType"]
    points = [(("", str(point["value"]))) for point in resource.get("telecom", [])]
    resource["text"] = generated(str(title), [("", text), *points], language)
    return resource


def claim(
    resource: Json,
    validator: Validator,
    jurisdiction: str,
    refused: list[tuple[str, str]],
    beside: Sequence[Json] = (),
) -> None:
    """Let it claim the profiles that it meets; adds to ``refused`` those that it does not, with the reason.

    ``beside``: what it may refer to, each with its claims. A profile may ask for one of what is referred to.
    """
    rows: list[dict[str, Any]] = table()["claims"].get(resource["resourceType"], [])
    claimed = []
    for row in rows:
        if row.get("realm") not in (None, jurisdiction):
            continue
        errors = [
            one for one in validator.check(resource, [row["profile"]]).issues if one.severity in {"error", "fatal"}
        ]
        lacking = _lacking(resource, row.get("targets", {}), beside)
        if errors:
            refused.append((row["profile"], errors[0].message))
        elif lacking is not None:
            refused.append((row["profile"], lacking))
        else:
            claimed.append(row["profile"])
    if claimed:
        resource["meta"] = {"profile": claimed}


def _lacking(resource: Json, targets: Mapping[str, str], beside: Sequence[Json]) -> str | None:
    """Which target of a reference does not claim the profile that is asked for there; None where each does."""
    here = {f"{one['resourceType']}/{one['id']}": one for one in beside}
    for name, profile in targets.items():
        for reference in resource.get(name, []):
            target = here.get(reference["reference"])
            if target is not None and profile not in target.get("meta", {}).get("profile", ()):
                return _(
                    "A {type} that it refers to does not meet {profile}.",
                    type=target["resourceType"],
                    profile=profile.rpartition("/")[2],
                )
    return None
