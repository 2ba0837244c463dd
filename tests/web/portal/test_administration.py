"""Administration in the portal: users, partners, routes, messages, settings; by administrators alone."""

import hashlib
import html
import re
import socket
import uuid

import pytest
from support.browser import CHROMIUM, check, window
from support.portal import Forms

from footbridge.model.principals import Principal
from footbridge.referrals.sign_in_mail import queue_link
from footbridge.security import sign_in
from footbridge.settings import settings
from footbridge.store.partners import Partner, add_partner, get_partner, list_partners
from footbridge.store.routes import list_routes, set_route
from footbridge.store.tenants import make_token
from footbridge.store.users import find_user
from footbridge.web.portal.door import SPEAKING

PAGES = [
    "", "/users", "/partners", "/partners/north-end-hub", "/partners/north-end-hub/change",
    "/partners/north-end-hub/remove", "/tokens", "/routes", "/messages", "/directory", "/settings",
]  # fmt: skip


def text_of(answer):
    return html.unescape(answer.text)


def test_users_are_added_changed_and_removed(both):
    root = both.browser("root")
    page = root.get("/portal/admin/users")
    answer = root.send(page, "/admin/users", name="Eva", email="eva@north.example", role="navigator")
    assert answer.status_code == 303, text_of(answer)
    with both.database.read() as connection:
        eva = find_user(connection, "eva@north.example")
    both.users["eva"] = eva
    browser = both.browser("eva")
    assert browser.get("/portal").status_code == 200
    place = f"/portal/admin/users/{eva.id}"
    bad = root.send(root.get(place), "/role", role="service-worker", partner="")
    assert bad.status_code == 422
    assert root.send(root.get(place), "/role", role="service-worker", partner="lakeside-services").status_code == 303
    with both.database.read() as connection:
        assert find_user(connection, "eva@north.example").partner == "lakeside-services"
    assert root.send(root.get(place), "/remove").status_code == 303
    assert browser.get("/portal").status_code == 303
    mine = f"/portal/admin/users/{both.users['root'].id}"
    assert root.send(root.get(mine), "/remove").status_code == 422


def test_a_user_that_cannot_be_is_told_what_is_wrong(house):
    root = house.browser("root")
    page = root.get("/portal/admin/users")
    for typed in (
        {"name": "Eva", "email": "no address", "role": "navigator"},
        {"name": "", "email": "eva@north.example", "role": "navigator"},
        {"name": "Eva", "email": "kit@north.example", "role": "navigator"},
        {"name": "Eva", "email": "eva@north.example", "role": ""},
    ):
        answer = root.send(page, "/admin/users", **typed)
        assert answer.status_code == 422, typed
        assert typed["email"] in text_of(answer)


def test_a_double_click_adds_and_removes_a_user_once(house):
    root = house.browser("root")
    page = root.get("/portal/admin/users")
    typed = {"name": "Zoé", "email": "Zoe@north.example", "role": "navigator"}
    assert [root.send(page, "/admin/users", **typed).status_code for _click in range(2)] == [303, 303]
    assert root.send(page, "/admin/users", **typed | {"role": "prescriber"}).status_code == 422  # that is another one
    place = re.search(
        r'href="(/portal/admin/users/[0-9a-f-]{36})"[^>]*>Zoé<', root.get("/portal/admin/users").text
    ).group(1)
    page = root.get(place)
    assert [root.send(page, "/remove").status_code for _click in range(2)] == [303, 303]
    assert "Zoé" not in root.get("/portal/admin/users").text


