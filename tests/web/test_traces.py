"""Traces of the web: what a request says of itself, whose trace it joins, and what costs nothing when it is off."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs
from support.serving import serving
from support.traced import Collector, tracing

from footbridge import traces
from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.referrals.build import build_worker
from footbridge.store.tenants import add_tenant, make_token

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OFF = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
STEPS = ["intake.accept", "intake.map", "intake.validate", "intake.store"]


@pytest.fixture
def spans():
    with tracing() as found:
        yield found


def canaries(value):
    """Every text of a document but codes and short words."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from canaries(one)
    elif isinstance(value, str) and len(value) > 3 and not value.replace("-", "").islower():
        yield value


def test_a_request_says_template_method_and_status(office, spans):
    office.get(office.taken_in())
    office.client.get("/Baptiste/1990-01-01?name=Baptiste")
    found = [(one.name, one.kind, one.attributes["http.response.status_code"]) for one in spans.all() if not one.parent]
    assert found == [
        ("POST /api/v1/prescriptions", SpanKind.SERVER, 201),
        ("GET /api/v1/prescriptions/<uuid:identity>", SpanKind.SERVER, 200),
        ("- unmatched", SpanKind.SERVER, 404),
    ]
    (posted,) = spans.named("POST /api/v1/prescriptions")
    assert [name for name in spans.within(posted) if name.startswith("intake")] == STEPS
    assert posted.attributes["footbridge.tenant"] == "north"
    assert posted.attributes["footbridge.database.wait_seconds"] >= 0
    assert posted.status.status_code is StatusCode.UNSET


def test_probes_are_not_traced(office, spans):
    for place in ("/healthz", "/readyz", "/metrics"):
        office.client.get(place)
    assert spans.all() == []


def test_a_refusal_is_no_error_of_the_server_and_a_fault_is(office, spans, monkeypatch):
    assert office.submit({"kind": "warm-connection"}).status_code == 422

    def broken(*_arguments):
        raise ValueError("Ada Lovelace, born 10 December 1815")

    monkeypatch.setattr(office.app.extensions["footbridge"].intake, "submit", broken)
    assert office.submit().status_code == 500
    refused, failed = spans.named("POST /api/v1/prescriptions")
    assert (refused.status.status_code, failed.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR)
    (step,) = [one for one in spans.named("intake.accept") if one.attributes]
    assert step.attributes["error.type"] == "PrescriptionError"
    assert "Ada" not in spans.said()


def test_of_an_exception_its_class_only_is_said(spans):
    with pytest.raises(ValueError, match="Ada"), traces.span("step"), traces.exchange(network="fhir"):
        raise ValueError("Ada Lovelace, born 10 December 1815")
    for one in spans.all():
        assert (dict(one.attributes)["error.type"], one.events, one.status.description) == ("ValueError", (), None)
    assert len(spans.all()) == 2
    assert "Ada" not in spans.said()


def test_the_trace_of_the_caller_goes_on(office, spans):
    office.submit(traceparent=CALLER, tracestate="vendor=Baptiste", baggage="name=Baptiste")
    office.submit(office.prescription(number=2), traceparent=OFF)  # the caller does not record
    office.submit(office.prescription(number=3), traceparent="00-zz-Baptiste-01")
    posted = spans.named("POST /api/v1/prescriptions")
    assert [f"{one.context.trace_id:032x}" == CALLER[3:35] for one in posted] == [True, False]
    assert f"{posted[0].parent.span_id:016x}" == CALLER[36:52]
    assert posted[1].parent is None
    assert "Baptiste" not in spans.said()


def test_the_log_names_the_trace_while_it_lasts(office, spans, monkeypatch):
    seen = []
    monkeypatch.setattr(office.app.extensions["footbridge"].intake, "submit", lambda *_: seen.append(get_contextvars()))
    office.submit(traceparent=CALLER)
    assert [one["trace"] for one in seen] == [CALLER[3:35]]
    assert "trace" not in get_contextvars()


def test_nothing_is_about_a_person_and_no_token_or_address_leaves(office, spans):
    secrets = set(office.tokens.values())
    for place in sorted(folder("examples").glob("[0-9]*.json")):
        document = json.loads(place.read_bytes())
        answer = office.submit(document)
        secrets |= set(canaries(document)) | {str(answer.json.get("id"))}
        family = document["client"].get("name", {}).get("family", "x")
        office.client.get(f"/api/v1/prescriptions/{family}?name={family}", headers=office.as_("emr"))
        office.client.open(f"/{family}", method=family.upper() if family.isalpha() and family.isascii() else "GET")
        office.client.post(f"/fhir/{family}/$validate", data=json.dumps(document), headers=office.as_("emr"))
    with office.database.read() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM prescription UNION SELECT id FROM referral").scalars().all()
        secrets |= set(connection.exec_driver_sql("SELECT base_url FROM partner").scalars().all())
    for _ in range(3):
        build_worker(office.database, office.clock).step()
        office.later(hours=1)
    assert len(spans.named("job deliver")) >= 3
    assert [one for one in secrets | set(ids) if one in spans.said()] == []
    assert {name for one in spans.all() for name in one.attributes} <= set(traces.ATTRIBUTES.values())


