"""``/metrics``: who may read which numbers, that they are right, and that nothing in them is about a person."""

import json
import re
import urllib.request
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.serving import serving

from footbridge import metrics
from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.referrals.build import build_worker
from footbridge.settings import settings
from footbridge.store.tenants import add_tenant, make_token

OPERATOR = "operators-secret-token"
LABELS = {"method", "route", "status", "le", "tenant", "partner", "kind", "state", "outcome", "at", "version"}


@pytest.fixture(autouse=True)
def counted_from_zero(monkeypatch):
    """The numbers of this test only, not those of the tests that ran before in this process."""
    monkeypatch.setattr(metrics, "_enabled", None)


@pytest.fixture
def operator(monkeypatch):
    """The headers of whoever may read all."""
    monkeypatch.setenv("FOOTBRIDGE_METRICS_TOKEN", OPERATOR)
    settings.cache_clear()
    yield {"Authorization": f"Bearer {OPERATOR}"}
    monkeypatch.undo()
    settings.cache_clear()


def samples(text, name, **labels):
    """The values of a metric with these labels."""
    found = [one for family in text_string_to_metric_families(text) for one in family.samples if one.name == name]
    return [one.value for one in found if labels.items() <= one.labels.items()]


def words(text):
    """What is said beside the numbers: their digits are of a clock, and may hold any short number by chance."""
    return "\n".join(line if line.startswith("#") else line.rpartition(" ")[0] for line in text.splitlines())


def read(office, headers):
    answer = office.client.get("/metrics", headers=headers)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain"), answer.text
    return answer.text


def test_who_may_read(office, operator):
    assert office.client.get("/metrics").status_code == 401
    assert office.client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    for who in ("emr", "navigator", "lakeside", "southerner"):
        assert office.get("/metrics", who).status_code == 403
    assert office.get("/metrics", "admin").status_code == 200
    assert office.client.get("/metrics", headers=operator).status_code == 200


def test_without_a_setting_no_token_is_the_operators(office):
    for token in ("", " ", "None", OPERATOR):
        assert office.client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_an_admin_reads_its_own_tenant_only(office, operator):
    with office.database.write() as connection:
        admin = make_token(connection, Principal("admin", None, name="a", tenant="south"), office.clock.now())
    office.taken_in()
    build_worker(office.database, office.clock).step()
    text = read(office, {"Authorization": f"Bearer {admin}"})
    assert 'tenant="south"' not in read(office, office.as_("admin"))
    assert re.findall(r"north|lakeside|hub", text) == []
    assert 'tenant="north"' in read(office, operator)
    assert 'tenant="north"' in read(office, office.as_("admin"))


def test_requests_are_counted_by_template(office, operator):
    def count(**labels):
        return sum(samples(read(office, operator), "footbridge_http_requests_total", **labels))

    route = "/api/v1/prescriptions/<uuid:identity>"
    before = count(route=route, method="GET", status="200"), count(route="unmatched", status="404")
    where = office.taken_in()
    office.get(where)
    office.client.get("/Baptiste/1990-01-01")
    assert count(route=route, method="GET", status="200") == before[0] + 1
    assert count(route="unmatched", status="404") == before[1] + 1
    text = read(office, operator)
    assert sum(samples(text, "footbridge_http_request_seconds_count", route=route)) > 0
    assert sum(samples(text, "footbridge_validation_seconds_count", at="intake")) > 0
    assert sum(samples(text, "footbridge_database_wait_seconds_count")) > 0


def test_a_validation_is_timed(office, operator):
    before = sum(samples(read(office, operator), "footbridge_validation_seconds_count", at="operation"))
    office.client.post(
        "/fhir/$validate",
        data=b'{"resourceType": "Patient"}',
        headers=office.as_("emr"),
        content_type="application/fhir+json",
    )
    assert sum(samples(read(office, operator), "footbridge_validation_seconds_count", at="operation")) == before + 1


