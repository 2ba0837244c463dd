"""Makes a snapshot of a profile's differential: https://hl7.org/fhir/R4/profiling.html#snapshot."""

from footbridge.validation.snapshot.generate import SnapshotError, generate

__all__ = ["SnapshotError", "generate"]
