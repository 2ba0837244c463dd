"""What is held on a client goes as a whole, wherever it is, and nothing of anybody else with it."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select
from support.hosted import Stranger
from support.planted import canary, document, traces
from support.spine import LINK_WORKER, TENANT, World

from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import ManualClock
from footbridge.partners.ports import Appointment, AppointmentTime, Document, Message
from footbridge.referrals import intake
from footbridge.referrals.client_data import OpenReferralError, cancel_open, erase_client, standing_of
from footbridge.referrals.inbound import receive
from footbridge.store import idempotency, inbox, tables
from footbridge.store.engine import Database
from footbridge.store.network_context import put_context
from footbridge.store.partners import get_partner
from footbridge.store.person_data import find_by_identifier, held_on
from footbridge.store.person_erasure import Erased, Order, erase_held
from footbridge.store.person_export import export_held
from footbridge.store.prescriptions import get_prescription
from footbridge.store.reclaim import reclaim
from footbridge.store.resource_rows import Scope

Json = dict[str, Any]
ORDER = Order("request", "privacy officer", "Request 14")


@pytest.fixture
def clinic(database: Database, clock: ManualClock) -> Any:
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("own")
        yield world


@pytest.fixture
def hub(clinic: World) -> Stranger:
    return clinic.hosted("hub")


def person_of(world: World, prescription: str) -> str:
    with world.database.read() as connection:
        return get_prescription(connection, TENANT, prescription).person


def export(world: World, person: str) -> Json:
    with world.database.read() as connection:
        return export_held(connection, held_on(connection, TENANT, person), dt.datetime(2026, 3, 2, tzinfo=dt.UTC))


def erase(world: World, person: str, *, drop: bool = False) -> Erased:
    with world.database.read() as connection:
        found = standing_of(connection, TENANT, person, world.clock.now())
    cancel_open(world.database, world.clock, TENANT, found.open, "privacy officer")
    world.pass_time()
    erased = erase_client(world.database, world.clock, TENANT, person, ORDER, drop=drop)
    reclaim(world.database)
    return erased


def say(world: World, partner: str, value: Any) -> None:
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        assert receive(scope, get_partner(connection, TENANT, partner), value).code == "applied"


def busy(world: World, who: str, number: int, partner: str = "hub") -> str:
    """A prescription with everything that can be held on it: words of everybody, outcomes, answers, contexts."""
    word = canary(who, number, "said")
    receipt = world.submit(document(who, number, service={"partner": partner}))
    world.pass_time()
    (row,) = world.referrals(receipt.id)
    now = world.clock.now()
    common = {"key": row.task, "at": now}
    paper = Document(word, "text/plain", word.encode())
    say(world, partner, Message(message_id=f"m-{word}", text=word, documents=(paper,), context=word, **common))
    say(world, partner, Appointment(message_id=f"a-{word}", time=AppointmentTime(now, location=word), **common))
    world.command(receipt.id, "prohibit-contact", LINK_WORKER, reason=word)
    world.command(receipt.id, "allow-contact", LINK_WORKER, reason=word)
    with world.database.write() as connection:
        answer = idempotency.Replay(201, f"/api/v1/prescriptions/{receipt.id}", f'{{"id":"{word}"}}')
        idempotency.put(connection, idempotency.Key(TENANT, "", f"key-{word}"), "f" * 64, answer, now)
        put_context(connection, TENANT, partner, receipt.id, word)
    world.pass_time()
    return receipt.id


def worked(hub: Stranger, who: str) -> list[Json]:
    """A service accepts and completes what it is asked for a person, in its own words."""
    word = canary(who, 0, "hub")
    made = []
    for task in [
        one for one in hub.all("Task") if "for" in one and canary(who)[:5] in str(hub.get(one["for"]["reference"]))
    ]:
        assert hub.put({**task, "status": "accepted", "businessStatus": {"text": word}})[0] == 200
        done = {"resourceType": "Procedure", "status": "completed", "code": {"text": word}, "subject": task["for"]}
        made.append(hub.create({**done, "basedOn": [task["focus"]]}))
        now = hub.get(f"Task/{task['id']}") or {}
        output = {"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{made[-1]['id']}"}}
        assert hub.put({**now, "status": "completed", "note": [{"text": word}], "output": [output]})[0] == 200
        # what it writes besides, about what it wrote itself
        made.append(hub.create({"resourceType": "Observation", "status": "final", "code": {"text": word},
                                "partOf": [{"reference": f"Procedure/{made[-1]['id']}"}]}))  # fmt: skip
        made.append(hub.create({"resourceType": "Communication", "status": "completed", "subject": task["for"],
                                "payload": [{"contentString": word}]}))  # fmt: skip
    return made


def test_no_byte_of_one_stays_and_everything_of_the_other(clinic: World, hub: Stranger) -> None:
    mine = [busy(clinic, "one", 1), busy(clinic, "one", 2, "own")]
    theirs = [busy(clinic, "other", 1), busy(clinic, "other", 2, "own")]
    assert len(worked(hub, "one")) == 3
    worked(hub, "other")
    clinic.pass_time(1)
    assert traces(clinic.database, "one")
    person, neighbour = person_of(clinic, mine[0]), person_of(clinic, theirs[0])
    held = export(clinic, person)
    for what in ("said1", "hub0", "order1", "chart0", "mail1", "journey1"):
        assert f"zqone{what}qz" in str(held), f"the export lacks {what}"
    assert "zqother" not in str(held)
    with clinic.database.read() as connection:
        open_now = standing_of(connection, TENANT, person, clinic.clock.now())
    cancel_open(clinic.database, clinic.clock, TENANT, open_now.open, "privacy officer")
    clinic.pass_time()
    before, shown = export(clinic, neighbour), hub.everything_said()
    erased = erase_client(clinic.database, clinic.clock, TENANT, person, ORDER, drop=False)
    assert (erased.prescriptions, erased.referrals) == (2, 2)
    reclaimed = reclaim(clinic.database)
    assert reclaimed.complete is clinic.database.is_sqlite
    assert traces(clinic.database, "one") == []
    after = export(clinic, neighbour)
    for name, rows in before.items():
        lost = [one for one in rows if one not in after[name]] if isinstance(rows, list) else []
        assert lost == [], name
    assert after == before
    assert "zqone" in shown
    assert [line for line in shown.split("\n") if "zqother" in line] == [
        line for line in hub.everything_said().split("\n") if "zqother" in line
    ]
    with clinic.database.read() as connection:
        assert find_by_identifier(connection, TENANT, "urn:footbridge:test:chart", canary("one", 0, "chart")) is None
        names = connection.scalars(select(tables.event.c.name).where(tables.event.c.prescription == mine[0])).all()
        assert {"submitted", "delivered", "message", "document", "appointment", "contact-allowed"} <= set(names)
        rows = connection.execute(select(tables.erased_prescription)).all()
    assert {(row.id, row.cause, row.actor) for row in rows} == {(one, "request", "privacy officer") for one in mine}


def test_afterwards_everything_goes_on_and_the_same_person_is_new(clinic: World, hub: Stranger) -> None:
    first = busy(clinic, "one", 1)
    person = person_of(clinic, first)
    busy(clinic, "other", 1)
    erase(clinic, person)
    again = busy(clinic, "one", 3)
    assert person_of(clinic, again) != person
    assert len(worked(hub, "one")) == 3
    clinic.pass_time(40)
    assert clinic.status(again) == "completed"
    assert clinic.counts()["failed"] == 0
    assert erase(clinic, person).prescriptions == 0, "it is repeated without harm"
    assert clinic.status(again) == "completed"


def _counts(world: World) -> dict[str, int]:
    with world.database.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.metadata.tables.items()
        }


def test_what_partners_say_later_stores_nothing(clinic: World, hub: Stranger) -> None:
    at_hub, at_own = busy(clinic, "one", 1), busy(clinic, "one", 2, "own")
    task = hub.all("Task")[0]
    patient, order = task["for"], task["focus"]
    made = worked(hub, "one")[0]
    clinic.pass_time()
    task = hub.get(f"Task/{task['id']}")
    late = [Message(message_id="m-" + canary("one", 2, "said"), key=clinic.referrals(at_own)[0].task, text="again")]
    erase(clinic, person_of(clinic, at_hub))
    before = _counts(clinic)
    for name, reason in (("own", canary("one", 9, "late")), ("emr", canary("one", 9, "late"))):
        for asked in clinic.tasks(name):
            clinic.rewrite(name, asked, status="completed", statusReason={"text": reason})
    clinic.pass_time(2)
    assert task is not None
    assert hub.put({**task, "status": "completed"})[0] in {404, 410, 412}
    new = {"resourceType": "Procedure", "status": "completed", "code": {"text": canary("one", 9, "late")}}
    for about in ({"subject": patient}, {"basedOn": [order]}, {"partOf": [{"reference": f"Procedure/{made['id']}"}]},
                  {"subject": {"reference": f"https://footbridge.test/fhir/{patient['reference']}"}}):  # fmt: skip
        status, outcome = hub.send("POST", "Procedure", {**new, **about})
        assert status == 422, outcome
    assert hub.send("PUT", f"Procedure/{made['id']}", {**new, "id": made["id"]})[0] == 422
    for one in late:
        with clinic.database.write() as connection:
            scope = Scope(connection, TENANT, clinic.clock.now())
            assert receive(scope, get_partner(connection, TENANT, "own"), one).code == "not-ours"
    assert _counts(clinic) == before
    reclaim(clinic.database)
    assert traces(clinic.database, "one") == []


def test_a_message_that_brought_it_is_not_taken_again(clinic: World, hub: Stranger) -> None:
    first = busy(clinic, "one", 1)
    message = "m-" + canary("one", 1, "said")
    erase(clinic, person_of(clinic, first))
    with clinic.database.write() as connection:
        assert inbox.outcome_of(connection, TENANT, "hub", message) == "applied"
        assert not inbox.receive(connection, TENANT, "hub", message, clinic.clock.now())
        assert inbox.receive(connection, TENANT, "hub", "m-another", clinic.clock.now())


def test_what_is_open_or_unsent_is_refused(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(document("one", 1, service={"partner": "own"}))
    person = person_of(clinic, receipt.id)
    with pytest.raises(OpenReferralError, match="not ended"):
        erase_client(clinic.database, clinic.clock, TENANT, person, ORDER, drop=True)
    cancel_open(clinic.database, clinic.clock, TENANT, [receipt.id], "privacy officer")
    assert clinic.status(receipt.id) == "cancelled"
    with pytest.raises(OpenReferralError, match="not got"):
        erase_client(clinic.database, clinic.clock, TENANT, person, ORDER, drop=False)
    assert erase_client(clinic.database, clinic.clock, TENANT, person, ORDER, drop=True).messages >= 2


@pytest.mark.parametrize("journey", ["split", "declined", "signpost", "waiting", "given-up"])
def test_whatever_is_open_is_cancelled(clinic: World, hub: Stranger, journey: str) -> None:
    changes: Json = {"service": {"partner": "hub"}}
    if journey == "split":
        changes = {"service": None, "kind": "navigator"}
    if journey == "signpost":
        changes |= {"kind": "signpost", "consent": None, "followUp": None}
    if journey == "waiting":
        changes = {"service": None}
    receipt = clinic.submit(document("one", 1, **changes))
    clinic.pass_time()
    if journey == "split":
        parts = [
            {"description": "A food box", "category": "food-insecurity", "partner": "hub"},
            {"description": "A choir", "category": "social-connection", "partner": "own"},
        ]
        clinic.split(receipt.id, parts)
        clinic.pass_time()
    if journey in {"declined", "given-up"}:
        steps = ["rejected"] if journey == "declined" else ["accepted", "failed"]
        for status in steps:
            (task,) = hub.all("Task")
            assert hub.put({**task, "status": status, "statusReason": {"text": "No places"}})[0] == 200
    erase(clinic, person_of(clinic, receipt.id))
    assert traces(clinic.database, "one") == []
    assert clinic.counts()["failed"] == 0


def test_a_worker_that_is_sending_meanwhile_changes_nothing(clinic: World, hub: Stranger) -> None:
    receipt = clinic.submit(document("one", 1, service={"partner": "own"}))
    person = person_of(clinic, receipt.id)
    cancel_open(clinic.database, clinic.clock, TENANT, [receipt.id], "privacy officer")
    now = clinic.clock.now()
    with clinic.database.write() as connection:
        taken = JobQueue(connection).claim(
            owner="w", kinds=("deliver", "update"), now=now, lease=dt.timedelta(minutes=1), limit=9
        )
    assert taken
    erase_client(clinic.database, clinic.clock, TENANT, person, ORDER, drop=True)
    clinic.submit(document("other", 1, service={"partner": "own"}))
    with clinic.database.write() as connection:
        queue = JobQueue(connection)
        ready = queue.counts()["ready"]
        newer = queue.claim(owner="v", kinds=("deliver",), now=now, lease=dt.timedelta(minutes=1), limit=9)
        assert not any(queue.finish(one, now=now) for one in taken)
        assert queue.counts()["ready"] == ready
        assert all(queue.release(one) for one in newer)
    clinic.pass_time()
    assert clinic.counts()["failed"] == 0
    reclaim(clinic.database)
    assert traces(clinic.database, "one") == []


def test_it_happens_as_a_whole_or_not_at_all(clinic: World, hub: Stranger, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = clinic.submit(document("one", 1))
    person = person_of(clinic, receipt.id)
    cancel_open(clinic.database, clinic.clock, TENANT, [receipt.id], "privacy officer")
    before = export(clinic, person)

    def fails(*_: object) -> int:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr("footbridge.store.person_erasure._events", fails)
        with pytest.raises(RuntimeError):
            erase_client(clinic.database, clinic.clock, TENANT, person, ORDER, drop=True)
    assert export(clinic, person) == before


def test_a_prescription_that_is_taken_in_meanwhile_is_whole(
    clinic: World, hub: Stranger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is there already (client, service, doctor) and the write, all of that is erased."""
    person = person_of(clinic, clinic.submit(document("one", 1)).id)
    ready, store = intake.make_ready, intake.store
    late: list[Any] = []

    def remember(*given: Any, **named: Any) -> Any:
        late.append(ready(*given, **named))
        return late[-1]

    def too_late(scope: Scope, made: Any, principal: Any) -> Any:
        if len(late) == 1:
            erase_held(scope, held_on(scope.connection, TENANT, person), ORDER)
        return store(scope, made, principal)

    monkeypatch.setattr(intake, "make_ready", remember)
    monkeypatch.setattr(intake, "store", too_late)
    second = clinic.submit(document("one", 2))
    kinds = {one["resource"]["resourceType"] for one in export(clinic, person_of(clinic, second.id))["resources"]}
    assert len(late) > 1, "it is looked at once more"
    assert {"Patient", "Organization", "Task"} <= kinds
