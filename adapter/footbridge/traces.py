"""Traces of this process, for OpenTelemetry: requests, steps of an intake, attempts of jobs, waits for the database.

Nothing is traced, and the library is not imported, until ``enable`` is called (by ``footbridge serve`` and ``worker``)
where the standard variables ask for it and the extra ``footbridge-fhir[traces]`` is installed: one of
OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_TRACES_EXPORTER=otlp
(https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Spans leave by OTLP over HTTP.

An attribute is one of ``ATTRIBUTES``: route templates, statuses, kinds, names of tenants and partners, ids of requests
and jobs. An exception is its class; its text and its stack never leave. Of what a caller sends only ``traceparent`` is
read, since ``tracestate`` and ``baggage`` may hold any text (https://www.w3.org/TR/trace-context/). Partners are sent
nothing of it.

A message keeps the trace in which it was queued in its payload, and its attempts link to it: they may come days later,
and many times, so they are traces of their own (https://opentelemetry.io/docs/specs/otel/trace/api/#link).
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from footbridge import __version__

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Link, Span

Fact = str | int | float | None

ATTRIBUTES = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "error": "error.type",
    "request": "footbridge.request",
    "tenant": "footbridge.tenant",
    "partner": "footbridge.partner",
    "network": "footbridge.network",
    "kind": "footbridge.job.kind",
    "job": "footbridge.job.id",
    "attempt": "footbridge.job.attempt",
    "outcome": "footbridge.outcome",
    "interaction": "footbridge.fhir.interaction",
    "type": "footbridge.fhir.type",
    "waited": "footbridge.database.wait_seconds",
}
"""What a span may say, and what it is called; the first four as in
https://opentelemetry.io/docs/specs/semconv/http/http-spans/."""

LONG_WAIT = 0.01  # seconds; a shorter wait for the database has no span of its own
PROTOCOL = "http/protobuf"

_NOTHING: AbstractContextManager[None] = nullcontext()
_PARENT = "traceparent"
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")

_lock = threading.Lock()
_enabled: "_Tracing | None" = None


def enable(provider: "TracerProvider | None" = None) -> bool:
    """Begin to trace in this process, where the variables ask for it; it may be called again.

    An application that has OpenTelemetry of its own gives its ``provider``. Returns whether anything is traced. What is
    missing or wrong is told in the log: traces never keep a service from starting.
    """
    global _enabled  # noqa: PLW0603 - a process has one way out for its spans
    with _lock:
        if _enabled is None:
            found = provider or _asked_for()
            _enabled = None if found is None else _Tracing(found)
        return _enabled is not None


def disable() -> None:
    """Send what is left, and trace no more."""
    global _enabled
    with _lock:
        ended, _enabled = _enabled, None
    if ended is not None:
        ended.provider.shutdown()


def span(name: str, **facts: Fact) -> AbstractContextManager[None]:
    """Trace the block as one step of what is under way, such as ``intake.map``; facts by the names of ``ATTRIBUTES``.

    Costs one look where nothing is traced.
    """
    tracing = _enabled
    return _NOTHING if tracing is None else tracing.step(name, "internal", facts)


def exchange(**facts: Fact) -> AbstractContextManager[None]:
    """Trace what is said to a partner, and what it answers."""
    tracing = _enabled
    return _NOTHING if tracing is None else tracing.step("partner.exchange", "client", facts)


def attempt(kind: str, queued_in: str | None, **facts: Fact) -> AbstractContextManager[None]:
    """Trace an attempt of a job, as a trace of its own; ``queued_in`` is the ``traceparent`` of what queued it."""
    tracing = _enabled
    return _NOTHING if tracing is None else tracing.attempt(kind, queued_in, facts)


def request(parent: str | None) -> AbstractContextManager[None]:
    """Trace a request, within the trace of the caller's ``traceparent`` where there is one; ``answered`` names it."""
    tracing = _enabled
    return _NOTHING if tracing is None else tracing.request(parent)


def note(**facts: Fact) -> None:
    """Say more of the step that is under way, by the names of ``ATTRIBUTES``."""
    if _enabled is not None:
        _enabled.note(facts)


def waited(began: float) -> None:
    """The database was waited for since this moment of ``time.monotonic``; a wait that is long becomes a span."""
    tracing = _enabled
    if tracing is not None and (seconds := time.monotonic() - began) >= LONG_WAIT:
        tracing.past("database.wait", seconds)


def answered(method: str, route: str, status: int, **facts: Fact) -> None:
    """The request that is under way has this answer; ``route`` is its template."""
    if _enabled is not None:
        _enabled.answered({"method": method, "route": route, "status": status, **facts})


