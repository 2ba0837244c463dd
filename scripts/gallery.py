"""Makes the gallery of the portal in ``docs/gallery/``: starts the demo, and looks at its pages.

Needs Chromium. Each picture is WebP, 60 KB at most; which ones there are is the table ``SHOTS``. Names and needs are
those of ``examples/``: nobody's.
"""

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "gallery"
LIMIT = 60_000  # bytes of a picture
PATIENCE = 300  # seconds until the demo has played
DESK, PHONE = {"width": 1180, "height": 820}, {"width": 390, "height": 780}


def begin(page: Page) -> None:
    """Begin a prescription: a phone shows its first question."""
    with page.expect_navigation():
        page.click("main form[action$='/new'] button")


def write(page: Page) -> None:
    """Begin a prescription, and write some of it; for a wide window, which shows all of it."""
    begin(page)
    page.fill("#given", "Arne")
    page.fill("#family", "Lindqvist")
    page.fill("#birth", "1946-02-03")
    page.check("input[value=warm-connection]")
    page.check("input[value=social-connection]")
    page.fill("#need-social-connection", "Lost his wife in spring; sees nobody on weekdays.")
    page.fill("#goal-social-connection", "Has company twice a week.")


def write_and_check(page: Page) -> None:
    """Write one to its end, and look at what leaves."""
    write(page)
    page.fill("#phone", "+1 705 555 0101")
    page.select_option("#partner", "maple-street-kitchen")
    page.fill("#own_words", "I want to sing again with others.")
    page.check("input[name=consent][value=given]")
    page.click("button[value=check]")
    page.wait_for_selector(".recipient")
    if page.locator("form[action$='/apart']").count():  # the demo has somebody of that name
        page.click("form[action$='/apart'] button")
        page.wait_for_selector(".recipient")


def send(page: Page) -> None:
    """Write one and send it, so that there is something to do for the service."""
    write_and_check(page)
    page.click("form[action$='/send'] button")
    page.wait_for_selector(".saved")


def first_referral(page: Page) -> None:
    """Open the first referral of the list; where it is empty, of the first list that is not."""
    address = page.url.partition("?")[0]
    for name in ("to-answer", "working", "done", "overdue", "waiting", "follow-up"):
        if page.locator("main .line-name").count():
            break
        page.goto(f"{address}?list={name}")
    page.click("main .line-name >> nth=0")


def follow_up(page: Page) -> None:
    """Open the form for the answer of the first person."""
    first_referral(page)
    page.goto(f"{page.url}/do/answer")


def letter(page: Page) -> None:
    """Open the letter about the first referral."""
    first_referral(page)
    page.goto(f"{page.url}/letter")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, who looks, at which page, what they do there, and how wide and dark it is."""

    name: str
    role: str
    path: str
    act: Callable[[Page], None] | None = None
    phone: bool = False
    locale: str = "en-CA"
    dark: bool = False
    top: str | None = None
    picture: bool = True


SHOTS = (
    Shot("sent", "Prescriber", "/portal/prescribe", send, picture=False),
    Shot("letter", "Navigator", "/portal?list=to-answer", letter),
    Shot("worklist", "Navigator", "/portal"),
    Shot("worklist-phone-fr-dark", "Navigator", "/portal", phone=True, locale="fr-CA", dark=True),
    Shot("referral", "Navigator", "/portal?list=done", first_referral),
    Shot("referral-phone", "Service worker", "/portal", first_referral, phone=True),
    Shot("waiting", "Navigator", "/portal?list=waiting", first_referral),
    Shot("follow-up-phone-fr", "Navigator", "/portal?list=to-answer", follow_up, phone=True, locale="fr-CA"),
    Shot("prescribe", "Prescriber", "/portal/prescribe", write),
    Shot("prescribe-phone-fr", "Prescriber", "/portal/prescribe", begin, phone=True, locale="fr-CA"),
    Shot("prescribe-check", "Prescriber", "/portal/prescribe", write_and_check, top="#leaves"),
    Shot("service-phone", "Service worker", "/portal", phone=True),
    Shot("administration", "Administrator", "/portal/admin"),
    Shot("messages", "Administrator", "/portal/admin/messages"),
    Shot("partners", "Administrator", "/portal/admin/partners"),
    Shot("users-phone-dark", "Administrator", "/portal/admin/users", phone=True, dark=True),
)


def main() -> int:
    """Make them all; 1 when one is too big."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("Chromium is not installed: apt-get install chromium", file=sys.stderr)
        return 1
    demo = subprocess.Popen(
        [sys.executable, "-m", "footbridge", "demo", "--keep", "--port", "0"],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        links = _links(demo)
        FOLDER.mkdir(exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            sizes = _take_all(browser, links)
            browser.close()
    finally:
        demo.terminate()
        demo.wait()
    for name, size in sizes.items():
        print(f"{name}.webp  {size / 1000:.0f} kB")
    return 1 if max(sizes.values()) > LIMIT else 0


def _links(demo: subprocess.Popen[str]) -> dict[str, str]:
    """The link of each role, from what the demo prints."""
    roles = {shot.role for shot in SHOTS}
    found: dict[str, str] = {}
    called, deadline = "", time.monotonic() + PATIENCE
    assert demo.stdout is not None
    for line in demo.stdout:
        called = next((role for role in roles if line.startswith(role)), called)
        link = re.search(r"http://\S+/portal/link/\S+", line)
        if link and called:
            found.setdefault(called, link.group())  # the next link may be of a role that is not asked for
        if found.keys() >= roles or time.monotonic() > deadline:
            return found
    raise SystemExit("The demo ended before it had printed its links.")


def _take_all(browser: Browser, links: dict[str, str]) -> dict[str, int]:
    states: dict[str, Any] = {}
    sizes = {}
    for shot in SHOTS:
        base = links[shot.role].partition("/portal/")[0]
        if shot.role not in states:
            context = browser.new_context()
            page = context.new_page()
            page.goto(links[shot.role])
            page.click("main button")
            states[shot.role] = context.storage_state()
            context.close()
        context = browser.new_context(
            viewport=PHONE if shot.phone else DESK,  # type: ignore[arg-type]
            locale=shot.locale,
            color_scheme="dark" if shot.dark else "light",
            storage_state=states[shot.role],
        )
        page = context.new_page()
        page.goto(base + shot.path)
        if shot.act is not None:
            shot.act(page)
        if shot.top is None:
            page.evaluate("window.scrollTo(0, 0)")
        else:
            page.locator(shot.top).evaluate("one => one.scrollIntoView()")
        page.wait_for_timeout(1000)
        if shot.picture:
            sizes[shot.name] = _save(page, shot.name)
        context.close()
    return sizes


def _save(page: Page, name: str) -> int:
    session = page.context.new_cdp_session(page)
    picture = b""
    for quality in (80, 60, 40):
        answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": quality})
        picture = base64.b64decode(answer["data"])
        if len(picture) <= LIMIT:
            break
    (FOLDER / f"{name}.webp").write_bytes(picture)
    return len(picture)


if __name__ == "__main__":
    sys.exit(main())
