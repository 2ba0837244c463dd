"""A prescription that follows another one of the same requester: taken in by itself, its order linked with the first.

It replaces the first one (``replacement``), or is for a need that was found on the way (``found_needs``).
"""

from datetime import datetime

from footbridge.model.prescription import Prescription
from footbridge.model.prescription.said import said_document
from footbridge.model.principals import Principal
from footbridge.referrals.intake import Intake
from footbridge.referrals.unit import PrescriptionUnit, open_unit


def submit_following(unit: PrescriptionUnit, principal: Principal, document: Prescription, intake: Intake) -> str:
    """Take it in as the requester of the first one, in the same transaction; returns its id. Raises PrescriptionError.

    Where its consent is not known it is on hold.
    """
    who = Principal(
        "requester", unit.prescription.requester or None, name=principal.name, tenant=unit.scope.tenant,
        channel=principal.channel,
    )  # fmt: skip
    return intake.submit_within(unit.scope, said_document(document).encode(), who, may_hold=("consent",)).receipt.id


def link_orders(
    unit: PrescriptionUnit, following: str, member: str, event: str, principal: Principal, at: datetime
) -> None:
    """Let its order name that of the first one in ``member``, and write ``event`` into its timeline.

    https://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.replaces, ``basedOn``.
    """
    first = unit.role("service-request")
    with open_unit(unit.scope, following) as other:
        order = other.role("service-request")
        if order is not None and first is not None:
            link = {member: [{"reference": "/".join(first)}]}
            other.edit(order, lambda request: request | link)
        other.note(principal, event, other.rows[0].id, at=at, detail={"of": unit.prescription.id})
