"""The reply in Debian's Chromium: three clicks, both languages, without JavaScript; axe on each of its pages."""

import pytest
from support.browser import CHROMIUM, check, follow, window
from support.letters import HUB, Town, code_in, link_in, pdf_text

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")


@pytest.fixture
def house(sqlite_database, clock, tmp_path):
    town = Town(sqlite_database, clock)
    (tmp_path / "fax").mkdir()
    town.add_letters(tmp_path / "fax")
    town.fax = tmp_path / "fax"
    return town


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize(
    ("locale", "width", "scheme"),
    [("en-CA", 320, "dark"), ("fr-CA", 1280, "light")],
)
def test_a_service_accepts_in_three_clicks(house, base, chromium, axe, scripts, locale, width, scheme):
    prescription, referral = house.ask()
    (file,) = house.fax.glob("*.pdf")
    text = pdf_text(file)

    def looked(page):
        if scripts:  # axe is a script
            check(page, axe)

    look = {"locale": locale, "viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with window(chromium, house, base, java_script_enabled=scripts, **look) as page:
        page.goto(f"{base}/portal/reply/{link_in(text)}")
        looked(page)
        page.fill("#code", "WRNG-CDEX")
        follow(page, "main button")
        looked(page)
        page.fill("#code", code_in(text))
        follow(page, "main form button.primary")
        looked(page)
        follow(page, "main form button.primary")
        looked(page)
        assert page.locator(".saved").is_visible()
    assert house.referrals(prescription)[0].status == "accepted"
    with window(chromium, house, base, "kit", **look) as page:
        for path in ("", "/letter", "/copy"):
            page.goto(f"{base}/portal/referrals/{referral}{path}")
            looked(page)
        page.goto(f"{base}/portal/referrals/{referral}")
        follow(page, "form[action$=letter-code] button")
        looked(page)
    assert house.referrals(prescription)[0].partner == HUB