def test_a_partner_gets_a_token_once_and_it_works(house):
    root = house.browser("root")
    page = root.get("/portal/admin/partners")
    answer = root.send(page, "/admin/partners", partner_name="food-bank", title="Food Bank")
    token = re.search(r"<code>(fb_[^<]+)</code>", answer.text).group(1)
    place = "/portal/admin/partners/food-bank"
    assert token not in root.get(place).text
    found = house.app.test_client().get("/fhir/metadata", headers={"Authorization": f"Bearer {token}"})
    assert found.status_code == 200
    assert house.app.test_client().get("/fhir/Task", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    other = root.send(root.get(place), "/token")
    assert re.search(r"<code>(fb_[^<]+)</code>", other.text).group(1) != token
    assert root.send(page, "/admin/partners", partner_name="food-bank", title="X").status_code == 422
    assert root.send(page, "/admin/partners", partner_name="No Good", title="X").status_code == 422
    with house.database.read() as connection:
        assert "food-bank" in {one.name for one in list_partners(connection, "north")}
    tested = root.send(root.get(place), "/test")
    assert tested.status_code == 200


def partner_of(house, name):
    with house.database.read() as connection:
        return get_partner(connection, "north", name)


def test_a_partner_is_changed(both):
    place = "/portal/admin/partners/food-bank"
    with both.database.write() as connection:
        added = Partner("food-bank", "fhir", "recipient", "Food Bank", "https://food.test/r4")
        add_partner(connection, "north", added, both.clock.now())
    root = both.browser("root")
    form = root.get(f"{place}/change")
    typed = {"title": "Food Bank North", "base_url": "https://new.test/r4/", "poll_seconds": "1800", "custodian": "yes"}
    assert root.send(form, "/change", **typed).status_code == 303
    changed = partner_of(both, "food-bank")
    assert (changed.title, changed.base_url) == ("Food Bank North", "https://new.test/r4")
    assert (changed.poll_seconds, changed.custodian) == (1800, True)
    for wrong in ({"base_url": "ftp://new.test"}, {"base_url": "http://new.test"}, {"poll_seconds": "often"}):
        bad = root.send(form, "/change", **(typed | wrong))
        assert bad.status_code == 422, wrong
        assert next(iter(wrong.values())) in text_of(bad), "what was typed is there"
    assert partner_of(both, "food-bank") == changed
    shown = text_of(root.get("/portal/admin/partners"))
    assert "It has a FHIR server of its own" in shown
    assert "Service: takes referrals" in shown


def test_the_address_of_a_server_that_gets_a_secret_is_not_changed_here(house):
    with house.database.write() as connection:
        added = Partner("food-bank", "fhir", "recipient", "Food Bank", "https://food.test", credential="env:SECRET")
        add_partner(connection, "north", added, house.clock.now())
    root = house.browser("root")
    form = root.get("/portal/admin/partners/food-bank/change")
    assert "base_url" not in form.text
    root.send(form, "/change", title="Food Bank", base_url="https://mine.test")
    assert partner_of(house, "food-bank").base_url == "https://food.test"


def test_a_partner_is_removed_when_nothing_holds_it(both):
    root = both.browser("root")
    place = "/portal/admin/partners/lakeside-services"
    with both.database.write() as connection:
        whose = Principal("recipient", "lakeside-services", name="Lakeside", tenant="north")
        token = make_token(connection, whose, both.clock.now())
    asked = root.get(f"{place}/remove")
    assert "Prescriptions and their history" in text_of(asked)
    held = root.send(asked, "/remove")
    assert held.status_code == 409
    assert "route" in text_of(held)
    assert partner_of(both, "lakeside-services").title == "Lakeside Services"
    with both.database.write() as connection:
        set_route(connection, "north", "*", ["north-end-hub"])
    assert root.send(asked, "/remove").status_code == 303
    assert root.get(place).status_code == 404
    called = both.app.test_client().get("/fhir/Task", headers={"Authorization": f"Bearer {token}"})
    assert called.status_code == 401


def test_a_second_click_and_another_language_show_the_token_that_the_first_click_made(both):
    """And only the form that made it, for some minutes."""
    root = both.browser("root")
    page, typed = root.get("/portal/admin/partners"), {"partner_name": "food-bank", "title": "Food Bank"}
    shown = [root.send(page, "/admin/partners", **typed) for _click in range(2)]
    (token,) = {re.search(r"<code>(fb_[^<]+)</code>", one.text)[1] for one in shown}
    french = root.send(shown[0], "/token", form_speak="fr")
    assert 'lang="fr"' in french.text
    assert f"<code>{token}</code>" in french.text
    place = "/portal/admin/partners/food-bank"
    page = root.get(place)
    other = [re.search(r"<code>(fb_[^<]+)</code>", root.send(page, "/token").text)[1] for _click in range(2)]
    assert other[0] == other[1] != token
    forms = {one["action"]: dict(one["fields"]) for one in Forms(page.text).forms}
    key = forms[f"{place}/token"]["form_key"]
    elsewhere = root.send(root.get("/portal/admin/partners/north-end-hub"), "/token", form_key=key)
    assert other[0] not in elsewhere.text
    both.clock_step(601)
    assert other[0] not in root.send(page, "/token").text
    digests = re.findall(r"/tokens/([0-9a-f]{64})/revoke", root.get("/portal/admin/tokens").text)
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("path", "ending", "typed"),
    [
        ("/users", "/admin/users", {"name": "Zoé", "email": "zoe@north.example", "role": "navigator"}),
        ("/partners", "/admin/partners", {"partner_name": "food-bank", "title": "Banque", "base_url": "https://x.example"}),
        ("/partners/north-end-hub/change", "/change", {"title": "Centre du Nord"}),
        ("/routes", "/admin/routes", {"route_category": "stress", "partner_0": "north-end-hub"}),
        ("/directory", "/import", {"url": "https://directory.example/hsds", "source": "town"}),
    ],
)  # fmt: skip
def test_what_was_typed_stays_when_the_language_is_changed_and_nothing_is_done(house, path, ending, typed):
    root = house.browser("root")
    page = root.get(f"/portal/admin{path}")
    french = root.send(page, ending, form_speak="fr", **typed)
    assert french.status_code == 200
    assert 'lang="fr"' in french.text
    (form,) = [one for one in Forms(french.text).forms if one["action"].endswith(ending)]
    assert dict(form["fields"]).items() >= typed.items()
    assert house.woken == []
    assert 'role="alert"' not in french.text


