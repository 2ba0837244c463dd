"""FHIR over HTTP, under ``/fhir``: one interaction or operation a file. Every refusal is an OperationOutcome."""
