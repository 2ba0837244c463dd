"""Simulated systems of others, to test against.

Each is written from public documents, and imports nothing of what it tests. The simulated FHIR server is elsewhere, in
``partners/fhir/simulator``, because it is made of our own FHIR server.
"""
