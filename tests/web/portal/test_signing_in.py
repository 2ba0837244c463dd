"""Getting in: links that work once, sessions that end, forms that are ours, and nothing learned by guessing."""

import email
import re
import socket
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from support.portal import Forms

from footbridge.jobs.queue import JobQueue
from footbridge.security import sign_in
from footbridge.settings import settings
from footbridge.store.tenants import list_tenants
from footbridge.store.users import get_user, remove_user


def ask_for_link(house, address, **headers):
    browser = house.browser()
    browser.client.environ_base |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    page = browser.get("/portal/sign-in")
    return browser, browser.send(page, "/portal/sign-in", email=address)


def link_in(text):
    return re.search(r"https?://\S+/portal/link/\S+", text)[0]


def mailed(folder):
    return [email.message_from_bytes(file.read_bytes()).get_payload(decode=True).decode() for file in folder.glob("*")]


def test_every_page_signs_out_by_one_button_at_its_end(house):
    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    page = kit.get(f"/portal/referrals/{referral}")
    assert kit.send(page, "/portal/sign-out").status_code == 303
    assert kit.get(f"/portal/referrals/{referral}").status_code == 303
    assert "/portal/sign-out" not in kit.get("/portal/sign-in").text


def test_signing_in_leads_to_the_page_that_was_asked_for(both, mail):
    """Also where the link is opened in another browser, and the language is chosen on the way."""
    _prescription, referral = both.prescribe()
    path = f"/portal/referrals/{referral}/do/reject?x=1"
    browser = both.browser()
    asked = browser.get(path)
    assert asked.status_code == 303
    french = browser.send(browser.get(asked.location), "/portal/sign-in", email="ana@north", form_speak="fr")
    assert 'value="ana@north"' in french.text
    assert browser.send(french, "/portal/sign-in", email="ana@north.example").status_code == 200
    both.work()
    (text,) = mailed(mail)
    link = link_in(text).removeprefix("https://care.example")
    assert referral not in text
    other = both.browser()
    answer = other.send(other.get(link), link)
    assert (answer.status_code, answer.location) == (303, path)
    assert other.get(answer.location).status_code == 200
    assert other.get(asked.location).location == path


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/portal", "//evil.example/portal", "/portal/\\evil", "/portal/sign-in", "/portal/link/x",
     "/portal/sign-in/openid", "/portal/sign-out", "/portal/language", "/portal/nothing", "/api/v1/worklist", "javascript:x",
     "/portal/../api/v1/worklist", "/portal\r\nX: y", "/portal/search?" + "x" * 600, "/portal/é", ""],
)  # fmt: skip
def test_signing_in_leads_to_no_other_address(house, mail, path):
    browser = house.browser()
    page = browser.get(f"/portal/sign-in?{urlencode({'after': path})}")
    assert page.status_code == 200
    browser.send(page, "/portal/sign-in", email="kit@north.example", after=path)
    house.work()
    link = link_in(mailed(mail)[0]).removeprefix("https://care.example")
    assert browser.send(browser.get(link), link).location == "/portal"


def test_a_link_comes_by_mail_and_signs_in_once(both, mail, capfd):
    browser, answer = ask_for_link(both, " Kit@North.example ")
    assert answer.status_code == 200
    both.work()
    (text,) = mailed(mail)
    link = link_in(text)
    assert link.startswith("https://care.example/portal/link/")
    assert link in capfd.readouterr().err
    path = link.removeprefix("https://care.example")
    for _look in range(3):  # what a mail scanner does
        assert browser.get(path).status_code == 200
        assert browser.get("/portal").location.endswith("/portal/sign-in")
    assert browser.send(browser.get(path), path).status_code == 303
    assert browser.get("/portal").status_code == 200
    other = both.browser()
    page = other.get(path)
    assert page.status_code == 410
    assert Forms(page.text).forms[-1]["action"].endswith("/language")  # no button is left
    assert other.get("/portal").location.endswith("/portal/sign-in")


def test_a_second_link_comes_as_the_first(house, mail):
    for _time in range(2):
        ask_for_link(house, "kit@north.example")
        house.work()
    assert len({link_in(text) for text in mailed(mail)}) == 2


def test_an_old_link_does_not_work(both):
    browser = both.browser()
    with both.database.write() as connection:
        secret = sign_in.make_link(connection, both.users["kit"], both.clock.now())
    page = browser.get(f"/portal/link/{secret}")
    both.clock.advance(sign_in.LINK)
    assert browser.send(page, secret).status_code == 410
    assert browser.get("/portal").status_code == 303


def test_two_clicks_at_once_make_one_session(both):
    with both.database.write() as connection:
        secret = sign_in.make_link(connection, both.users["kit"], both.clock.now())
        assert sign_in.sign_in(connection, secret, both.clock.now()) is not None
        assert sign_in.sign_in(connection, secret, both.clock.now()) is None


