"""Prescribing in Debian's Chromium: within a minute, with and without JavaScript, in both languages, axe on each page."""

import gzip
import re
import time
from pathlib import Path

import pytest
from support.browser import CHROMIUM, check, follow, window

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.partners import link
from footbridge.directory.records import Record
from footbridge.web.portal.prescribing.fields import table

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")

WIDE = {"width": 1280, "height": 800}

RECORDS = [
    Record("organization", "1", {"name": "North End Hub", "description": "Help."}, "f"),
    Record(
        "service",
        "1",
        {
            "organization_id": "1",
            "name": "Food bank",
            "description": "Groceries for all.",
            "status": "active",
            "attributes": [{"taxonomy_term": {"code": "BD-1800.2000"}}],
        },
        "f",
    ),
]


def go_on(page):
    """To the next question, where the window is narrow; a wide one has them all on its page."""
    button = page.locator("button[value=continue]")
    if button.is_visible():
        before = page.url
        button.click()
        page.wait_for_url(lambda url: url != before)


@pytest.fixture
def directory(house):
    run_import(house.database, house.clock, Plan("north", "two11", Terms("t", "f", "CA", "UTC"), processes=0), RECORDS)
    with house.database.write() as connection:
        link(connection, "north", "north-end-hub", "two11:1")
    return house


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("locale", "scheme", "width", "word"),
    [
        ("en-CA", "light", 1280, "Food"),
        ("fr-CA", "dark", 320, "Nourriture"),
    ],
)
def test_a_prescription_from_the_directory_in_a_minute(
    directory, base, chromium, axe, scripts, locale, scheme, width, word
):
    options = {"locale": locale, "color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with window(chromium, directory, base, "doctor", java_script_enabled=scripts, **options) as page:
        began = time.monotonic()
        page.goto(f"{base}/portal/prescribe")
        if scripts:
            check(page, axe)
        follow(page, "main form[action$='/new'] button")
        place = page.url
        assert page.locator("label:has(input[value=food-insecurity]) strong").inner_text() == word
        page.check("input[value=warm-connection]")
        go_on(page)
        page.fill("#given", "Arne")
        page.fill("#family", "Lindqvist")
        page.fill("#birth", "1948-02-03")
        page.fill("#phone", "+1 705 555 0101")
        go_on(page)
        page.check("input[value=food-insecurity]")
        page.fill("#need-food-insecurity", "He skips meals.")
        go_on(page)
        go_on(page)
        page.click("button[value=search]")
        page.click(".hits button")
        page.wait_for_selector(".chosen")
        assert page.input_value("#need-food-insecurity") == "He skips meals."
        if width > 640:
            page.click("button[value=propose]")
            page.wait_for_selector("section.card .note")
            follow(page, "button[value=check]")
        else:  # at the page of the consent: it is asked there
            go_on(page)
            follow(page, "button[value=continue]")
        page.wait_for_selector(".summary")
        if scripts:
            check(page, axe)
        page.check("input[name=consent][value=given]")
        if width <= 640:
            go_on(page)
            go_on(page)
            page.click("button[value=propose]")
            page.wait_for_selector("section.card .note")
        follow(page, "button[value=check]")
        page.wait_for_selector(".recipient")
        if scripts:
            check(page, axe)
        follow(page, "form[action$='/send'] button")
        assert page.locator(".saved").is_visible()
        assert time.monotonic() - began <= 60
        assert "He skips meals." in page.content()
        page.goto(place)
        assert "/portal/referrals/" in page.url


def test_a_closed_browser_loses_nothing(directory, base, chromium):
    """With JavaScript each change is stored by itself; nobody presses a button."""
    with window(chromium, directory, base, "doctor", viewport=WIDE) as page:
        page.goto(f"{base}/portal/prescribe")
        follow(page, "main form[action$='/new'] button")
        place = page.url
        with page.expect_response(lambda answer: answer.url == place and answer.request.method == "POST"):
            page.fill("#own_words", "I want to sing again.")
            page.press("#own_words", "Tab")
        before = page.input_value("#seen")
    with window(chromium, directory, base, "doctor", viewport=WIDE) as page:
        page.goto(place)
        assert page.input_value("#own_words") == "I want to sing again."
        assert before


def test_a_change_that_is_not_stored_says_so_until_it_is(directory, base, chromium):
    """Without a connection, signed out, or changed in another tab: whoever types on would lose it in silence."""

    from playwright.sync_api import expect

    def change(text):
        page.fill("#own_words", text)
        page.press("#own_words", "Tab")

    def is_told(text):
        expect(page.locator("#unsaved")).to_contain_text(text, use_inner_text=True)

    with window(chromium, directory, base, "doctor", viewport=WIDE) as page:
        page.goto(f"{base}/portal/prescribe")
        follow(page, "main form[action$='/new'] button")
        assert page.inner_text("#unsaved").strip() == ""
        page.context.set_offline(True)
        change("One")
        is_told("there is no connection")
        page.context.set_offline(False)
        change("Two")
        expect(page.locator("#unsaved p:visible")).to_have_count(0)
        other = page.context.new_page()
        other.goto(page.url)
        other.fill("#given", "Arne")
        directory.clock_step()
        follow(other, "main button[value=save]:not(.unseen)")
        change("Three")
        is_told("changed in another tab")
        change("Four")  # and is no newer than the other now
        is_told("changed in another tab")
        other.goto(page.url)
        assert other.input_value("#given") == "Arne"
        cookies = page.context.cookies()
        page.context.clear_cookies()
        change("Five")
        is_told("you are signed out")
        page.context.add_cookies(cookies)
        follow(page, "main button[value=save]:not(.unseen)")
        assert page.input_value("#own_words") == "Five"


def test_the_page_is_light(directory):
    """Compressed, with its style sheets, script and icons: 100 KB at most."""
    doctor = directory.browser("doctor")
    place = doctor.send(doctor.get("/portal/prescribe"), "/prescribe/new").headers["Location"]
    page = doctor.get(place)
    files = {one.partition("#")[0] for one in re.findall(r'(?:src|href)="(/portal/static/[^"]+)"', page.text)}
    assert {Path(one.partition("?")[0]).name for one in files} >= {"icons.svg", "portal.css", "htmx.min.js"}
    assert sum(len(gzip.compress(one.data)) for one in [page, *map(doctor.get, files)]) <= 100_000


@pytest.mark.parametrize(("locale", "scheme"), [("en-CA", "light"), ("fr-CA", "dark")])
def test_each_question_can_be_used_by_everybody_on_a_phone_and_an_error_has_the_focus(
    directory, base, chromium, axe, locale, scheme
):
    look = {"locale": locale, "color_scheme": scheme, "viewport": {"width": 320, "height": 640}}
    with window(chromium, directory, base, "doctor", **look) as page:
        page.goto(f"{base}/portal/prescribe")
        follow(page, "main form[action$='/new'] button")
        place, titles = page.url, set()
        for step in table()["steps"]:
            page.goto(f"{place}?step={step}")
            check(page, axe)
            titles.add(page.title())
            small = page.evaluate(SMALL_TARGETS)
            assert small == [], step
        assert len(titles) == len(table()["steps"]), "each title says where one is"
        page.goto(f"{place}?step=follow")
        page.fill("#follow_due", "2001-01-01")
        page.goto(f"{place}/check")
        check(page, axe)
        assert page.evaluate("document.activeElement.className") == "summary"


SMALL_TARGETS = """() => [...document.querySelectorAll('main a, main button, main input, main select, main summary')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.closest('p, dd, .unseen') && !one.matches('.unseen'))
  .map(one => one.closest('label') || one)
  .filter(one => { const box = one.getBoundingClientRect(); return box.width < 24 || box.height < 24 })
  .map(one => one.outerHTML.slice(0, 120))"""
"""What can be pressed and is smaller than 24 CSS pixels, but in a line of text: https://www.w3.org/TR/WCAG22/#target-size-minimum."""
