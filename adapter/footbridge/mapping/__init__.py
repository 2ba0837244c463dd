"""Prescriptions to FHIR R4 (SDOH Clinical Care) and back.

``to_bundle`` and ``from_bundle`` are the two directions. Each family of resources has one module in which both
stand side by side; ``forward`` and ``reader`` put them in order; where each member goes stands in
``mappings/prescription-sdohcc.json``.
"""

from footbridge.mapping.reader import from_bundle
from footbridge.mapping.results import Mapped, MappingContext, Read
from footbridge.mapping.to_fhir import to_bundle
from footbridge.mapping.typed import as_dict, typed

__all__ = ["Mapped", "MappingContext", "Read", "as_dict", "from_bundle", "to_bundle", "typed"]
