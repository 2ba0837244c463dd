"""A tenant of two records and three services, and what its documented rules let each service read at a moment.

Every text, identifier, number and name of a prescription is a mark of its own, so that it can be found wherever it
must not be. ``Oracle`` works from the documents as the test wrote them and from what the administrator sees, by the
rules of docs/explanation/privacy.md, and calls nothing of the code that cuts.
"""

import functools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from support.spine import HCN, TENANT
from werkzeug.test import TestResponse

from footbridge.data import read_json
from footbridge.errors import ConflictError, PrescriptionError
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment, Appointment, AppointmentTime, Document, Message, Report
from footbridge.referrals.amendment import amend
from footbridge.referrals.inbound import receive
from footbridge.referrals.intake import Intake
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, add_partner, get_partner
from footbridge.store.referrals import referrals_of
from footbridge.store.resource_rows import Scope
from footbridge.store.routes import set_route
from footbridge.store.tenants import add_tenant, make_token
from footbridge.validation import Validator
from footbridge.web.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

Json = dict[str, Any]

SERVICES = {"lakequay": True, "hubcorner": False, "kitchenrow": False}
"""Name of a service, and whether it is a health information custodian."""

RECORDS = ("emralder", "emrbirch")
CARDS = ("9876543217", "1234567897")
CATEGORIES = ("food-insecurity", "housing-instability", "intimate-partner-violence", "social-connection")
SCOPES = ("contact", "goals", "strengths", "barriers", "supports", "own-words", "notes", "identifiers")
GRACE = timedelta(days=90)
ENDED = frozenset({"completed", "failed", "rejected", "cancelled", "entered-in-error"})
PROHIBITED = "prohibited"


@dataclass
class Prescribed:
    """A prescription that was taken in, as its requester wrote it last."""

    id: str
    number: int
    requester: str
    person: int
    document: Json
    authored: datetime
    withdrawn: bool = False


