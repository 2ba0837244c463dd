"""Documents of a referral are files to keep: for whom the rules allow, as attachments, and audited."""

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from footbridge.store import ocean_documents
from footbridge.store.ocean_documents import WantedDocument
from footbridge.store.partners import change_partner, get_partner
from footbridge.store.tables.audit import audit_event as audit_table

PDF = b"%PDF-1.7 <script>alert(1)</script>"
TITLE = 'Plan of Zofia <b>K</b>".pdf'


@pytest.fixture
def placed(house):
    """A referral at lakeside with a letter, an attachment, and one that is still to come."""
    prescription, referral = house.prescribe(consent={"status": "given", "basis": "express", "given": "2026-02-27"})
    house.work()
    ids = [
        store(house, prescription, kind, content)
        for kind, content in (("letter", PDF), ("document", PDF), ("document", None))
    ]
    return prescription, referral, ids


def store(house, prescription, kind, content):
    identity = str(uuid.uuid4())
    wanted = WantedDocument(identity, "clinic", prescription, f"https://ocean.example/{identity}", kind, TITLE)
    with house.database.write() as connection:
        ocean_documents.want(connection, "north", wanted, house.clock.now())
        if content is not None:
            ocean_documents.store(connection, identity, content, "application/pdf")
    return identity


def place(referral, document):
    return f"/portal/referrals/{referral}/documents/{document}"


@pytest.mark.parametrize("name", ["kit", "doctor"])
def test_who_sees_the_whole_gets_the_file_and_it_is_only_ever_a_file(house, placed, name):
    _prescription, referral, (letter, plan, _later) = placed
    browser = house.browser(name)
    page = browser.get(f"/portal/referrals/{referral}").text
    assert place(referral, letter) in page
    assert "Zofia <b>" not in page
    answer = browser.get(place(referral, plan))
    assert (answer.status_code, answer.data, answer.mimetype) == (200, PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=document-{plan[:8]}.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    house.app.extensions["footbridge"].audit.flush()
    with house.database.read() as connection:
        rows = connection.execute(select(audit_table).where(audit_table.c.resource == plan)).all()
    assert [(row.interaction, row.type, row.actor) for row in rows] == [
        ("read", "DocumentReference", house.users[name].name)
    ]


@pytest.mark.parametrize("name", ["ana", "bo", "root", "dee"])
def test_nobody_else_gets_it_or_reads_that_it_is_there(house, placed, name):
    _prescription, referral, (letter, plan, _later) = placed
    browser = house.browser(name)
    assert "/documents/" not in browser.get(f"/portal/referrals/{referral}").text
    for one in (letter, plan):
        answer = browser.get(place(referral, one))
        assert answer.status_code in {403, 404}
        assert PDF not in answer.data


def test_a_worker_of_a_custodian_gets_it(house, placed):
    _prescription, referral, (letter, _plan, _later) = placed
    with house.database.write() as connection:
        partner = get_partner(connection, "north", "lakeside-services")
        change_partner(connection, "north", replace(partner, custodian=True))
    assert house.browser("ana").get(place(referral, letter)).data == PDF
    assert house.browser("bo").get(place(referral, letter)).status_code == 404


def test_one_of_another_referral_and_one_not_fetched_are_not_found(house, placed):
    _prescription, referral, (letter, _plan, later) = placed
    _other, elsewhere = house.prescribe(number=2)
    browser = house.browser("kit")
    assert browser.get(place(referral, later)).status_code == 404
    assert browser.get(place(elsewhere, letter)).status_code == 404
    assert browser.get(place(referral, uuid.uuid4())).status_code == 404
    assert browser.get(place(referral, "not-an-id")).status_code == 404
    assert house.browser().get(place(referral, letter)).status_code in {302, 303}
