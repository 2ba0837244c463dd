"""What a prescription of the portal says of who asks: the clinic, the prescriber, and whose the prescription is."""

import email
import email.policy
import html

import pytest
from support.letters import HUB, Town, mails, pdf_text
from support.portal import House

from footbridge.referrals.onboarding import register_partner
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import get_prescription
from footbridge.store.referrals import get_referral
from footbridge.store.tenants import get_tenant, set_requester
from footbridge.store.users import ASKS_AS, find_user

CLINIC = {
    "title": "Riverside Family Health Team", "phone": "807-555-0100", "street": "12 Main Street", "city": "Loon Bay",
    "province": "ON", "postal_code": "P0T 1A0",
}  # fmt: skip


@pytest.fixture
def town(sqlite_database, clock):
    return Town(sqlite_database, clock)


def text_of(answer):
    return html.unescape(answer.text)


TYPED = {
    "given": "Arne", "family": "Lindqvist", "birth": "1948-02-03", "phone": "+1 705 555 0101",
    "kind": "warm-connection", "category": "social-connection", "consent": "given", "partner": "lakeside-services",
}  # fmt: skip


def introduce(house):
    """The clinic and the prescriber say who they are."""
    root, doctor = house.browser("root"), house.browser("doctor")
    saved = root.send(root.get("/portal/admin/organization"), "/admin/organization", **CLINIC)
    assert saved.status_code == 303, text_of(saved)
    said = {"profession": "Nurse practitioner", "phone": "807-555-0101"}
    assert doctor.send(doctor.get("/portal/account"), "/portal/account", **said).status_code == 303
    return doctor


def sent_by(doctor, **typed):
    """Write and send; returns the id of the referral."""
    place = doctor.send(doctor.get("/portal/prescribe"), "/prescribe/new").headers["Location"]
    form = place.rpartition("/")[2]
    assert doctor.send(doctor.get(place), form, **{"do": "check", **TYPED, **typed}).status_code == 303
    sent = doctor.send(doctor.get(f"{place}/check"), "/send", follow=True)
    assert sent.status_code == 200, text_of(sent)
    return sent.request.path.rpartition("/")[2]


def document_of(house, referral):
    with house.database.read() as connection:
        row = get_referral(connection, "north", referral)
        return get_prescription(connection, "north", row.prescription)


def test_letter_page_and_fhir_say_who_asks_and_whom_to_phone(town, tmp_path):
    fax = tmp_path / "fax"
    fax.mkdir()
    town.add_letters(fax)
    doctor = introduce(town)
    referral = sent_by(doctor, partner=HUB)
    town.work()
    (letter,) = fax.glob("*.pdf")
    words = " ".join(pdf_text(letter).split())
    assert "Doctor, Nurse practitioner (Phone: 807-555-0101)" in words
    assert "Riverside Family Health Team (Phone: 807-555-0100)" in words
    assert "12 Main Street" in words
    shown = text_of(doctor.get(f"/portal/referrals/{referral}"))
    assert "Riverside Family Health Team (Phone: 807-555-0100)" in shown
    assert "received it" not in shown
    assert "The letter to Food Bank was written into its folder." in shown
    assert "The letter was written" in shown
    copy = text_of(doctor.get(f"/portal/referrals/{referral}/copy"))
    assert "Riverside Family Health Team (Phone: 807-555-0100)" in copy
    found = str(document_of(town, referral).document)
    assert "Nurse practitioner" in found
    assert "P0T 1A0" in found


def test_an_email_says_who_writes_and_whom_to_phone_and_so_does_the_page_before_the_code(town, mail):
    town.add_letters("mailto:office@food.example")
    doctor = introduce(town)
    sent_by(doctor, partner=HUB, **{"need-social-connection": "He sees nobody."})
    town.work()
    (message,) = mails(mail)
    text = message.get_content()
    assert "Riverside Family Health Team (Phone: 807-555-0100)" in text
    assert "Doctor, Nurse practitioner (Phone: 807-555-0101)" in text
    for word in ("Arne", "Lindqvist", "sees nobody", "555 0101", "Social"):
        assert word not in text, word
    place = next(word for word in text.split() if "/portal/reply/" in word).partition("care.example")[2]
    page = text_of(town.browser().get(place))
    assert "Riverside Family Health Team (Phone: 807-555-0100)" in page
    for word in ("Arne", "Lindqvist", "sees nobody"):
        assert word not in page, word


