"""Partners of one tenant never see each other on ``/fhir``: a model says what each may know, whatever they ask.

All read the directory beside their own resources, and none its hidden entries; nobody writes it.

Two services and a requester send random requests: reads, versions, searches, includes, Bundles, conditional writes,
validations, with ids, identifiers and words of anybody. Every answer is held against a model beside the store (given,
less erased): no word and no id that is another's. And what is another's is the same as what never was: the same
request about an id that nobody has gets the same answer, byte by byte.
"""

import random
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from support.directory_beside import HIDDEN, load
from support.fhir_http import System, system_of
from support.planted import document
from support.soak import count, ran
from support.spine import TENANT, World

from footbridge.directory.partners import link as link_organization
from footbridge.model.clock import ManualClock
from footbridge.model.principals import Principal
from footbridge.store.engine import open_database
from footbridge.store.search_parameters import parameters_of
from footbridge.store.tables import former_link, link, resource
from footbridge.web.app import create_app

Json = dict[str, Any]
Said = set[tuple[str, str]]

EXAMPLES = count(quick=250, soak=100_000)
EACH = 500
"""Requests in one world; then it begins again, with another order of events."""

WORD = re.compile(r"zq(one|other)[A-Za-z]*?(\d)qz")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TYPES = (
    "Task",
    "Patient",
    "ServiceRequest",
    "Condition",
    "Observation",
    "Goal",
    "Consent",
    "Organization",
    "Procedure",
    "HealthcareService",
    "Location",
    "PractitionerRole",
)
OF_DIRECTORY = ("Organization", "Location", "HealthcareService", "PractitionerRole")
PARTNERS = ("hub", "kitchen", "annex")


