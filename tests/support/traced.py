"""Spans of a test: in memory, or as a collector gets them over OTLP/HTTP on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from footbridge import traces


class Spans:
    """What was traced, in the order in which it ended."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def all(self) -> list[ReadableSpan]:
        return list(self._exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        return [one for one in self.all() if one.name == name]

    def within(self, parent: ReadableSpan) -> list[str]:
        """The names of the steps of a span, in the order in which they began."""
        found = [one for one in self.all() if one.parent and one.parent.span_id == parent.context.span_id]
        return [one.name for one in sorted(found, key=lambda one: one.start_time)]

    def clear(self) -> None:
        self._exporter.clear()

    def said(self) -> str:
        """Everything that leaves with the spans, but times and ids of traces."""
        return "\n".join(
            repr((one.name, dict(one.attributes), [(e.name, dict(e.attributes)) for e in one.events], one.status.description,
                  str(one.context.trace_state), [(str(link.context.trace_state), dict(link.attributes)) for link in one.links]))
            for one in self.all()
        )  # fmt: skip


@contextmanager
def tracing() -> Iterator[Spans]:
    """Trace the block."""
    traces.disable()
    spans = Spans()
    assert traces.enable(spans.provider)
    try:
        yield spans
    finally:
        traces.disable()


class Collector:
    """Takes what OTLP/HTTP brings; ``bodies`` are the requests."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        seen = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                seen.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def spans(self) -> list[tuple[dict[str, str], Any]]:
        """Each span with the attributes of its resource."""
        found = []
        for body in self.bodies:
            for part in ExportTraceServiceRequest.FromString(body).resource_spans:
                about = {one.key: one.value.string_value for one in part.resource.attributes}
                found += [(about, span) for scope in part.scope_spans for span in scope.spans]
        return found

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
