"""Whatever happened to two persons who share services and a doctor: one is erased, the other is as before."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.databases import START
from support.hosted import Stranger
from support.planted import canary, document, traces
from support.spine import DOCTOR, LINK_WORKER, TENANT, World

from footbridge.errors import FootbridgeError
from footbridge.model.clock import ManualClock
from footbridge.partners.ports import Message
from footbridge.referrals.client_data import cancel_open, erase_client, standing_of
from footbridge.referrals.inbound import receive
from footbridge.store.engine import open_database
from footbridge.store.partners import get_partner
from footbridge.store.person_data import held_on
from footbridge.store.person_erasure import Order
from footbridge.store.person_export import export_held
from footbridge.store.prescriptions import get_prescription
from footbridge.store.reclaim import reclaim
from footbridge.store.resource_rows import Scope

SERVICES = ("hub", "choir")
WHO = st.sampled_from(["one", "other"])
which = st.integers(0, 9)
steps = (
    st.tuples(st.just("submit"), WHO, st.sampled_from(["warm-connection", "navigator", "signpost"]),
              st.sampled_from([*SERVICES, None]))
    | st.tuples(st.just("serve"), st.sampled_from(SERVICES), which,
                st.sampled_from(["accepted", "in-progress", "completed", "rejected", "failed"]))
    | st.tuples(st.just("write"), st.sampled_from(SERVICES), which, st.sampled_from(["Procedure", "Observation", "Communication"]))
    | st.tuples(st.just("say"), st.sampled_from(SERVICES), which)
    | st.tuples(st.just("ours"), which, st.sampled_from(
        ["cancel", "prohibit-contact", "allow-contact", "withdraw-consent", "enter-in-error", "reopen", "split"]))
    | st.tuples(st.just("later"), st.sampled_from([0, 1, 40, 100]))
)  # fmt: skip
journeys = st.lists(steps, max_size=10)


class Clinic:
    """Two persons, two services that work on our server, and what is done by chance."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.services: dict[str, Stranger] = {name: world.hosted(name) for name in SERVICES}
        self.taken: list[tuple[str, str]] = []  # who, id
        self.number = 0

    def submit(self, who: str, kind: str, partner: str | None) -> None:
        self.number += 1
        changes: dict[str, Any] = {"kind": kind, "service": {"partner": partner} if partner else None}
        if kind == "signpost":
            changes = {"kind": kind, "service": {"partner": partner or "hub"}, "followUp": None}
        self.taken.append((who, self.world.submit(document(who, self.number, **changes)).id))
        self.world.pass_time()

    def one_of(self, at: int) -> tuple[str, str]:
        return self.taken[at % len(self.taken)]

    def task(self, service: str, at: int) -> tuple[str, dict[str, Any]] | None:
        tasks = [one for one in self.services[service].all("Task") if "for" in one]
        if not tasks:
            return None
        task = tasks[at % len(tasks)]
        patient = self.services[service].get(task["for"]["reference"])
        return ("one" if "zqone" in str(patient) else "other"), task

    def do(self, step: Any) -> None:
        match step:
            case ("submit", who, kind, partner):
                self.submit(who, kind, partner)
            case ("serve", service, at, status) if found := self.task(service, at):
                who, task = found
                word = canary(who, at, "reason")
                self.services[service].put({**task, "status": status, "statusReason": {"text": word}})
            case ("write", service, at, kind) if found := self.task(service, at):
                who, task = found
                word = canary(who, at, kind.lower())
                text = {"payload": [{"contentString": word}]} if kind == "Communication" else {"code": {"text": word}}
                status = "final" if kind == "Observation" else "completed"
                about = {"subject": task["for"]} if at % 2 else {"basedOn": [task["focus"]]}
                self.services[service].send("POST", kind, {"resourceType": kind, "status": status, **text, **about})
            case ("say", service, at):
                who, prescription = self.one_of(at)
                self.number += 1
                key = self.world.referrals(prescription)[-1].task
                word = canary(who, self.number, "message")
                self.hear(service, Message(message_id=word, key=key, text=word, context=word))
            case ("ours", at, event):
                self.command(at, event)
            case ("later", days):
                self.world.pass_time(days)

    def command(self, at: int, event: str) -> None:
        who, prescription = self.one_of(at)
        part = {"description": canary(who, at, "part"), "category": "food-insecurity"}
        try:
            if event == "split":
                self.world.split(prescription, [{**part, "partner": name} for name in SERVICES])
            else:
                actor = LINK_WORKER if event == "allow-contact" else DOCTOR
                self.world.command(prescription, event, actor, reason=canary(who, at, "why"))
        except FootbridgeError:
            return

    def hear(self, service: str, said: Message) -> str:
        with self.world.database.write() as connection:
            scope = Scope(connection, TENANT, self.world.clock.now())
            return receive(scope, get_partner(connection, TENANT, service), said).code

    def person(self, who: str) -> str:
        prescription = next(one for name, one in self.taken if name == who)
        with self.world.database.read() as connection:
            return get_prescription(connection, TENANT, prescription).person

    def held(self, who: str) -> dict[str, Any]:
        with self.world.database.read() as connection:
            return export_held(connection, held_on(connection, TENANT, self.person(who)), START)


@pytest.fixture(scope="session")
def opened(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """Opens a clinic in a database of its own."""
    place = tmp_path_factory.mktemp("erasure") / "footbridge.sqlite3"

    @contextmanager
    def clinic() -> Iterator[Clinic]:
        for old in place.parent.iterdir():
            old.unlink()
        shutil.copyfile(_sqlite_template, place)
        database = open_database(f"sqlite:///{place}")
        try:
            with World(database, ManualClock(START)) as world:
                yield Clinic(world)
        finally:
            database.dispose()

    return clinic


@settings(max_examples=8)
@given(journeys)
def test_one_is_erased_and_the_other_is_as_before(opened: Callable[[], Any], journey: list[Any]) -> None:
    with opened() as clinic:
        for who in ("one", "other"):
            clinic.submit(who, "warm-connection", "hub")
        for step in journey:
            clinic.do(step)
        world, person = clinic.world, clinic.person("one")
        with world.database.read() as connection:
            found = standing_of(connection, TENANT, person, world.clock.now())
        cancel_open(world.database, world.clock, TENANT, found.open, "officer")
        world.pass_time()
        tasks = [one.task for name, identity in clinic.taken if name == "one" for one in world.referrals(identity)]
        before, reads = clinic.held("other"), {name: seen(one) for name, one in clinic.services.items()}
        erase_client(world.database, world.clock, TENANT, person, Order("request", "officer"), drop=False)
        reclaim(world.database)
        assert traces(world.database, "one") == []
        assert clinic.held("other") == before
        assert {name: seen(one) for name, one in clinic.services.items()} == reads
        for number, task in enumerate(tasks):
            assert clinic.hear("hub", Message(message_id=f"late-{number}", key=task, text=canary("one"))) == "not-ours"
        world.pass_time(2)
        clinic.submit("one", "warm-connection", "hub")
        clinic.submit("other", "navigator", None)
        assert world.counts()["failed"] == 0


def seen(service: Stranger) -> set[str]:
    """All that a service reads of the other person, every version."""
    return {line for line in service.everything_said().split("\n") if "zqother" in line}
