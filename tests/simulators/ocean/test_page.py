"""The page, as a person without JavaScript uses it; and once in a real browser, where there is one."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from support.ocean_answers import Box, answer, ocean_with, post, sent, task

from footbridge.simulators.ocean import Clinician, Draft, Person

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def client(ocean):
    return ocean.app.test_client()


class Shown(HTMLParser):
    """What a page shows: its text, its links and the addresses of its forms and buttons."""

    def __init__(self, text):
        super().__init__()
        self.words, self.links, self.actions, self.tags, self.open = [], [], set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.tags.append((tag, said))
        if tag == "a":
            self.links.append(said["href"])
        self.actions |= {said[name] for name in ("action", "formaction") if said.get(name)}

    def handle_data(self, data):
        self.words += data.split()

    @property
    def text(self):
        return " ".join(self.words)


def look(client, path="/", **headers):
    answered = client.get(path, headers=headers)
    assert answered.status_code == 200, path
    return Shown(answered.text)


def test_it_is_labelled_as_what_it_is(ocean, client):
    ref = sent(ocean)
    for path in ("/", f"/referrals/{ref}", "/mails", f"/messages/{ocean.messages()[0].id}"):
        assert "Built from public documents, not certified by OceanMD." in look(client, path).text
    assert "Only add-service-request is attested" in look(client, f"/referrals/{ref}").text


def test_a_person_refers_and_finds_the_referral_in_the_folders_of_both_sides(ocean, client, box):
    page = look(client)
    assert "/refer" in page.actions
    form = {
        "listing": "link_worker_program49721437",
        "need": "food",
        "form": "quickReferral",
        "language": "fr",
        "count": "1",
    }
    made = client.post("/refer", data=form)
    assert made.status_code == 303
    (ref,) = ocean.folders()["New"]
    assert made.location.endswith(f"/referrals/{ref}")
    assert f"/referrals/{ref}" in look(client, "/?side=received&site=1234&folder=New").links
    assert f"/referrals/{ref}" in look(client, "/?side=sent&folder=Sent+(All)").links
    assert f"/referrals/{ref}" not in look(client, "/?side=received&site=5678").links
    assert (ocean.referral(ref).draft.language, ocean.referral(ref).draft.need) == ("fr", "food")


JOURNEY = [
    ("accept", {}, "Pending Booking"),
    ("book-unconfirmed", {}, "Booking Unconfirmed"),
    ("book", {}, "Booking Confirmed"),
    ("ask", {"text": "When?"}, "Awaiting Reply"),
    ("reply", {"text": "Monday"}, "Booking Confirmed"),
    ("decline", {"text": "No places"}, "Declined"),
    ("reopen", {}, "New"),
    ("complete", {}, "Completed"),
    ("reopen", {}, "New"),
    ("resend-new", {}, "New"),
    ("resend-update", {}, "New"),
    ("cancel", {}, "Cancelled"),
]


def test_a_person_does_everything_with_the_buttons_that_the_page_has(ocean, client, box):
    ref = sent(ocean)
    for action, form, folder in JOURNEY:
        page = look(client, f"/referrals/{ref}")
        assert f"/referrals/{ref}/{action}" in page.actions, action
        answered = client.post(f"/referrals/{ref}/{action}", data=form)
        assert (answered.status_code, ocean.folder(ref)) == (303, folder), action
    ocean.advance(timedelta(minutes=1))
    assert box.events.count("add-service-request") == 2
    assert box.events[-1] == "revoke-service-request" or "revoke-service-request" in box.events
    page = look(client, f"/referrals/{ref}")
    assert f"/referrals/{ref}/accept" not in page.actions
    assert client.post(f"/referrals/{ref}/accept").status_code == 409
    assert ocean.folder(ref) == "Cancelled"


def test_a_person_forwards_and_both_referrals_lead_to_each_other(ocean, client):
    ref = sent(ocean)
    client.post(f"/referrals/{ref}/forward", data={"listing": "seniors_centre10000001"})
    (new,) = ocean.folders(site="5678")["New"]
    assert f"/referrals/{new}" in look(client, f"/referrals/{ref}").links
    assert f"/referrals/{ref}" in look(client, f"/referrals/{new}").links


def test_history_and_raw_messages_of_both_directions_are_shown(ocean, client, box):
    ref = sent(ocean)
    post(ocean, answer(box.last, "notify-add-process-request", task(ref, "accepted")))
    ocean.run_due()
    page = look(client, f"/referrals/{ref}")
    assert "notify-add-process-request New Pending Booking Task.status accepted" in page.text
    raw = [look(client, link).text for link in page.links if link.startswith(("/messages/", "/arrivals/"))]
    assert len(raw) == 3
    assert all(f'"value": "{ref}"' in text for text in raw)
    assert "referral extension of v0.10" in page.text


def test_the_clock_and_an_outage_are_moved_from_the_page(client):
    box = Box([503] * 100)
    ocean = ocean_with(box)
    client = ocean.app.test_client()
    sent(ocean)
    before = ocean.now()
    client.post("/clock", data={"step": "day"})
    assert ocean.now() - before == timedelta(days=1)
    assert "admin@site-1234.test" in look(client, "/mails").text
    client.post("/clock", data={"step": "outage"})
    assert "Ocean is out until" in look(client).text
    assert client.post("/clock", data={"step": "year"}).status_code == 409


def test_what_a_clinic_wrote_is_shown_as_text_and_runs_nowhere(ocean, client):
    draft = Draft(Person(f"A{EVIL}", (EVIL,)), Clinician(EVIL), "1", "X", "quickReferral", {EVIL: EVIL}, EVIL)
    ref = ocean.refer(draft)
    ocean.run_due()
    ocean.users.reply(ref, EVIL)
    ocean.process("1234", EVIL.encode())
    for path in ("/", f"/referrals/{ref}", f"/messages/{ocean.messages()[0].id}", "/arrivals/0"):
        answered = client.get(path)
        page = Shown(answered.text)
        assert EVIL.replace("'", "") not in answered.text.replace("'", "")
        assert not any(
            tag == "script" or name.startswith("on") or name == "style" for tag, said in page.tags for name in said
        )
        assert "script-src" not in answered.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answered.headers["Content-Security-Policy"]
    assert "alert('x')" in look(client, f"/referrals/{ref}").text


def test_each_control_has_a_label_and_each_page_a_language(ocean, client):
    ref = sent(ocean)
    for path in ("/", f"/referrals/{ref}"):
        page = look(client, path)
        assert ("html", {"lang": "en"}) in page.tags
        labelled = {said.get("for") for tag, said in page.tags if tag == "label"}
        for tag, said in page.tags:
            if tag in {"select", "input"}:
                assert said.get("id") in labelled or re.search(r"<label>[^<]*<(select|input)", client.get(path).text)
        assert sum(tag == "h1" for tag, _said in page.tags) == 1


def test_it_speaks_french(ocean, client):
    page = look(client, "/", **{"Accept-Language": "fr-CA"})
    assert ("html", {"lang": "fr"}) in page.tags
    assert "Dossiers" in page.text
    assert "Built from public documents" not in page.text


@pytest.mark.parametrize("path", ["/referrals/unknown", "/messages/unknown", "/arrivals/7"])
def test_what_is_not_there_is_said(client, path):
    answered = client.get(path)
    assert answered.status_code == 404
    assert "<h1>" in answered.text


@pytest.mark.parametrize("form", [{"count": "0"}, {"count": "many"}, {"need": "gold"}, {"listing": "unknown"}])
def test_a_wrong_choice_is_refused(ocean, client, form):
    assert client.post("/refer", data=form).status_code in {404, 409}
    assert ocean.folders() == {}


def test_many_referrals_are_on_several_pages(ocean, client):
    client.post("/refer", data={"count": "100"})
    client.post("/refer", data={"count": "5"})
    first = look(client)
    (following,) = [one for one in first.links if "page=2" in one]
    of_referrals = [one for one in first.links if one.startswith("/referrals/")]
    more = [one for one in look(client, following).links if one.startswith("/referrals/")]
    assert (len(of_referrals), len(more), len({*of_referrals, *more})) == (100, 5, 105)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
def test_a_browser_shows_it_with_its_style_and_without_an_error(ocean, tmp_path):
    ref = sent(ocean)
    with ocean:
        ran = subprocess.run(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
             f"--user-data-dir={tmp_path}", "--dump-dom", f"{ocean.base_url}/referrals/{ref}"],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
    assert ref in ran.stdout
    assert "Act as the clinic" in ran.stdout
    assert not re.search(r"CONSOLE.*(error|refused|violat)", ran.stderr, re.IGNORECASE)


def test_the_page_reads_while_referrals_arrive(ocean, client):
    for _number in range(3):
        sent(ocean)
    assert json.loads(client.get("/control/state").text)["queued"] == 0
    assert look(client).text.count("Sent (All)") >= 3
