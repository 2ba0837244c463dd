"""What our own users do: cancel, say what a service said, route, split, try again, answer. And who may."""

import datetime as dt

import pytest
from support.spine import DOCTOR, LINK_WORKER, TENANT, everything, prescribed

from footbridge.errors import LifecycleError, NotFoundError, PrescriptionError
from footbridge.model.issues import errors
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator.scripts import DECLINES, USUAL, always
from footbridge.referrals.command import NewPart
from footbridge.referrals.events_offered import may
from footbridge.referrals.rows import ReferralRow
from footbridge.store.exact_json import dumps
from footbridge.validation import Validator

EMR_USER = Principal("requester", "emr", name="emr-user", tenant=TENANT)
HUB_USER = Principal("recipient", "hub", name="hub-user", tenant=TENANT)
PANTRY_USER = Principal("recipient", "pantry", name="pantry-user", tenant=TENANT)


def shown(world, name):
    """The statuses of a partner's referral Tasks and their orders, oldest first."""
    server = world.servers[name]
    return [
        (task["status"], server.get(*task["focus"]["reference"].split("/"))["status"]) for task in world.tasks(name)
    ]


def reason_of(error):
    return error.value.reason


def test_a_cancellation_reaches_both(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    assert world.command(receipt.id, "cancel", reason="Moved away") == "cancelled"
    world.pass_time()
    assert shown(world, "hub") == shown(world, "emr") == [("cancelled", "revoked")]
    assert world.task("hub")["statusReason"] == {"text": "Moved away"}
    assert world.follow_up()["status"] == "cancelled"
    with pytest.raises(LifecycleError) as refused:
        world.command(receipt.id, "accept", LINK_WORKER)
    assert reason_of(refused) == "terminal"


def test_a_reason_must_be_given_by_our_own_users(world):
    receipt = world.submit(prescribed())
    for reason in (None, "", "  "):
        with pytest.raises(LifecycleError) as refused:
            world.command(receipt.id, "cancel", reason=reason)
        assert reason_of(refused) == "reason-required"
    assert world.names(receipt.id) == ["submitted"]


@pytest.mark.parametrize("heard", [False, True])
def test_cancelled_here_and_completed_there(world, heard):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="completed")
    if heard:
        world.clock.advance(dt.timedelta(minutes=11))
        world.worker.step()
        with pytest.raises(LifecycleError):
            world.command(receipt.id, "cancel", reason="Moved away")
    else:
        world.command(receipt.id, "cancel", reason="Moved away")
    world.pass_time(2)
    # What ended first, here, is what holds; the recipient's own word on its own Task is left to it.
    held = ("completed", "completed") if heard else ("cancelled", "revoked")
    assert shown(world, "emr") == [held]
    assert world.task("hub")["status"] == "completed"
    assert ("refused" in world.names(receipt.id)) is not heard
    assert world.counts()["ready"] == 0


def test_a_navigator_says_what_a_service_without_a_system_said(world):
    receipt = world.submit(prescribed(service=None))
    world.command(receipt.id, "route", LINK_WORKER, partner="hub")
    for event in ("accept", "start", "complete"):
        world.clock.advance(dt.timedelta(hours=1))
        world.command(receipt.id, event, LINK_WORKER)
    world.pass_time(1)
    assert shown(world, "emr") == [("completed", "completed")]
    assert world.status(receipt.id) == "completed"
    goals = world.servers["emr"].all("Goal")
    assert {goal["achievementStatus"]["coding"][0]["code"] for goal in goals} == {"in-progress"}


def test_what_waits_is_routed_by_a_person(world):
    receipt = world.submit(prescribed(service=None))
    world.pass_time(1)
    assert world.task("emr")["status"] == "draft"
    with pytest.raises(PrescriptionError):
        world.command(receipt.id, "route", LINK_WORKER, partner="nobody")
    with pytest.raises(PrescriptionError):
        world.command(receipt.id, "route", LINK_WORKER, partner="emr")
    with pytest.raises(PrescriptionError):
        world.command(receipt.id, "route", LINK_WORKER)
    with pytest.raises(LifecycleError):
        world.command(receipt.id, "route", Principal("person", name="x", tenant=TENANT), partner="hub")
    assert world.command(receipt.id, "route", LINK_WORKER, partner="hub") == "active"
    world.pass_time(1)
    assert shown(world, "hub") == shown(world, "emr") == [("requested", "active")]
    emr = world.servers["emr"]
    assert emr.get(*world.task("emr")["owner"]["reference"].split("/"))["name"] == "Hub"
    with pytest.raises(LifecycleError):
        world.command(receipt.id, "route", LINK_WORKER, partner="hub")
    world.act("hub", status="accepted")
    world.pass_time(1)
    assert shown(world, "emr") == [("accepted", "active")]


