"""Whatever an amendment takes out, adds, moves or changes: what did not change keeps its id, its state, its copies."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.databases import START
from support.journeys import Desk, HostedDesk, OwnDesk
from support.soak import SOAK
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, prescribed

from footbridge.model.clock import ManualClock
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.store.engine import Database
from footbridge.store.exact_json import dumps
from footbridge.store.prescriptions import get_prescription
from footbridge.store.referrals import referrals_of
from footbridge.store.resource_rows import Scope

Json = dict[str, Any]
CATEGORIES = ("food-insecurity", "social-connection", "housing-instability")
FAMILIES = {"need": "needs", "goal": "goals", "barrier": "barriers", "support": "supports", "strength": "strengths"}
ACHIEVED = ("achieved", "improving", "not-achieved")

Step = tuple[str, str, int, int]
steps = st.tuples(
    st.sampled_from(["out", "out", "add", "move", "move", "change", "back"]),
    st.sampled_from([*FAMILIES, "goal", "goal"]),
    st.integers(0, 7),
    st.integers(0, 7),
)
journeys = st.lists(st.lists(steps, min_size=1, max_size=5), min_size=1, max_size=8 if SOAK else 3)


@dataclass
class Lists:
    """The lists of a prescription; each entry has a number of its own, by which others refer to it."""

    entries: dict[str, list[Json]] = field(default_factory=dict)
    out: dict[str, list[Json]] = field(default_factory=dict)
    last: int = 0

    def add(self, family: str, place: int = 99) -> None:
        self.last += 1
        about = {"goal": "need", "support": "barrier"}.get(family)
        others = self.entries.get(about or "", [])
        entry = {"number": self.last, "version": 0, "about": others[self.last % len(others)]["number"] if others else 0}
        self.entries.setdefault(family, []).insert(place, entry)

    def take(self, step: Step) -> None:
        what, family, one, other = step
        entries, out = self.entries[family], self.out.setdefault(family, [])
        if what == "add":
            self.add(family, other)
        elif what == "back" and out:
            entries.insert(other, out.pop(one % len(out)))
        elif what == "out" and len(entries) > 1:
            out.append(entries.pop(one % len(entries)))
        elif what == "move":
            entries.insert(other, entries.pop(one % len(entries)))
        elif what == "change":
            entries[one % len(entries)]["version"] += 1

    @staticmethod
    def text(family: str, entry: Json) -> str:
        return f"A {family} that is number {entry['number']}, written {entry['version']} times."

    def texts(self, family: str) -> list[str]:
        return [self.text(family, one) for one in self.entries[family]]

    def document(self) -> Json:
        def said(family: str, one: Json) -> Json:
            number = one["number"]
            numbers = {name: [entry["number"] for entry in entries] for name, entries in self.entries.items()}
            text = self.text(family, one)
            about = {"goal": "need", "support": "barrier"}.get(family)
            place = {about: numbers[about].index(one["about"])} if about and one["about"] in numbers[about] else {}
            shapes: dict[str, Json] = {
                "need": {"category": CATEGORIES[number % 3], "statement": text},
                "goal": {"description": text},
                "barrier": {"kind": "other", "text": text},
                "support": {"kind": "transport", "text": text},
                "strength": {"text": text, "gift": number % 2 == 0},
            }
            return shapes[family] | place

        consent = prescribed()["consent"] | {
            "scope": ["contact", "needs", "goals", "barriers", "supports", "strengths"]
        }
        lists = {name: [said(family, one) for one in self.entries[family]] for family, name in FAMILIES.items()}
        return prescribed(service={"partner": "hub", "description": "A hall"}, consent=consent, **lists)


def begun() -> Lists:
    found = Lists()
    for family, count in (("need", 3), ("goal", 4), ("barrier", 2), ("support", 2), ("strength", 2)):
        for _ in range(count):
            found.add(family)
    return found


class Amended:
    """One prescription in a world with a record, and a service of the parameter."""

    def __init__(self, world: World, hub: Desk, lists: Lists) -> None:
        self.world, self.hub, self.lists = world, hub, lists
        self.id = world.submit(lists.document()).id
        world.pass_time()

    def amend(self) -> None:
        said = Amendment(message_id="1", document=orjson.dumps(self.lists.document()))
        with self.world.database.write() as connection:
            amend(Scope(connection, TENANT, self.world.clock.now()), self.world.intake, DOCTOR, said)
        self.world.pass_time()

    def ours(self) -> dict[str, Any]:
        """By text: our record, and how far a goal is, by our own state and by its resource."""
        found = {}
        with self.world.database.read() as connection:
            resources = get_prescription(connection, TENANT, self.id).resources
            state = orjson.loads(referrals_of(connection, TENANT, self.id)[0].state)
        goals = {one["key"]: (one["lifecycle"], one["achievement"]) for one in state["goals"]}
        for family in FAMILIES:
            for place, text in enumerate(self.lists.texts(family)):
                reference = resources[f"{family}/{place}"]
                resource = self.world.ours(*reference.split("/"))
                assert text in dumps(resource)
                found[text] = (reference, goals.get(f"{family}/{place}"), how_far(resource))
        assert set(goals) == {f"goal/{place}" for place in range(len(self.lists.entries["goal"]))}
        return found

    def copies(self, desk: Desk) -> dict[str, tuple[str, Any]]:
        """By text: a copy that is in use, and how far it is."""
        found: dict[str, tuple[str, Any]] = {}
        for type_ in ("Condition", "Observation", "Goal", "ServiceRequest"):
            for one in desk.all(type_):
                text = words(one)
                if text is not None and in_use(one):
                    assert text not in found, f"two copies of {text}"
                    found[text] = (f"{type_}/{one['id']}", how_far(one))
        return found


def words(resource: Json) -> str | None:
    said = resource.get("code") or resource.get("description") or {}
    text = resource.get("valueString") or said.get("text")
    return text if isinstance(text, str) and text.startswith("A ") and "that is number" in text else None


def in_use(resource: Json) -> bool:
    status = resource.get("clinicalStatus", {}).get("coding", [{}])[0].get("code")
    return (
        status != "inactive" and resource.get("lifecycleStatus") != "cancelled" and resource.get("status") != "revoked"
    )


def how_far(resource: Json) -> Any:
    achieved = resource.get("achievementStatus", {}).get("coding", [{}])[0].get("code")
    return resource.get("lifecycleStatus"), achieved


@pytest.mark.soak
@pytest.mark.parametrize("network", ["fhir", "hosted"])
@settings(
    max_examples=60 if SOAK else 3,
    phases=tuple(Phase) if SOAK else (Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(amendments=journeys, answers=st.dictionaries(st.integers(0, 3), st.sampled_from(ACHIEVED), max_size=3))
def test_what_did_not_change_stays_itself(
    new_database: Callable[[], AbstractContextManager[Database]],
    network: str,
    amendments: list[list[Step]],
    answers: dict[int, str],
) -> None:
    with new_database() as database, World(database, ManualClock(START)) as world:
        emr = OwnDesk(world.partner("emr", "requester"))
        hub = OwnDesk(world.partner("hub")) if network == "fhir" else HostedDesk(world.hosted("hub"))
        here = Amended(world, hub, begun())
        if answers:
            world.command(here.id, "answer", LINK_WORKER, goals=sorted(answers.items()))
            world.pass_time()
        gone: dict[str, str] = {}
        for amendment in amendments:
            before = (here.ours(), here.copies(emr), here.copies(hub))
            for step in amendment:
                here.lists.take(step)
            here.amend()
            after = (here.ours(), here.copies(emr), here.copies(hub))
            stayed, prescribed_now = before[0].keys() & after[0].keys(), after[0].keys()
            for was, now in zip(before, after, strict=True):
                assert {text: was[text] for text in stayed} == {text: now[text] for text in stayed}
                assert now.keys() >= prescribed_now, "who has copies has all that is prescribed"
                left = [now[text][0] for text in now.keys() - prescribed_now]
                assert {one.partition("/")[0] for one in left} <= {"Observation"}, "it was observed, and stays"
            assert network == "fhir" or after[2].keys() == prescribed_now, "nothing else stays in a compartment"
            assert len({one[0] for one in after[0].values()}) == len(after[0])
            back = prescribed_now & gone.keys()
            assert {text: after[0][text][0] for text in back} == {text: gone[text] for text in back}
            gone |= {text: one[0] for text, one in before[0].items()}
        assert world.counts()["failed"] == world.counts()["ready"] == 0