def test_an_unknown_address_gets_the_same_answer_and_costs_the_same(house, mail):
    def answered(address):
        answer = ask_for_link(house, address)[1]
        return answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)

    with house.database.read() as connection:
        before = JobQueue(connection).counts()
    assert answered("kit@north.example") == answered("nobody@north.example")
    house.work()
    assert len(mailed(mail)) == 1
    with house.database.read() as connection:
        assert JobQueue(connection).counts() == before


def test_one_address_is_sent_five_links_an_hour(house, mail):
    for _time in range(8):
        assert ask_for_link(house, "kit@north.example")[1].status_code == 200
        house.work()
    assert len(mailed(mail)) == sign_in.MOST_LINKS
    house.clock.advance(timedelta(hours=1))
    ask_for_link(house, "kit@north.example")
    house.work()
    assert len(mailed(mail)) == sign_in.MOST_LINKS + 1


@pytest.mark.parametrize(
    "typed", ["", "kit", "a@b@c", "x" * 300 + "@a.example", "a b@c.example", "a\r\nBcc: x@y.example"]
)
def test_what_is_no_address_is_said_at_its_field(house, typed):
    answer = ask_for_link(house, typed)[1]
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert 'href="#email"' in answer.text


class Inbox:
    def __init__(self):
        self.texts = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd's name
        self.texts.append(email.message_from_bytes(envelope.content))
        return "250 OK"


def test_a_mail_server_that_is_down_only_delays_the_link(house, monkeypatch, mail):
    inbox = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("FOOTBRIDGE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.cache_clear()
    ask_for_link(house, "kit@north.example", Accept_Language="fr")
    house.work()
    assert inbox.texts == []
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        house.clock.advance(timedelta(hours=2))
        house.work()
    finally:
        server.stop()
    (message,) = inbox.texts
    assert (message["To"], message["Content-Language"]) == ("kit@north.example", "fr")
    text = message.get_payload(decode=True).decode()
    assert "Ouvrez ce lien" in text
    path = link_in(text).removeprefix("https://care.example")
    browser = house.browser()
    assert browser.send(browser.get(path), path).status_code == 303
    assert not mail.exists()


def test_links_are_made_of_the_setting_and_never_of_the_host(house, mail):
    browser = house.browser()
    page = browser.get("/portal/sign-in", Host="evil.example", X_Forwarded_Host="evil.example")
    browser.send(page, "/portal/sign-in", email="kit@north.example")
    house.work()
    assert "evil.example" not in "".join(mailed(mail))
    assert "evil.example" not in page.text


def test_an_idle_session_ends_and_a_page_that_refreshes_itself_does_not_keep_it(both):
    browser = both.browser("kit")
    for _step in range(4):
        both.clock.advance(timedelta(minutes=20))
        assert browser.get("/portal").status_code == 200
    both.clock.advance(timedelta(minutes=20))
    assert browser.get("/portal", HX_Request="true").status_code == 200
    both.clock.advance(timedelta(minutes=20))
    assert browser.get("/portal").status_code == 303


def test_a_session_ends_after_some_hours_however_busy(both):
    browser = both.browser("kit")
    for _step in range(12 * 3 - 1):
        both.clock.advance(timedelta(minutes=20))
        assert browser.get("/portal/account").status_code == 200
    both.clock.advance(timedelta(minutes=20))
    assert browser.get("/portal/account").status_code == 303


def test_a_removed_user_is_out_at_once_and_a_new_role_counts_at_once(both):
    browser = both.browser("kit")
    with both.database.write() as connection:
        remove_user(connection, get_user(connection, "north", "kit@north.example"))
    assert browser.get("/portal").status_code == 303


def test_signing_out_ends_the_session_for_a_copied_cookie_too(both):
    browser = both.browser("kit")
    thief = both.browser()
    cookie = browser.client.get_cookie("footbridge_session", path="/portal")
    thief.client.set_cookie("footbridge_session", cookie.value, path="/portal")
    assert thief.get("/portal").status_code == 200
    assert browser.send(browser.get("/portal/account"), "/sign-out").status_code == 303
    assert thief.get("/portal").status_code == 303


def test_a_form_of_another_site_is_refused(both):
    _prescription, referral = both.prescribe()
    browser = both.browser("ana")
    place = f"/portal/referrals/{referral}/do/accept"
    for data in ({}, {"form_token": ""}, {"form_token": "0" * 64}, {"form_token": "é"}):
        assert browser.client.post(place, data=data).status_code == 403
    other = Forms(both.browser("bo").get("/portal").text).forms[0]
    assert browser.client.post(place, data=dict(other["fields"])).status_code == 403
    assert both.referrals(_prescription)[0].status == "requested"


def test_a_form_that_the_browser_says_is_of_a_site_beside_ours_is_refused(house):
    """Such a site could give the browser a name of its own, and so know the token of the form."""
    root = house.browser("root")
    page = root.get("/portal/admin/users")
    (form,) = [one for one in Forms(page.text).forms if one["action"].endswith("/admin/users")]
    typed = dict(form["fields"]) | {"name": "Eva", "email": "eva@north.example", "role": "navigator"}
    for site, expected in (("same-site", 403), ("cross-site", 403), ("same-origin", 303)):
        sent = root.client.post(form["action"], data=typed, headers={"Sec-Fetch-Site": site})
        assert sent.status_code == expected, site


def test_signing_in_again_ends_the_session_that_the_browser_had(both):
    browser = both.browser("kit")
    before = browser.client.get_cookie("footbridge_session", path="/portal").value
    browser.sign_in("doctor")
    other = both.browser()
    other.client.set_cookie("footbridge_session", before, path="/portal")
    assert other.get("/portal").status_code == 303
    assert browser.get("/portal").status_code == 200


def test_cookies_cannot_be_read_or_sent_by_others(house):
    browser = house.browser()
    with house.database.write() as connection:
        secret = sign_in.make_link(connection, house.users["kit"], house.clock.now())
    answer = browser.send(browser.get(f"/portal/link/{secret}"), secret)
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("footbridge_session")]
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/portal"):
        assert attribute in cookie


