"""What the mapping says of a service of the directory, where the prescription itself says no more than its id."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from footbridge.model.prescription import ContactPoint


@dataclass(frozen=True, slots=True)
class DirectoryService:
    """Its name, and how one begins there: phones and e-mail."""

    name: str
    contacts: tuple[ContactPoint, ...] = ()

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> "DirectoryService":
        """Read it from the HealthcareService that the mapping made."""
        points = resource.get("telecom", [])
        known = [
            ContactPoint(system=one["system"], value=one["value"]) for one in points if one.get("system") in _KINDS
        ]
        return cls(resource.get("name", ""), tuple(known))


_KINDS = frozenset({"phone", "email"})
