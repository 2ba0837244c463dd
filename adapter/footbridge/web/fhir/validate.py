"""``POST /fhir/$validate`` and ``/fhir/TYPE/$validate``: a server of one operation, for every role.

What the operation does stands in ``footbridge.fhirserver.validate``.
"""

from flask import Blueprint, Response

from footbridge.fhirserver import FhirServer, Offer
from footbridge.fhirserver.validate import validate_operation
from footbridge.web.fhir import adapter

SERVER = FhirServer(Offer(operations=(validate_operation(),)), adapter.BASE)

routes = Blueprint("fhir-validate", __name__, url_prefix=adapter.BASE)
adapter.register(routes, SERVER)


@routes.post("/$validate")
@routes.post("/<type_name>/$validate")
def validate(type_name: str | None = None) -> Response:  # noqa: ARG001 - the server reads the path itself
    """Validate the resource that was sent."""
    return adapter.sent(SERVER.handle(adapter.asked()))
