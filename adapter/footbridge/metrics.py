"""Numbers about this process, for Prometheus: requests, attempts of jobs, validations, waits for the database.

Nothing is counted until ``enable`` is called, by the web app and by a worker: a command such as ``map`` never imports
the library. Labels are route templates, methods, statuses, kinds, and names of tenants and partners, which are few and
chosen by the operator. No label and no number is about a person.

Where ``PROMETHEUS_MULTIPROC_DIR`` names a folder, the processes of a server count in files there, and each of them
shows the sums (https://prometheus.github.io/client_python/multiprocess/).
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

Returned = TypeVar("Returned")
_lock = threading.Lock()
_enabled: "Instruments | None" = None


class Instruments:
    """What is counted in this process."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415 - reads FOLDER when imported

        self.registry = CollectorRegistry()
        here: dict[str, Any] = {"registry": self.registry, "namespace": "footbridge"}
        timed = {**here, "buckets": SECONDS}
        self._requests = Counter("http_requests", "Requests answered.", ["method", "route", "status"], **here)
        self._latency = Histogram("http_request_seconds", "Time to answer.", ["method", "route"], **timed)
        self._waits = Histogram("database_wait_seconds", "Time that a request waited for the database.", **timed)
        self._validation = Histogram("validation_seconds", "Time to validate what was sent.", ["at"], **timed)
        self._audit_lost = Counter("audit_lost", "Reads that were not noted in the audit.", ["tenant"], **here)
        labels = ["tenant", "partner", "kind", "outcome"]
        self._attempts = Counter("job_attempts", "Attempts of jobs: deliveries, polls, deadlines.", labels, **here)
        self._attempt = Histogram("job_attempt_seconds", "Time of one attempt.", ["kind"], **timed)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is its template."""
        self._requests.labels(method, route, str(status)).inc()
        self._latency.labels(method, route).observe(seconds)

    def database_wait(self, seconds: float) -> None:
        """A request waited so long for the database, in all."""
        self._waits.observe(seconds)

    def validation(self, at: str, seconds: float) -> None:
        """A validation took so long; ``at`` is ``intake`` or ``operation``."""
        self._validation.labels(at).observe(seconds)

    def audit_lost(self, tenant: str) -> None:
        """A read could not be noted in the audit."""
        self._audit_lost.labels(tenant).inc()

    def attempt(self, tenant: str, partner: str | None, kind: str, outcome: str, seconds: float) -> None:
        """A job was attempted; ``partner`` is whom it talks to."""
        self._attempts.labels(tenant, partner or "", kind, outcome).inc()
        self._attempt.labels(kind).observe(seconds)

    def collect(self) -> "Iterable[Metric]":
        """The numbers of this process, or the sums of all processes of the server."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return self.registry.collect()
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - as above

        # A process that starts makes its file empty, which the library cannot read; a moment later it has a size.
        files = [str(one) for one in Path(folder).glob("*.db") if one.stat().st_size]
        found: Iterable[Metric] = MultiProcessCollector.merge(files, accumulate=True)  # type: ignore[no-untyped-call]
        return found


def enable() -> Instruments:
    """Begin to count in this process; it may be called again."""
    global _enabled  # noqa: PLW0603 - a process has one set of numbers
    with _lock:
        if _enabled is None:
            _enabled = Instruments()
        return _enabled


def enabled() -> Instruments | None:
    """What is counted; None before ``enable``."""
    return _enabled


@contextmanager
def validation(at: str) -> Iterator[None]:
    """Count the time of a validation; ``at`` is ``intake`` or ``operation``."""
    began = time.perf_counter()
    try:
        yield
    finally:
        if _enabled is not None:
            _enabled.validation(at, time.perf_counter() - began)


def counted(handlers: Mapping[str, Callable[[Any], Returned]]) -> dict[str, Callable[[Any], Returned]]:
    """Handlers of jobs (``jobs.job.Handler``), by kind, that count each attempt by its outcome."""
    return {kind: _counted(kind, handler) for kind, handler in handlers.items()}


def outcome_of(error: Exception | None, *, given_up: bool = False) -> str:
    """What became of an attempt, by the exception of its handler; ``given_up`` is that of its result."""
    if isinstance(error, PartnerUnavailable):
        return "unavailable"
    if isinstance(error, PartnerRefused | ConfigurationError):
        return "refused"
    return "error" if error is not None else "abandoned" if given_up else "done"


def _counted(kind: str, handler: Callable[[Any], Returned]) -> Callable[[Any], Returned]:
    def run(job: Any) -> Returned:  # noqa: ANN401 - a jobs.job.Job
        began, outcome = time.perf_counter(), "error"
        try:
            result = handler(job)
            outcome = outcome_of(None, given_up=getattr(result, "given_up", None) is not None)
        except Exception as error:
            outcome = outcome_of(error)
            raise
        else:
            return result
        finally:
            if _enabled is not None:
                _enabled.attempt(job.tenant, job.talks_to, kind, outcome, time.perf_counter() - began)

    return run