def test_a_draft_that_is_given_up_was_never_seen(world):
    receipt = world.submit(prescribed(service=None))
    world.command(receipt.id, "cancel", reason="Found help herself")
    world.pass_time(1)
    assert shown(world, "emr") == [("cancelled", "revoked")]
    assert list(everything(world.servers["hub"])) == []


PARTS = [
    NewPart("A food box every week", "food-insecurity", "hub"),
    NewPart("A food box for the holidays", "food-insecurity", "hub"),
    NewPart("A place in the choir", "social-connection", "choir"),
]


@pytest.fixture
def split(world):
    """A navigator's prescription in three parts, two of them with one partner."""
    world.partner("choir")
    receipt = world.submit(prescribed(kind="navigator", service=None))
    world.pass_time()
    world.command(receipt.id, "split", LINK_WORKER, parts=PARTS)
    world.pass_time()
    return receipt


def parts(world, receipt):
    """The newest try of each part, in the order of the split."""
    rows = [row for row in world.referrals(receipt.id) if row.parent is not None]
    order = {part.description: place for place, part in enumerate(PARTS)}
    asked = {row.id: world.ours("ServiceRequest", row.service_request)["code"]["text"] for row in rows}
    return sorted(rows, key=lambda row: (order[asked[row.id]], row.attempt))


def test_a_split_makes_a_referral_of_each_part(world, split):
    assert [(row.partner, row.status) for row in parts(world, split)] == [
        ("hub", "requested"),
        ("hub", "requested"),
        ("choir", "requested"),
    ]
    assert shown(world, "hub") == [("requested", "active")] * 2
    assert shown(world, "choir") == [("requested", "active")]
    assert shown(world, "emr") == [("requested", "active")] * 4
    emr = world.servers["emr"]
    whole = next(task for task in world.tasks("emr") if "partOf" not in task)
    for task in world.tasks("emr"):
        if task["id"] != whole["id"]:
            assert task["partOf"] == [{"reference": f"Task/{whole['id']}"}]
            order = emr.get(*task["focus"]["reference"].split("/"))
            assert order["basedOn"] == [whole["focus"]]
            assert emr.get(*task["owner"]["reference"].split("/"))["name"] in {"Hub", "Choir"}


def test_a_part_shows_the_needs_and_goals_of_its_category_alone(world, split):
    hub, choir = world.servers["hub"], world.servers["choir"]
    told = {name: "\n".join(map(str, everything(server))) for name, server in (("hub", hub), ("choir", choir))}
    assert "Skips meals" in told["hub"]
    assert "Sees nobody" not in told["hub"]
    assert "three meals" in told["hub"]
    assert "company" not in told["hub"]
    assert "Sees nobody" in told["choir"]
    assert "meals" not in told["choir"]
    for words in ("bus fare", "church choir", "Walks with", "9876543217", "sing again", "Quilting"):
        assert words not in told["hub"]
        assert words not in told["choir"]
    for server in (hub, choir):
        assert len(server.all("Patient")) == 1
        places = {f"{one['resourceType']}/{one['id']}" for one in everything(server)}
        for task in server.all("Task"):
            assert {task["for"]["reference"], task["focus"]["reference"], task["owner"]["reference"]} <= places
        for order in server.all("ServiceRequest"):
            assert {order["subject"]["reference"], order["performer"][0]["reference"]} <= places


def finish(world, name, number, status, **members):
    """A partner brings a part to a status: the part by its place in the split."""
    (task,) = [task for task in world.tasks(name) if asked(world, name, task) == PARTS[number].description]
    world.rewrite(name, task, status=status, **members)
    world.pass_time(1)


