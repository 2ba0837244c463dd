"""A terminology server, asked about codes that the definitions at hand cannot decide."""

from footbridge.partners.terminology.cached import CachedTerminology
from footbridge.partners.terminology.client import TerminologyClient

__all__ = ["CachedTerminology", "TerminologyClient"]