def current_trace() -> str | None:
    """The id of the trace that is under way, for the log; None where nothing is traced."""
    return None if _enabled is None else _enabled.trace_id()


def current_parent() -> str | None:
    """What is under way, as a ``traceparent``; None where nothing is recorded."""
    return None if _enabled is None else _enabled.parent()


class _Tracing:
    """The spans of this process."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry import trace  # noqa: PLC0415 - an extra that may be missing
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - as above

        self.provider = provider
        self._trace = trace
        self._tracer = provider.get_tracer("footbridge", __version__)
        self._propagator = TraceContextTextMapPropagator()

    def step(self, name: str, role: str, facts: Mapping[str, Fact]) -> AbstractContextManager[None]:
        return self._open(name, role, facts)

    def request(self, parent: str | None) -> AbstractContextManager[None]:
        return self._open("request", "server", {}, context=self._context(parent))

    def attempt(self, kind: str, queued_in: str | None, facts: Mapping[str, Fact]) -> AbstractContextManager[None]:
        told = self._trace.get_current_span(self._context(queued_in)).get_span_context()
        links = [self._trace.Link(told)] if told.is_valid else []
        return self._open(f"job {kind}", "consumer", {"kind": kind, **facts}, context=self._context(None), links=links)

    @contextmanager
    def _open(
        self,
        name: str,
        role: str,
        facts: Mapping[str, Fact],
        *,
        context: "Context | None" = None,
        links: "Sequence[Link]" = (),
    ) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name,
            context,
            kind=self._trace.SpanKind[role.upper()],
            links=links,
            record_exception=False,  # its text may hold anything
            set_status_on_exception=False,
        ) as one:
            self._set(one, facts)
            try:
                yield
            except BaseException as error:
                self._set(one, {"error": type(error).__name__})
                one.set_status(self._trace.StatusCode.ERROR)
                raise

    def note(self, facts: Mapping[str, Fact]) -> None:
        self._set(self._trace.get_current_span(), facts)

    def answered(self, facts: Mapping[str, Fact]) -> None:
        one = self._trace.get_current_span()
        one.update_name(f"{facts['method']} {facts['route']}")
        self._set(one, facts)
        if int(facts["status"] or 0) >= 500:
            one.set_status(self._trace.StatusCode.ERROR)

    def past(self, name: str, seconds: float) -> None:
        if self._trace.get_current_span().is_recording():
            ended = time.time_ns()
            self._tracer.start_span(name, start_time=ended - int(seconds * 1e9)).end(ended)

    def trace_id(self) -> str | None:
        told = self._trace.get_current_span().get_span_context()
        return self._trace.format_trace_id(told.trace_id) if told.is_valid else None

    def parent(self) -> str | None:
        if not self._trace.get_current_span().is_recording():
            return None
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(_PARENT)

    def _context(self, parent: str | None) -> "Context":
        from opentelemetry.context import Context  # noqa: PLC0415 - as above

        return self._propagator.extract({} if parent is None else {_PARENT: parent}, Context())

    def _set(self, one: "Span", facts: Mapping[str, Fact]) -> None:
        one.set_attributes({ATTRIBUTES[name]: value for name, value in facts.items() if value is not None})


def _asked_for() -> "TracerProvider | None":
    """What the variables ask for; None, with a line in the log, for what cannot be had."""
    from footbridge.logs import get_logger  # noqa: PLC0415 - slow to import, seldom needed

    log = get_logger(__name__)
    told = os.environ
    exporter = told.get("OTEL_TRACES_EXPORTER", "").strip().lower()
    if told.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or exporter == "none":
        return None
    if not exporter and not any(told.get(name) for name in _ENDPOINTS):
        return None
    protocol = next((told[name] for name in _PROTOCOLS if told.get(name)), PROTOCOL)
    if exporter not in {"", "otlp"} or protocol != PROTOCOL:
        log.warning("traces.not-supported", supported=f"otlp over {PROTOCOL}")
        return None
    try:
        return _provider()
    except ImportError:
        log.warning("traces.not-installed", install="footbridge-fhir[traces]")
    except ValueError as error:  # of a variable; its text may hold a collector's credential
        log.warning("traces.setting-invalid", exception=type(error).__name__)
    return None


def _provider() -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - as above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - as above

    named = {"service.version": __version__}
    if not os.environ.get("OTEL_SERVICE_NAME") and "service.name" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        named["service.name"] = "footbridge"
    provider = TracerProvider(resource=Resource.create(named))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
