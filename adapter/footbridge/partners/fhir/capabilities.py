"""What a FHIR server declares of itself (https://hl7.org/fhir/R4/capabilitystatement.html).

What it does not declare counts as unknown, not as missing: many servers declare little.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.server import Resource


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The parts of a CapabilityStatement that delivery and ``partner test`` look at.

    Attributes:
        fhir_version: e.g. ``4.0.1``; None when not said.
        software: name and version, as far as said.
        transaction: whether it declares the system interaction ``transaction``; None when it lists no interactions.
        resources: what it declares of each resource type.
    """

    fhir_version: str | None
    software: str | None
    transaction: bool | None
    resources: Mapping[str, Resource]

    @property
    def is_r4(self) -> bool:
        """Whether it declares FHIR R4 (4.0.x)."""
        return self.fhir_version is not None and self.fhir_version.startswith("4.0")

    def conditional_create(self, type_: str) -> bool:
        """Whether it declares that it obeys If-None-Exist for this type."""
        return self.resources.get(type_, {}).get("conditionalCreate") is True

    def supports(self) -> dict[str, bool]:
        """Feature to whether it is declared, for the features that are spoken of; those of a type are the Task's."""
        found: dict[str, bool] = {} if self.transaction is None else {"transaction": self.transaction}
        task = self.resources.get("Task", {})
        if "conditionalCreate" in task:
            found["conditional create"] = task["conditionalCreate"] is True
        if "versioning" in task:
            found["If-Match"] = task["versioning"] == "versioned-update"
        if isinstance(task.get("searchParam"), list):
            found["poll by _lastUpdated"] = "_lastUpdated" in {
                text_in(item.get("name")) for item in objects_in(task["searchParam"])
            }
        return found


def read_capabilities(statement: Resource) -> Capabilities:
    """Read a CapabilityStatement; parts of an unexpected shape count as not said."""
    server = next((rest for rest in objects_in(statement.get("rest")) if rest.get("mode") == "server"), {})
    interactions = server.get("interaction")
    codes = {text_in(item.get("code")) for item in objects_in(interactions)}
    software = object_in(statement.get("software"))
    names = filter(None, (text_in(software.get("name")), text_in(software.get("version"))))
    return Capabilities(
        fhir_version=text_in(statement.get("fhirVersion")),
        software=" ".join(names) or None,
        transaction="transaction" in codes if isinstance(interactions, list) else None,
        resources={str(item.get("type")): item for item in objects_in(server.get("resource"))},
    )
