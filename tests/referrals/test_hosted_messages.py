"""A message to a service that works on our server goes with the rest, when the service may know no more."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from support.hosted import Stranger
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, prescribed

from footbridge.model.clock import ManualClock
from footbridge.partners.ports import Document, Message
from footbridge.referrals.inbound import receive
from footbridge.referrals.onboarding import unregister_partner
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.store.partners import get_partner
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import resource, search_index

Json = dict[str, Any]
WORDS, LETTER = "She asks for Grace at the desk.", "bGV0dGVyIGFib3V0IEdyYWNl"  # the second as base64 has it
NO_CLIENT_DATA = {"Organization", "HealthcareService", "Location", "Practitioner", "PractitionerRole", "Task"}


@pytest.fixture
def clinic(database: Database, clock: ManualClock) -> Any:
    with World(database, clock) as world:
        world.take_on("emr", "requester", network="hosted", base_url="")
        yield world


@pytest.fixture
def hub(clinic: World) -> Stranger:
    return clinic.hosted("hub")


def say(clinic: World, prescription: str, words: str = WORDS) -> None:
    """The requester writes to whoever is at work on the whole, a paper with it."""
    paper = Document("letter", "text/plain", b"letter about Grace")
    said = Message(message_id=f"m-{words}", key=clinic.referrals(prescription)[0].task, text=words, documents=(paper,))
    with clinic.database.write() as connection:
        scope = Scope(connection, TENANT, clinic.clock.now())
        assert receive(scope, get_partner(connection, TENANT, "emr"), said).code == "applied"
    clinic.pass_time()


def stored(clinic: World, name: str = "hub") -> str:
    """All that the database holds of the compartment: every version, and what is searched by."""
    found = []
    with clinic.database.read() as connection:
        for table in (resource, search_index):
            query = select(table).where(table.c.tenant == TENANT, table.c.compartment == name)
            found += [str(tuple(row)) for row in connection.execute(query)]
    return "\n".join(found)


def types(hub: Stranger) -> set[str]:
    names = ("Patient", "Condition", "Goal", "ServiceRequest", "Consent", "Observation", "Communication", "Task")
    return {name for name in names if hub.all(name)}


def move(hub: Stranger, status: str) -> None:
    """Of its Tasks that which was not written to last moves on."""
    task = hub.all("Task")[0]
    assert hub.put({**task, "status": status, "statusReason": {"text": "Ours to say"}})[0] == 200


def complete(hub: Stranger) -> None:
    for status in ("accepted", "in-progress", "completed"):
        move(hub, status)


def decline(clinic: World, hub: Stranger, prescription: str) -> None:
    move(hub, "rejected")


def withdraw(clinic: World, hub: Stranger, prescription: str) -> None:
    clinic.command(prescription, "withdraw-consent", DOCTOR)


def withdraw_late(clinic: World, hub: Stranger, prescription: str) -> None:
    complete(hub)
    clinic.pass_time(1)
    assert WORDS in stored(clinic), "just ended: it may still look"
    clinic.command(prescription, "withdraw-consent", DOCTOR)


def cancel(clinic: World, hub: Stranger, prescription: str) -> None:
    clinic.command(prescription, "cancel", DOCTOR, reason="Plans changed.")


def wait(clinic: World, hub: Stranger, prescription: str) -> None:
    complete(hub)
    clinic.clock.advance(dt.timedelta(days=settings().disclosure_days + 1))
    clinic.work()


@pytest.mark.parametrize("end", [decline, withdraw, withdraw_late, cancel, wait])
def test_nothing_of_the_client_stays_in_any_version(clinic: World, hub: Stranger, end: Any) -> None:
    prescription = clinic.submit(prescribed()).id
    clinic.pass_time()
    say(clinic, prescription)
    assert WORDS in stored(clinic)
    assert LETTER in stored(clinic)
    end(clinic, hub, prescription)
    clinic.pass_time()
    left = stored(clinic)
    assert [word for word in (WORDS, LETTER, "Okafor") if word in left] == []
    assert types(hub) <= NO_CLIENT_DATA
    (ours,) = [one for one in home(clinic) if WORDS in one]
    assert LETTER in ours, "what was written stays with us"


def home(clinic: World) -> list[str]:
    with clinic.database.read() as connection:
        query = select(resource.c.body).where(resource.c.compartment == "", resource.c.type == "Communication")
        return list(connection.execute(query).scalars())


def test_messages_about_another_referral_that_is_at_work_there_stay(clinic: World, hub: Stranger) -> None:
    first, second = clinic.submit(prescribed(1)).id, clinic.submit(prescribed(2)).id
    clinic.pass_time()
    say(clinic, first, "About the first box.")
    say(clinic, second, "About the second box.")
    clinic.command(first, "cancel", DOCTOR, reason="Plans changed.")
    clinic.pass_time()
    said = stored(clinic)
    assert "About the first box." not in said
    assert "About the second box." in said
    assert [one["payload"][0]["contentString"] for one in hub.all("Communication")] == ["About the second box."]
    clinic.command(second, "cancel", DOCTOR, reason="Plans changed.")
    clinic.pass_time()
    assert "box." not in stored(clinic).replace("Good Food Box", "")


def test_a_message_about_the_whole_stays_until_the_last_part_of_the_service_has_ended(
    clinic: World, hub: Stranger
) -> None:
    prescription = clinic.submit(prescribed(service=None, kind="navigator")).id
    parts = [{"description": "A box", "category": one, "partner": "hub"}
             for one in ("food-insecurity", "social-connection")]  # fmt: skip
    clinic.pass_time()
    clinic.split(prescription, parts)
    clinic.pass_time()
    say(clinic, prescription)
    assert hub.all("Communication")
    move(hub, "rejected")
    clinic.pass_time()
    assert WORDS in stored(clinic)
    move(hub, "rejected")
    clinic.pass_time()
    assert WORDS not in stored(clinic)
    assert types(hub) <= NO_CLIENT_DATA


def test_what_was_said_of_the_whole_is_not_kept_for_the_sake_of_a_part(clinic: World, hub: Stranger) -> None:
    """The service was asked for the whole, then for a part: the whole is called off, the part it ended itself."""
    prescription = clinic.submit(prescribed()).id
    clinic.pass_time()
    (whole,) = hub.all("Task")
    say(clinic, prescription, "Said before there were parts.")
    clinic.clock.advance(dt.timedelta(minutes=5))
    clinic.split(prescription, [{"description": "A box", "category": "food-insecurity", "partner": "hub"},
                                {"description": "A choir", "category": "social-connection"}])  # fmt: skip
    clinic.pass_time()
    say(clinic, prescription, "Said to all who have a part.")
    (part,) = [one for one in hub.all("Task") if one["id"] != whole["id"]]
    for status in ("accepted", "failed"):
        assert hub.put({**(hub.get(f"Task/{part['id']}") or {}), "status": status})[0] == 200
    clinic.command(prescription, "cancel", LINK_WORKER, reason="Moved away")
    clinic.pass_time()
    said = stored(clinic)
    assert "Said before there were parts." not in said
    assert "Said to all who have a part." in said


@pytest.mark.parametrize("name", ["hub", "emr"])
def test_a_partner_that_is_removed_leaves_nothing_to_another_one_of_its_name(
    clinic: World, hub: Stranger, name: str
) -> None:
    prescription = clinic.submit(prescribed(followUp=None)).id
    clinic.pass_time()
    say(clinic, prescription)
    complete(hub)
    clinic.pass_time()
    assert "Okafor" in stored(clinic), "just ended: it may still look"
    with clinic.database.write() as connection:
        unregister_partner(connection, TENANT, name, clinic.clock.now())
    left = stored(clinic, name)
    assert [word for word in (WORDS, LETTER, "Okafor", "Ours to say") if word in left] == []
    newer = clinic.hosted(name)
    assert newer.all("Task") == newer.all("Patient") == []
    clinic.clock.advance(dt.timedelta(days=settings().disclosure_days + 1))
    clinic.work()
    assert clinic.counts()["failed"] == 0
