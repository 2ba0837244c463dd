"""Partners of every network in the portal, what is given to them, and the messages of Ocean that nobody could read."""

import html
import re
from datetime import timedelta

import pytest
from support.browser import CHROMIUM, check, follow, window

from footbridge.jobs.job import Failure
from footbridge.jobs.queue import JobQueue
from footbridge.store import letters, ocean_messages
from footbridge.store.ocean_sites import listings_of, site_of_client
from footbridge.store.partners import get_partner, list_partners
from footbridge.store.smart_servers import get_smart_server

PARTNERS = "/portal/admin/partners"
OCEAN = {
    "network": "ocean",
    "partner_name": "clinic-ocean",
    "title": "Riverside clinic",
    "ocean_url": "https://ocean.example/svc/fhir/v1",
    "site": "1234",
}


def text_of(answer):
    return html.unescape(answer.text)


def partner_of(house, name):
    with house.database.read() as connection:
        return get_partner(connection, "north", name)


def add(house, **typed):
    root = house.browser("root")
    return root, root.send(root.get(PARTNERS), "/admin/partners", **typed)


def test_a_service_with_only_an_e_mail_address_is_added_and_changed(both):
    typed = {
        "network": "letter",
        "partner_name": "kitchen",
        "title": "Soup Kitchen",
        "letter_to": "office@soup.example",
    }
    root, added = add(both, **typed, letter_language="fr")
    assert added.status_code == 200, text_of(added)
    assert "office@soup.example" in added.text
    found = partner_of(both, "kitchen")
    assert (found.network, found.role, found.base_url) == ("letter", "recipient", "mailto:office@soup.example")
    place = f"{PARTNERS}/kitchen"
    form = root.get(f"{place}/change")
    changed = {"letter_to": "desk@soup.example", "letter_language": "en", "letter_attach": "yes"}
    assert root.send(form, "/change", **changed).status_code == 303
    assert partner_of(both, "kitchen").base_url == "mailto:desk@soup.example"
    with both.database.read() as connection:
        setting = letters.setting_of(connection, "north", "kitchen")
    assert (setting.language, setting.attach) == ("en", True)
    bad = root.send(form, "/change", letter_to="no address")
    assert bad.status_code == 422
    assert 'href="#letter_to"' in bad.text
    assert "no address" in text_of(bad)


def test_the_code_of_a_services_letters_is_shown_once_and_opens_them(house):
    typed = {"network": "letter", "partner_name": "kitchen", "letter_to": "office@soup.example"}
    root, _added = add(house, **typed)
    place = f"{PARTNERS}/kitchen"
    page = root.get(place)
    shown = [root.send(page, "/letter-code") for _click in range(2)]
    (code,) = {re.search(r'class="code big">([^<]+)<', one.text)[1] for one in shown}
    assert code not in root.get(place).text
    french = root.send(shown[0], "/letter-code", form_speak="fr")
    assert 'lang="fr"' in french.text
    assert code in french.text
    with house.database.read() as connection:
        stored = letters.setting_of(connection, "north", "kitchen").code
    assert letters.is_code(code, stored)
    assert root.send(root.get(place), "/no-letter-code").status_code == 303
    with house.database.read() as connection:
        assert letters.setting_of(connection, "north", "kitchen").code is None
    assert code not in root.send(shown[0], "/letter-code", form_speak="fr").text


def test_a_folder_for_a_fax_gateway_must_be_there(house, tmp_path):
    folder = tmp_path / "fax"
    typed = {"network": "letter", "partner_name": "food-bank", "letter_to": str(folder)}
    root, refused = add(house, **typed)
    assert refused.status_code == 422
    assert 'href="#letter_to"' in refused.text
    folder.mkdir()
    _root, added = add(house, **typed)
    assert added.status_code == 200
    tested = root.send(root.get(f"{PARTNERS}/food-bank"), "/test")
    assert "letters can be put into it" in text_of(tested)


def test_an_ocean_site_is_added_and_its_secret_is_shown_once(both):
    root, added = add(both, **OCEAN)
    secret = re.search(r"<code>(fbs_[^<]+)</code>", added.text)[1]
    client = re.search(r"fbc_[0-9a-f]+", added.text)[0]
    assert "/ocean/1234/$process-message" in text_of(added)
    with both.database.read() as connection:
        assert site_of_client(connection, client, secret).partner == "clinic-ocean"
    place = f"{PARTNERS}/clinic-ocean"
    page = root.get(place)
    assert secret not in page.text
    renewed = [re.search(r"<code>(fbs_[^<]+)</code>", root.send(page, "/secret").text)[1] for _click in range(2)]
    assert renewed[0] == renewed[1] != secret
    with both.database.read() as connection:
        assert site_of_client(connection, client, secret) is None
        assert site_of_client(connection, client, renewed[0]) is not None
    assert root.send(root.get(f"{place}/change"), "/change", site="77").status_code == 303
    assert "/ocean/77/$process-message" in text_of(root.get(place))
    assert root.send(root.get(f"{place}/change"), "/change", site="7 7").status_code == 422


