"""Administration in the portal: users, partners, routes, messages, settings; by administrators alone."""

import html
import re

import pytest
from support.browser import CHROMIUM, check, window

from footbridge.settings import settings
from footbridge.store.partners import list_partners
from footbridge.store.routes import list_routes
from footbridge.store.users import find_user

PAGES = ["", "/users", "/partners", "/partners/north-end-hub", "/routes", "/messages", "/directory", "/settings"]


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
    assert root.send(page, "/drop").status_code == 303
    assert root.send(page, "/drop").status_code == 409
    assert "Nothing is owed." in text_of(root.get("/portal/admin/messages"))
    both.prescribe("01-good-food-box")
    both.work()
    text = text_of(root.get("/portal/admin/messages"))
    assert "As a table" in text


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
    for path, typed in (("/users", {"email": "x@y.z"}), ("/partners", {"partner_name": "x"}), ("/routes", {})):
        token = re.search(r'name="form_token" value="([^"]+)"', page.text).group(1)
        sent = browser.client.post(f"/portal/admin{path}", data={"form_token": token, **typed})
        assert sent.status_code == 403, path


def test_a_directory_manager_sees_the_directory_and_no_user(house):
    dee = house.browser("dee")
    assert dee.get("/portal/admin/directory").status_code == 200
    for path in ("/users", "/partners", "/routes", "/messages", "/settings"):
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
