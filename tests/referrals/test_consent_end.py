"""A consent ends after its last day (``consent.until``): what rested on it is taken back like a withdrawn consent."""

import datetime as dt

import orjson
import pytest
from sqlalchemy import text
from support.journeys import HostedDesk, OwnDesk
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, everything, prescribed

from footbridge.errors import ConflictError, LifecycleError
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.referrals.unit import read_unit
from footbridge.security.lists import happenings
from footbridge.store.exact_json import dumps
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

LAST_DAY = "2026-03-20"
END = dt.datetime(2026, 3, 21, tzinfo=dt.timezone(-dt.timedelta(hours=5)))  # where it was written
SECOND = dt.timedelta(seconds=1)
CLIENT_WORDS = ("Okafor", "416 555 0142", "Skips meals", "Eats three meals")


@pytest.fixture(params=["fhir", "hosted"])
def place(request, database, clock):
    """The world with the record ``emr`` and the service ``hub``, and where the service works."""
    with World(database, clock) as world:
        world.partner("emr", "requester")
        yield world, OwnDesk(world.partner("hub")) if request.param == "fhir" else HostedDesk(world.hosted("hub"))


def document(until=LAST_DAY, number=1, **changes):
    consent = prescribed()["consent"] | ({} if until is None else {"until": until})
    return prescribed(number, **{"consent": consent, **changes})


def at(world, moment):
    """Let everybody work at that moment."""
    world.clock.advance(moment - world.clock.now())
    world.work()
    world.work()


def task_at(desk):
    (task,) = (one for one in desk.all("Task") if one["intent"] != "plan")
    return task


def known(desk):
    """Words of the client that a hosted service can still find; a partner's own server is out of our reach."""
    said = desk.stranger.everything_said()
    return [word for word in CLIENT_WORDS if word in said]


def planned(world):
    with world.database.read() as connection:
        query = text("SELECT due FROM job WHERE kind = 'end-of-consent'")
        return [str(due)[:16] for due in connection.execute(query).scalars()]


def amended(world, newer):
    said = Amendment(message_id="1", document=orjson.dumps(newer))
    with world.database.write() as connection:
        return amend(Scope(connection, TENANT, world.clock.now()), world.intake, DOCTOR, said)


def refusal(world, found, event, **more):
    with pytest.raises(LifecycleError) as refused:
        world.command(found, event, LINK_WORKER, **more)
    return refused.value.reason


def test_on_the_last_day_all_goes_on_and_after_it_ends(place):
    world, hub = place
    found = world.submit(document()).id
    world.pass_time()
    hub.change({**task_at(hub), "status": "accepted"})
    at(world, END - SECOND)
    assert world.status(found) == "active"
    assert "consent-expired" not in world.names(found)
    at(world, END)
    assert world.status(found) == "cancelled"
    assert (task_at(hub)["status"], task_at(hub)["statusReason"]["text"]) == (
        "cancelled",
        "The client's consent has ended.",
    )
    assert world.task("emr")["status"] == "cancelled"
    (event,) = [one for one in world.timeline(found) if one.name == "consent-expired"]
    assert (event.role, event.source, event.at) == ("system", "timer", END)
    assert (world.order("emr")["status"], world.follow_up()["status"]) == ("revoked", "cancelled")
    if isinstance(hub, HostedDesk):
        assert known(hub) == []
    at(world, END + dt.timedelta(days=30))
    assert world.names(found).count("consent-expired") == 1
    assert world.counts()["failed"] == world.counts()["ready"] == 0


def test_our_consent_and_the_requesters_say_that_it_is_over(place):
    world, _ = place
    found = world.submit(document()).id
    at(world, END)
    with world.database.read() as connection:
        unit = read_unit(Scope(connection, TENANT, world.clock.now()), found)
        consent = unit.resource(unit.role("consent"))
    assert (consent["status"], consent["provision"]["period"]["end"]) == ("inactive", LAST_DAY)
    assert Validator().check(consent).valid
    assert [one["status"] for one in world.servers["emr"].all("Consent")] == ["inactive"]


@pytest.mark.parametrize("end", ["completed", "failed"])
def test_what_a_done_service_knew_is_taken_back(place, end):
    world, hub = place
    found = world.submit(document()).id
    world.pass_time()
    hub.change({**task_at(hub), "status": "accepted"})
    world.pass_time(1)
    hub.change({**task_at(hub), "status": end, "statusReason": {"text": "In our words"}})
    world.pass_time(1)
    if isinstance(hub, HostedDesk):
        assert known(hub) == list(CLIENT_WORDS), "just ended: it may still look"
    at(world, END)
    assert task_at(hub)["status"] == end
    assert "consent-expired" in world.names(found)
    if isinstance(hub, HostedDesk):
        assert known(hub) == []


