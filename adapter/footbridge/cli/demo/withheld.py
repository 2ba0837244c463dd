"""What the services did not get: health card numbers, and the ways to a person whom nobody may contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from footbridge.cli.demo.reading import Reading
from footbridge.cli.demo.scenes import Scene

TYPES = (
    "Patient", "Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Condition", "Observation", "Goal",
    "Consent", "ServiceRequest", "Task", "Procedure", "HealthcareService", "Location", "CareTeam",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Withheld:
    """What was looked for at the services, and what of it was found there (nothing, one hopes).

    Attributes:
        searched: resources whose text was searched.
        cards: health card and record numbers looked for.
        unsafe: telephone numbers and addresses of persons who are not safe to contact, looked for.
        found: names of the prescriptions of whose secrets some were found.
    """

    searched: int
    cards: int
    unsafe: int
    found: tuple[str, ...]


def look_for_secrets(scenes: Sequence[Scene], services: Sequence[Reading]) -> Withheld:
    """Search every resource of every service for what must not be there."""
    resources = [one for service in services for type_ in TYPES for one in service.search(type_)]
    text = orjson.dumps(resources).decode()
    cards = {scene.name: _cards(scene.document["client"]) for scene in scenes}
    unsafe = {scene.name: _ways(scene.document["client"]) for scene in scenes}
    secrets = {name: [*cards[name], *unsafe[name]] for name in cards}
    return Withheld(
        searched=len(resources),
        cards=sum(map(len, cards.values())),
        unsafe=sum(map(len, unsafe.values())),
        found=tuple(name for name, some in secrets.items() if any(secret in text for secret in some)),
    )


def _cards(client: Mapping[str, Any]) -> list[str]:
    return [one["value"] for one in client.get("identifiers", ())]


def _ways(client: Mapping[str, Any]) -> list[str]:
    if client.get("safeToContact", True):
        return []
    return [*(one["value"] for one in client.get("contacts", ())), *client.get("address", {}).get("line", ())]
