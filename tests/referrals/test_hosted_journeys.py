"""A service on our server and one with a FHIR server of its own are served alike, whatever happens on the way.

Two worlds take the same journey: in one the service ``hub`` works in its compartment, in the other on its own server.
"""

import datetime as dt
import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st
from support.alike import assert_alike, key_of, reached
from support.databases import START
from support.journeys import ENDED, HostedDesk, OwnDesk, Stay, written
from support.soak import SOAK, count, ran
from support.spine import LINK_WORKER, WARM, World, prescribed

from footbridge.mapping.references import references, rewrite
from footbridge.model.clock import ManualClock
from footbridge.referrals.command import NewPart
from footbridge.settings import settings as configured
from footbridge.store.engine import Database
from footbridge.store.referrals import ReferralRecord

Json = dict[str, Any]
Databases = Callable[[], AbstractContextManager[Database]]

PHONE, NEW_PHONE = "416 555 0142", "416 555 0199"
CLIENT_WORDS = (
    "Okafor", "9876543217", "1951-04-12", "12 Sample Street", PHONE, NEW_PHONE, "After four", "Skips meals",
    "Skips breakfast", "Sees nobody", "Eats three meals", "Has company", "I want to sing again", "Led the church choir",
    "Quilting", "No bus fare", "Two bus tickets", "Walks with a stick",
)  # fmt: skip
AT_ONCE = frozenset({"rejected", "cancelled", "entered-in-error"})
"""Of a referral that ended so, a hosted service keeps only that it was asked, and what it wrote."""

TASK_STAYS = (
    "resourceType", "id", "identifier", "status", "statusReason", "businessStatus", "intent", "priority", "code",
    "authoredOn", "requester", "owner", "note",
)  # fmt: skip
WRITTEN = frozenset({"output", "lastModified"})
"""Members of a Task that stay too, compared apart: an outcome leads back to the client where the service has that."""

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
NO_CLIENT_DATA = frozenset({"Organization", "HealthcareService", "Location", "Practitioner", "PractitionerRole"})

PARTNER = (
    "accepted", "accepted", "in-progress", "completed", "completed", "rejected", "rejected", "on-hold", "failed",
    "cancelled", "note", "business",
)  # fmt: skip
OURS = ("cancel", "enter-in-error", "withdraw-consent", "prohibit-contact", "allow-contact", "split", "split-one",
        "route")  # fmt: skip
LATER = ("unsafe", "moved", "another", "amend")
which = st.integers(0, 3)
steps = (
    st.tuples(st.just("partner"), st.sampled_from(PARTNER), which)
    | st.tuples(st.just("ours"), st.sampled_from(OURS), which)
    | st.tuples(st.just("later"), st.sampled_from(LATER), which)
)
journeys = st.tuples(
    st.sampled_from(["warm-connection", "navigator"]), st.lists(steps, min_size=2, max_size=8 if SOAK else 5)
)
Step = tuple[str, str, int]


@contextmanager
def two_worlds(new_database: Databases) -> Iterator[tuple[Stay, Stay]]:
    """The world with the hosted service, and the one whose service has its own server."""
    with (
        new_database() as one,
        new_database() as other,
        World(one, ManualClock(START)) as near,
        World(other, ManualClock(START)) as far,
    ):
        for world in (near, far):
            world.partner("emr", "requester")
        hosted, own = HostedDesk(near.hosted("hub")), OwnDesk(far.partner("hub"))
        yield Stay(near, hosted), Stay(far, own)


def begin(near: Stay, far: Stay, kind: str) -> None:
    """The first prescription reaches the service: as a whole, or in parts."""
    changes = {} if kind == "warm-connection" else {"service": None, "kind": kind}
    for stay in (near, far):
        stay.prescribe(prescribed(**changes))
        if kind == "navigator":
            decide(stay, "split", 0)
        stay.world.pass_time(1)
    check(near, far)


def take(near: Stay, far: Stay, step: Step) -> None:
    """One step of a journey, in both worlds."""
    kind, name, number = step
    if kind == "partner":
        act(near, far, name, number)
    elif kind == "ours":
        assert decide(near, name, number) == decide(far, name, number)
    else:
        assert later(near, name) == later(far, name)
    check_disclosed(near)
    for stay in (near, far):
        stay.world.pass_time(1)


def act(near: Stay, far: Stay, name: str, number: int) -> None:
    """The staff of the service write; what our server refuses is not written in the other world either."""
    for stay in (near, far):
        tasks = stay.open_tasks()
        if not tasks:
            return
        task = tasks[number % len(tasks)]
        if not stay.desk.change({**task, **written(stay, task, name)}):
            return


def decide(stay: Stay, name: str, number: int) -> str:
    """One of our own users decides; what became of it."""
    place = number % len(stay.prescriptions)
    if name.startswith("split"):
        to = "hub" if name == "split" else None
        parts = [NewPart("A food box", "food-insecurity", "hub"), NewPart("A choir", "social-connection", to)]
        return stay.command(place, "split", LINK_WORKER, parts=parts)
    if name == "route":
        return stay.command(place, name, LINK_WORKER, partner="hub")
    return stay.command(place, name, reason="Plans changed.")


def later(stay: Stay, name: str) -> str:
    """The requester writes again for the same client; what became of it."""
    if name == "amend":
        needs = [{"category": "food-insecurity", "statement": "Skips breakfast."}, WARM["needs"][1]]
        return stay.amend(needs=needs)
    number = len(stay.prescriptions) + 1
    client = WARM["client"]
    if name == "unsafe":
        client = client | {"safeToContact": False}
    if name == "moved":
        client = client | {"contacts": [{"system": "phone", "use": "mobile", "value": f"+1 {NEW_PHONE}"}]}
    changes = {} if name == "another" else {"service": None, "kind": "navigator", "followUp": None}
    return stay.prescribe(prescribed(number, client=client, authored=stay.world.clock.now().isoformat(), **changes))


