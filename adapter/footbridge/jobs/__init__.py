"""The durable queue: messages to partners and work that falls due, done by any number of workers. Knows no FHIR."""