def test_an_attribute_that_is_not_in_the_table_is_refused(spans):
    with pytest.raises(KeyError), traces.span("x", family="Baptiste"):
        pass


def test_a_long_wait_for_the_database_is_a_span(office, spans):
    with office.database.write():
        thread = threading.Thread(target=office.submit)
        thread.start()
        time.sleep(0.5)
    thread.join()
    (wait,) = [one for one in spans.named("database.wait") if one.end_time - one.start_time > 100_000_000]
    assert wait.context.trace_id == spans.named("POST /api/v1/prescriptions")[0].context.trace_id


# What asks for it, and what is missing


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, []),
        ({"OTEL_SERVICE_NAME": "x"}, []),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_SDK_DISABLED": "true"}, []),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "none"}, []),
        ({"OTEL_TRACES_EXPORTER": "console"}, ["traces.not-supported"]),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ["traces.not-supported"]),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_BSP_SCHEDULE_DELAY": "-5"}, ["traces.setting-invalid"]),
    ],
)
def test_off_unless_asked_for(monkeypatch, variables, said):
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with capture_logs() as logs:
        assert traces.enable() is False
    assert [line["event"] for line in logs] == said
    with traces.span("x"), traces.request("00-x"):
        traces.note(status=1)
    assert (traces.current_trace(), traces.current_parent()) == (None, None)


WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
from footbridge.cli.logs import log_to_stderr
log_to_stderr()
from footbridge import traces
from footbridge.model.clock import SystemClock
from footbridge.model.principals import Principal
from footbridge.referrals.build import build_worker
from footbridge.referrals.intake import Intake
from footbridge.store.engine import open_database
print(traces.enable())
database = open_database(sys.argv[1])
receipt = Intake(database, SystemClock()).submit(open(sys.argv[2], "rb").read(), Principal("requester", tenant="north"))
print(receipt.created, build_worker(database, SystemClock()).step() >= 0)
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


def test_without_the_extra_everything_works(sqlite_database, clock):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, sqlite_database.engine.url.render_as_string(), str(folder("examples") / "02-bereavement-network.json")],
        env={**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n") == ["False", "True True", "[]", ""]
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["install"]) for line in told if "traces" in line["event"]] == [
        ("traces.not-installed", "footbridge-fhir[traces]")
    ]


# A server and a collector


def served(sqlite_database, clock, tmp_path, **variables):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
        token = make_token(connection, Principal("requester", name="x", tenant="north"), clock.now())
    url = sqlite_database.engine.url.render_as_string()
    with serving(url, tmp_path / "log", workers=2, deliveries=1, **variables) as server:
        for number in range(4):
            document = json.loads(folder("examples").joinpath("02-bereavement-network.json").read_bytes())
            document["identifier"]["value"] = f"RX-{number}"
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "traceparent": CALLER}
            request = urllib.request.Request(
                f"{server.base}/api/v1/prescriptions", json.dumps(document).encode(), headers
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.status == 201
        began = time.monotonic()
    return time.monotonic() - began


def test_a_collector_gets_the_spans_of_every_process(sqlite_database, clock, tmp_path):
    collector = Collector()
    try:
        served(
            sqlite_database, clock, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_BSP_SCHEDULE_DELAY="60000"
        )
    finally:
        collector.stop()
    found = collector.spans()
    assert [span.name for _, span in found].count("POST /api/v1/prescriptions") == 4
    assert {about["service.name"] for about, _ in found} == {"footbridge"}
    posted = [span for _, span in found if span.name == "POST /api/v1/prescriptions"]
    assert {span.trace_id.hex() for span in posted} == {CALLER[3:35]}
    assert b"Baptiste" not in b"".join(collector.bodies)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert {line["trace"] for line in requests} == {CALLER[3:35]}


def test_a_collector_that_is_down_harms_nothing(sqlite_database, clock, tmp_path):
    took = served(sqlite_database, clock, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert took < 30
    assert "Baptiste" not in (tmp_path / "log").read_text()