# What holds after every step


def check(near: Stay, far: Stay) -> None:
    assert near.states() == far.states()
    # a note is a message where the service works with us; a poll of its own server carries none
    assert_alike([one for one in near.at_home() if one["resourceType"] != "Communication"], far.at_home())
    for stay in (near, far):
        lonely = {key_of(one) for one in stay.held()} - {key_of(one) for one in reached(stay.held(), stay.tasks())}
        assert {key.partition("/")[0] for key in lonely} <= NO_CLIENT_DATA | {"Procedure"}
    assert_alike(known(near), known(far), normal=functools.partial(normal, near))
    check_disclosed(near)
    assert near.ids("").isdisjoint({one["id"] for one in near.held()}), "our own compartment is never read"


def known(stay: Stay) -> list[Json]:
    """What the service may know: all that its Tasks lead to, of those that are over no more than that they were.

    A service's own server keeps the order of a referral that is over, and a part of it may lead there.
    """
    over = {row.task for row in stay.rows() if is_over(stay, row)}
    orders = {is_open: set[str]() for is_open in (True, False)}
    for task in stay.tasks():
        orders[stay.ours(task) not in over] |= set(references(task.get("focus", {})))
    gone = orders[False] - orders[True]
    held = [one for one in stay.held() if key_of(one) not in gone]
    there = {key_of(one) for one in held}

    def cut(reference: str) -> str:
        return reference if reference in there or not reference.startswith("ServiceRequest/") else "ServiceRequest/gone"

    tasks = {key_of(task): kept(task) if stay.ours(task) in over else task for task in stay.tasks()}
    return [rewrite(one, cut) for one in reached([tasks.get(key_of(one), one) for one in held], tasks.values())]


def is_over(stay: Stay, row: ReferralRecord) -> bool:
    """Whether the service may know no more of a referral than that it was asked."""
    withdrawn = "consent-withdrawn" in stay.world.names(row.prescription)
    return row.status in AT_ONCE or (withdrawn and row.status in ENDED)


def kept(task: Json) -> Json:
    """What stays of a Task; it names no profile any more, which would ask for the client."""
    return {name: task[name] for name in TASK_STAYS if name in task}


def normal(near: Stay, resource: Json) -> Json:
    """Makes equal what differs on purpose, and nothing else.

    A service whose referrals have ended gets no updates, but a copy of the client on our server follows them: it must
    not go on holding the number of somebody who is no longer safe to contact.

    What was erased is delivered whole at another try. What a partner's own server holds follows the prescription in the
    members that ``mappings/partner-members.json`` names; labels in meta are none of them.
    """
    if resource["resourceType"] == "Patient" and not near.open_tasks():
        return {name: resource[name] for name in ("resourceType", "id")}
    if not any(is_over(near, row) for row in near.rows()):
        return resource
    found = dict(resource)
    if "security" in found.get("meta", {}):
        labels = [one for one in found["meta"]["security"] if one.get("system") != CONFIDENTIALITY]
        meta = {name: value for name, value in found["meta"].items() if name != "security"}
        found["meta"] = meta | ({"security": labels} if labels else {})
    return found


def check_disclosed(near: Stay) -> None:
    """What is stored in the compartment, in any version, holds nothing that the service may no longer know."""
    stored = near.stored("hub")
    if near.is_contact_prohibited():
        assert [word for word in (PHONE, NEW_PHONE, "12 Sample Street") if word in stored] == []
    over = {row.task for row in near.rows() if is_over(near, row)}
    for task in near.tasks():
        if near.ours(task) in over:
            assert task.keys() <= {*TASK_STAYS, *WRITTEN, "meta"}
    if all(is_over(near, row) for row in near.rows() if row.partner == "hub"):
        assert [word for word in CLIENT_WORDS if word in stored] == []


def end(near: Stay, far: Stay) -> None:
    """All is cancelled that is open, and the time of disclosure passes."""
    for place in range(len(near.prescriptions)):
        assert decide(near, "cancel", place) == decide(far, "cancel", place)
        check_disclosed(near)
    for stay in (near, far):
        stay.world.pass_time(1)
    check(near, far)
    near.world.pass_time(configured().disclosure_days + 1, step=dt.timedelta(days=15))
    assert [word for word in CLIENT_WORDS if word in near.stored("hub")] == []
    assert all(task.keys() <= {*TASK_STAYS, *WRITTEN, "meta"} for task in near.tasks())
    assert {one["resourceType"] for one in near.held()} <= NO_CLIENT_DATA | {"Task", "Procedure"}
    assert outcomes(near) == outcomes(far)


def outcomes(stay: Stay) -> list[list[str]]:
    held = {key_of(one): one for one in stay.held()}
    outputs = [[one["valueReference"]["reference"] for one in task.get("output", [])] for task in stay.tasks()]
    return [[held[one]["code"]["text"] for one in some] for some in outputs]


@pytest.mark.soak
@settings(
    max_examples=count(quick=2, soak=200),
    derandomize=not SOAK,
    phases=[Phase.explicit, Phase.generate],  # journeys are short: to make one shorter takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(journeys)
@example(("warm-connection", [("partner", "note", 0), ("ours", "cancel", 0)]))  # the note of the service had gone
def test_a_hosted_service_and_one_with_its_own_server_are_served_alike(
    new_database: Databases, journey: tuple[str, list[Step]]
) -> None:
    ran()
    start, steps = journey
    note(f"journey: {journey}")
    with two_worlds(new_database) as (near, far):
        begin(near, far, start)
        for step in steps:
            take(near, far, step)
            check(near, far)
        end(near, far)
