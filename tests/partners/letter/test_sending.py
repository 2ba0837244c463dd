"""What a service without a system gets: a letter of one page in a folder, or an e-mail that says nothing of a person."""

import json
import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from support.letters import HUB, code_in, link_in, mails, pdf_text

from footbridge.data import folder
from footbridge.errors import ConfigurationError
from footbridge.letters import pdf
from footbridge.partners.letter.ways import way_of
from footbridge.settings import settings
from footbridge.store.tables import job, letter

PERSON = ("Marisol", "Baptiste", "1991", "+1 416 555 0131", "Sample Avenue", "skips meals", "food", "Food")


def letters_in(fax):
    assert not list(fax.glob("*.part"))
    assert not list(fax.glob(".*"))
    return sorted(fax.glob("*.pdf"), key=lambda one: one.stat().st_mtime_ns)


def test_a_letter_comes_whole_into_the_folder(both, fax):
    both.add_letters(fax)
    both.ask()
    (file,) = letters_in(fax)
    text = pdf_text(file)
    for words in ("Marisol Baptiste", "17 June 1991", "+1 416 555 0131", "Good Food Box, large", "Urgent",
                  "I don't want charity", "Please answer by", "consented to this letter on 2 November 2026",
                  "Riverside Family Health Team", "+1 416 555 0100", "RX-2026-000101", "https://care.example/portal"):  # fmt: skip
        assert words in " ".join(text.split()), words
    assert "9000000101" not in text
    assert not any(part in file.name for part in ("Marisol", "Baptiste", "RX-2026"))
    assert len(code_in(text)) == 9
    assert text.count("\f") == 1  # one page
    both.work()
    assert len(letters_in(fax)) == 1


def test_what_consent_withholds_is_not_in_the_letter(town, fax):
    document = json.loads(folder("examples").joinpath("01-good-food-box.json").read_bytes())
    document["consent"]["scope"] = ["needs"]
    town.add_letters(fax)
    town.ask(document=document)
    (file,) = letters_in(fax)
    text = pdf_text(file)
    assert "skips meals" in text
    for withheld in ("555 0131", "Sample Avenue", "charity", "Cooks for twelve", "bus fares", "Three meals"):
        assert withheld not in text


def test_a_person_who_must_not_be_contacted_has_a_banner_and_no_number(town, fax):
    town.add_letters(fax)
    town.ask("11-do-not-phone")
    (file,) = letters_in(fax)
    text = pdf_text(file)
    assert "Do not contact this person" in text
    document = json.loads(folder("examples").joinpath("11-do-not-phone.json").read_bytes())
    for contact in document["client"].get("contacts", []):
        assert contact["value"] not in text


def test_the_letter_is_in_the_language_of_the_service(town, fax):
    town.add_letters(fax, language="fr")
    town.ask()
    (file,) = letters_in(fax)
    assert "Insécurité alimentaire" in pdf_text(file)


def test_long_texts_stay_on_one_page_and_the_letter_says_so(town, fax):
    document = json.loads(folder("examples").joinpath("01-good-food-box.json").read_bytes())
    document["needs"][0]["statement"] = "A long story of many words. " * 300
    document["inTheirWords"] = [{"text": "Word after word. " * 500}, {"text": "كلمات أخرى 🌱 " * 200}]
    document["notes"] = [{"text": "\n".join(f"line {number}" for number in range(400))}]
    document["consent"]["scope"] += ["notes"]
    town.add_letters(fax)
    town.ask(document=document)
    (file,) = letters_in(fax)
    text = pdf_text(file)
    assert text.count("\f") == 1
    assert "shortened" in text
    assert code_in(text)


def test_the_longest_texts_are_cut_first_and_how_to_reach_the_person_never(town, fax):
    document = json.loads(folder("examples").joinpath("01-good-food-box.json").read_bytes())
    document["consent"].pop("scope", None)
    long = " ".join(f"word{number}" for number in range(1200))
    document["notes"] = [{"text": long}, *({"text": f"Note {number}."} for number in range(6))]
    document["client"]["contactNote"] = "After four; leave no voicemail."
    town.add_letters(fax)
    town.ask(document=document)
    (file,) = letters_in(fax)
    text = " ".join(pdf_text(file).split())
    assert pdf_text(file).count("\f") == 1
    assert "shortened" in text
    assert "leave no voicemail" in text
    assert "Sample Avenue" in text
    assert "word1199" not in text
    assert "word40" in text  # there is room for it
    assert "Note 5." in text


def test_a_letter_of_very_many_needs_is_one_page_with_each_of_them(town, fax):
    document = json.loads(folder("examples").joinpath("01-good-food-box.json").read_bytes())
    document["needs"] = [
        {**document["needs"][0], "statement": f"Need {number}: " + "much to say " * 300} for number in range(14)
    ]
    for goal in document["goals"]:
        goal.pop("needs", None)
    town.add_letters(fax)
    town.ask(document=document)
    (file,) = letters_in(fax)
    text = pdf_text(file)
    assert text.count("\f") == 1
    assert "Sample Avenue" in text
    assert [number for number in range(14) if f"Need {number}:" not in text] == []


