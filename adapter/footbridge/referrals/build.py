"""Puts the worker together with every handler, ready to run beside the web or alone."""

from datetime import timedelta

from footbridge.jobs.retention import Retention
from footbridge.jobs.retry import Policy
from footbridge.jobs.worker import Worker
from footbridge.model.clock import Clock
from footbridge.partners.networks import Networks, Surroundings
from footbridge.referrals.deadlines import END_OF_DISCLOSURE, RESPONSE
from footbridge.referrals.delivery import Delivery
from footbridge.referrals.door import Door
from footbridge.referrals.intake import Intake
from footbridge.referrals.scheduled_jobs import ScheduledJobs
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.store.index_rows import Indexer
from footbridge.validation import Validator


def build_worker(  # noqa: PLR0913 - collaborators first, then options by name
    database: Database,
    clock: Clock,
    *,
    name: str | None = None,
    threads: int = 1,
    validator: Validator | None = None,
    policy: Policy | None = None,
    intake: Intake | None = None,
) -> Worker:
    """A worker that delivers, updates and polls, watches what falls due, indexes, and purges what is old.

    Args:
        database: migrated.
        clock: the time that everything goes by.
        name: of the worker, in leases and logs; host and process when None.
        threads: loops side by side in ``Worker.run``.
        validator: for what partners send; one of its own when None.
        policy: how patient it is; as ``Policy`` says when None.
        intake: takes in what requesters send; one of its own when None.
    """
    validator = validator or Validator()
    networks = Networks(Surroundings(database, clock, validator))
    delivery = Delivery(database, clock, networks)
    door = Door(database, clock, intake or Intake(database, clock, validator))
    scheduled = ScheduledJobs(database, clock, networks, door)
    return Worker(
        database,
        clock,
        {
            "deliver": delivery.deliver,
            "update": delivery.update,
            "message": delivery.message,
            "poll": scheduled.poll,
            "follow-up": scheduled.follow_up,
            RESPONSE: scheduled.response_deadline,
            END_OF_DISCLOSURE: scheduled.end_of_disclosure,
        },
        name=name,
        threads=threads,
        policy=policy,
        upkeep=(
            Retention(database, clock, timedelta(days=settings().retention_days)).purge_if_due,
            Indexer(database, clock).index_if_due,
        ),
    )
