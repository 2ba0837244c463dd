"""Each role, in each state of a referral: what the page offers works to its end, and all else is refused plainly."""

import html
import json
from datetime import timedelta

import pytest
from support.portal import Forms
from support.soak import some
from support.spine import prescribed

from footbridge.data import folder, read_json
from footbridge.model.holds import Hold
from footbridge.model.principals import Principal
from footbridge.referrals.command import Command, NewPart
from footbridge.referrals.commands import carry_out
from footbridge.store.events import newest
from footbridge.store.routes import set_route

ACTIONS = read_json("mappings", "portal.json")["actions"]
KIT = Principal("navigator", name="Kit", tenant="north", channel="portal")
HERE, OTHER = "lakeside-services", "north-end-hub"
HOSTILE = "<script>alert(1)</script> \"'&{{7*7}} %s \U0001f331 \u0645\u0631\u062d\u0628\u0627\u200f \u202eX"
LONG = "ä" * 9_000
TYPED = {
    "confirm-records": {"given": "Ana", "family": "Roy", "born": "1950-01-02"},
    "confirm-consent": {"how": "verbal"},
    "route": {"partner": OTHER, "reason": HOSTILE},
    "forward": {"partner": OTHER, "reason": LONG},
    "schedule": {"day": "2026-06-09", "time": "14:30", "place": HOSTILE},
    "complete": {"words": HOSTILE},
    "report-back": {"why": "no-service", "more": HOSTILE},
    "phone-answer": {"said": "service-declines", "why": "full", "words": HOSTILE},
    "hand-over": {"by": HOSTILE, "to": "Ana", "welcome": "no"},
    "note": {"text": LONG},
    "message": {"text": HOSTILE},
    "settle": {"how": HOSTILE},
    "answer": {"happened": "partly", "barriers": ["economic"], "satisfaction": "not-right", "reason": HOSTILE},
    "replace": {"reason": HOSTILE, "partner": OTHER},
    "add-need": {"category": "stress", "statement": HOSTILE},
    "split": {"description__0": HOSTILE, "category__0": "stress", "partner__0": HERE,
              "description__1": "Two", "category__1": "stress"},
    "hand-back": {"reason": HOSTILE, "suggested": "A hospice"},
    "reject": {"why": "other-reason", "reason": HOSTILE},
}  # fmt: skip
"""What is typed into each form; a reason into all others."""

REPEATABLE = {"message", "note"}
STATES = (
    "nobody", "requested", "accepted", "in-progress", "on-hold", "completed", "rejected", "failed", "cancelled",
    "handed-back", "forwarded", "withdrawn", "in-error", "taken-on", "navigator", "whole", "part", "signpost",
    "signpost-ended", "no-consent", "unsure", "no-records", "due", "unsafe", "consent-over", "asked", "not-reached",
)  # fmt: skip
ROLES = ("doctor", "kit", "ana", "bo", "dee", "root")