def test_the_e_mail_has_a_link_and_no_word_about_the_person(town, mail):
    town.add_letters("mailto:office@hub.example")
    town.ask()
    (message,) = mails(mail)
    random = {"message-id", "date", "content-type"}  # whose digits may also be those of a year
    heads = [f"{name}: {value}" for name, value in message.items() if name.lower() not in random]
    whole = "\n".join([*heads, message.get_content()])
    assert message["To"] == "office@hub.example"
    assert not any(word in whole for word in PERSON)
    assert "RX-2026" not in whole
    assert "Riverside Family Health Team (Phone: +1 416 555 0100)" in message.get_content()
    assert link_in(message.get_content())
    assert not message.is_multipart()
    town.work()
    assert len(mails(mail)) == 1


def test_the_pdf_goes_along_where_it_was_set_and_has_no_code(town, mail):
    town.add_letters("mailto:office@hub.example", attach=True)
    town.ask()
    (message,) = mails(mail)
    (attached,) = list(message.iter_attachments())
    assert attached.get_filename() == "letter.pdf"
    text = pdf_text(attached.get_content())
    assert "Marisol Baptiste" in text
    assert "Code:" not in text


class Mailbox:
    def __init__(self):
        self.messages, self.refuses = [], False

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.refuses:
            return "451 try later"
        self.messages.append(envelope.content)
        return "250 ok"


def test_a_mail_server_that_is_down_makes_the_letter_wait(town, clock, monkeypatch):
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        monkeypatch.setenv("FOOTBRIDGE_SMTP_URL", f"smtp://127.0.0.1:{port}")
        settings.cache_clear()
        box.refuses = True
        town.add_letters("mailto:office@hub.example")
        prescription, _referral = town.ask()
        assert box.messages == []
        with town.database.read() as connection:
            assert connection.execute(job.select().where(job.c.kind == "deliver")).one().state == "ready"
        box.refuses = False
        clock.advance(timedelta(hours=2))
        town.work()
        assert len(box.messages) == 1
        with town.database.read() as connection:
            sent = connection.execute(letter.select().where(letter.c.sent.is_not(None))).all()
        assert [row.prescription for row in sent] == [prescription]
    finally:
        controller.stop()


def test_a_folder_that_is_gone_makes_the_letter_wait(town, clock, fax):
    town.add_letters(fax)
    fax.rmdir()
    town.ask()
    fax.mkdir()
    clock.advance(timedelta(hours=2))
    town.work()
    assert len(letters_in(fax)) == 1


def test_a_service_that_has_a_letter_gets_another_one_when_contact_becomes_unsafe(town, clock, fax):
    town.add_letters(fax)
    _prescription, referral = town.ask()
    clock.advance(timedelta(minutes=5))
    root = town.browser("root")
    root.act(referral, "prohibit-contact", reason="He reads her messages")
    town.work()
    _first, second = letters_in(fax)
    text = pdf_text(second)
    assert "Do not contact this person" in text
    assert "replaces" in text
    assert "555 0131" not in text
    assert "reads her messages" not in text


def test_what_is_called_off_is_taken_back_without_a_name(town, clock, fax):
    town.add_letters(fax)
    _prescription, referral = town.ask()
    clock.advance(timedelta(minutes=5))
    town.browser("kit").act(referral, "cancel", reason="Moved away")
    town.work()
    town.work()
    _first, second = letters_in(fax)
    text = pdf_text(second)
    assert "withdrawn" in text
    assert "RX-2026-000101" in text
    assert not any(word in text for word in ("Marisol", "Moved away", "555 0131"))


def test_a_message_comes_as_a_letter_once(town, clock, fax):
    town.add_letters(fax)
    _prescription, referral = town.ask()
    clock.advance(timedelta(minutes=5))
    town.browser("kit").act(referral, "message", text="Is there room in January?")
    town.work()
    town.work()
    _first, second = letters_in(fax)
    assert "Is there room in January?" in pdf_text(second)


@pytest.mark.parametrize(
    "address",
    ["mailto:", "mailto:nobody", "mailto:a@b.example\nBcc: x@y.example", "relative/folder", "https://hub.example"],
)
def test_an_address_that_no_letter_could_use_is_refused(town, address):
    with pytest.raises(ConfigurationError):
        way_of(address)
    with pytest.raises(ConfigurationError):
        town.add_letters(address)


def test_without_weasyprint_the_partner_is_refused_and_the_page_prints(town, fax, monkeypatch):
    def missing():
        raise ConfigurationError("Letters need WeasyPrint")

    monkeypatch.setattr(pdf, "_weasyprint", missing)
    with pytest.raises(ConfigurationError, match="WeasyPrint"):
        town.add_letters(fax)
    with town.database.read() as connection:
        from footbridge.store.partners import list_partners

        assert HUB not in [one.name for one in list_partners(connection, "north")]
    _prescription, referral = town.prescribe()
    page = town.browser("kit").get(f"/portal/referrals/{referral}/letter")
    assert "Arne Lindqvist" in page.text
    assert page.status_code == 200
    assert "letter.pdf" not in town.browser("kit").get(f"/portal/referrals/{referral}").text
