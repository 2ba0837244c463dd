"""A service of the directory as FHIR R4: Organization, Location, HealthcareService, PractitionerRole.

Made on demand from a ``ServiceDocument``, by ``mappings/directory/fhir.json``. A profile is claimed only where the
resource validates against it; what FHIR has no place for is told.
"""

from footbridge.directory.fhir.resources import Made, resources_of

__all__ = ["Made", "resources_of"]
