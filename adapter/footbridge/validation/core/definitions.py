"""What the engine asks of whoever holds the definitions."""

from typing import Any, Protocol

Facts = dict[str, Any]


class Definitions(Protocol):
    """Structures and other conformance resources by canonical URL, with or without ``|version``.

    A structure's facts are FHIR's own names: ``url``, ``type``, ``kind``, ``derivation``, ``snapshot`` (a list
    of element facts) and ``constraints`` (key -> severity, expression).
    """

    def structure(self, canonical: str) -> Facts | None:
        """A StructureDefinition's facts, with a snapshot; None when no package has it."""

    def fault(self, canonical: str) -> str | None:
        """Why ``structure`` answered None though something of that URL is here; None where nothing is."""

    def type(self, name: str) -> Facts | None:
        """The facts of a type or resource of FHIR by its name."""

    def extension(self, url: str) -> Facts | None:
        """The facts of an extension by its URL."""

    def value_set(self, canonical: str) -> Facts | None:
        """The facts of a ValueSet."""

    def code_system(self, canonical: str) -> Facts | None:
        """The facts of a CodeSystem."""

    def resource(self, kind: str, canonical: str) -> dict[str, Any] | None:
        """A resource of another type (Questionnaire, Measure, SearchParameter)."""

    def entry(self, kind: str, canonical: str) -> object | None:
        """Whether a canonical leads to a resource of that type, with nothing loaded; None when it does not."""
