"""What a remote terminology server is asked, when the definitions at hand cannot decide."""

from typing import Protocol


class TerminologyService(Protocol):
    """A terminology server, https://hl7.org/fhir/R4/terminology-service.html; ``partners.terminology`` has one."""

    def validate_code(self, value_set: str, system: str | None, code: str, version: str | None) -> bool | None:
        """Whether the value set has the code; None where the server cannot say. Never raises."""
