"""The functions of FHIRPath and of FHIR's own additions, a file a family; importing this enters them all."""

from footbridge.validation.fhirpath.functions import (
    boundaries,
    combining,
    conversion,
    existence,
    fhir,
    filtering,
    mathematics,
    navigation,
    strings,
    subsetting,
    terminology,
    types,
    utility,
)

__all__ = [
    "boundaries",
    "combining",
    "conversion",
    "existence",
    "fhir",
    "filtering",
    "mathematics",
    "navigation",
    "strings",
    "subsetting",
    "terminology",
    "types",
    "utility",
]
