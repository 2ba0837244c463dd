"""Puts the worker together with every handler, ready to run beside the web or alone."""

import functools
from collections.abc import Hashable
from datetime import timedelta
from urllib.parse import urlsplit

from footbridge.errors import NotFoundError
from footbridge.jobs.job import Job
from footbridge.jobs.ocean_retention import OceanRetention
from footbridge.jobs.retention import Retention
from footbridge.jobs.retry import Policy
from footbridge.jobs.tenant_retention import TenantRetention
from footbridge.jobs.worker import Worker
from footbridge.metrics import counted
from footbridge.model.clock import Clock
from footbridge.partners.directories.import_job import KIND as DIRECTORY_IMPORT
from footbridge.partners.directories.import_job import ImportJobs
from footbridge.partners.networks import Networks, Surroundings, jobs_of_networks
from footbridge.referrals import documents
from footbridge.referrals.deadlines import END_OF_CONSENT, END_OF_DISCLOSURE, RESPONSE
from footbridge.referrals.delivery import Delivery
from footbridge.referrals.door import Door
from footbridge.referrals.forwarding import FORWARD
from footbridge.referrals.intake import Intake
from footbridge.referrals.scheduled_jobs import ScheduledJobs
from footbridge.referrals.sign_in_mail import SIGN_IN, SignInMail
from footbridge.referrals.webhooks import KIND, Webhooks
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.store.index_rows import Indexer
from footbridge.store.partners import get_partner
from footbridge.store.webhooks import get_webhook
from footbridge.validation import Validator


def _endpoint(database: Database, job: Job) -> Hashable:
    """The server that a job waits for: partners of several tenants may be at one. None for work within our database."""
    if job.talks_to is None:
        return None
    with database.read() as connection:
        try:
            if job.kind == KIND:
                url = get_webhook(connection, job.tenant, str(job.payload["webhook"])).url
            else:
                url = get_partner(connection, job.tenant, job.talks_to).base_url
        except NotFoundError:
            return None
    return urlsplit(url).netloc.lower() or (job.tenant, job.talks_to)


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
    around = Surroundings(database, clock, validator)
    networks = Networks(around)
    delivery = Delivery(database, clock, networks)
    door = Door(database, clock, intake or Intake(database, clock, validator))
    scheduled = ScheduledJobs(database, clock, networks, door)
    return Worker(
        database,
        clock,
        counted(
            {
                "deliver": delivery.deliver,
                "update": delivery.update,
                "message": delivery.message,
                "poll": scheduled.poll,
                "follow-up": scheduled.follow_up,
                RESPONSE: scheduled.response_deadline,
                END_OF_DISCLOSURE: scheduled.end_of_disclosure,
                END_OF_CONSENT: scheduled.end_of_consent,
                FORWARD: delivery.forward,
                documents.KIND: documents.Sharing(database, clock).share,
                KIND: Webhooks(database, clock).send,
                **jobs_of_networks(around),
                SIGN_IN: SignInMail(database, clock).send,
                DIRECTORY_IMPORT: ImportJobs(database, clock).run,
            }
        ),
        name=name,
        threads=threads,
        policy=policy,
        endpoint=functools.partial(_endpoint, database),
        on_failure=delivery.failed,
        upkeep=(
            Retention(database, clock, timedelta(days=settings().retention_days)).purge_if_due,
            TenantRetention(database, clock).erase_if_due,
            OceanRetention(database, clock, timedelta(days=settings().ocean_raw_days)).purge_if_due,
            Indexer(database, clock).index_if_due,
        ),
    )
