"""Two medical records in one tenant, which share clients, services and business identifiers, and what must hold of them.

Every word that one of them gives of a client or a prescription has its name in it (``alder`` or ``birch``), so that it
can be found wherever it must not be.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from support.spine import HCN, TENANT, World, everything, prescribed
from werkzeug.test import TestResponse

from footbridge.mapping.references import local, references
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.store.engine import Database
from footbridge.store.exact_json import dumps
from footbridge.store.tenants import make_token
from footbridge.validation import Validator
from footbridge.web.app import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

Json = dict[str, Any]

RECORDS = {"emr": "alder", "second-emr": "birch"}
"""Name of a requester, and the word that marks what it says."""

SERVICES = ("hub", "kitchen")
CARDS = ("9876543217", "1234567897")
PROHIBITED = "prohibited"


@dataclass(frozen=True)
class Prescribed:
    """A prescription that was taken in: whose, about which person, when it was written, its mark."""

    id: str
    requester: str
    person: int
    authored: datetime
    phone: str


class TwoRecords:
    """The tenant, its app and tokens, its partners' servers; ``words`` is what a test expects of contact."""

    def __init__(self, world: World, database: Database, clock: ManualClock, validator: Validator) -> None:
        self.world, self.clock = world, clock
        for name in RECORDS:
            world.partner(name, "requester")
        for name in SERVICES:
            world.partner(name)
        world.route("*", *SERVICES)
        self.app = create_app(database, clock, validator=validator)
        self.client: FlaskClient = self.app.test_client()
        users = {name: Principal("requester", name, f"{mark} doctor", TENANT) for name, mark in RECORDS.items()}
        users |= {name: Principal("recipient", name, name, TENANT) for name in SERVICES}
        users["navigator"] = Principal("navigator", None, "kit", TENANT)
        with database.write() as connection:
            self.tokens = {who: make_token(connection, one, clock.now()) for who, one in users.items()}
        self.taken: list[Prescribed] = []
        self.words: dict[int, dict[str, tuple[str, datetime]]] = {person: {} for person in range(len(CARDS))}

    def call(self, who: str, method: str, path: str, **more: Any) -> TestResponse:
        """A request with somebody's token."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}", **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def document(self, requester: str, person: int, authored: datetime, **changes: Any) -> Json:
        """The next prescription of a requester; both number theirs in the same way."""
        number = len(self.of(requester)) + 1
        mark = RECORDS[requester]
        found = prescribed(number, authored=authored.isoformat(), followUp=None, **changes)
        found["client"] |= {
            "identifiers": [{"system": HCN, "value": CARDS[person]}],
            "name": {"family": "Okafor", "given": [f"{mark} {person}"]},
            "contacts": [{"system": "phone", "value": self.phone(requester, number), "preferred": True}],
            "address": {"line": [f"{number} {mark} Street"], "city": "Toronto", "country": "CA"},
            "contactNote": f"Ring twice, says {mark} {number}.",
        }
        found["needs"][0]["statement"] = f"Skips meals, says {mark} {number}."
        found["inTheirWords"] = [{"text": f"I want to sing, says {mark} {number}."}]
        return found

    def phone(self, requester: str, number: int) -> str:
        return f"+1 416 555 {list(RECORDS).index(requester) + 1}{number:03}"

    def submit(
        self, requester: str, person: int, *, service: str | None = None, safe: bool | None = None, late: Any = None
    ) -> Prescribed:
        """Hand a prescription in, written ``late`` (a timedelta) before now."""
        authored = self.clock.now() if late is None else self.clock.now() - late
        document = self.document(requester, person, authored)
        document["service"] = {"description": "Good Food Box", **({"partner": service} if service else {})}
        if safe is not None:
            document["client"]["safeToContact"] = safe
        answer = self.call(requester, "POST", "/api/v1/prescriptions", json=document)
        assert answer.status_code == 201, answer.text
        phone = document["client"]["contacts"][0]["value"]
        one = Prescribed(answer.json["id"], requester, person, authored, phone)
        self.taken.append(one)
        if safe is not None:
            self.say(person, requester, "allowed" if safe else PROHIBITED, authored)
        return one

    def say(self, person: int, by: str, word: str, said: datetime) -> None:
        """A word on contact: of two by the same requester the later written one stays."""
        known = self.words[person].get(by)
        if known is None or known[1] <= said:
            self.words[person][by] = (word, said)

    def decide(self, who: str, one: Prescribed, event: str, **members: Any) -> TestResponse:
        """Send an event, and note what it says of contact."""
        answer = self.call(who, "POST", f"/api/v1/prescriptions/{one.id}/events", json={"event": event, **members})
        if answer.status_code == 200 and event == "prohibit-contact":
            self.words[one.person]["" if who == "navigator" else who] = (PROHIBITED, self.clock.now())
        if answer.status_code == 200 and event == "allow-contact":
            held = {by: word for by, word in self.words[one.person].items() if word[0] == PROHIBITED}
            self.words[one.person] |= dict.fromkeys(held, ("allowed", self.clock.now()))
        return answer

    def of(self, requester: str) -> list[Prescribed]:
        return [one for one in self.taken if one.requester == requester]

    def is_prohibited(self, person: int) -> bool:
        return any(word == PROHIBITED for word, _ in self.words[person].values())

    def newest_phone(self, one: Prescribed) -> str:
        """What this prescription's requester wrote last of its client."""
        same = [other for other in self.of(one.requester) if other.person == one.person]
        newest = max(enumerate(same), key=lambda pair: (pair[1].authored, pair[0]))
        return newest[1].phone

    def marks_of_others(self, requester: str) -> list[str]:
        """What must not be found where another requester's prescriptions are."""
        other = next(name for name in RECORDS if name != requester)
        ids = [row.task for one in self.of(other) for row in self.world.referrals(one.id)]
        return [RECORDS[other], self.phone(other, 0)[:-3], *ids, *(one.id for one in self.of(other))]

    def check_records(self) -> None:
        """Nothing of one record's prescriptions has arrived at the other's server."""
        for name in RECORDS:
            text = "\n".join(dumps(one) for one in everything(self.world.servers[name]))
            assert found_in(self.marks_of_others(name), text) == [], name
            shown = {identifier["value"] for task in self.world.tasks(name) for identifier in task["identifier"]}
            for one in self.of(name):
                tasks = {row.task for row in self.world.referrals(one.id)}
                assert tasks & shown, "an outcome has nowhere to come home to"

    def check_services(self) -> None:
        """What each service holds of each referral: of the same requester only, and safe."""
        for one in self.taken:
            others = self.marks_of_others(one.requester)
            for row in self.world.referrals(one.id):
                copy = None if row.partner is None else self.copy_of(row.partner, row.task)
                if copy is None:
                    continue
                assert found_in(others, copy) == [], (one, row.partner)
                if row.status in {"requested", "accepted", "in-progress", "on-hold"}:
                    self.check_contact(one, copy)

    def check_contact(self, one: Prescribed, text: str) -> None:
        """A service at work can reach the client as the requester wrote last, or not at all."""
        ways = ["416 555", "Street", "Ring twice"]
        if self.is_prohibited(one.person):
            assert found_in(ways, text) == [], one
        else:
            assert found_in([self.newest_phone(one)], text), one

    def check_api_of_services(self) -> None:
        """As ``check_services``, of what a service reads through the API."""
        for one in self.taken:
            for row in self.world.referrals(one.id):
                if row.partner is None:
                    continue
                answer = self.call(row.partner, "GET", f"/api/v1/prescriptions/{one.id}")
                assert answer.status_code == 200
                assert found_in(self.marks_of_others(one.requester), answer.text) == []
                if row.status in {"requested", "accepted", "in-progress", "on-hold"}:
                    self.check_contact(one, answer.text)

    def copy_of(self, service: str, task: str) -> str | None:
        """A service's copy of a Task with all that it leads to, as text; None where there is none."""
        server = self.world.servers[service]
        start = [one for one in self.world.tasks(service) if any(i["value"] == task for i in one["identifier"])]
        if not start:
            return None
        found, wanted = {}, [start[0]]
        while wanted:
            one = wanted.pop()
            found[f"{one['resourceType']}/{one['id']}"] = one
            keys = {reference: local(reference) for reference in references(one)}
            fresh = [key for reference, key in keys.items() if key is not None and reference not in found]
            wanted += [known for key in fresh if (known := server.get(*key)) is not None]
        return "\n".join(dumps(one) for one in found.values())


def found_in(words: list[str], text: str) -> list[str]:
    """Those of the words that stand in a text, small or capital."""
    return [word for word in words if word.casefold() in text.casefold()]