def test_a_server_where_our_keys_sign_in_is_added(house):
    server = {
        "network": "fhir",
        "partner_name": "emr",
        "partner_role": "requester",
        "base_url": "https://emr.example/r4",
    }
    _root, added = add(house, **server, smart_url="https://emr.example/token", smart_client="bridge-7", guide="2.3.0")
    assert added.status_code == 200, text_of(added)
    assert "/.well-known/jwks.json" in added.text
    assert (partner_of(house, "emr").guide, partner_of(house, "emr").credential) == ("2.3.0", "smart")
    with house.database.read() as connection:
        kept = get_smart_server(connection, "north", "emr")
    assert (kept.token_url, kept.client_id) == ("https://emr.example/token", "bridge-7")


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ({"network": "fhir", "partner_name": "No Good", "base_url": "ftp://x.example"}, ["partner_name", "base_url"]),
        ({"network": "fhir", "partner_name": "hub", "base_url": ""}, ["base_url"]),
        ({"network": "fhir", "partner_name": "north-end-hub", "base_url": "https://x.example"}, ["partner_name"]),
        ({"network": "letter", "partner_name": "hub", "letter_to": ""}, ["letter_to"]),
        ({"network": "letter", "partner_name": "hub", "letter_to": "fax/here"}, ["letter_to"]),
        ({"network": "ocean", "partner_name": "hub", "ocean_url": "https://x.example", "site": "a b"}, ["site"]),
        ({"network": "hosted", "partner_name": "hub", "base_url": "https://x.example"}, ["base_url"]),
        ({"network": "pigeon", "partner_name": "hub"}, ["network"]),
    ],
)
def test_each_error_stands_at_its_field_and_nothing_is_added(house, typed, places):
    _root, answer = add(house, **typed)
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#([a-z_]+)"', answer.text) == places
    for place in places:
        assert f'id="{place}-error"' in answer.text
    for text in filter(None, (value for name, value in typed.items() if name != "network")):
        assert html.escape(text) in answer.text
    with house.database.read() as connection:
        assert {one.name for one in list_partners(connection, "north")} == {"lakeside-services", "north-end-hub"}


def ocean_message(house, body=b"{}", why="unknown-listing"):
    with house.database.write() as connection:
        now = house.clock.now()
        ocean_messages.add(connection, "north", "clinic-ocean", body, now)
        (found,) = ocean_messages.unread(connection, "north", "clinic-ocean", 1)
        label = ocean_messages.Label("add-service-request", f"m{found.number}", f"ref-{found.number}", now)
        ocean_messages.mark_read(connection, found.number, label, "failed", why)
    return found.number


def state_of(house, number):
    with house.database.read() as connection:
        return ocean_messages.get_message(connection, "north", number).state


def test_a_message_of_ocean_that_nobody_could_read_waits_with_its_ways_out(both):
    root, _added = add(both, **OCEAN)
    first, second = ocean_message(both), ocean_message(both, why="not-json")
    kit = both.browser("kit")
    listed = text_of(kit.get("/portal"))
    assert "2 messages from Ocean cannot be read" in listed
    page = kit.get("/portal/ocean-messages")
    shown = text_of(page)
    assert f"ref-{first}" in shown
    assert "`" not in shown
    assert "phone the sender" in shown
    assert kit.send(page, f"/{first}/retry").status_code == 303
    assert state_of(both, first) == "received"
    assert kit.send(page, f"/{first}/retry").status_code == 409
    assert kit.send(page, f"/{second}/drop").status_code == 303
    assert state_of(both, second) == "dropped"
    assert "cannot be read" not in text_of(kit.get("/portal"))
    for name in ("ana", "doctor", "dee"):
        assert both.browser(name).get("/portal/ocean-messages").status_code == 403
    third = ocean_message(both)
    admin = root.get("/portal/ocean-messages")
    assert f"{PARTNERS}/clinic-ocean/listings" in admin.text
    assert str(third) in admin.text
    assert "1 message from Ocean" in text_of(root.get("/portal/admin/messages"))


