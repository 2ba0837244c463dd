"""What is planned by the clock: a service's response deadline, the end of what a service may know, of a consent."""

from datetime import timedelta

from footbridge.jobs.queue import JobQueue
from footbridge.model.prescription.rules_of_consent import end_of_consent
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.settings import settings

RESPONSE = "response-deadline"
END_OF_DISCLOSURE = "end-of-disclosure"
END_OF_CONSENT = "end-of-consent"


def set_response_deadline(unit: PrescriptionUnit, referral: str) -> None:
    """Plan to look whether the service has answered: ``FOOTBRIDGE_RESPONSE_DAYS`` after delivery.

    What is planned already stays as it is.
    """
    JobQueue(unit.scope.connection).plan(
        tenant=unit.scope.tenant,
        kind=RESPONSE,
        subject=referral,
        due=unit.scope.now + timedelta(days=settings().response_days),
        move=False,
    )


def is_disclosed(unit: PrescriptionUnit, referral: str) -> bool:
    """Whether the end of what a service may know of an ended referral is still to come."""
    queue = JobQueue(unit.scope.connection)
    return queue.is_planned(tenant=unit.scope.tenant, kind=END_OF_DISCLOSURE, subject=referral)


def set_end_of_disclosure(unit: PrescriptionUnit, referral: str) -> None:
    """Plan when a service that works on our server may no longer know of an ended referral than that it ended.

    That is ``FOOTBRIDGE_DISCLOSURE_DAYS`` after its end.
    """
    JobQueue(unit.scope.connection).plan(
        tenant=unit.scope.tenant,
        kind=END_OF_DISCLOSURE,
        subject=referral,
        due=unit.scope.now + timedelta(days=settings().disclosure_days),
        move=False,
    )


def cancel_end_of_disclosure(unit: PrescriptionUnit, referral: str) -> None:
    """A service may know no more of an ended referral than that it ended, from now on."""
    JobQueue(unit.scope.connection).cancel(tenant=unit.scope.tenant, kind=END_OF_DISCLOSURE, subject=referral)


def set_end_of_consent(unit: PrescriptionUnit) -> None:
    """Plan the end of the consent as the prescription says it now; what was planned before is moved, or taken back."""
    queue, end = JobQueue(unit.scope.connection), end_of_consent(unit.prescription.document)
    tenant, subject = unit.scope.tenant, unit.prescription.id
    if end is None:
        queue.cancel(tenant=tenant, kind=END_OF_CONSENT, subject=subject)
    else:
        queue.plan(tenant=tenant, kind=END_OF_CONSENT, subject=subject, due=end)
