"""Ocean and Ontario eReferral: FHIR R4 messages in, answers out."""