@dataclass
class Town:
    """The tenant with its app; ``marks`` is all that was planted, ``words`` who said what of contact."""

    database: Database
    clock: ManualClock
    validator: Validator
    taken: list[Prescribed] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    words: dict[int, dict[str, tuple[str, datetime]]] = field(default_factory=lambda: {0: {}, 1: {}})

    def __post_init__(self) -> None:
        now = self.clock.now()
        users = {name: Principal("requester", name, self.mark(f"user-{name[3:]}"), TENANT) for name in RECORDS}
        users |= {name: Principal("recipient", name, self.mark(f"user-{name[3:]}"), TENANT) for name in SERVICES}
        users |= {role: Principal(role, None, self.mark(f"user-{role[3:]}"), TENANT) for role in ("navigator", "admin")}
        with self.database.write() as connection:
            add_tenant(connection, TENANT, "ca", now)
            for name in (*RECORDS, *SERVICES):
                role = "recipient" if name in SERVICES else "requester"
                title, url = self.mark(f"title-{name[3:]}"), f"https://{name}.test/fhir"
                entry = Partner(name, "fhir", role, title, url, custodian=SERVICES.get(name, False))
                add_partner(connection, TENANT, entry, now)
            set_route(connection, TENANT, "*", ["lakequay", "hubcorner"])
            self.tokens = {who: make_token(connection, one, now) for who, one in users.items()}
        self.users = users
        self.marks |= {*SERVICES, *RECORDS}
        self.intake = Intake(self.database, self.clock, self.validator)
        self.app = create_app(self.database, self.clock, validator=self.validator)
        self.client: FlaskClient = self.app.test_client()
        self.said = 0

    def mark(self, word: str) -> str:
        """A word that is found nowhere else."""
        found = f"zq-{word}-qz"
        self.marks.add(found)
        return found

    def call(self, who: str, method: str, path: str, **more: Any) -> TestResponse:
        """A request with somebody's token."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return self.client.open(path, method=method, headers=headers, **more)

    def see(self, who: str, path: str, **query: Any) -> Json:
        """What somebody reads there."""
        answer = self.call(who, "GET", f"/api/v1/{path}", query_string=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json
        return found

    def submit(self, step: Json) -> None:
        """Hand a prescription in."""
        number = len(self.taken) + 1
        authored = self.clock.now() - timedelta(hours=step["late"])
        document = self.document(number, step, authored)
        answer = self.call(step["requester"], "POST", "/api/v1/prescriptions", json=document)
        assert answer.status_code == 201, answer.text
        one = Prescribed(answer.json["id"], number, step["requester"], step["person"], document, authored)
        self.taken.append(one)
        self.marks.add(one.id)
        self.say(one)

    def document(self, number: int, step: Json, authored: datetime, edition: int = 0) -> Json:
        """The prescription as a step describes it; a later edition has other words."""

        def mark(word: str) -> str:
            return self.mark(f"{word}-{number}-{edition}")

        phone, born, due = f"+1 416 555 {1000 + 10 * number + edition}", f"19{30 + number}-03-1{edition}", "2027-05-17"
        self.marks |= {phone, born, due, CARDS[step["person"]]}
        needs = [{"category": one, "statement": mark(f"need-{one}")} for one in step["needs"]]
        goals = [{"need": place, "description": mark(f"goal-{one}")} for place, one in enumerate(step["needs"])]
        service = {"description": mark("service")}
        service |= {"partner": step["service"]} if step["service"] else {"organization": {"name": mark("elsewhere")}}
        safe = {} if step["safe"] is None else {"safeToContact": step["safe"]}
        return {
            "identifier": {"system": "urn:footbridge:test:order", "value": self.mark(f"order-{number}")},
            "kind": step["kind"],
            "authored": authored.isoformat(),
            "language": "en",
            "jurisdiction": "ca",
            "journey": {"system": "urn:footbridge:test:journey", "value": mark("journey")},
            "client": {
                "identifiers": [{"system": HCN, "value": CARDS[step["person"]]}],
                "name": {"family": mark("name")},
                "birthDate": born,
                "contacts": [{"system": "phone", "value": phone, "preferred": True}],
                "address": {"line": [mark("street")], "city": "Toronto", "country": "CA"},
                "contactNote": mark("note"),
                **safe,
            },
            "requester": {"role": "clinician", "name": {"family": self.mark(f"doctor-{number}")},
                          "organization": {"name": self.mark(f"practice-{number}")}},
            "needs": needs,
            "goals": [*goals, {"description": mark("goal-whole")}],
            "inTheirWords": [{"text": mark("own-words")}],
            "strengths": [{"text": mark("strength")}],
            "interests": [{"text": mark("interest")}],
            "barriers": [{"kind": "economic", "text": mark("barrier")}],
            "supports": [{"kind": "transport", "text": mark("support"), "barrier": 0}],
            "service": service,
            "consent": {"status": "given", "basis": "express", "how": "verbal",
                        **({} if step["scope"] is None else {"scope": ["needs", *step["scope"]]})},
            "followUp": {"due": due, "method": "in-person", "by": "requester", "questions": ["did-it-happen"]},
            "notes": [{"text": mark("remark")}],
        }  # fmt: skip

    def amend(self, one: Prescribed, step: Json, edition: int) -> None:
        """Its requester changes it; what may not be changed so is refused."""
        document = self.document(
            one.number, step | {"kind": one.document["kind"], "person": one.person}, one.authored, edition
        )
        document["service"] |= (
            {"partner": one.document["service"].get("partner")} if "partner" in one.document["service"] else {}
        )
        said = Amendment(message_id=self.next_word(), document=orjson.dumps(document))
        try:
            with self.database.write() as connection:
                amend(Scope(connection, TENANT, self.clock.now()), self.intake, self.users[one.requester], said)
        except (ConflictError, PrescriptionError):
            return
        one.document = document
        self.say(one)

    def report(self, who: str, task: str, kind: str) -> None:
        """A partner's own system says something of a referral: a message, an appointment, a finer status."""
        common = {"message_id": self.next_word(), "key": task, "at": self.clock.now()}
        word = self.mark(self.next_word())
        made: dict[str, Any] = {
            "message": lambda: Message(**common, text=word, documents=(Document(word, "text/plain", b"x"),)),
            "appointment": lambda: Appointment(**common, time=AppointmentTime(self.clock.now(), location=word)),
            "on-hold": lambda: Report(**common, status="on-hold", reason=word, detail=self.mark(self.next_word())),
            "failed": lambda: Report(**common, status="failed", reason=word),
        }
        with self.database.write() as connection:
            receive(Scope(connection, TENANT, self.clock.now()), get_partner(connection, TENANT, who), made[kind]())

    def tasks(self, one: Prescribed) -> dict[str, str]:
        """Our Task of each referral."""
        with self.database.read() as connection:
            return {row.id: row.task for row in referrals_of(connection, TENANT, one.id)}

    def decide(self, who: str, one: Prescribed, event: str, **members: Any) -> TestResponse:
        """Send an event, and note what it says of contact and consent."""
        answer = self.call(who, "POST", f"/api/v1/prescriptions/{one.id}/events", json={"event": event, **members})
        assert answer.status_code in {200, 404, 409}, answer.text
        if answer.status_code == 200:
            held = {by: word for by, word in self.words[one.person].items() if word[0] == PROHIBITED}
            match event:
                case "prohibit-contact":
                    self.words[one.person][who if who in RECORDS else ""] = (PROHIBITED, self.clock.now())
                case "allow-contact":
                    self.words[one.person] |= dict.fromkeys(held, ("allowed", self.clock.now()))
                case "withdraw-consent":
                    one.withdrawn = True
        return answer

    def say(self, one: Prescribed) -> None:
        """What a prescription says of contact: of two words of one requester the later written one stays."""
        safe = one.document["client"].get("safeToContact")
        known = self.words[one.person].get(one.requester)
        if safe is not None and (known is None or known[1] <= one.authored):
            self.words[one.person][one.requester] = ("allowed" if safe else PROHIBITED, one.authored)

    def next_word(self) -> str:
        self.said += 1
        return f"word-{self.said}"


