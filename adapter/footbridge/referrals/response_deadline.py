"""How long a service has for its answer to a referral: ``FOOTBRIDGE_ANSWER_DAYS`` from its delivery."""

from datetime import timedelta

from footbridge.jobs import schedule
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.settings import settings


def set_response_deadline(unit: PrescriptionUnit, referral: str) -> None:
    """Plan to look whether the service has answered; what is planned already stays as it is."""
    schedule.plan(
        unit.scope.connection,
        tenant=unit.scope.tenant,
        kind="answer",
        subject=referral,
        due=unit.scope.now + timedelta(days=settings().answer_days),
        move=False,
    )
