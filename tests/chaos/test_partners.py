"""The whole way under fire: intake, delivery over HTTP, news, with workers killed and a partner that fails.

Prescriptions are taken in by Intake, four worker processes deliver them to a real FHIR server and then bring it their
news, twelve times one of them is killed (``kill -9``), and one request in ten fails at the partner: half of these with
503, half after it was carried out, so that its answer is lost. The partner's own records are the evidence.

``test_kill`` does the same with 1,000 messages and a partner that is an SQLite file. Here each referral is some ten
resources written by an HTTP server that shares the cores with the workers: 400 of them unless
``FOOTBRIDGE_CHAOS_REFERRALS`` says otherwise.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path

import orjson
from sqlalchemy import func, select
from support.crew import Crew

from footbridge.model.clock import SystemClock
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator import Fault, FhirSimulator
from footbridge.referrals.command import Command
from footbridge.referrals.commands import carry_out
from footbridge.referrals.intake import Intake
from footbridge.referrals.onboarding import register_partner
from footbridge.store.partners import Partner
from footbridge.store.tables import job, referral
from footbridge.store.tenants import add_tenant

REFERRALS = int(os.environ.get("FOOTBRIDGE_CHAOS_REFERRALS", "400"))
WORKERS = 4
KILLS = 12
FAILURES = 0.1
PATIENCE = 60 + REFERRALS  # seconds
SCRIPT = Path(__file__).parent / "spine_process.py"
FAULTS = [Fault(status=503), Fault(drop=True)]
DOCTOR = Principal("requester", name="doctor", tenant="north")
NAVIGATOR = Principal("navigator", name="navigator", tenant="north")


def document(number):
    return {
        "identifier": {"system": "urn:footbridge:test:order", "value": f"RX-{number}"},
        "kind": "warm-connection",
        "authored": "2026-03-02T06:00:00-05:00",
        "language": "en",
        "client": {"identifiers": [{"system": "urn:footbridge:test:mrn", "value": str(number)}]},
        "requester": {"role": "clinician", "name": {"family": "Tremblay"}, "organization": {"name": "Riverside"}},
        "needs": [{"category": "food-insecurity", "statement": "Skips meals."}],
        "service": {"partner": "hub", "description": "Food box"},
        "consent": {"status": "given", "basis": "express", "how": "verbal", "given": "2026-03-02"},
    }


def prescribe_everything(database, server):
    """Take every prescription in; each is accepted by a navigator before or while it is delivered."""
    clock = SystemClock()
    with database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
        hub = Partner(
            name="hub", network="fhir", role="recipient", title="Hub", base_url=server.base_url, poll_seconds=2
        )
        register_partner(connection, "north", hub, clock.now())
    intake = Intake(database, clock)
    for number in range(REFERRALS):
        receipt = intake.submit(orjson.dumps(document(number)), DOCTOR)
        carry_out(database, clock, NAVIGATOR, receipt.id, Command("accept"))


def count_open(database):
    with database.read() as connection:
        return connection.execute(
            select(func.count()).where(job.c.key.is_not(None), job.c.state == "ready")
        ).scalar_one()


def kill_while_they_work(database, crew, server):
    """The kills are spread evenly over the work; returns when all of it is done."""
    give_up = time.monotonic() + PATIENCE
    total = count_open(database)
    while left := count_open(database):
        assert time.monotonic() < give_up, f"{left} messages were left after {PATIENCE} seconds"
        server.faults.sometimes(FAILURES, random.choice(FAULTS), seed=random.randrange(10_000))
        if crew.kills < KILLS and total - left >= total * (crew.kills + 1) // (KILLS + 2):
            crew.kill_one()
        time.sleep(0.02 + random.random() * 0.02)


def identifiers_of(server):
    """Every identifier of ours at the partner, with its type, as often as it is there."""
    types = (
        "Patient",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "HealthcareService",
        "Condition",
        "Observation",
    )
    return Counter(
        (type_, identifier["value"])
        for type_ in (*types, "Consent", "ServiceRequest", "Task")
        for one in server.all(type_)
        for identifier in one["identifier"]
        if identifier["system"].endswith("NamingSystem/resource")
    )


def test_every_referral_arrives_once_and_its_news_after_it(database, tmp_path, capsys):
    url = database.engine.url.render_as_string(hide_password=False)
    with FhirSimulator(name="hub") as server, (tmp_path / "workers.log").open("wb") as log:
        prescribe_everything(database, server)
        started = time.monotonic()
        with Crew(SCRIPT, url, size=WORKERS, log=log) as crew:
            kill_while_they_work(database, crew, server)
        seconds = time.monotonic() - started
        server.faults.clear()
        there, tasks = identifiers_of(server), server.all("Task")
        histories = [server._site.store.history("Task", task["id"]) for task in tasks]
        requests = len(server.requests)
    with database.read() as connection:
        owed = set(connection.scalars(select(referral.c.task)))
        states = set(connection.scalars(select(job.c.state).where(job.c.key.is_not(None))))
    lost = owed - {value for type_, value in there if type_ == "Task"}
    doubled = [key for key, count in there.items() if count > 1]
    said = [[version.resource["status"] for version in reversed(history)] for history in histories]
    out_of_order = [statuses for statuses in said if statuses != ["requested", "accepted"]]
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what the test is run for
            f"\n{database.engine.dialect.name}: {REFERRALS} referrals of {len(there) / REFERRALS:.0f} resources, "
            f"{WORKERS} workers, {crew.kills} kill -9, {FAILURES:.0%} of {requests} requests failing: "
            f"{len(lost)} lost, {len(doubled)} doubled, {len(out_of_order)} out of order, {seconds:.1f} s"
        )
    assert crew.kills == KILLS
    assert len(owed) == REFERRALS
    assert (lost, doubled, out_of_order) == (set(), [], [])
    assert states == {"done"}
    assert (tmp_path / "workers.log").read_bytes() == b""
