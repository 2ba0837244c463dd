"""``GET /metrics``: numbers for Prometheus, in its text format.

Who may read them: whoever sends the operator's token (FOOTBRIDGE_METRICS_TOKEN) reads those of all tenants; an admin's
token reads those of its tenant, and the ones that no tenant is named in. Requests, attempts, validations and waits are
sums over the processes of this server. Queue, circuits and polls are read from the database, and so are the same on
every host.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from sqlalchemy import Connection

from footbridge import __version__, metrics
from footbridge.jobs import overview
from footbridge.settings import settings
from footbridge.store.patience import limit_waits
from footbridge.web.auth import authenticate_bearer, given_token, principal
from footbridge.web.context import app_context
from footbridge.web.responses import written

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

WAIT_SECONDS = 5.0  # that the database has to answer; Prometheus waits 10

routes = Blueprint("metrics", __name__)


@routes.get("/metrics")
def show() -> Response:
    """Numbers of this server and of the queue."""
    from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest  # noqa: PLC0415 - see footbridge.metrics

    tenant = _may_read()
    limit_waits(WAIT_SECONDS)
    here = app_context()
    found = list(metrics.enable().collect())
    with here.database.read() as connection:
        found += list(queue(connection, here.clock.now()))
    return written(generate_latest(_Shown(found, tenant)), media_type=CONTENT_TYPE_LATEST)


def queue(connection: Connection, now: datetime) -> "Iterator[Metric]":
    """What the database says of the work that waits."""
    yield _gauge("footbridge_info", "The version that runs.", ["version"], [([__version__], 1)])
    waiting = overview.waiting(connection, now)
    names = ["tenant", "kind", "state"]
    numbers: tuple[tuple[str, str, Callable[[overview.Waiting], float]], ...] = (
        ("footbridge_jobs", "Jobs that are ready or failed.", lambda one: one.count),
        ("footbridge_jobs_due", "Of the ready ones, those that are due.", lambda one: one.overdue),
        ("footbridge_job_oldest_seconds", "Age of the oldest: since it fell due, or failed.", lambda one: one.oldest),
    )
    for name, meaning, number in numbers:
        yield _gauge(name, meaning, names, [([one.tenant, one.kind, one.state], number(one)) for one in waiting])
    lately = overview.finished(connection, now)
    at = ["tenant", "partner"]
    yield _gauge(
        "footbridge_messages",
        "Messages to a partner: done in the last 15 minutes, or failed and waiting for a person.",
        [*at, "state"],
        [([one.tenant, one.partner, one.what], one.value) for one in lately],
    )
    for name, meaning, rows in (
        ("footbridge_circuit_open", "1 while nothing is sent to a partner.", overview.circuits(connection, now)),
        ("footbridge_poll_lag_seconds", "How late the next poll is.", overview.poll_lags(connection, now)),
    ):
        yield _gauge(name, meaning, at, [([one.tenant, one.partner], one.value) for one in rows])
    yield _gauge(
        "footbridge_workers_busy", "Workers that hold a job.", [], [([], len(overview.working(connection, now)))]
    )


def _may_read() -> str | None:
    """The tenant whose numbers may be read; None: all. Raises Problem, ForbiddenError."""
    secret, token = settings().metrics_token, given_token()
    given = (token or "").encode()
    if secret is not None and hmac.compare_digest(secret.get_secret_value().encode(), given):
        return None
    authenticate_bearer()
    return principal("metrics.read").tenant


def _gauge(name: str, meaning: str, labels: list[str], rows: Iterable[tuple[list[str], float]]) -> "Metric":
    from prometheus_client.metrics_core import GaugeMetricFamily  # noqa: PLC0415 - as above

    made = GaugeMetricFamily(name, meaning, labels=labels)
    for values, number in rows:
        made.add_metric(values, number)
    return made


@dataclass(frozen=True, slots=True)
class _Shown:
    """Numbers without those of other tenants, as the library wants them."""

    found: "list[Metric]"
    tenant: str | None

    def collect(self) -> "Iterator[Metric]":
        """Each metric that has something to show."""
        for metric in self.found:
            if self.tenant is not None:
                metric.samples = [one for one in metric.samples if one.labels.get("tenant", self.tenant) == self.tenant]
            yield metric
