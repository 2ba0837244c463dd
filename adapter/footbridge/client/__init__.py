"""A typed client of the API ``/api/v1``, for vendors of medical records and for services.

::

    from footbridge.client import FootbridgeClient, InvalidDocumentError

    with FootbridgeClient("https://footbridge.clinic.example", token) as footbridge:
        receipt = footbridge.submit(document)
        for change in footbridge.changes(since=cursor):
            ...

It needs ``requests`` and nothing else of Footbridge; a linter holds it to that.
"""

from footbridge.client.api import FootbridgeClient
from footbridge.client.errors import (
    ApiError,
    ConflictError,
    CursorAheadError,
    ForbiddenError,
    InvalidDocumentError,
    Issue,
    NoAnswerError,
    NotAllowedError,
    NotFoundError,
    UnauthorizedError,
    UnavailableError,
)
from footbridge.client.models import Change, ChangePage, Event, Prescription, Receipt, Referral, Summary, Waiting
from footbridge.client.webhook import WebhookError, WebhookEvent, verify_webhook

__all__ = [
    "ApiError",
    "Change",
    "ChangePage",
    "ConflictError",
    "CursorAheadError",
    "Event",
    "FootbridgeClient",
    "ForbiddenError",
    "InvalidDocumentError",
    "Issue",
    "NoAnswerError",
    "NotAllowedError",
    "NotFoundError",
    "Prescription",
    "Receipt",
    "Referral",
    "Summary",
    "UnauthorizedError",
    "UnavailableError",
    "Waiting",
    "WebhookError",
    "WebhookEvent",
    "verify_webhook",
]
