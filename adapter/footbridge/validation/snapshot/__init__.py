"""Makes a snapshot of a profile's differential: https://hl7.org/fhir/R4/profiling.html#snapshot."""

from footbridge.validation.snapshot.generate import generate
from footbridge.validation.snapshot.tree import SnapshotError

__all__ = ["SnapshotError", "generate"]
