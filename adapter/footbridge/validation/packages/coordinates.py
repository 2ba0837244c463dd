"""The name of a package, ``ID#VERSION``, and the names that stand for another."""

import re
from dataclasses import dataclass

from footbridge.i18n import _
from footbridge.validation.packages.errors import PackageError

_FORM = re.compile(r"([A-Za-z0-9][A-Za-z0-9.\-_]*)(?:[#@]([A-Za-z0-9][A-Za-z0-9.\-_+]*))?", re.ASCII)

# A guide for R4 is published as ID.r4 beside ID itself: https://confluence.hl7.org/display/FHIR/NPM+Package+Specification
_OF_R4 = {
    "hl7.terminology": "hl7.terminology.r4",
    "hl7.fhir.uv.extensions": "hl7.fhir.uv.extensions.r4",
    "hl7.fhir.uv.tools": "hl7.fhir.uv.tools.r4",
    "hl7.fhir.r4": "hl7.fhir.r4.core",
}


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A package's id and version; ``version`` is None where any will do (``latest`` and ``current`` too)."""

    name: str
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.name}#{self.version}" if self.version else self.name

    @classmethod
    def read(cls, text: str) -> "Coordinates":
        """Read ``ID#VERSION``, ``ID@VERSION`` or ``ID``, any alias put right; raises PackageError for another form."""
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise PackageError(
                _("{text!r} is no package name: write ID#VERSION, as in hl7.fhir.us.core#7.0.0.", text=text)
            )
        name, version = match.groups()
        if version in {"latest", "current", "dev"}:
            version = None
        return cls(_OF_R4.get(name.lower(), name.lower()), version)
