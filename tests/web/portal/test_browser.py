"""Whole journeys in Debian's Chromium, and axe on every page: both languages, a narrow phone, light and dark."""

from datetime import timedelta

import pytest
from support.browser import CHROMIUM, check, follow, window
from support.spine import prescribed

from footbridge.errors import ConflictError
from footbridge.model.holds import Hold
from footbridge.web.portal import worklist

GUESS = Hold("needs", {"needs": [{"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}]})

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.mark.parametrize(
    ("locale", "scheme", "width"), [("en-CA", "light", 320), ("fr-CA", "dark", 320), ("fr-CA", "light", 1280)]
)
def test_every_page_can_be_used_by_everybody(house, base, chromium, axe, locale, scheme, width):
    _prescription, referral = house.prescribe()
    _unsafe, unsafe = house.prescribe("11-do-not-phone")
    document = prescribed(consent=None)
    _held, held = house.prescribe(document=document, may_hold=["consent"], holds=[GUESS])
    look = {"locale": locale, "color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with window(chromium, house, base, **look) as page:
        for path in ("/portal/sign-in", "/portal/link/nothing"):
            page.goto(base + path)
            check(page, axe)
        page.goto(f"{base}/portal/sign-in")
        follow(page, "main button")
        check(page, axe)
    with window(chromium, house, base, "kit", **look) as page:
        paths = [
            "",
            "?list=waiting",
            "/search",
            "/account",
            f"/referrals/{referral}",
            f"/referrals/{unsafe}",
            "/nowhere",
        ]
        paths += [f"/referrals/{held}", f"/referrals/{held}/do/confirm-consent", f"/referrals/{held}/do/confirm-needs"]
        paths += [f"/referrals/{referral}/do/{action}" for action in ("reject", "split", "answer", "accept", "hold")]
        for path in paths:
            page.goto(f"{base}/portal{path}")
            check(page, axe)
        page.goto(f"{base}/portal/referrals/{referral}/do/reject")
        follow(page, "main form button")
        assert page.locator(".summary").is_visible()
        check(page, axe)
        page.goto(f"{base}/portal/search")
        page.fill("#words", "lindqvist")
        follow(page, "main button")
        check(page, axe)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_service_worker_accepts_and_completes_in_six_clicks(house, base, chromium, scripts):
    prescription, _referral = house.prescribe()
    with window(chromium, house, base, "ana", java_script_enabled=scripts) as page:
        clicks = ["text=Arne Lindqvist", "text=Accept", "text=Record what was done, and complete"]
        for target in clicks:
            follow(page, f"main >> {target}")
        page.fill("textarea", "He came four times.")
        follow(page, "main form button.primary")
        assert page.locator(".saved").is_visible()
        assert "He came four times." in page.content()
        assert len(clicks) + 1 <= 6
    assert house.referrals(prescription)[0].status == "completed"


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-CA", ["Record the consent", "Spoken", "Confirm the categories"]),
        ("fr-CA", ["Noter le consentement", "De vive voix", "Confirmer les catégories"]),
    ],
)
def test_a_navigator_decides_a_prescription_on_hold(house, base, chromium, scripts, locale, words):
    document = prescribed(consent=None, service={"partner": "lakeside-services"})
    prescription, _referral = house.prescribe(document=document, may_hold=["consent"], holds=[GUESS])
    with window(chromium, house, base, "kit", java_script_enabled=scripts, locale=locale) as page:
        follow(page, "main >> text=Grace Okafor")
        follow(page, f"main >> text={words[0]}")
        page.check(f"text={words[1]}")
        follow(page, "main form button.primary")
        follow(page, f"main >> text={words[2]}")
        follow(page, "main form button.primary")
        assert page.locator(".saved").is_visible()
    assert house.referrals(prescription)[0].partner == "lakeside-services"


def test_the_keyboard_is_enough_and_back_does_no_harm(house, base, chromium):
    prescription, referral = house.prescribe()
    with window(chromium, house, base, "ana") as page:
        page.goto(f"{base}/portal")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.goto(f"{base}/portal/referrals/{referral}")
        page.focus("text=Accept")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator(".saved").is_visible()
        page.go_back()
        page.goto(f"{base}/portal/referrals/{referral}")
        assert "In progress" not in page.content()
    assert house.referrals(prescription)[0].status == "accepted"


def test_the_worklist_keeps_itself_up_to_date(house, base, chromium):
    _prescription, referral = house.prescribe()
    with window(chromium, house, base, "kit") as page:
        page.goto(f"{base}/portal?list=to-answer")
        page.evaluate("document.querySelector('#worklist').setAttribute('hx-trigger', 'poke')")
        page.evaluate("htmx.process(document.querySelector('#worklist'))")
        ana = house.browser("ana")
        ana.send(ana.get(f"/portal/referrals/{referral}"), "/do/accept")
        with page.expect_response(lambda answer: "list=to-answer" in answer.url):
            page.evaluate(
                "htmx.ajax('GET', location.pathname + location.search,"
                " {target: '#worklist', select: '#worklist', swap: 'outerHTML'})"
            )
        page.wait_for_selector(".empty")


REFRESH = """htmx.ajax('GET', location.pathname + location.search,
    {target: '#worklist', select: '#worklist', swap: document.querySelector('#worklist').getAttribute('hx-swap')})"""


def test_a_worklist_whose_session_has_ended_leads_to_the_sign_in_and_shows_nobody(house, base, chromium):
    house.prescribe()
    with window(chromium, house, base, "kit") as page:
        page.goto(f"{base}/portal?list=to-answer")
        house.clock.advance(timedelta(hours=1))
        page.evaluate(REFRESH)
        page.wait_for_url("**/portal/sign-in**")
        assert "Lindqvist" not in page.content()


def test_a_worklist_that_refreshes_itself_leaves_the_keyboard_where_it_is(house, base, chromium):
    _prescription, referral = house.prescribe()
    with window(chromium, house, base, "kit") as page:
        page.goto(f"{base}/portal?list=to-answer")
        page.focus(".line-name")
        house.clock.advance(timedelta(minutes=3))
        page.evaluate(REFRESH)
        page.wait_for_selector("text=07:03")
        assert page.evaluate("document.activeElement.getAttribute('href')").endswith(referral)


def test_a_worklist_that_cannot_be_refreshed_stays(house, base, chromium, monkeypatch):
    house.prescribe()
    with window(chromium, house, base, "kit") as page:
        page.goto(f"{base}/portal?list=to-answer")
        monkeypatch.setattr(worklist.Worklist, "counts", broken)
        with page.expect_response(lambda answer: answer.status == 409):
            page.evaluate(REFRESH)
        page.wait_for_timeout(300)
        assert "Lindqvist" in page.inner_text("#worklist")


def broken(*_given, **_named):
    raise ConflictError("Not now.")


def test_a_button_of_the_desk_after_the_session_has_ended_keeps_what_was_typed(house, base, chromium):
    with window(chromium, house, base, "kit", viewport={"width": 1280, "height": 800}) as page:  # all on one page
        page.goto(f"{base}/portal/prescribe")
        follow(page, "main form[action$='/new'] button")
        page.fill("#family", "Lindqvist")
        page.fill("#own_words", "I want to sing again with others.")
        house.clock.advance(timedelta(hours=1))
        page.click("button[value=search]")
        page.wait_for_selector("text=Your session has ended")
        assert "I want to sing again with others." in page.inner_text("main")
        assert page.input_value("textarea[name=family]") == "Lindqvist"


def test_the_language_is_chosen_and_stays(house, base, chromium):
    with window(chromium, house, base, "kit") as page:
        follow(page, "text=Français")
        assert page.locator("h1").inner_text() == "Liste de travail"
        page.goto(f"{base}/portal/search")
        assert page.evaluate("document.documentElement.lang") == "fr"


def test_a_page_is_light(house, base):
    """Compressed, with its style sheets and its script: 100 KB at most."""
    import gzip
    import re

    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    page = kit.get(f"/portal/referrals/{referral}")
    files = set(re.findall(r'(?:src|href)="(/portal/static/[^"]+)"', page.text))
    assert len(files) == 4
    sent = [kit.get(one, **{"Accept-Encoding": "gzip"}) for one in files]
    assert [gzip.decompress(one.data) for one in sent if one.headers.get("Content-Encoding") == "gzip"]
    assert sum(len(gzip.compress(one.data)) for one in [page, *map(kit.get, files)]) <= 100_000
