"""A person at Debian's Chromium: a window that is signed in, and what every page must be."""

import shutil
from contextlib import contextmanager

from footbridge.security import sign_in

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


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
        follow(page, "main button")
    yield page
    expected = (
        "status of 4",
        "net::ERR_INTERNET_DISCONNECTED",
        "Failed to fetch",
    )  # the latter two: of who goes offline
    assert not (found := [one for one in errors if not any(text in one for text in expected)]), found
    context.close()


def follow(page, target):
    """Press what leads to another page, and wait until that page is there: a click alone waits for nothing."""
    with page.expect_navigation():
        page.click(target)


def check(page, axe):
    """No violation of axe, and nothing wider than the window."""
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