class Admin:
    """What the administrator sees at a moment: each prescription with its referrals, and its timeline."""

    def __init__(self, town: Town) -> None:
        self.seen = {one.id: town.see("admin", f"prescriptions/{one.id}") for one in town.taken}
        paths = {one.id: f"prescriptions/{one.id}/timeline" for one in town.taken}
        self.events = {identity: town.see("admin", path)["events"] for identity, path in paths.items()}


class Oracle:
    """What one service may read of one prescription now, by the documented rules."""

    def __init__(self, town: Town, service: str, one: Prescribed, admin: "Admin") -> None:
        self.town, self.service, self.one, self.admin = town, service, one, admin
        self.own = [row for row in admin.seen[one.id]["referrals"] if row["partner"] == service]
        self.events = admin.events[one.id]
        self.known = {row["id"] for row in self.own if self._is_known(row)}

    def _is_known(self, row: Json) -> bool:
        status = row["task"]["status"]
        if self.one.withdrawn or status in {"rejected", "cancelled", "entered-in-error"}:
            return False
        return status not in ENDED or self.town.clock.now() - datetime.fromisoformat(row["ended"]) < GRACE

    @functools.cached_property
    def status(self) -> str:
        """Of the newest that is open, else of the newest."""
        still_open = [row for row in self.own if row["task"]["status"] not in ENDED]
        newest = max(still_open or self.own, key=self._place)
        found: str = newest["task"]["status"]
        return found

    def _place(self, row: Json) -> int:
        return min(event["number"] for event in self.events if event["referral"] == row["id"])

    @functools.cached_property
    def categories(self) -> set[str]:
        about = {row["category"] for row in self.own if row["id"] in self.known}
        whole = {need["category"] for need in self.one.document["needs"]} if None in about else set()
        return whole | (about - {None})

    @functools.cached_property
    def visible(self) -> list[Json]:
        """The events that it sees, as the administrator sees them."""
        table = read_json("mappings", "events.json")["events"]
        found = []
        for row in self.own:
            named = [event for event in self.events if event["referral"] == row["id"]]
            named = [event for event in named if "recipient" in table[event["name"]]["seenBy"]]
            named = [
                event for event in named if event["name"] != "delivered" or event["detail"]["partner"] == self.service
            ]
            if row["id"] not in self.known:
                ends = [event for event in named if event["before"] != event["after"] == row["task"]["status"]]
                numbers = {named[0]["number"], *(event["number"] for event in ends[-1:])}
                named = [event for event in named if event["number"] in numbers]
            found += named
        return sorted(found, key=lambda event: event["number"])

    @functools.cached_property
    def updated(self) -> str:
        return max(event["recorded"] for event in self.visible)

    @functools.cached_property
    def may_read(self) -> set[str]:
        """Every mark that it may read."""
        document = self.one.document
        if not self.own:
            return set()
        found = {self.one.id, document["identifier"]["value"], self.service}
        found |= marks_in([document["requester"]]) | {row["id"] for row in self.own}
        if self.known:
            found |= self._of_document()
        return found | self._of_events()

    def _of_document(self) -> set[str]:
        document, scope = self.one.document, self.one.document["consent"].get("scope")
        rows = [row for row in self.own if row["id"] in self.known]
        whole = any(row["parent"] is None for row in rows)

        def covers(word: str) -> bool:
            return scope is None or word in scope

        asked = {row["category"] for row in rows}
        needs = [place for place, need in enumerate(document["needs"]) if whole or need["category"] in asked]
        parts: list[Any] = [document["needs"][place] for place in needs]
        if covers("goals"):
            parts += [goal for goal in document["goals"] if whole or goal.get("need") in needs]
        by_scope = {"strengths": ["strengths", "interests"], "barriers": ["barriers"], "own-words": ["inTheirWords"],
                    "notes": ["notes"], "supports": ["supports"] if whole else []}  # fmt: skip
        parts += [document[name] for word, names in by_scope.items() if covers(word) for name in names]
        parts += [document["service"]["description"]] if whole else []
        client = self._newest()["client"]
        parts += [client["name"]]
        if covers("contact") and not self._is_prohibited():
            parts += [client["contacts"], client["address"], client["contactNote"]]
        found = marks_in(parts) | {client["birthDate"]}
        found |= {one["value"] for one in client["contacts"]} if client["contacts"] in parts else set()
        if covers("identifiers") and SERVICES[self.service]:
            found.add(CARDS[self.one.person])
        return found

    def _of_events(self) -> set[str]:
        """Its own names; who acted, what was said and why, on what it knows."""
        found = {f"zq-{kind}-{self.service[3:]}-qz" for kind in ("user", "title")}
        for event in self.visible:
            if event["referral"] in self.known:
                found.add(event["actor"])
                found |= marks_in([event["detail"]])
                if event["role"] == "recipient" or event["before"] != event["after"]:
                    found |= marks_in([event["reason"]])
        for row in self.own:
            if row["id"] in self.known:
                found |= marks_in([row["task"]])
        return found

    def _newest(self) -> Json:
        """The newest document of the same requester for the same person."""
        same = [one for one in self.town.taken if (one.requester, one.person) == (self.one.requester, self.one.person)]
        right = [one for one in same if self.admin.seen[one.id]["status"] != "entered-in-error"]
        newest = max(right, key=lambda one: (one.authored, one.number), default=self.one)
        return newest.document

    def _is_prohibited(self) -> bool:
        return any(word == PROHIBITED for word, _ in self.town.words[self.one.person].values())


def marks_in(values: list[Any]) -> set[str]:
    """The marks that stand in a piece of JSON."""
    text = orjson.dumps(values).decode()
    return {f"zq-{rest.partition('-qz')[0]}-qz" for rest in text.split("zq-")[1:]}