@dataclass
class Town:
    """Three partners on our ``/fhir``, and what each may know: persons and numbers of prescriptions."""

    world: World
    systems: dict[str, System]
    prescriptions: dict[tuple[str, str], str]
    known: dict[str, Said]
    ids: dict[str, set[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    identifiers: dict[str, set[str]] = field(default_factory=dict)
    told: dict[str, set[str]] = field(default_factory=dict)
    """Ids that a partner wrote itself, wherever it has them from."""
    directory: list[tuple[str, str]] = field(default_factory=list)
    """Types and ids of the directory's resources."""

    def look(self) -> None:
        """Note which ids there are, and whose."""
        with self.world.database.read() as connection:
            for row in connection.execute(select(resource.c.compartment, resource.c.type, resource.c.id)):
                self.ids.setdefault(row.compartment, set()).add(row.id)
                self.kinds[row.id] = row.type
            for table in (link, former_link):
                for row in connection.execute(select(table.c.partner, table.c.id)):
                    self.identifiers.setdefault(row.partner, set()).add(row.id)

    def ours_alone(self, who: str) -> set[str]:
        """Every id that the partner has no part in; ours of what it was given is its business identifier there."""
        others = set().union(*(ids for place, ids in self.ids.items() if place != who))
        return others - self.ids.get(who, set()) - self.identifiers.get(who, set())


@contextmanager
def town(template: Path, place: Path) -> Iterator[Town]:
    file = place / f"{uuid.uuid4()}.sqlite3"
    shutil.copyfile(template, file)
    database = open_database(f"sqlite:///{file}")
    clock = ManualClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    with World(database, clock) as world:
        world.partner("emr", "requester")
        for name, role in (("hub", "recipient"), ("kitchen", "recipient"), ("annex", "requester")):
            world.take_on(name, role, network="hosted", base_url="")
        load(database, clock, TENANT)
        with database.write() as connection:
            link_organization(connection, TENANT, "hub", "211:hub")
        app = create_app(database, clock)
        systems = {name: system_of(world, app, name, conforms=False) for name in PARTNERS}
        annex = Principal("requester", "annex", name="annex", tenant=TENANT)
        here = Town(world, systems, {}, {"hub": set(), "kitchen": set(), "annex": set()})
        for (who, number), partner, requester in (
            (("one", "0"), "hub", annex),
            (("one", "1"), "hub", None),
            (("other", "0"), "kitchen", annex),
            (("other", "1"), "kitchen", None),
        ):
            asked = document(who, int(number), service={"partner": partner, "description": "Good Food Box"})
            receipt = world.submit(asked, *([requester] if requester else []))
            here.prescriptions[who, number] = receipt.id
            here.known[partner].add((who, number))
            if requester is not None:
                here.known["annex"].add((who, number))
        world.pass_time()
        here.look()
        found = [(kind, one["id"]) for kind in OF_DIRECTORY for one in systems["hub"].found(kind)]
        here.directory = [(kind, identity) for kind, identity in found if identity.startswith("directory-")]
        yield here
    database.dispose()
    for one in place.glob(f"{file.name}*"):
        one.unlink()


@pytest.fixture
def new_town(_sqlite_template: Path, tmp_path: Path) -> Any:
    return lambda: town(_sqlite_template, tmp_path)


def values(here: Town, rng: random.Random) -> tuple[str, str, str]:
    """A type and an id of anybody, or of nobody, and an id that nobody has in its place."""
    if rng.random() < 0.15:
        kind, identity = rng.choice(here.directory)
        return kind, identity, f"directory-{uuid.UUID(int=rng.getrandbits(128))}"
    everybody = sorted(here.kinds)
    identity = rng.choice(everybody) if rng.random() < 0.9 else str(uuid.UUID(int=rng.getrandbits(128)))
    kind = here.kinds.get(identity) or rng.choice(TYPES)
    return kind, identity, str(uuid.UUID(int=rng.getrandbits(128)))


AGAIN = [
    ("_include:iterate", "Task:*"),
    ("_include:iterate", "ServiceRequest:*"),
    ("_revinclude:iterate", "Task:patient"),
]
"""Whatever can be reached."""


def question(here: Town, rng: random.Random, kind: str, identity: str) -> tuple[str, str, Any, dict[str, str]]:
    """A request that changes nothing, about an id."""
    reference = f"{kind}/{identity}"
    match rng.randrange(8):
        case 0:
            return "GET", reference, None, {}
        case 1:
            return "GET", f"{reference}/_history", None, {}
        case 2:
            return "GET", f"{reference}/_history/{rng.randrange(1, 4)}", None, {}
        case 3:
            searched = rng.choice(TYPES)
            names = [name for name, one in parameters_of(searched).items() if one.kind == "reference"]
            name = rng.choice([*names, "_id"])
            pairs = [(name, rng.choice([identity, reference, f"http://localhost/fhir/{reference}"]))]
            pairs += rng.choice(
                [[], [("_include", "*")], [("_revinclude", "Task:focus")], [("_summary", "count")], AGAIN]
            )
            return "GET", f"{searched}?{urlencode(pairs)}", None, {}
        case 4:
            body = urlencode([("identifier", identity), ("_include", "*")]).encode()
            return "POST", f"{kind}/_search", body, {"Content_Type": "application/x-www-form-urlencoded"}
        case 5:
            urls = (reference, f"Task?focus={reference}", f"{reference}/_history", f"{kind}?{urlencode(AGAIN)}")
            gets = [{"request": {"method": "GET", "url": url}} for url in urls]
            return "POST", "", {"resourceType": "Bundle", "type": "batch", "entry": gets}, {}
        case 6:
            task = {"resourceType": "Task", "status": "requested", "intent": "order", "focus": {"reference": reference}}
            return "POST", "Task/$validate", task, {}
        case _:
            return "GET", f"Task?_revinclude=Task:*&_include=Task:patient&focus={reference}", None, {}


def writing(here: Town, rng: random.Random, kind: str, identity: str) -> tuple[str, str, Any, dict[str, str]]:
    """A request that would write, or does, about an id."""
    reference = f"{kind}/{identity}"
    procedure = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"text": "box"},
        "subject": {"reference": reference if kind == "Patient" else f"Patient/{identity}"},
        "basedOn": [{"reference": reference}],
    }
    match rng.randrange(8):
        case 6:
            service = {"resourceType": "HealthcareService", "name": "Hot meals", "extension": [capacity(rng)]}
            return "POST", "HealthcareService", service, {}
        case 7:
            same = {"resourceType": "HealthcareService", "id": identity, "name": "Mine"}
            return "PUT", f"HealthcareService/{identity}", same, {}
        case 0:
            return "PUT", reference, {"resourceType": kind, "id": identity, "status": "accepted", "intent": "order"}, {}
        case 1:
            return "POST", "Procedure", procedure, {}
        case 2:
            entry = {"resource": procedure, "request": {"method": "POST", "url": "Procedure"}}
            procedure["subject"] = {"reference": f"Patient?identifier={identity}"}
            return "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, {}
        case 3:
            said = {"resourceType": "Communication", "status": "completed", "about": [{"reference": reference}]}
            return "POST", "Communication", {**said, "payload": [{"contentString": "Hello"}]}, {}
        case 4:
            made = {"resourceType": "Organization", "name": "Mine"}
            return "POST", "Organization", made, {"If_None_Exist": f"identifier={identity}"}
        case _:
            made = {"resourceType": "Organization", "name": "Mine"}
            return "PUT", f"Organization?identifier={identity}", made, {}


