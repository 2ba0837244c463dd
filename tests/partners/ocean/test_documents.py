"""The letter and attachments: only this referral's, only from the site's own server, only what they say they are."""

import pytest
from support.ocean import OceanWorld
from support.spine import TENANT

from footbridge.partners.ocean.documents import media_type_of
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
        (b"", "application/pdf", None),
    ],
)
def test_the_type_is_that_of_the_content(content, said, found):
    assert media_type_of(content, said) == found
