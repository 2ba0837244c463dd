"""Prescriptions that ended long ago are erased, of the tenants that say so; what is still needed stays."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from support.planted import canary, document, traces
from support.spine import DOCTOR, LINK_WORKER, TENANT, World

from footbridge.jobs import tenant_retention
from footbridge.model.clock import ManualClock
from footbridge.store import clients, tables
from footbridge.store.engine import Database
from footbridge.store.person_data import find_by_identifier
from footbridge.store.reclaim import reclaim
from footbridge.store.tenants import set_retention

DAYS = 30


@pytest.fixture
def clinic(database: Database, clock: ManualClock) -> Any:
    with World(database, clock) as world:
        world.hosted("hub")
        yield world


def keep(world: World, days: int | None = DAYS) -> None:
    with world.database.write() as connection:
        set_retention(connection, TENANT, days)


def ended(world: World, who: str, number: int, event: str = "cancel", **changes: Any) -> str:
    receipt = world.submit(document(who, number, **{"followUp": None, **changes}))
    world.pass_time()
    world.command(receipt.id, event, reason=canary(who, number, "why"))
    world.pass_time()
    return receipt.id


def left(world: World) -> set[str]:
    with world.database.read() as connection:
        return set(connection.scalars(select(tables.prescription.c.id)))


def test_nothing_is_erased_unless_the_tenant_says_so(clinic: World) -> None:
    one = ended(clinic, "one", 1)
    clinic.pass_time(4000, step=dt.timedelta(days=1000))
    assert left(clinic) == {one}
    keep(clinic)
    keep(clinic, None)
    clinic.pass_time(1)
    assert left(clinic) == {one}


def test_what_ended_long_ago_goes_without_a_trace_and_leaves_counts(clinic: World) -> None:
    keep(clinic)
    one = ended(clinic, "one", 1)
    clinic.pass_time(DAYS - 1)
    assert left(clinic) == {one}
    other = ended(clinic, "other", 1)
    clinic.pass_time(2)
    assert left(clinic) == {other}
    reclaim(clinic.database)
    assert traces(clinic.database, "one") == []
    assert traces(clinic.database, "other")
    with clinic.database.read() as connection:
        (row,) = connection.execute(select(tables.erased_prescription)).all()
        assert (row.id, row.cause, row.status, row.categories) == (
            one, "retention", "cancelled", "|food-insecurity|social-connection|",
        )  # fmt: skip
        names = connection.scalars(select(tables.event.c.name).where(tables.event.c.prescription == one)).all()
        assert {"submitted", "cancel"} <= set(names)
    clinic.pass_time(1)
    assert left(clinic) == {other}


def test_what_is_open_planned_or_unsent_stays(clinic: World) -> None:
    keep(clinic)
    active = clinic.submit(document("one", 1)).id
    clinic.partner("own")
    unsent = clinic.submit(document("one", 2, service={"partner": "own"}, followUp=None)).id
    clinic.pass_time()
    del clinic.recipients["own"]
    clinic.servers["own"].stop()
    clinic.command(unsent, "cancel", reason="Moved away")
    planned = clinic.submit(document("one", 3, authored="2026-03-02T06:00:00-05:00", followUp={
        "due": "2026-12-30", "method": "phone", "by": "requester", "questions": ["did-it-happen"]})).id  # fmt: skip
    clinic.pass_time()
    clinic.command(planned, "accept", LINK_WORKER)
    clinic.command(planned, "start", LINK_WORKER)
    clinic.command(planned, "complete", LINK_WORKER)
    clinic.pass_time(2 * DAYS, step=dt.timedelta(days=DAYS))
    assert left(clinic) == {active, unsent, planned}


def test_what_another_prescription_of_the_person_needs_stays(clinic: World) -> None:
    keep(clinic)
    ended(clinic, "one", 1, client={**document("one", 1)["client"], "safeToContact": False})
    active = clinic.submit(document("one", 2)).id
    clinic.pass_time(DAYS + 1, step=dt.timedelta(days=DAYS + 1))
    assert left(clinic) == {active}
    with clinic.database.read() as connection:
        person = find_by_identifier(connection, TENANT, "urn:footbridge:test:chart", canary("one", 0, "chart"))
        assert person is not None
        assert clients.is_contact_prohibited(connection, TENANT, person), "nobody took that back"
        bodies = " ".join(connection.scalars(select(tables.resource.c.body)))
    assert canary("one", 2, "statement") in bodies
    assert canary("one", 1, "statement") not in bodies
    assert clinic.command(active, "cancel", DOCTOR, reason="Moved away") == "cancelled"
    clinic.pass_time(DAYS + 1, step=dt.timedelta(days=DAYS + 1))
    reclaim(clinic.database)
    assert traces(clinic.database, "one") == []


def test_a_heap_is_erased_batch_by_batch(clinic: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_retention, "BATCH", 2)
    for number in range(5):
        ended(clinic, "one" if number % 2 else "other", number)
    keep(clinic)
    clinic.clock.advance(dt.timedelta(days=DAYS))
    retention = tenant_retention.TenantRetention(clinic.database, clinic.clock)
    counts = []
    for _ in range(4):
        retention.erase_if_due()
        counts.append(len(left(clinic)))
    assert counts == [3, 1, 0, 0]
