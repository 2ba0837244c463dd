"""Partners that speak FHIR R4: the client, delivery, updates, polling, and a simulated server to test against."""