def test_a_partner_that_is_added_does_not_become_the_owner_of_what_the_portal_writes(both):
    doctor = introduce(both)
    with both.database.write() as connection:
        register_partner(connection, "north", Partner("emr", "hosted", "requester", "EMR", ""), both.clock.now())
        assert get_tenant(connection, "north").requester == "emr", "programs without a partner's token"
    referral = sent_by(doctor)
    assert document_of(both, referral).requester in {None, ""}
    both.work()
    assert "EMR" not in text_of(doctor.get(f"/portal/referrals/{referral}"))
    root = both.browser("root")
    page = root.get("/portal/admin/organization")
    assert root.send(page, "/admin/organization", requester="emr").status_code == 303
    assert document_of(both, sent_by(doctor, family="Berg")).requester == "emr"
    page = root.get("/portal/admin/organization")
    assert root.send(page, "/admin/organization", requester="").status_code == 303
    assert document_of(both, sent_by(doctor, family="Dahl")).requester in {None, ""}


def test_a_site_of_ocean_owns_nothing_that_did_not_come_from_it(house):
    with house.database.write() as connection:
        site = Partner("clinic", "ocean", "requester", "Clinic", "https://ocean.test")
        register_partner(connection, "north", site, house.clock.now())
        assert get_tenant(connection, "north").requester is None
        set_requester(connection, "north", "clinic")
        assert get_tenant(connection, "north").requester_chosen


def test_what_cannot_be_is_said_and_stays_typed(house):
    root, doctor = house.browser("root"), house.browser("doctor")
    page = root.get("/portal/admin/organization")
    for wrong in ({"title": ""}, {"phone": "call us"}, {"email": "nobody"}, {"city": "x" * 300}):
        answer = root.send(page, "/admin/organization", **(CLINIC | wrong))
        assert answer.status_code == 422, wrong
        assert "12 Main Street" in answer.text
    account = doctor.get("/portal/account")
    bad = doctor.send(account, "/portal/account", phone="call me", profession="<b>NP</b>")
    assert bad.status_code == 422
    assert "&lt;b&gt;NP" in bad.text
    assert doctor.get("/portal/admin/organization").status_code == 403


def test_an_administrator_presents_a_user_and_services_are_not_presented(house):
    root = house.browser("root")
    place = f"/portal/admin/users/{house.users['kit'].id}"
    done = root.send(root.get(place), "/presented", profession="Social worker", phone="1", asks_as="social-worker")
    assert done.status_code == 422
    done = root.send(root.get(place), "/presented", profession="Social worker", phone="", asks_as="social-worker")
    assert done.status_code == 303
    with house.database.read() as connection:
        kit = find_user(connection, "kit@north.example")
    assert (kit.profession, kit.phone, kit.asks_as) == ("Social worker", None, "social-worker")
    assert "asks_as" not in root.get(f"/portal/admin/users/{house.users['ana'].id}").text
    assert "asks_as" not in house.browser("ana").get("/portal/account").text
    assert kit.asks_as in ASKS_AS


def test_a_new_user_gets_an_email_with_a_link_that_signs_in(house, mail):
    root = house.browser("root")
    typed = {"name": "Eva", "email": "eva@north.example", "role": "navigator"}
    added = root.send(root.get("/portal/admin/users"), "/admin/users", follow=True, **typed)
    assert "They get an e-mail with a link to sign in." in text_of(added)
    house.work()
    (file,) = mail.glob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == "eva@north.example"
    text = message.get_content()
    place = next(word for word in text.split() if "/portal/link/" in word).partition("care.example")[2]
    eva = house.browser()
    assert eva.send(eva.get(place), place).status_code == 303
    assert eva.get("/portal").status_code == 200
    assert "/portal/sign-in" in text


def test_errors_of_a_user_stand_at_their_fields_and_name_no_command(house):
    root = house.browser("root")
    empty = text_of(root.send(root.get("/portal/admin/users"), "/admin/users", name="", email="", role="", partner=""))
    for field in ("name", "email", "role"):
        assert f'id="{field}-error"' in empty
    worker = {"name": "Eva", "email": "eva@north.example", "role": "service-worker", "partner": ""}
    told = text_of(root.send(root.get("/portal/admin/users"), "/admin/users", **worker))
    assert 'id="partner-error"' in told
    assert "--partner" not in told
    removal = root.send(root.get("/portal/admin/partners/lakeside-services/remove"), "/remove")
    assert "footbridge " not in text_of(removal)
    assert "the page “Routes”" in text_of(removal)


def test_the_roles_of_who_asks_are_those_of_the_model():
    from typing import get_args

    from footbridge.cli.user import ASKS_AS as OF_THE_COMMAND
    from footbridge.model.prescription.people import RequesterRole

    assert set(ASKS_AS) == set(get_args(RequesterRole)) - {"person", "relative"}
    assert OF_THE_COMMAND == ASKS_AS
    assert House is not Town
