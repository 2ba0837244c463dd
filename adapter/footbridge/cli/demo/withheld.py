"""What the services did not get: health card numbers, and the ways to a person whom nobody may contact."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.cli.demo.reading import Reading
from footbridge.cli.demo.scenes import Scene

TYPES = (
    "Patient", "Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Condition", "Observation", "Goal",
    "Consent", "ServiceRequest", "Task", "Procedure", "HealthcareService", "Location", "CareTeam",
)  # fmt: skip

# A number of six digits also stands in microseconds and in random ids, where it means nothing.
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})")


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
    """Search every text of every resource of every service for what must not be there, as words of their own."""
    resources = [one for service in services for type_ in TYPES for one in service.search(type_)]
    text = "\n".join(one for one in _texts(resources) if not _TIME.fullmatch(one))
    cards = {scene.name: _cards(scene.document["client"]) for scene in scenes}
    unsafe = {scene.name: _ways(scene.document["client"]) for scene in scenes}
    secrets = {name: [*cards[name], *unsafe[name]] for name in cards}
    return Withheld(
        searched=len(resources),
        cards=sum(map(len, cards.values())),
        unsafe=sum(map(len, unsafe.values())),
        found=tuple(name for name, some in secrets.items() if any(_stands_in(text, secret) for secret in some)),
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def _stands_in(text: str, secret: str) -> bool:
    return re.search(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", text) is not None


def _cards(client: Mapping[str, Any]) -> list[str]:
    return [one["value"] for one in client.get("identifiers", ())]


def _ways(client: Mapping[str, Any]) -> list[str]:
    if client.get("safeToContact", True):
        return []
    return [*(one["value"] for one in client.get("contacts", ())), *client.get("address", {}).get("line", ())]