def capacity(rng: random.Random) -> Json:
    """How a service states its free places."""
    url = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus"
    system = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"
    coding = {"system": system, "code": rng.choice(["capacity", "no-capacity", "waitlist"])}
    return {"url": url, "extension": [{"url": "capacityStatus", "valueCodeableConcept": {"coding": [coding]}}]}


def settle(here: Town, rng: random.Random) -> None:
    """Something that changes what somebody may know, or a step of the work."""
    match rng.randrange(6):
        case 0 if ("one", "1") in here.known["hub"]:
            tasks = here.systems["hub"].found("Task?status=requested,accepted,in-progress")
            mine = [task for task in tasks if "zqone" in str(task) and "1qz" in str(task)]
            if (
                mine
                and mine[0]["status"] == "requested"
                and here.systems["hub"]
                .put({**mine[0], "status": "rejected", "statusReason": {"text": "Full"}})
                .status_code
                == 200
            ):
                here.known["hub"].discard(("one", "1"))
        case 1 if ("other", "0") in here.known["kitchen"]:
            here.world.command(here.prescriptions["other", "0"], "withdraw-consent", ADMIN)
            here.known["kitchen"].discard(("other", "0"))
        case 2:
            for task in here.systems["kitchen"].found("Task?status=requested"):
                here.systems["kitchen"].put({**task, "status": "accepted"})
        case _:
            here.world.clock.advance(rng.choice([HOUR, 4 * HOUR]))
    here.world.worker.step()
    here.look()


ADMIN = Principal("admin", name="ada", tenant=TENANT)
HOUR = datetime(2026, 1, 1, 1) - datetime(2026, 1, 1)  # noqa: DTZ001 - a difference


def check(here: Town, who: str, asked: str, text: str) -> None:
    """Nothing in an answer that the partner may not know, but what it said itself."""
    mine = here.known[who] | set(WORD.findall(asked))
    assert [word for word in HIDDEN if word in text and word not in asked] == [], (who, asked)
    foreign = {found for found in WORD.findall(text) if found not in mine}
    assert not foreign, (who, asked, foreign)
    told = here.told.setdefault(who, set())
    told.update(IDS.findall(asked))
    ids = (set(IDS.findall(text)) - told) & here.ours_alone(who)
    assert not ids, (who, asked, ids, {here.kinds[one] for one in ids})


def plain(text: str, identity: str) -> str:
    """An answer without the id that it is about, and without what is drawn at random."""
    return re.sub(r"urn:uuid:[0-9a-f-]{36}", "urn:uuid:x", text.replace(identity, "ID"))


def one_request(here: Town, rng: random.Random) -> None:
    who = rng.choice(PARTNERS)
    system = here.systems[who]
    kind, identity, nobody = values(here, rng)
    is_foreign = identity in here.ours_alone(who)
    state = rng.getstate()
    if rng.random() < 0.75:
        rng.setstate(state)
        rng.random()
        method, path, body, headers = question(here, rng, kind, identity)
        answer = system.ask(method, path, body, **headers)
        check(here, who, f"{path} {body}", answer.text)
        if is_foreign:
            rng.setstate(state)
            rng.random()
            method, path, body, headers = question(here, rng, kind, nobody)
            other = system.ask(method, path, body, **headers)
            assert (answer.status_code, plain(answer.text, identity)) == (
                other.status_code,
                plain(other.text, nobody),
            ), (who, path)
        return
    rng.setstate(state)
    rng.random()
    method, path, body, headers = writing(here, rng, kind, identity)
    answer = system.ask(method, path, body, **headers)
    here.look()
    if method == "PUT" and "/directory-" in path:
        assert answer.status_code in {403, 422}, (who, path, answer.text)
    check(here, who, f"{path} {body}", answer.text)
    if is_foreign:
        rng.setstate(state)
        rng.random()
        method, path, body, headers = writing(here, rng, kind, nobody)
        assert system.ask(method, path, body, **headers).status_code == answer.status_code, (who, method, path)
        here.look()


@pytest.mark.soak
def test_partners_of_one_tenant_never_see_each_other(new_town: Any) -> None:
    for start in range(0, EXAMPLES, EACH):
        with new_town() as here:
            rng = random.Random(f"two partners {start}")
            for number in range(min(EACH, EXAMPLES - start)):
                if number % 25 == 24:
                    settle(here, rng)
                one_request(here, rng)
                ran()


def test_the_model_would_notice(new_town: Any) -> None:
    """What one partner reads is a leak to the other by the same check."""
    with new_town() as here:
        text = here.systems["hub"].get("Patient").text
        check(here, "hub", "", text)
        with pytest.raises(AssertionError):
            check(here, "kitchen", "", text)
        here.known["hub"].clear()
        with pytest.raises(AssertionError):
            check(here, "hub", "", text)