def test_a_listing_is_set_up_changed_and_removed(house):
    root, _added = add(house, **OCEAN)
    place = f"{PARTNERS}/clinic-ocean/listings"
    typed = {"target": "food_bank12345678", "goes_to": "north-end-hub", "categories": ["food-insecurity", "stress"]}
    assert root.send(root.get(place), "/listings", **typed).status_code == 303

    def stored():
        with house.database.read() as connection:
            return listings_of(connection, "north", "clinic-ocean")

    assert stored()["food_bank12345678"]["categories"] == ["food-insecurity", "stress"]
    assert stored()["food_bank12345678"]["partner"] == "north-end-hub"
    form = root.get(f"{place}?listing=food_bank12345678")
    assert root.send(form, "/listings", goes_to="lakeside-services").status_code == 303
    assert stored()["food_bank12345678"]["partner"] == "lakeside-services"
    assert stored()["food_bank12345678"]["categories"] == ["food-insecurity", "stress"]
    refused = root.send(root.get(place), "/listings", target="", external="", service="nothing")
    assert re.findall(r'<li><a href="#([a-z_]+)"', refused.text) == ["target", "service"]
    assert root.send(root.get(place), "/listings/remove", listing="food_bank12345678").status_code == 303
    assert stored() == {}


def test_a_message_that_waits_for_its_next_attempt_is_sent_now(both):
    both.prescribe()
    with both.database.write() as connection:
        queue = JobQueue(connection)
        terms = {"owner": "w", "kinds": ["deliver"], "now": both.clock.now(), "lease": timedelta(minutes=1)}
        (claimed,) = queue.claim(**terms)
        queue.retry(
            claimed, due=both.clock.now() + timedelta(hours=3), failure=Failure(None, "No answer.", "no-answer")
        )
    root = both.browser("root")
    page = root.get("/portal/admin/messages")
    assert "Next attempt:" in text_of(page)
    assert root.send(page, f"/{claimed.id}/now").status_code == 303
    assert "Next attempt:" not in text_of(root.get("/portal/admin/messages"))
    both.work()
    assert "Nothing is owed." in text_of(root.get("/portal/admin/messages"))
    assert root.send(page, f"/{claimed.id}/now").status_code == 409
    chart = root.get("/portal/admin/messages").text
    assert re.search(r"<rect [^>]*/><text [^>]*>1</text>", chart), "the bar has its number"


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.parametrize(("locale", "scheme"), [("en-CA", "light"), ("fr-CA", "dark")])
def test_the_form_shows_the_fields_of_the_chosen_network_on_a_phone(house, base, chromium, axe, locale, scheme):
    add(house, **OCEAN)
    ocean_message(house)
    look = {"locale": locale, "color_scheme": scheme, "viewport": {"width": 320, "height": 800}}
    with window(chromium, house, base, "root", **look) as page:
        page.goto(f"{base}{PARTNERS}")
        assert not page.is_visible("#letter_to")
        page.check("input[value=letter]")
        assert page.is_visible("#letter_to")
        assert not page.is_visible("#base_url")
        page.fill("#partner_name", "kitchen")
        page.fill("#letter_to", "nobody")
        follow(page, "form#add button.primary")
        assert page.is_visible("#letter_to-error")
        check(page, axe)
        page.fill("#letter_to", "office@soup.example")
        follow(page, "form#add button.primary")
        check(page, axe)
        follow(page, "form[action$=letter-code] button")
        check(page, axe)
        for path in (f"{PARTNERS}/clinic-ocean", f"{PARTNERS}/clinic-ocean/listings", f"{PARTNERS}/clinic-ocean/change",
                     "/portal/ocean-messages", "/portal"):  # fmt: skip
            page.goto(f"{base}{path}")
            check(page, axe)


@pytest.mark.parametrize("text", ["a\0b", "x" * 900, "<b>é\u202e"])
def test_what_a_database_cannot_take_is_said_at_its_field(both, text):
    root, answer = add(both, partner_name="pantry", title=text)
    expected = {200} if text.startswith("<b>") else {422}
    answers = [answer.status_code]
    add(both, **OCEAN)
    place = f"{PARTNERS}/clinic-ocean/listings"
    change = root.get(f"{PARTNERS}/north-end-hub/change")
    user = {"email": "eva@north.example", "role": "navigator"}
    answers += [
        root.send(root.get(place), "/listings", target=text, follow=True).status_code,
        root.send(change, "/change", title=text, follow=True).status_code,
        root.send(root.get("/portal/admin/users"), "/admin/users", name=text, follow=True, **user).status_code,
    ]
    assert set(answers) == expected, answers
