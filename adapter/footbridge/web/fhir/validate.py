"""``POST /fhir/$validate`` and ``/fhir/TYPE/$validate``: a server of one operation, for every role.

What the operation does stands in ``footbridge.fhirserver.validate``.
"""

import functools

from flask import Blueprint, Response

from footbridge.fhirserver import FhirServer, Offer
from footbridge.fhirserver.validate import validate_operation
from footbridge.fhirserver.validate_limits import Limits, default_limits
from footbridge.settings import settings
from footbridge.web.fhir import adapter


def _limits() -> Limits:
    chosen = settings()
    return _limits_of(chosen.validate_seconds, chosen.validate_at_once)


@functools.lru_cache(maxsize=1)
def _limits_of(seconds: float, at_once: int) -> Limits:
    """The limits of this process."""
    return default_limits(seconds, at_once)


VALIDATE = validate_operation(_limits)
SERVER = FhirServer(Offer(operations=(VALIDATE,)), adapter.BASE)

routes = Blueprint("fhir-validate", __name__, url_prefix=adapter.BASE)


@routes.post("/$validate")
@routes.post("/<type_name>/$validate")
def validate(type_name: str | None = None) -> Response:  # noqa: ARG001 - the server reads the path itself
    """Validate the resource that was sent."""
    return adapter.sent(SERVER.handle(adapter.asked()))