def asked(world, name, task):
    return world.servers[name].get(*task["focus"]["reference"].split("/"))["code"]["text"]


def whole(world, receipt):
    (row,) = [row for row in world.referrals(receipt.id) if row.parent is None]
    return row.status


def test_a_part_does_not_say_that_another_tells_of_violence(world):
    needs = [{"category": "food-insecurity", "statement": "Skips meals."}]
    needs += [{"category": "intimate-partner-violence", "statement": "Is afraid at home."}]
    receipt = world.submit(prescribed(service=None, kind="navigator", needs=needs, goals=None))
    world.pass_time()
    world.split(receipt.id, [{"description": "A food box", "category": "food-insecurity", "partner": "hub"}])
    world.pass_time()
    brought = "\n".join(dumps(one) for one in everything(world.servers["hub"]))
    assert "A food box" in brought
    assert not [word for word in ("SDV", "violence", "afraid") if word in brought]


def test_a_part_about_no_need_brings_no_need_of_the_client(world):
    receipt = world.submit(prescribed(service=None, kind="navigator"))
    world.pass_time()
    part = {"description": "A lift to the clinic", "category": "transportation-insecurity", "partner": "hub"}
    world.split(receipt.id, [part])
    world.pass_time()
    assert shown(world, "hub") == [("requested", "active")]
    brought = "\n".join(dumps(one) for one in everything(world.servers["hub"]))
    assert "A lift to the clinic" in brought
    assert not [word for word in ("Skips meals", "Sees nobody", "Eats three", "Has company") if word in brought]
    assert not world.servers["hub"].all("Condition")
    checked = Validator()
    assert [list(errors(checked.validate(one))) for one in everything(world.servers["hub"])] == [
        [] for _ in everything(world.servers["hub"])
    ]


def test_the_whole_goes_as_its_parts_go(world, split):
    finish(world, "hub", 0, "accepted")
    assert whole(world, split) == "accepted"
    finish(world, "choir", 2, "accepted")  # the whole says nothing new, the record hears of the part all the same
    assert [status for status, _ in shown(world, "emr")].count("accepted") == 3
    finish(world, "hub", 0, "completed")
    assert whole(world, split) == "in-progress"
    finish(world, "hub", 1, "rejected", statusReason={"text": "None left"})
    finish(world, "choir", 2, "completed")
    assert whole(world, split) == "completed"
    assert world.status(split.id) == "completed"
    assert sorted(shown(world, "emr")) == [
        ("completed", "completed"),
        ("completed", "completed"),
        ("completed", "completed"),
        ("rejected", "on-hold"),
    ]


def test_a_whole_of_which_no_part_helped_has_failed_with_their_reasons(world, split):
    finish(world, "hub", 0, "rejected", statusReason={"text": "None left"})
    finish(world, "hub", 1, "rejected", statusReason={"text": "Closed"})
    finish(world, "choir", 2, "rejected", statusReason={"text": "Full"})
    assert whole(world, split) == "failed"
    task = world.our_task(split.id)
    assert set(task["statusReason"]["text"].split("; ")) == {"None left", "Closed", "Full"}
    assert world.status(split.id) == "waiting"


def test_to_cancel_the_whole_cancels_its_parts(world, split):
    finish(world, "hub", 0, "completed")
    assert world.command(split.id, "cancel", reason="Moved away") == "cancelled"
    world.pass_time(1)
    assert sorted(shown(world, "hub")) == [("cancelled", "revoked"), ("completed", "completed")]
    assert shown(world, "choir") == [("cancelled", "revoked")]


def test_the_record_cancels_a_part(world, split):
    emr = world.servers["emr"]
    choir = next(
        task
        for task in world.tasks("emr")
        if "owner" in task and emr.get(*task["owner"]["reference"].split("/"))["name"] == "Choir"
    )
    world.rewrite("emr", choir, status="cancelled", statusReason={"text": "Sings elsewhere"})
    world.pass_time(1)
    assert shown(world, "choir") == [("cancelled", "revoked")]
    assert shown(world, "hub") == [("requested", "active")] * 2