class Stage:
    """A house, and prescriptions in a state."""

    def __init__(self, house, state):
        self.house, self.state, self.number = house, state, 0
        self.browsers = {}

    def browser(self, name):
        if name not in self.browsers:
            self.browsers[name] = self.house.browser(name)
        return self.browsers[name]

    def say(self, prescription, *events, **more):
        intake = self.house.app.extensions["footbridge"].intake
        for event in events:
            carry_out(self.house.database, self.house.clock, KIT, prescription, Command(event, **more), intake=intake)

    def make(self):
        """A new referral in the state; returns the ids of the prescription and of the referral."""
        self.number += 1
        prescription, referral = self._begin()
        for event, more in STEPS.get(self.state, ()):
            self.say(prescription, event, **more)
        for who, action, typed in CLICKS.get(self.state, ()):
            page = self.browser(who).get(f"/portal/referrals/{referral}/do/{action}")
            assert self.browser(who).send(page, f"/do/{action}", **typed).status_code == 303
        if self.state in {"due", "not-reached"}:
            if self.number == 1:
                self.house.clock.advance(timedelta(days=300))
                self.browsers.clear()  # those sessions have ended
            self.house.work()
        if self.state == "not-reached":
            self.say(prescription, "not-reached", reason="No answer")
        rows = self.house.referrals(prescription)
        if self.state == "part":
            referral = next(one.id for one in rows if one.parent is not None)
        return prescription, referral

    def _prescribe(self, example, **changes):
        """A prescription for somebody of its own: what is said of a person holds for all of theirs."""
        said = json.loads(folder("examples").joinpath(f"{example}.json").read_bytes())
        said["client"]["name"]["family"] += f" {self.number}"
        said["client"]["identifiers"] = [{"system": "urn:footbridge:test:person", "value": str(self.number)}]
        return self.house.prescribe(number=self.number, document=said, **changes)

    def _begin(self):
        house, number = self.house, self.number
        match self.state:
            case "nobody" | "taken-on":
                return self._prescribe("06-housing-navigation", service=None)
            case "navigator":
                return house.prescribe(
                    "06-housing-navigation", number, service={"partner": HERE, "description": "Help"}
                )
            case "signpost" | "signpost-ended":
                return self._prescribe("05-hiking-group")
            case "no-consent":
                return house.prescribe(number=number, document=prescribed(consent=None), may_hold=["consent"])
            case "unsure":
                guess = {"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}
                return house.prescribe(number=number, document=prescribed(), holds=[Hold("needs", {"needs": [guess]})])
            case "no-records":
                nobody = {"languages": [{"code": "en"}]}
                return house.prescribe(number=number, document=prescribed(client=nobody), may_hold=["records"])
            case _:
                return self._prescribe("02-bereavement-network")


PARTS = [NewPart("Food", "food-insecurity", HERE), NewPart("Company", "social-connection", OTHER)]
STEPS = {
    "accepted": [("accept", {})],
    "in-progress": [("accept", {}), ("start", {})],
    "on-hold": [("accept", {}), ("hold", {"reason": "Full"})],
    "completed": [("accept", {}), ("complete", {})],
    "rejected": [("reject", {"reason": "Full"})],
    "failed": [("accept", {}), ("fail", {"reason": "No"})],
    "cancelled": [("cancel", {"reason": "No"})],
    "forwarded": [("forward", {"partner": OTHER})],
    "withdrawn": [("reject", {"reason": "Full"}), ("withdraw", {"reason": "No"})],
    "navigator": [("accept", {})],
    "whole": [("split", {"parts": PARTS})],
    "part": [("split", {"parts": PARTS})],
    "signpost-ended": [("complete", {})],
    "unsafe": [("prohibit-contact", {"reason": "Danger"})],
    "consent-over": [("withdraw-consent", {"reason": "No"})],
}


CLICKS = {
    "handed-back": [("ana", "hand-back", {"reason": "Not for us"})],
    "asked": [("ana", "message", {"text": "Why?"})],
    "in-error": [("doctor", "enter-in-error", {"reason": "Wrong"})],
}


@pytest.fixture
def stage(house):
    def stage(state):
        found = Stage(house, state)
        if state in {"nobody", "taken-on", "rejected", "withdrawn"}:
            with house.database.write() as connection:
                set_route(connection, "north", "*", [HERE] if state in {"rejected", "withdrawn"} else [])
        return found

    return stage


def everything(house, prescription):
    """All that can change about a prescription."""
    with house.database.read() as connection:
        return house.referrals(prescription), newest(connection, "north")


def filled(house, action, form):
    """What is typed into a form: of fields for each need those that the form has."""
    typed = dict(TYPED.get(action, {"reason": HOSTILE}))
    if action == "schedule":
        typed["day"] = (house.clock.now() + timedelta(days=30)).date().isoformat()
    names = {name for name, _value in form["fields"]}
    if action == "report-back":
        places = {name.partition("-")[2] for name in names if name.startswith("more-")}
        typed = {f"{name}__{place}": value for place in places for name, value in typed.items()}
        typed |= {f"linked__{place}": "not-linked" for place in places}
    return typed


def form_of(browser, referral, action):
    """The page with the form of an action, and what is typed."""
    place = f"/portal/referrals/{referral}"
    page = browser.get(f"{place}/do/{action}")
    if page.status_code != 200:
        return None, {}
    (form,) = [one for one in Forms(page.text).forms if one["action"].endswith(f"/do/{action}")]
    return page, {} if ACTIONS[action].get("plain") else filled(browser.house, action, form)


@pytest.mark.soak
@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_works_to_its_end_and_all_else_is_refused(stage, state):
    scene = stage(state)
    prescription, referral = scene.make()
    offered = {role: scene.browser(role).offered(referral) for role in ROLES}
    assert offered["dee"] == set()
    _refuse(scene, prescription, referral, offered)
    pairs = [(role, action) for role in ROLES for action in sorted(offered[role])]
    for role, action in some(pairs, quick=2, seed=state):
        _walk(scene, role, action)


def _walk(scene, role, action):
    """Do it, on a referral of its own: it works, once, and says so."""
    prescription, referral = scene.make()
    browser = scene.browser(role)
    page, typed = form_of(browser, referral, action)
    assert page is not None, (role, action)
    answer = browser.send(page, f"/do/{action}", **typed)
    assert answer.status_code == 303, (role, action, html.unescape(answer.text))
    after = browser.get(answer.location)
    assert after.status_code == 200, (role, action)
    assert "<script>alert" not in after.text
    assert 'class="saved"' in after.text, (role, action)
    stored = everything(scene.house, prescription)
    assert browser.send(page, f"/do/{action}", **typed).status_code == 303, ("twice", role, action)
    assert everything(scene.house, prescription) == stored, ("twice", role, action)
    late = browser.send(page, f"/do/{action}", **typed, more="Something else")  # the back button, other words
    assert late.status_code in {303, 409, 422}, (role, action)


def _refuse(scene, prescription, referral, offered):
    """What is not offered is refused plainly when it is asked for, and when it is posted."""
    place = f"/portal/referrals/{referral}"
    before = everything(scene.house, prescription)
    refused = [(role, action) for role in ROLES for action in ACTIONS if action not in offered[role]]
    for role, action in some(refused, quick=8, seed=scene.state):
        browser = scene.browser(role)
        asked = browser.get(f"{place}/do/{action}")
        assert asked.status_code in {404, 409}, (role, action, asked.status_code)
        fields = dict(Forms(browser.get("/portal/account").text).forms[-1]["fields"])
        data = {"form_token": fields["form_token"], "form_writer": fields.get("form_writer", ""), "reason": HOSTILE}
        data |= {name.replace("__", "-"): value for name, value in TYPED.get(action, {}).items()}
        answer = browser.client.post(f"{place}/do/{action}", data=data)
        assert answer.status_code in {403, 404, 409}, (role, action, answer.status_code)
        assert "<h1" in answer.text
        assert "Traceback" not in answer.text
    assert everything(scene.house, prescription) == before


@pytest.mark.parametrize("state", ["requested", "accepted", "whole"])
def test_a_second_worker_is_told_what_the_first_did_and_keeps_what_was_typed(stage, state):
    scene = stage(state)
    first, second = scene.browser("kit"), scene.browser("doctor")
    for action in ("cancel", "withdraw-consent"):
        _prescription, referral = scene.make()
        page, typed = form_of(second, referral, "cancel")
        mine, words = form_of(first, referral, action)
        assert first.send(mine, f"/do/{action}", **words).status_code == 303
        scene.house.clock.advance(timedelta(seconds=1))
        late = second.send(page, "/do/cancel", **typed)
        assert late.status_code == 409
        assert HOSTILE in html.unescape(late.text)
        assert "Kit" in late.text
