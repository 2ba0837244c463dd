"""How long a service has for its answer to a referral: ``FOOTBRIDGE_ANSWER_DAYS`` from its delivery."""

from datetime import timedelta

from footbridge.settings import settings
from footbridge.sync import schedule
from footbridge.sync.case import Case


def expect_answer(case: Case, referral: str) -> None:
    """Plan to look whether the service has answered; what is planned already stays as it is."""
    schedule.plan(
        case.scope.connection,
        tenant=case.scope.tenant,
        kind="answer",
        subject=referral,
        due=case.scope.now + timedelta(days=settings().answer_days),
        move=False,
    )
