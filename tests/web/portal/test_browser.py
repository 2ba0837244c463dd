"""Whole journeys in Debian's Chromium, and axe on every page: both languages, a narrow phone, light and dark."""

import shutil
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.spine import prescribed
from werkzeug.serving import make_server

from footbridge.model.holds import Hold
from footbridge.security import sign_in

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
GUESS = Hold("needs", {"needs": [{"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}]})

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def axe():
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def base(house, monkeypatch):
    """Where the house is served."""
    from footbridge.settings import settings

    monkeypatch.delenv("FOOTBRIDGE_PUBLIC_URL")
    settings.cache_clear()
    server = make_server("127.0.0.1", 0, house.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


@contextmanager
def window(chromium, house, base, name=None, **options):
    """A page of a browser of its own, signed in; nothing may be refused by the policy meanwhile."""
    context = chromium.new_context(**{"viewport": {"width": 390, "height": 844}, "locale": "en-CA", **options})
    page = context.new_page()
    errors = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    if name is not None:
        with house.database.write() as connection:
            secret = sign_in.make_link(connection, house.users[name], house.clock.now())
        page.goto(f"{base}/portal/link/{secret}")
        page.click("main button")
    yield page
    assert [one for one in errors if "status of 4" not in one] == []
    context.close()


def check(page, axe):
    """No violation of axe, and nothing wider than the window."""
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


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
        page.click("main button")
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
        page.click("main form button")
        assert page.locator(".summary").is_visible()
        check(page, axe)
        page.goto(f"{base}/portal/search")
        page.fill("#words", "lindqvist")
        page.click("main button")
        check(page, axe)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_service_worker_accepts_and_completes_in_six_clicks(house, base, chromium, scripts):
    prescription, _referral = house.prescribe()
    with window(chromium, house, base, "ana", java_script_enabled=scripts) as page:
        clicks = ["text=Arne Lindqvist", "text=Accept", "text=Record what was done, and complete"]
        for target in clicks:
            page.click(f"main >> {target}")
        page.fill("textarea", "He came four times.")
        page.click("main form button.primary")
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
        page.click("main >> text=Grace Okafor")
        page.click(f"main >> text={words[0]}")
        page.check(f"text={words[1]}")
        page.click("main form button.primary")
        page.click(f"main >> text={words[2]}")
        page.click("main form button.primary")
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
        page.keyboard.press("Enter")
        page.wait_for_selector(".saved")
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


def test_the_language_is_chosen_and_stays(house, base, chromium):
    with window(chromium, house, base, "kit") as page:
        page.click("text=Français")
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
    assert sum(len(gzip.compress(one.data)) for one in [page, *map(kit.get, files)]) <= 100_000
