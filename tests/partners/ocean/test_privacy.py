"""Nothing of a person reaches a log, a URL or a service that may not know it; and what is raw goes in time."""

import datetime as dt
import json
import logging
from dataclasses import replace

import pytest
from support.ocean import OceanWorld
from support.spine import everything

from footbridge.simulators.ocean import Attachment, Person
from footbridge.store.tables import ocean_document, ocean_message

CANARIES = ("Kanarek", "Zofia", "9988776655", "705-555-0199", "kanarek@example.test", "77 Canary Lane", "SIM-CANARY")


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        yield world


def refer_canary(world, **changes):
    person = Person(
        "Kanarek", ("Zofia",), "female", "1950-02-03", "9988776655", "AB", "SIM-CANARY",
        "705-555-0199", "kanarek@example.test", "77 Canary Lane", "Loon Bay", "P0L 1A1",
    )  # fmt: skip
    draft = world.ocean.generator.draft(form="example_social_prescription", need="food", language="en")
    draft = replace(draft, person=person, attachments=(Attachment("kanarek-plan.pdf", "Kanarek"),), **changes)
    draft = world.with_answers(draft, consent="Yes", client_name="Zofia Kanarek", rfr="Kanarek is hungry")
    return world.ocean.refer(draft)


def test_no_log_line_and_no_url_holds_a_value_of_the_person(world, caplog):
    caplog.set_level(logging.DEBUG, logger="footbridge")
    ref = refer_canary(world)
    world.settle()
    world.act("hub", status="accepted")
    world.settle()
    world.ocean.users.change(ref, "<p>Kanarek again</p>")
    world.ocean.users.reply(ref, "Zofia says yes")
    world.settle()
    world.post(world.ocean.messages(ref)[0].body[:3000])
    world.post(world.later(ref, "add-service-request", lambda text: text.replace('"Bundle"', '"Kanarek"', 1)))
    world.ocean.users.cancel(ref)
    world.ocean.faults.down_until = world.clock.now() + dt.timedelta(hours=2)
    world.settle(4)
    lines = [
        record for record in caplog.records if record.name.startswith("footbridge") and "simulat" not in record.name
    ]
    assert lines
    for record in lines:
        written = f"{record.getMessage()} {record.__dict__}"
        for canary in (*CANARIES, ref):
            assert canary not in written, record.name


def test_a_service_gets_no_card_no_chart_and_no_letter(world):
    refer_canary(world)
    world.settle()
    held = json.dumps(list(everything(world.servers["hub"])))
    assert "Kanarek" in held
    for canary in ("9988776655", "SIM-CANARY", "kanarek-plan", "$letter", "$binary"):
        assert canary not in held


def test_a_custodian_may_know_the_card(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub", custodian=True)
        refer_canary(world)
        world.settle()
        assert "9988776655" in json.dumps(list(everything(world.servers["hub"])))


@pytest.mark.parametrize(("custodian", "sent"), [(True, 1), (False, 0)])
def test_an_implied_consent_reaches_custodians_only(sqlite_database, clock, tmp_path, custodian, sent):
    with OceanWorld(sqlite_database, clock, tmp_path, consent={"basis": "implied"}) as world:
        world.partner("hub", custodian=custodian)
        ref = world.ocean.refer(world.ocean.generator.draft(form="quickReferral", need="food", language="en"))
        world.settle()
        assert len(world.tasks("hub")) == sent
        if custodian:
            assert world.document_of(ref)["consent"]["basis"] == "implied"


def test_raw_messages_and_documents_go_some_days_after_the_end(world):
    ref = refer_canary(world)
    world.settle()
    for status in ("accepted", "in-progress", "completed"):
        world.act("hub", status=status)
        world.settle()
    assert count(world, ocean_message) > 0
    assert count(world, ocean_document) > 0
    world.pass_time(29)
    assert count(world, ocean_message) > 0
    world.pass_time(3)
    assert count(world, ocean_message) == 0
    assert count(world, ocean_document) == 0
    assert world.status(world.prescription_of(ref)) == "completed"


def test_an_erased_person_leaves_no_message(world):
    from footbridge.store.person_data import find_by_id, held_on
    from footbridge.store.person_erasure import Order, erase_held
    from footbridge.store.person_export import export_held
    from footbridge.store.resource_rows import Scope

    ref = refer_canary(world)
    world.settle()
    identity = world.prescription_of(ref)
    with world.database.write() as connection:
        scope = Scope(connection, "clinic", world.clock.now())
        held = held_on(connection, "clinic", find_by_id(connection, "clinic", identity))
        exported = export_held(connection, held, world.clock.now())
        assert "Kanarek" in exported["oceanMessages"][0]["body"]
        erase_held(scope, held, Order("request", "admin"))
    assert count(world, ocean_message) == 0
    assert count(world, ocean_document) == 0


def count(world, table):
    from sqlalchemy import func, select

    with world.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))