def test_a_part_that_is_declined_goes_to_the_next_partner(world, split):
    world.partner("pantry")
    world.route("food-insecurity", "hub", "pantry")
    finish(world, "hub", 1, "rejected")
    assert [(row.partner, row.attempt, row.status) for row in parts(world, split)][1:3] == [
        ("hub", 1, "rejected"),
        ("pantry", 2, "requested"),
    ]
    assert whole(world, split) == "requested"
    (order,) = world.servers["pantry"].all("ServiceRequest")
    assert order["code"]["text"] == PARTS[1].description
    told = "\n".join(map(str, everything(world.servers["pantry"])))
    assert "Skips meals" in told
    assert "Sees nobody" not in told
    finish(world, "pantry", 1, "completed")
    finish(world, "hub", 0, "completed")
    finish(world, "choir", 2, "completed")
    assert whole(world, split) == "completed"


def test_parts_without_a_partner_go_by_the_routes_or_wait(world):
    world.route("food-insecurity", "hub")
    receipt = world.submit(prescribed(kind="navigator", service=None))
    wanted = [NewPart("A box", "food-insecurity"), NewPart("A choir", "social-connection")]
    world.command(receipt.id, "split", LINK_WORKER, parts=wanted)
    world.pass_time(1)
    rows = {row.category: row for row in world.referrals(receipt.id) if row.parent is not None}
    assert (rows["food-insecurity"].partner, rows["social-connection"].partner) == ("hub", None)
    world.partner("choir", script=always(USUAL))
    world.command(receipt.id, "route", LINK_WORKER, referral=rows["social-connection"].id, partner="choir")
    world.script("hub", always(USUAL))
    world.pass_time(40)
    assert shown(world, "choir") == [("completed", "completed")]
    assert world.task("choir")["owner"]["reference"].startswith("Organization/")


@pytest.mark.parametrize(
    ("wanted", "pointers"),
    [
        ([], ["/parts"]),
        ([NewPart("A box", "food")], ["/parts/0/category"]),
        (
            [NewPart("A box", "food-insecurity"), NewPart(" ", "nonsense")],
            ["/parts/1/category", "/parts/1/description"],
        ),
        ([NewPart("A box", "food-insecurity", "nobody")], ["/parts/0/partner"]),
        ([NewPart("A box", "food-insecurity", "emr")], ["/parts/0/partner"]),
    ],
)
def test_a_split_with_faults_changes_nothing(world, wanted, pointers):
    receipt = world.submit(prescribed(kind="navigator", service=None))
    with pytest.raises(PrescriptionError) as refused:
        world.command(receipt.id, "split", LINK_WORKER, parts=wanted)
    assert [issue.pointer for issue in refused.value.issues] == pointers
    assert len(world.referrals(receipt.id)) == 1
    assert world.names(receipt.id) == ["submitted"]


def test_a_second_split_adds_parts(world, split):
    world.command(split.id, "split", LINK_WORKER, parts=PARTS)  # the same once more, at the same moment
    world.pass_time(1)
    assert len(parts(world, split)) == 6
    assert len({row.task for row in parts(world, split)}) == 6
    assert len(shown(world, "emr")) == 7
    assert len(shown(world, "hub")) == 4


def test_an_ended_referral_is_opened_again_for_another_partner(world):
    world.partner("pantry")
    world.script("hub", always(DECLINES))
    receipt = world.submit(prescribed())
    world.pass_time(3)
    assert world.status(receipt.id) == "waiting"
    assert world.command(receipt.id, "route", LINK_WORKER, partner="pantry") == "active"
    world.pass_time(1)
    assert shown(world, "pantry") == [("requested", "active")]
    assert shown(world, "emr") == [("rejected", "active"), ("requested", "active")]
    world.act("pantry", status="completed")
    world.pass_time(1)
    assert shown(world, "emr") == [("rejected", "completed"), ("completed", "completed")]
    world.route("*", "hub")
    assert world.command(receipt.id, "reopen", reason="She asks again") == "completed"  # nobody is left to ask
    assert "needs-person" in world.names(receipt.id)
    world.command(receipt.id, "route", LINK_WORKER, partner="hub")
    world.pass_time(1)
    assert [row.attempt for row in world.referrals(receipt.id)] == [1, 2, 3]


