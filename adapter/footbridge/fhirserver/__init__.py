"""FHIR over HTTP with no framework: ``Request`` value in, interaction done, ``Response`` value out.

    server = FhirServer(offer, base_url, store=store, policy=policy)
    response = server.handle(Request("GET", "Task/1"))

``routes`` holds the one table of routes; what of it a server has is data, its ``Offer``. An adapter of a few lines
puts a server behind Flask, WSGI or whatever else speaks HTTP; authentication, body limits and gzip are the adapter's.
"""

from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.offer import Offer, Operation
from footbridge.fhirserver.server import FhirServer

__all__ = ["FhirServer", "Offer", "Operation", "Request", "Response"]
