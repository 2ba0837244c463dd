"""The letter and attachments: only this referral's, only from the site's own server, only what they say they are."""

import base64

import pytest
from sqlalchemy import text
from support.ocean import OceanWorld
from support.spine import TENANT

from footbridge.model.prescription import Client, Consent, Prescription
from footbridge.partners.ocean.documents import media_type_of
from footbridge.security.disclosure import may_have_documents
from footbridge.simulators.ocean import Attachment
from footbridge.store import ocean_documents


@pytest.fixture
def world(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        yield world


def documents(world, ref):
    with world.database.read() as connection:
        return ocean_documents.of_prescription(connection, TENANT, world.prescription_of(ref))


def with_attachment(world):
    from dataclasses import replace

    draft = world.ocean.generator.draft(form="example_social_prescription", need="food", language="en")
    draft = replace(draft, attachments=(Attachment("plan.pdf", "Care plan"),))
    return world.ocean.refer(world.with_answers(draft, consent="Yes"))


def test_letter_and_attachment_are_fetched_once(world):
    ref = with_attachment(world)
    world.settle()
    found = documents(world, ref)
    assert [(one.kind, one.state, one.media_type) for one in found] == [
        ("letter", "stored", "application/pdf"),
        ("document", "stored", "application/pdf"),
    ] or {one.kind for one in found} == {"letter", "document"}
    assert {one.state for one in found} == {"stored"}
    world.act("hub", status="accepted")
    world.settle()
    assert len(documents(world, ref)) == len(found)


def test_nothing_is_fetched_while_there_is_no_consent(world):
    ref = world.ocean.refer(world.ocean.generator.draft(form="quickReferral", need="food", language="en"))
    world.settle()
    assert {one.state for one in documents(world, ref)} == {"wanted"}
    world.say(ref, "confirm-consent")
    world.settle(3)
    assert {one.state for one in documents(world, ref)} == {"stored"}


def test_nothing_is_fetched_while_an_implied_consent_is_not_enough(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path, consent="implied") as world:
        world.partner("hub")  # no custodian: a person has to ask the client
        ref = with_attachment(world)
        world.settle()
        assert {one.state for one in documents(world, ref)} == {"wanted"}
        world.say(ref, "refuse-consent")
        world.settle(3)
        assert "stored" not in {one.state for one in documents(world, ref)}


def test_a_url_of_another_server_or_another_referral_is_not_asked(world):
    ref = world.refer()
    body = world.later(
        ref,
        "add-service-request",
        lambda text: text.replace(
            f"{world.ocean.base_url}/svc/fhir/v1/ServiceRequest", "http://127.0.0.1:1/svc/fhir/v1/ServiceRequest"
        ),
    )
    import datetime as dt

    world.ocean.outage(dt.timedelta(days=300))
    world.post(body)
    world.settle()
    assert [one for one in documents(world, ref) if one.kind == "letter"] == []


def test_a_custodian_gets_each_document_once_with_its_content(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub", custodian=True)
        ref = with_attachment(world)
        world.settle()
        stored = {one.id: one for one in documents(world, ref)}
        assert len(stored) == 2
        there = list(world.servers["hub"].all("DocumentReference"))
        assert {one["identifier"][0]["value"] for one in there} == set(stored)
        (patient,) = world.servers["hub"].all("Patient")
        for one in there:
            (content,) = one["content"]
            assert content["attachment"]["contentType"] == "application/pdf"
            assert base64.b64decode(content["attachment"]["data"]).startswith(b"%PDF-")
            assert one["subject"]["reference"] == f"Patient/{patient['id']}"
            assert "url" not in content["attachment"]
        assert world.names(world.prescription_of(ref)).count("document") == 2
        world.act("hub", status="accepted")
        world.ocean.users.change(ref, "<p>Now also lonely</p>")
        world.settle(3)
        assert len(list(world.servers["hub"].all("DocumentReference"))) == 2


@pytest.mark.parametrize("why", ["no custodian", "limited consent", "unsafe"])
def test_nobody_else_gets_one_or_learns_that_there_is_one(sqlite_database, clock, tmp_path, why):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub", custodian=why != "no custodian")
        ref = world.ocean.refer(world.ocean.generator.draft(form="quickReferral", need="food", language="en"))
        world.settle()
        if why == "unsafe":
            world.say(ref, "prohibit-contact")
        scope = ("needs", "contact") if why == "limited consent" else None
        consent = Consent(status="given", basis="express", scope=scope)
        world.say(ref, "confirm-consent", consent=consent)
        world.settle(3)
        assert {one.state for one in documents(world, ref)} == {"stored"}
        assert world.tasks("hub")
        assert list(world.servers["hub"].all("DocumentReference")) == []
        assert "document" not in world.names(world.prescription_of(ref))


def test_a_custodian_on_our_server_has_it_in_its_compartment_until_it_declines(sqlite_database, clock, tmp_path):
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        hub = world.hosted("hub", custodian=True)
        with_attachment(world)
        world.settle()
        assert len(held(world)) == 2
        (task,) = hub.all("Task")
        status, _task = hub.put(task | {"status": "rejected", "statusReason": {"text": "No places"}})
        assert status == 200
        world.settle()
        assert held(world) == []


def held(world):
    """DocumentReferences in the compartment of the hosted service, older versions included."""
    query = text("SELECT id FROM resource WHERE type = 'DocumentReference' AND compartment = 'hub' AND body <> ''")
    with world.database.read() as connection:
        return list(connection.scalars(query))


@pytest.mark.parametrize(
    ("consent", "custodian", "part", "safe", "may"),
    [
        (Consent(status="given", basis="express"), True, False, True, True),
        (Consent(status="given", basis="implied"), True, False, True, True),
        (Consent(status="given", basis="express"), False, False, True, False),
        (Consent(status="given", basis="express"), True, True, True, False),
        (Consent(status="given", basis="express"), True, False, False, False),
        (Consent(status="given", basis="express", scope=("contact",)), True, False, True, False),
        (Consent(status="withdrawn", basis="express"), True, False, True, False),
        (None, True, False, True, False),
    ],
)
def test_who_may_have_documents(consent, custodian, part, safe, may):
    document = Prescription.model_construct(consent=consent, client=Client(safe_to_contact=safe))
    assert may_have_documents(document, custodian=custodian, part=part) is may


@pytest.mark.parametrize(
    ("content", "said", "found"),
    [
        (b"%PDF-1.4 ...", "application/pdf", "application/pdf"),
        (b"%PDF-1.4 ...", None, "application/pdf"),
        (b"%PDF-1.4 ...", "image/png", None),
        (b"\x89PNG\r\n\x1a\n..", "image/png", "image/png"),
        (b"<html><script>", "application/pdf", None),
        (b"<html><script>", "text/html", None),
        (b"MZ\x90\x00", "application/pdf", None),
        (b"plain words", "text/plain", "text/plain"),
        (b"plain\x00words", "text/plain", None),
        (b"\xff\xd8\xff..", "image/jpg", "image/jpeg"),
        (b"\xff\xd8\xff..", "IMAGE/JPEG; name=x.jpg", "image/jpeg"),
        (b"%PDF-1.4 ...", "application/octet-stream", "application/pdf"),
        (b"MZ\x90\x00", "application/octet-stream", None),
        (b"\x00\x00\x00\x18ftypheic", "image/heic", None),
        (b"caf\xc3\xa9", "text/plain; charset=utf-8", "text/plain"),
        (b"", "application/pdf", None),
    ],
)
def test_the_type_is_that_of_the_content(content, said, found):
    assert media_type_of(content, said) == found