def test_parts_end_with_the_whole(place):
    world, hub = place
    world.partner("centre")
    found = world.submit(document(service={"partner": "centre"})).id
    world.pass_time()
    world.split(found, [{"description": "A box", "category": one, "partner": "hub"}
                        for one in ("food-insecurity", "social-connection")])  # fmt: skip
    world.pass_time()
    at(world, END)
    assert {one["status"] for one in hub.all("Task")} == {"cancelled"}
    assert world.status(found) == "cancelled"
    if isinstance(hub, HostedDesk):
        assert known(hub) == []


def test_one_that_waits_for_a_person_ends_too(place):
    world, hub = place
    found = world.submit(document(service=None)).id
    at(world, END)
    assert world.status(found) == "cancelled"
    assert hub.all("Task") == []
    world.pass_time()
    assert refusal(world, found, "route", partner="hub") == "consent-expired"
    assert refusal(world, found, "withdraw-consent") == "not-allowed-from-here"
    assert hub.all("Task") == []


@pytest.mark.parametrize(
    ("until", "moved"),
    [("2026-04-20", "2026-04-21T05:00"), ("2026-03-10", "2026-03-11T05:00"), (None, None)],
)
def test_an_amendment_before_that_moves_the_end(place, until, moved):
    world, hub = place
    found = world.submit(document()).id
    world.pass_time()
    assert planned(world) == ["2026-03-21T05:00"]
    amended(world, document(until))
    assert planned(world) == ([] if moved is None else [moved])
    at(world, END)
    assert world.status(found) == ("cancelled" if until == "2026-03-10" else "active")
    if until == "2026-04-20":
        assert task_at(hub)["status"] == "requested"
        at(world, END + dt.timedelta(days=31))
        assert task_at(hub)["status"] == "cancelled"


def test_one_that_has_no_last_day_may_get_one(place):
    world, hub = place
    world.submit(document(None))
    world.pass_time()
    assert planned(world) == []
    amended(world, document())
    at(world, END)
    assert task_at(hub)["status"] == "cancelled"


def test_after_the_last_day_nothing_revives_it_even_before_the_job_ran(place):
    world, _ = place
    found = world.submit(document()).id
    world.pass_time()
    world.clock.advance(END - world.clock.now())
    with pytest.raises(ConflictError, match="consent has ended"):
        amended(world, document("2026-04-20"))
    assert refusal(world, found, "split", parts=()) == "consent-expired"
    world.work()
    with pytest.raises(ConflictError):
        amended(world, document("2026-04-20"))


def test_what_was_not_delivered_on_the_last_day_stays_at_home(place):
    world, hub = place
    found = world.submit(document()).id
    world.clock.advance(END - world.clock.now())
    while world.entries(state="ready"):
        world.clock.advance(dt.timedelta(minutes=1))
        world.work()
    assert world.status(found) == "cancelled"
    assert hub.all("Patient") == []
    assert "Skips meals" not in dumps([hub.all("Condition"), hub.all("Task")])


def test_a_late_prescription_whose_consent_is_over_discloses_nothing(place):
    world, hub = place
    world.clock.advance(END - world.clock.now() + dt.timedelta(days=3))
    found = world.submit(document()).id
    world.pass_time()
    assert world.status(found) == "cancelled"
    assert hub.all("Patient") == []
    assert len(list(everything(world.servers["emr"]))) > 5, "its own record has it"


def test_withdrawn_before_it_ends_once(place):
    world, _ = place
    found = world.submit(document()).id
    world.pass_time()
    world.command(found, "withdraw-consent")
    at(world, END)
    assert [one for one in world.names(found) if one.startswith("consent-")] == ["consent-withdrawn"]


def test_a_signpost_rests_on_no_consent(place):
    world, _ = place
    found = world.submit(document(kind="signpost", service={"self": True, "description": "A walk"}, followUp=None)).id
    assert planned(world) == []
    at(world, END)
    assert world.status(found) == "active"


@pytest.mark.parametrize("done", [False, True])
def test_the_api_shows_a_service_no_more_than_its_own_end(database, clock, done):
    """As after a withdrawn consent; see ``security.recipient_view``."""
    hub_user = Principal("recipient", "hub", name="hub-user", tenant=TENANT)

    def names():
        with database.read() as connection:
            return [row.name for row in happenings(connection, hub_user, now=clock.now(), of=found)]

    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.hosted("hub")
        found = world.submit(document()).id
        world.pass_time()
        for event in ("accept", "start", "complete") if done else ("accept", "start"):
            world.command(found, event, LINK_WORKER)
        before = names()
        at(world, END)
        assert {"accept", "start"} <= set(before)
        assert names() == [before[0], "complete" if done else "cancel"]