def goal_words(world, name="emr"):
    return sorted(
        (goal["description"]["text"], goal["lifecycleStatus"], goal["achievementStatus"]["coding"][0]["code"])
        for goal in world.servers[name].all("Goal")
    )


def test_the_answer_of_the_follow_up_comes_home(world):
    world.script("hub", always(USUAL))
    receipt = world.submit(prescribed())
    world.pass_time(35)
    assert "follow-up-due" in world.names(receipt.id)
    world.command(receipt.id, "answer", happened="yes", goals=[(0, "achieved"), (1, "improving")])
    world.pass_time(1)
    assert goal_words(world) == [
        ("Eats three meals a day.", "completed", "achieved"),
        ("Has company twice a week.", "active", "improving"),
    ]
    assert world.follow_up()["status"] == "completed"
    with pytest.raises(PrescriptionError):
        world.command(receipt.id, "answer", goals=[(7, "achieved")])
    with pytest.raises(LifecycleError):
        world.command(receipt.id, "answer", goal="splendid")


def test_a_signpost_ends_with_its_follow_up(world):
    receipt = world.submit(prescribed(kind="signpost", consent=None))
    world.pass_time(30)
    assert world.command(receipt.id, "answer", happened="yes", goal="achieved") == "completed"
    world.pass_time(1)
    tasks = world.servers["emr"].all("Task")
    assert {task["status"] for task in tasks} == {"completed"}
    assert {goal["lifecycleStatus"] for goal in world.servers["emr"].all("Goal")} == {"completed"}


def test_roles_are_kept(world):
    world.partner("pantry")
    receipt = world.submit(prescribed())
    world.pass_time()
    for principal in (
        DOCTOR,
        EMR_USER,
        Principal("system", name="x", tenant=TENANT),
        Principal("person", name="x", tenant=TENANT),
    ):
        with pytest.raises(LifecycleError):
            world.command(receipt.id, "accept", principal)
    for principal in (PANTRY_USER, Principal("nobody", name="x", tenant=TENANT)):
        with pytest.raises(NotFoundError):
            world.command(receipt.id, "accept", principal)
    with pytest.raises(LifecycleError):
        world.command(receipt.id, "split", HUB_USER, parts=PARTS)
    assert whole(world, receipt) == "requested"
    world.command(receipt.id, "accept", HUB_USER)
    world.command(receipt.id, "cancel", EMR_USER, reason="Moved away")
    assert whole(world, receipt) == "cancelled"
    world.pass_time(1)
    assert shown(world, "hub") == shown(world, "emr") == [("cancelled", "revoked")]


def test_what_may_be_done_is_what_is_then_done(world):
    receipt = world.submit(prescribed())
    row = ReferralRow.of(world.referrals(receipt.id)[0])
    assert "accept" in may(row, LINK_WORKER)
    assert "split" in may(row, LINK_WORKER)
    assert "accept" not in may(row, DOCTOR)
    waiting = world.submit(prescribed(2, service=None))
    assert "route" in may(ReferralRow.of(world.referrals(waiting.id)[0]), LINK_WORKER)


def test_names_and_times_that_make_no_sense_are_refused(world):
    receipt = world.submit(prescribed())
    with pytest.raises(LifecycleError) as refused:
        world.command(receipt.id, "accept", LINK_WORKER, at=world.clock.now() + dt.timedelta(seconds=1))
    assert reason_of(refused) == "in-the-future"
    with pytest.raises(LifecycleError) as refused:
        world.command(receipt.id, "applaud", LINK_WORKER)
    assert reason_of(refused) == "unknown-event"
    with pytest.raises(NotFoundError):
        world.command(receipt.id, "accept", LINK_WORKER, referral="nothing")
    with pytest.raises(NotFoundError):
        world.command("nothing", "accept", LINK_WORKER)
    world.command(receipt.id, "accept", LINK_WORKER, at=world.clock.now() - dt.timedelta(hours=2))
    (said,) = [event for event in world.timeline(receipt.id) if event.name == "accept"]
    assert said.at == world.clock.now() - dt.timedelta(hours=2)