def test_no_form_does_anything_when_only_the_language_is_changed(house):
    """Every address of the portal that takes a form: what it does not show again itself comes back as it was typed."""
    root, done = house.browser("root"), []
    token = re.search(r'name="form_token" value="([^"]+)"', root.get("/portal").text)[1]
    for rule in house.app.url_map.iter_rules():
        view = rule.endpoint.removeprefix("portal.")
        if rule.endpoint.startswith("portal.") and "POST" in rule.methods and view not in SPEAKING:
            names = {one: {"number": "1", "message": "1"}.get(one, str(uuid.UUID(int=1))) for one in rule.arguments}
            path = house.app.url_map.bind("").build(
                rule.endpoint, names | ({"what": "retry"} if "what" in names else {})
            )
            data = {"form_token": token, "form_speak": "fr", "x": "typed by somebody"}
            answer = root.client.post(path, data=data)
            done += [path] if answer.status_code != 401 or "typed by somebody" not in answer.text else []
    assert done == []
    assert root.get("/portal/account").status_code == 200  # nobody was signed out


def test_tokens_are_listed_and_revoked_at_once(both):
    root = both.browser("root")
    with both.database.write() as connection:
        now = both.clock.now()
        hub = make_token(connection, Principal("recipient", "north-end-hub", name="Hub", tenant="north"), now)
        other = make_token(connection, Principal("navigator", name="Elsewhere", tenant="south"), now)
    listed = root.get("/portal/admin/tokens")
    assert "North End Hub" in text_of(listed)
    assert hub not in listed.text
    assert "Elsewhere" not in listed.text
    bearer = {"Authorization": f"Bearer {hub}"}
    assert both.app.test_client().get("/fhir/Task", headers=bearer).status_code == 200
    assert "It cannot be taken back." in text_of(listed)
    revoked = root.send(listed, "/revoke", follow=True)
    assert "The token was revoked" in text_of(revoked)
    assert both.app.test_client().get("/fhir/Task", headers=bearer).status_code == 401
    assert root.send(listed, "/revoke").status_code == 409, "it was revoked before"
    strange = hashlib.sha256(other.encode()).hexdigest()
    token = re.search(r'name="form_token" value="([^"]+)"', listed.text).group(1)
    sent = root.client.post(f"/portal/admin/tokens/{strange}/revoke", data={"form_token": token})
    assert sent.status_code == 409, "another tenant's"
    navigator = {"Authorization": f"Bearer {other}"}
    assert both.app.test_client().get("/api/v1/prescriptions", headers=navigator).status_code == 200