def test_every_page_has_a_policy_without_anything_inline_and_is_not_cached(house):
    _prescription, referral = house.prescribe()
    browser = house.browser("kit")
    for path in ("/portal", "/portal/search", f"/portal/referrals/{referral}", "/portal/nowhere", "/portal/sign-in"):
        page = browser.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?! src)|<style| style=|\son[a-z]+=|javascript:", page.text)


def test_the_first_link_is_made_once_and_makes_an_administrator(new_database, clock):
    from footbridge.web.app import create_app

    with new_database() as database:
        with database.write() as connection:
            secret = sign_in.first_link(connection, clock.now())
            assert secret
            assert sign_in.first_link(connection, clock.now()) is None
        client = create_app(database, clock).test_client()
        page = client.get(f"/portal/link/{secret}")
        form = Forms(page.text).forms[0]
        data = dict(form["fields"])
        wrong = client.post(form["action"], data=data | {"email": "x", "name": "", "tenant": "No Good"})
        assert wrong.status_code == 422
        assert {"name-error", "email-error"} <= set(re.findall(r'id="([a-z-]+)"', wrong.text))
        said = {"name": "Root", "email": "root@x.example", "tenant": "riverside", "jurisdiction": "ca"}
        assert client.post(form["action"], data=data | said).status_code == 303
        assert client.get("/portal").status_code == 200
        assert client.post(form["action"], data=data | said | {"email": "two@x.example"}).status_code == 410


def test_whoever_is_second_to_be_the_first_administrator_leaves_nothing(new_database, clock):
    from footbridge.web.app import create_app

    with new_database() as database:
        with database.write() as connection:
            secret = sign_in.first_link(connection, clock.now())
        clients = [create_app(database, clock).test_client() for _who in range(2)]
        pages = [client.get(f"/portal/link/{secret}").text for client in clients]
        said = {"name": "Root", "jurisdiction": "ca"}
        for place, code in enumerate((303, 410)):
            form = Forms(pages[place]).forms[0]
            data = dict(form["fields"]) | said | {"email": f"r{place}@x.example", "tenant": f"town-{place}"}
            strange = clients[place].post(form["action"], data=data | {"jurisdiction": "zz"})
            assert strange.status_code == (422 if code == 303 else 410)
            assert clients[place].post(form["action"], data=data).status_code == code
        with database.read() as connection:
            assert [one.name for one in list_tenants(connection)] == ["town-0"]


def test_a_first_link_that_has_ended_says_how_to_get_another(new_database, clock):
    from footbridge.web.app import create_app

    with new_database() as database:
        with database.write() as connection:
            secret = sign_in.first_link(connection, clock.now())
            sign_in.another_first_link(connection, clock.now())
        page = create_app(database, clock).test_client().get(f"/portal/link/{secret}")
    assert page.status_code == 410
    assert "footbridge user first-link" in page.text
    assert "/portal/sign-in" not in page.text


def test_the_first_link_lasts_an_hour(new_database, clock):
    with new_database() as database, database.write() as connection:
        secret = sign_in.first_link(connection, clock.now())
        assert sign_in.state_of_link(connection, secret, clock.now())[0] == "open"
        another = sign_in.another_first_link(connection, clock.now())
        assert sign_in.state_of_link(connection, secret, clock.now())[0] == "unknown"
        assert sign_in.state_of_link(connection, another, clock.now() + timedelta(hours=1))[0] == "expired"
