"""A house with people of every role, who click through the portal as a browser does: cookies, forms, tokens."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import orjson

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.referrals.build import build_worker
from footbridge.security import sign_in
from footbridge.store.partners import Partner, add_partner
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant
from footbridge.store.users import add_user, new_user
from footbridge.web.app import create_app

PARTNERS = ("lakeside-services", "north-end-hub")
PANTRY = "Elm community kitchen"
PEOPLE = {
    "doctor": ("prescriber", None),
    "kit": ("navigator", None),
    "ana": ("service-worker", "lakeside-services"),
    "bo": ("service-worker", "north-end-hub"),
    "dee": ("directory-manager", None),
    "root": ("administrator", None),
}


class Forms(HTMLParser):
    """The forms of a page: where each goes, and what it would send."""

    def __init__(self, html):
        super().__init__()
        self.forms, self._now, self._area, self._select = [], None, None, None
        self.links = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "a":
            self.links.append(given.get("href"))
        if tag == "form":
            self._now = {"action": given["action"], "method": given.get("method", "get"), "fields": []}
            self.forms.append(self._now)
        elif self._now is None:
            return
        elif tag == "input":
            if given.get("type") in {"radio", "checkbox"} and "checked" not in given:
                return
            if "name" in given:
                self._now["fields"].append((given["name"], given.get("value") or ""))
        elif tag == "textarea":
            self._area = [given["name"], ""]
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and "selected" in given:
            self._now["fields"].append((self._select, given.get("value", "")))

    def handle_data(self, data):
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea" and self._area is not None:
            self._now["fields"].append((self._area[0], self._area[1].removeprefix("\n")))
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "form":
            self._now = None


class Browser:
    """One browser of one person."""

    def __init__(self, house, name=None):
        self.house, self.client = house, house.app.test_client()
        if name is not None:
            self.sign_in(name)

    def sign_in(self, name):
        with self.house.database.write() as connection:
            secret = sign_in.make_link(connection, self.house.users[name], self.house.clock.now())
        page = self.get(f"/portal/link/{secret}")
        return self.send(page, f"/portal/link/{secret}")

    def get(self, path, **headers):
        return self.client.get(path, headers=headers)

    def send(self, page, ending, /, follow=False, **typed):
        """Fill in the form of a page whose address ends so, and send it."""
        (form,) = [one for one in Forms(page.text).forms if one["action"].endswith(ending)][:1]
        data = {}
        for name, value in form["fields"]:
            data.setdefault(name, []).append(value)
        data |= {name.replace("__", "-"): value for name, value in typed.items()}
        return self.client.post(form["action"], data=data, follow_redirects=follow)

    def act(self, referral, action, **typed):
        """Do something with a referral, by its form where it has one."""
        place = f"/portal/referrals/{referral}"
        page = self.get(f"{place}/do/{action}")
        assert page.status_code == 200, page.text
        return self.send(page, f"/do/{action}", **typed)

    def offered(self, referral):
        """What the page of a referral offers."""
        text = self.get(f"/portal/referrals/{referral}").text
        return set(re.findall(r'/do/([a-z-]+)"', text))


class House:
    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        now = clock.now()
        self.users, self.woken = {}, []
        with database.write() as connection:
            for name in ("north", "south"):
                add_tenant(connection, name, "ca", now)
            for name in PARTNERS:
                title = name.replace("-", " ").title()
                add_partner(connection, "north", Partner(name, "hosted", "recipient", title, ""), now)
            set_route(connection, "north", "*", list(PARTNERS))
            for name, (role, partner) in PEOPLE.items():
                user = new_user("north", f"{name}@north.example", name.title(), role, partner, now)
                add_user(connection, user)
                self.users[name] = user
        self.app = create_app(database, clock, wake=lambda: self.woken.append(clock.now()))

    def clock_step(self, seconds=1):
        """Let the time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    def browser(self, name=None):
        return Browser(self, name)

    def prescribe(
        self, example="02-bereavement-network", number=None, *, document=None, may_hold=(), holds=(), **changes
    ):
        """Take a prescription in; returns the ids of the prescription and of its referral."""
        said = document or json.loads(folder("examples").joinpath(f"{example}.json").read_bytes())
        if number is not None:
            said["identifier"]["value"] += f"-{number}"
        who = Principal("requester", name="Dr. Tremblay", tenant="north")
        intake = self.app.extensions["footbridge"].intake
        receipt = intake.submit(orjson.dumps(said | changes), who, may_hold=set(may_hold), holds=list(holds))
        return receipt.id, self.referrals(receipt.id)[0].id

    def referrals(self, prescription):
        from footbridge.store.referrals import referrals_of

        with self.database.read() as connection:
            return referrals_of(connection, "north", prescription)

    def work(self):
        """Let a worker do what is due."""
        worker = build_worker(self.database, self.clock)
        while worker.step():
            pass