def test_a_long_route_keeps_its_order_when_it_is_set_again(house):
    names = ["north-end-hub", "lakeside-services", "food-bank", "choir"]
    with house.database.write() as connection:
        for name in names[2:]:
            add_partner(connection, "north", Partner(name, "hosted", "recipient", name, ""), house.clock.now())
        set_route(connection, "north", "food-insecurity", names)
    root = house.browser("root")
    form = root.get("/portal/admin/routes?category=food-insecurity")
    assert root.send(form, "/admin/routes").status_code == 303
    with house.database.read() as connection:
        assert list_routes(connection, "north")["food-insecurity"] == names
    root.send(form, "/admin/routes", partner_0="choir", partner_3="north-end-hub", partner_4="")
    with house.database.read() as connection:
        assert list_routes(connection, "north")["food-insecurity"] == ["choir", *names[1:3], "north-end-hub"]


def test_routes_are_set_and_removed(both):
    root = both.browser("root")
    typed = {"route_category": "food-insecurity", "partner_0": "north-end-hub", "partner_1": "lakeside-services"}
    assert root.send(root.get("/portal/admin/routes"), "/admin/routes", **typed).status_code == 303
    with both.database.read() as connection:
        assert list_routes(connection, "north")["food-insecurity"] == ["north-end-hub", "lakeside-services"]
    typed |= {"partner_0": "", "partner_1": ""}
    assert root.send(root.get("/portal/admin/routes"), "/admin/routes", **typed).status_code == 303
    with both.database.read() as connection:
        assert "food-insecurity" not in list_routes(connection, "north")
    typed["route_category"] = "nothing"
    assert root.send(root.get("/portal/admin/routes"), "/admin/routes", **typed).status_code == 422


def test_what_is_owed_is_listed_and_given_up(both):
    both.prescribe()
    root = both.browser("root")
    page = root.get("/portal/admin/messages")
    assert "Lakeside Services" in page.text
    assert "Lindqvist" not in page.text
    assert "Inform it another way first." in text_of(page)
    assert "The message was cancelled" in text_of(root.send(page, "/drop", follow=True))
    assert root.send(page, "/drop").status_code == 409
    assert "Nothing is owed." in text_of(root.get("/portal/admin/messages"))
    both.prescribe("01-good-food-box")
    both.work()
    text = text_of(root.get("/portal/admin/messages"))
    assert "As a table" in text


