"""How long a service has for its answer to a referral: ``FOOTBRIDGE_ANSWER_DAYS`` from its delivery."""

from datetime import timedelta

from footbridge.jobs.queue import JobQueue
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.settings import settings


def set_response_deadline(unit: PrescriptionUnit, referral: str) -> None:
    """Plan to look whether the service has answered; what is planned already stays as it is."""
    JobQueue(unit.scope.connection).plan(
        tenant=unit.scope.tenant,
        kind="answer",
        subject=referral,
        due=unit.scope.now + timedelta(days=settings().answer_days),
        move=False,
    )