def test_the_queue_on_both_databases(both, operator):
    both.taken_in()
    text = read(both, operator)
    kind = {"tenant": "north", "kind": "deliver", "state": "ready"}
    assert samples(text, "footbridge_jobs", **kind) == samples(text, "footbridge_jobs_due", **kind) == [1]
    both.later(minutes=10)
    assert samples(read(both, operator), "footbridge_job_oldest_seconds", **kind) == [600]
    for _ in range(12):  # nobody is at *.test
        build_worker(both.database, both.clock).step()
        both.later(hours=2)
    text = read(both, operator)
    at = {"tenant": "north", "partner": "lakeside-services"}
    assert sum(samples(text, "footbridge_job_attempts_total", outcome="unavailable", **at)) >= 5
    assert samples(text, "footbridge_circuit_open", **at) in ([0], [1])
    assert samples(text, "footbridge_workers_busy") == [0]


def test_the_lag_of_a_poll(office, operator):
    from footbridge.jobs.queue import JobQueue

    with office.database.write() as connection:
        due = office.clock.now() - timedelta(minutes=3)
        JobQueue(connection).plan(tenant="north", kind="poll", subject="north-end-hub", due=due)
    assert samples(read(office, operator), "footbridge_poll_lag_seconds", partner="north-end-hub") == [180]


def canaries(value):
    """Every text of a document that is about a person: all of its strings but codes and short words."""
    if isinstance(value, dict):
        for one in value.values():
            yield from canaries(one)
    elif isinstance(value, list):
        for one in value:
            yield from canaries(one)
    elif isinstance(value, str) and len(value) > 3 and not re.fullmatch(r"[a-z-]+", value):
        yield value


def test_nothing_is_about_a_person_and_labels_are_few(office, operator):
    secrets = {OPERATOR, *office.tokens.values()}
    for place in sorted(folder("examples").glob("[0-9]*.json")):
        document = json.loads(place.read_bytes())
        answer = office.submit(document)
        assert answer.status_code in {201, 422}
        secrets |= set(canaries(document)) | {str(answer.json.get("id"))}
        family = document["client"].get("name", {}).get("family", "x")
        office.client.get(f"/api/v1/prescriptions/{family}?name={family}", headers=office.as_("emr"))
        office.client.open(f"/{family}", method=family.upper() if family.isalpha() and family.isascii() else "GET")
        office.client.post(f"/fhir/{family}/$validate", data=json.dumps(document), headers=office.as_("emr"))
    with office.database.read() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM prescription UNION SELECT id FROM referral").scalars().all()
    for _ in range(3):
        build_worker(office.database, office.clock).step()
        office.later(hours=1)
    text = read(office, operator)
    assert [one for one in secrets | set(ids) if one in words(text)] == []
    every = [one for family in text_string_to_metric_families(text) for one in family.samples]
    assert {name for one in every for name in one.labels} <= LABELS
    templates = {rule.rule for rule in office.app.url_map.iter_rules()} | {"unmatched"}
    assert {one.labels["route"] for one in every if "route" in one.labels} <= templates
    names = {"lakeside-services", "north-end-hub", "emr", ""}
    assert {
        one.labels["partner"] for one in every if one.labels.get("tenant") == "north" and "partner" in one.labels
    } <= names


def test_a_process_that_is_just_starting_keeps_no_numbers_from_being_shown(office, operator, tmp_path, monkeypatch):
    """Its file is there, and has no byte yet."""
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))
    (tmp_path / "counter_1.db").touch()
    (tmp_path / "histogram_1.db").write_bytes(bytes(1 << 20))
    assert samples(read(office, operator), "footbridge_workers_busy") == [0]


def test_the_processes_of_a_server_show_their_sums(sqlite_database, clock, tmp_path):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    url = sqlite_database.engine.url.render_as_string()
    temporary = tmp_path / "tmp"
    temporary.mkdir()

    def ask(base, path):
        request = urllib.request.Request(f"{base}{path}", headers={"Authorization": f"Bearer {OPERATOR}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    more = {"FOOTBRIDGE_METRICS_TOKEN": OPERATOR, "TMPDIR": str(temporary)}
    with serving(url, tmp_path / "log", workers=2, **more) as server:
        # Folders only: gunicorn and tempfile make files there that they remove at once.
        assert [one.name[:19] for one in temporary.iterdir() if one.is_dir()] == ["footbridge-metrics-"]
        for _ in range(30):  # each on a connection of its own: some come to either process
            ask(server.base, "/healthz")
        counts = {
            sum(samples(ask(server.base, "/metrics"), "footbridge_http_requests_total", route="/healthz"))
            for _ in range(10)
        }
    assert counts == {30}
    assert list(temporary.iterdir()) == []