def test_a_mail_server_that_takes_nothing_is_told(house, monkeypatch):
    root, stranger = house.browser("root"), house.browser()
    assert "Sign-in links wait" not in root.get("/portal/admin/messages").text
    with house.database.write() as connection:
        queue_link(connection, house.clock, "north", house.users["kit"].id, "en")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    monkeypatch.setenv("FOOTBRIDGE_SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.cache_clear()
    house.work()
    assert "Sign-in links wait: the mail server did not take them." in text_of(root.get("/portal/admin/messages"))
    assert stranger.get("/portal/admin/messages").status_code != 200


def test_secrets_are_never_shown(house, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_SMTP_URL", "smtp://me:very-secret@mail.example")
    settings.cache_clear()
    root = house.browser("root")
    for path in PAGES:
        page = root.get(f"/portal/admin{path}")
        assert page.status_code == 200, path
        assert "very-secret" not in page.text
    assert "FOOTBRIDGE_SMTP_URL" in root.get("/portal/admin/settings").text


@pytest.mark.parametrize("name", ["doctor", "kit", "ana"])
def test_nobody_else_gets_in(house, name):
    browser = house.browser(name)
    for path in PAGES:
        expected = {403} if (path, name) != ("/messages", "kit") else {200, 403}
        assert browser.get(f"/portal/admin{path}").status_code in expected, path
    page = browser.get("/portal/account")
    assert "/portal/admin" not in page.text
    for path, typed in (("/users", {"email": "x@y.z"}), ("/partners", {"partner_name": "x"}), ("/routes", {}),
                        ("/partners/north-end-hub/remove", {}), (f"/tokens/{'0' * 64}/revoke", {})):  # fmt: skip
        token = re.search(r'name="form_token" value="([^"]+)"', page.text).group(1)
        sent = browser.client.post(f"/portal/admin{path}", data={"form_token": token, **typed})
        assert sent.status_code == 403, path


def test_a_directory_manager_sees_the_directory_and_no_user(house):
    dee = house.browser("dee")
    assert dee.get("/portal/admin/directory").status_code == 200
    for path in ("/users", "/partners", "/tokens", "/routes", "/messages", "/settings"):
        assert dee.get(f"/portal/admin{path}").status_code == 403, path


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.parametrize(("locale", "scheme", "width"), [("en-CA", "light", 1280), ("fr-CA", "dark", 320)])
def test_each_page_can_be_used_by_everybody(house, base, chromium, axe, locale, scheme, width):
    house.prescribe()
    look = {"locale": locale, "color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with window(chromium, house, base, "root", **look) as page:
        for path in PAGES:
            page.goto(f"{base}/portal/admin{path}")
            check(page, axe)


def test_who_worked_for_a_removed_partner_comes_in_no_more(both, mail):
    """Not with a session, a link, or a link that was asked for before; nor when another partner gets the name."""
    ana, kit, root = both.browser("ana"), both.browser("kit"), both.browser("root")
    with both.database.write() as connection:
        link = sign_in.make_link(connection, both.users["ana"], both.clock.now())
        queue_link(connection, both.clock, "north", both.users["ana"].id, "en")
        set_route(connection, "north", "*", ["north-end-hub"])
    page = root.get("/portal/admin/partners/lakeside-services/remove")
    assert "until they get another service: Ana" in page.text
    assert root.send(page, "/remove").status_code == 303
    both.work()
    assert list(mail.glob("*.eml")) == []
    assert ana.get("/portal").headers["Location"].endswith("/portal/sign-in")
    assert both.browser().get(f"/portal/link/{link}").status_code == 410
    with both.database.write() as connection:
        add_partner(
            connection, "north", Partner("lakeside-services", "hosted", "recipient", "Other", ""), both.clock.now()
        )
    stranger = both.browser()
    answer = stranger.send(stranger.get("/portal/sign-in"), "/sign-in", email="ana@north.example")
    assert answer.status_code == 200
    both.work()
    assert list(mail.glob("*.eml")) == []
    assert kit.get("/portal").status_code == 200
    users = root.get("/portal/admin/users").text
    assert users.count("Cannot sign in") == 1
    place = f"/portal/admin/users/{both.users['ana'].id}"
    page = root.get(place)
    assert "Their service was removed." in page.text
    assert root.send(page, "/role", role="service-worker", partner="north-end-hub").status_code == 303
    assert "Cannot sign in" not in root.get("/portal/admin/users").text
    assert both.browser("ana").get("/portal").status_code == 200
