"""The form on which a navigator reports back, in Chromium: on a phone in French, wide in English; errors, then sent."""

import json
import os

import pytest
from support.browser import CHROMIUM, check, window

from footbridge.data import folder

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.mark.parametrize(("locale", "width"), [("fr-CA", 320), ("en-CA", 1280)])
def test_a_navigator_reports_back(house, base, chromium, axe, locale, width):
    document = json.loads(folder("examples").joinpath("06-housing-navigation.json").read_bytes())
    del document["service"]
    prescription, referral = house.prescribe(document=document)
    kit = house.browser("kit")
    kit.send(kit.get(f"/portal/referrals/{referral}"), "/do/take-on")
    with window(chromium, house, base, "kit", locale=locale, viewport={"width": width, "height": 800}) as page:
        page.goto(f"{base}/portal/referrals/{referral}")
        page.click('a[href$="/do/report-back"]')
        check(page, axe)
        page.check('input[name="linked-0"][value="linked"]')
        page.fill("#service-0", "Shelter House")
        page.fill("#words", "Ü\u0645 \U0001f319")
        page.click("#act > button")
        assert page.locator(".summary").is_visible()
        assert page.input_value("#service-0") == "Shelter House"
        check(page, axe)
        page.check('input[name="linked-1"][value="not-linked"]')
        page.select_option("#why-1", "waiting-list")
        page.select_option("#found-category-0", "stress")
        page.fill("#found-statement-0", "Cannot sleep")
        if os.environ.get("SHOTS"):
            page.screenshot(path=f"{os.environ['SHOTS']}/report-{width}.png", full_page=True)
        page.click("#act > button")
        assert page.locator(".saved").is_visible()
        check(page, axe)
        assert page.locator("#outputs + ul li").count() == 3
    assert house.referrals(prescription)[0].status == "completed"
