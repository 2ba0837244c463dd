"""What partners show of their Tasks counts once and in order, and its outcome comes home."""

import datetime as dt

import pytest
from sqlalchemy import select
from support.spine import LINK_WORKER, TENANT, World, prescribed

from footbridge.model.clock import ManualClock
from footbridge.partners.fhir.simulator import RequestLog
from footbridge.partners.fhir.simulator.actions import accept, complete, hold, start
from footbridge.partners.fhir.simulator.scripts import (
    ANSWERS_TWICE,
    CONTRADICTS_ITSELF,
    DECLINES,
    DECLINES_WITHOUT_A_REASON,
    JUMPS,
    USUAL,
    always,
    late,
)
from footbridge.referrals.build import build_worker
from footbridge.store.remote_ids import find_link
from footbridge.store.tables import job
from footbridge.validation import Validator


def settled(world, receipt, status, order):
    """Ours and the record's copy say the same."""
    (row,) = [row for row in world.referrals(receipt.id) if row.parent is None][-1:]
    assert row.status == status
    assert world.ours("Task", row.task)["status"] == status
    assert world.ours("ServiceRequest", row.service_request)["status"] == order
    shown = world.tasks("emr")[-1]
    assert shown["status"] == status
    assert world.servers["emr"].get(*shown["focus"]["reference"].split("/"))["status"] == order
    assert world.counts()["ready"] == world.counts()["failed"] == 0


PLANS = [
    (USUAL, "completed", "completed"),
    (JUMPS, "completed", "completed"),
    ((accept(), start(), hold("Holidays"), complete()), "completed", "completed"),
    (late(20), "completed", "completed"),
    (ANSWERS_TWICE, "completed", "completed"),
    (CONTRADICTS_ITSELF, "completed", "completed"),
    (DECLINES, "rejected", "on-hold"),
    (DECLINES_WITHOUT_A_REASON, "rejected", "on-hold"),
    ((), "requested", "active"),
]


@pytest.mark.parametrize(("plan", "status", "order"), PLANS, ids=[str(place) for place in range(len(PLANS))])
def test_every_way_of_a_recipient_comes_home(world, plan, status, order):
    world.script("hub", always(plan))
    receipt = world.submit(prescribed(service={"partner": "hub", "description": "Good Food Box"}))
    world.pass_time(50)
    settled(world, receipt, status, order)
    assert world.status(receipt.id) == {"completed": "completed", "on-hold": "waiting", "active": "active"}[order]
    if plan is not CONTRADICTS_ITSELF:
        assert (world.task("hub")["status"], world.order("hub")["status"]) == (status, order)
    else:  # the last word on its own Task stays the recipient's; the first end is the one that holds
        assert world.task("hub")["status"] == "rejected"
        assert "refused" in world.names(receipt.id)


def test_steps_that_nobody_reported_are_marked_inferred(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="completed")
    world.pass_time(1)
    steps = [
        (event.name, event.inferred) for event in world.timeline(receipt.id) if event.source == "hub" and event.after
    ]
    assert steps == [("accept", True), ("start", True), ("complete", False)]


def test_the_reason_of_a_decline_comes_home_and_a_missing_one_is_said_to_be_missing(world):
    world.route("food-insecurity", "hub")
    world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="rejected", statusReason={"text": "No places until the autumn"})
    world.pass_time(1)
    assert world.task("emr")["statusReason"]["text"] == "No places until the autumn"
    receipt = world.submit(prescribed(2))
    world.pass_time()
    world.rewrite("hub", world.task_of("hub", receipt.id), status="rejected")
    world.pass_time(1)
    assert world.task_of("emr", receipt.id)["statusReason"]["text"] == "No reason was given."


@pytest.mark.parametrize("reason", [None, {"text": "Full"}])
def test_a_decline_goes_to_the_next_partner(world, reason):
    world.partner("pantry", script=always(USUAL))
    world.route("food-insecurity", "hub", "pantry")
    receipt = world.submit(prescribed())
    world.pass_time()
    first = world.task("hub")
    world.act("hub", status="rejected", statusReason=reason)
    world.pass_time(1)
    tries = world.referrals(receipt.id)
    assert [(row.partner, row.attempt, row.status) for row in tries] == [
        ("hub", 1, "rejected"),
        ("pantry", 2, "requested"),
    ]
    assert len({row.service_request for row in tries}) == 1
    assert len({row.task for row in tries}) == 2
    assert {task["status"] for task in world.tasks("emr")} == {"rejected", "requested"}
    assert len({task["focus"]["reference"] for task in world.tasks("emr")}) == 1
    assert world.order("pantry")["status"] == "active"
    world.pass_time(40)
    settled(world, receipt, "completed", "completed")
    assert {task["status"] for task in world.tasks("emr")} == {"rejected", "completed"}
    assert world.servers["hub"].get("Task", first["id"])["status"] == "rejected"
    owners = {world.servers["emr"].get(*task["owner"]["reference"].split("/"))["name"] for task in world.tasks("emr")}
    assert owners == {"Hub", "Pantry"}


def test_when_nobody_is_left_to_ask_it_waits_for_a_person(world):
    world.partner("pantry", script=always(DECLINES))
    world.script("hub", always(DECLINES))
    world.route("*", "pantry", "hub")
    receipt = world.submit(prescribed(service=None))
    world.pass_time(10)
    assert [(row.partner, row.status) for row in world.referrals(receipt.id)] == [
        ("pantry", "rejected"),
        ("hub", "rejected"),
    ]
    assert world.status(receipt.id) == "waiting"
    assert "needs-person" in world.names(receipt.id)
    assert world.our_task(receipt.id)["status"] == "rejected"


def test_an_appointment_comes_home_and_goes_when_it_is_over(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="accepted")
    world.pass_time(1)
    world.act("hub", businessStatus={"text": "Scheduled for 2026-03-12"})
    world.pass_time(1)
    assert world.task("emr")["businessStatus"] == {"text": "Scheduled for 2026-03-12"}
    assert [e.detail for e in world.timeline(receipt.id) if e.name == "business-status"] == [
        {"text": "Scheduled for 2026-03-12"}
    ]
    world.act("hub", status="in-progress", businessStatus=None)
    world.pass_time(1)
    assert "businessStatus" not in world.task("emr")


def test_an_echo_of_our_own_writing_says_nothing(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.command(receipt.id, "accept", LINK_WORKER)  # they said it on the telephone
    world.pass_time(1)
    assert world.task("hub")["status"] == "accepted"
    before = world.names(receipt.id)
    world.pass_time(3)
    assert world.names(receipt.id) == before
    assert world.counts()["ready"] == 0


def test_a_task_that_is_not_ours_is_left_alone(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    ours = world.task("hub")
    procedure = world.servers["hub"].put({"resourceType": "Procedure", "status": "completed", "subject": ours["for"]})
    output = [{"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{procedure['id']}"}}]
    copy = {name: value for name, value in ours.items() if name not in {"id", "meta"}}
    world.servers["hub"].put({**copy, "status": "completed", "output": output})  # with our identifier in it
    world.servers["hub"].put({"resourceType": "Task", "status": "completed", "intent": "plan", "output": output})
    world.pass_time(2)
    assert world.referrals(receipt.id)[0].status == "requested"
    assert RequestLog("GET", "Procedure/{id}") not in world.servers["hub"].requests


def test_a_task_of_another_partner_is_none_of_its_business(world):
    pantry = world.partner("pantry")
    receipt = world.submit(prescribed())
    world.pass_time()
    copy = {name: value for name, value in world.task("hub").items() if name not in {"id", "meta"}}
    pantry.put({**copy, "status": "rejected"})
    world.pass_time(2)
    assert world.referrals(receipt.id)[0].status == "requested"


@pytest.mark.parametrize("status", ["draft", "entered-in-error", "nonsense"])
def test_a_status_that_is_not_the_recipients_to_say_is_refused_and_put_right(world, status):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status=status)
    world.pass_time(1)
    settled(world, receipt, "requested", "active")
    assert world.names(receipt.id).count("refused") == 1
    if status != "entered-in-error":  # it ended there
        assert world.task("hub")["status"] == "requested"


def test_the_words_of_a_dialect_are_understood(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="received")
    world.pass_time(1)
    assert world.referrals(receipt.id)[0].status == "requested"
    assert world.task("hub")["status"] == "received"
    world.act("hub", status="ready")
    world.pass_time(1)
    assert world.referrals(receipt.id)[0].status == "accepted"


def done(world, name="hub", **members):
    """Complete the one Task there, with a Procedure as its output."""
    task = world.task(name)
    body = {"resourceType": "Procedure", "status": "completed", "subject": task["for"], "code": {"text": "Box given"}}
    procedure = world.servers[name].put(
        {**body, "basedOn": [task["focus"]], "performer": [{"actor": task["owner"]}], **members}
    )
    output = {"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{procedure['id']}"}}
    world.act(name, status="completed", output=[output])
    return procedure


def test_what_was_done_comes_home_with_every_reference_turned(world):
    world.submit(prescribed())
    world.pass_time()
    theirs = done(world)
    world.pass_time(1)
    emr = world.servers["emr"]
    (procedure,) = emr.all("Procedure")
    task = world.task("emr")
    assert task["output"][0]["valueReference"]["reference"] == f"Procedure/{procedure['id']}"
    assert procedure["subject"] == task["for"]
    assert procedure["basedOn"] == [task["focus"]]
    assert procedure["performer"][0]["actor"]["reference"] == task["owner"]["reference"]
    assert procedure["code"] == theirs["code"]
    world.pass_time(5)
    assert len(emr.all("Procedure")) == 1


def test_what_is_handed_in_later_comes_home_too(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="completed")
    world.pass_time(1)
    done(world)
    world.pass_time(1)
    assert len(world.servers["emr"].all("Procedure")) == 1
    assert len(world.task("emr")["output"]) == 1
    assert world.names(receipt.id).count("complete") == 1


def test_what_does_not_conform_is_noted_and_still_pointed_to(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    theirs = done(world, status=None, performedDateTime="tomorrow")
    world.pass_time(1)
    settled(world, receipt, "completed", "completed")
    (note,) = [event for event in world.timeline(receipt.id) if event.name == "output-not-taken-over"]
    assert (note.reason, note.detail["type"], note.detail["why"]) == (None, "Procedure", "invalid")
    assert note.detail["rules"] == sorted(set(note.detail["rules"])) != []
    assert world.servers["emr"].all("Procedure") == []
    reference = world.task("emr")["output"][0]["valueReference"]["reference"]
    assert reference == f"{world.servers['hub'].base_url}/Procedure/{theirs['id']}"


@pytest.mark.parametrize("identifier", [None, {"system": "urn:footbridge:test:forms", "value": "F-1"}])
def test_an_answered_questionnaire_comes_home(world, identifier):
    receipt = world.submit(prescribed())
    world.pass_time()
    task, hub = world.task("hub"), world.servers["hub"]
    body = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "subject": task["for"],
        "identifier": identifier,
    }
    response = hub.put({name: value for name, value in body.items() if value})
    kind = {"type": {"text": "answers"}}
    output = [{**kind, "valueReference": {"reference": f"QuestionnaireResponse/{response['id']}"}}]
    world.act("hub", status="completed", output=output)
    world.pass_time(2)
    (home,) = world.servers["emr"].all("QuestionnaireResponse")
    assert isinstance(home["identifier"], dict)
    assert identifier is None or home["identifier"] == identifier
    assert home["subject"] == world.task("emr")["for"]
    settled(world, receipt, "completed", "completed")


def test_outputs_of_other_shapes_lose_nothing(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    hub, kind = world.servers["hub"], {"type": {"text": "done"}}
    task = world.task("hub")
    binary = hub.put({"resourceType": "Binary", "contentType": "text/plain", "data": "aGVsbG8="})
    outputs = [
        {**kind, "valueCodeableConcept": {"text": "Attended six times"}},
        {**kind, "valueReference": task["focus"]},  # what we sent ourselves
        {**kind, "valueReference": task["for"]},
        {**kind, "valueReference": {"reference": "Procedure/there-is-none"}},
        {**kind, "valueReference": {"reference": f"Binary/{binary['id']}"}},
        {**kind, "valueReference": {"display": "in words only"}},
    ]
    world.act("hub", status="completed", output=outputs)
    world.pass_time(2)
    settled(world, receipt, "completed", "completed")
    home = world.task("emr")["output"]
    assert len(home) == 6
    assert home[1]["valueReference"] == world.task("emr")["focus"]
    assert home[2]["valueReference"] == world.task("emr")["for"]
    assert home[4]["valueReference"]["reference"] == f"{hub.base_url}/Binary/{binary['id']}"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 422])
def test_an_output_that_is_not_shown_holds_up_nothing(world, status):
    first = world.submit(prescribed())
    second = world.submit(prescribed(2))
    world.pass_time()
    world.servers["hub"].faults.next(status=status, route="Procedure/{id}")
    one, two = world.task_of("hub", first.id), world.task_of("hub", second.id)
    procedure = world.servers["hub"].put({"resourceType": "Procedure", "status": "completed", "subject": one["for"]})
    output = [{"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{procedure['id']}"}}]
    world.rewrite("hub", one, status="completed", output=output)
    world.rewrite("hub", two, status="accepted")
    world.pass_time(1)
    assert world.referrals(first.id)[0].status == "completed"
    assert world.referrals(second.id)[0].status == "accepted"


class Stumbling(Validator):
    """Has a bug that a Procedure brings to light."""

    def validate(self, resource, profiles=()):
        if resource["resourceType"] == "Procedure":
            raise ArithmeticError
        return super().validate(resource, profiles)


def test_a_report_that_cannot_be_heard_holds_up_no_other(world):
    world.worker = build_worker(world.database, world.clock, validator=Stumbling())
    first, second = world.submit(prescribed()), world.submit(prescribed(2))
    world.pass_time()
    one, two = world.task_of("hub", first.id), world.task_of("hub", second.id)
    procedure = world.servers["hub"].put({"resourceType": "Procedure", "status": "completed", "subject": one["for"]})
    output = [{"type": {"text": "done"}, "valueReference": {"reference": f"Procedure/{procedure['id']}"}}]
    world.rewrite("hub", one, status="completed", output=output)
    world.rewrite("hub", two, status="accepted")
    world.pass_time(1)
    assert world.referrals(second.id)[0].status == "accepted"
    assert world.referrals(first.id)[0].status == "requested"
    world.worker = build_worker(world.database, world.clock)  # with the bug mended
    world.pass_time(1)
    assert world.referrals(first.id)[0].status == "completed"
    assert len(world.servers["emr"].all("Procedure")) == 1


def test_two_changes_at_the_very_same_time_are_read_again(world):
    hub = world.servers["hub"]
    hub.quirks.whole_seconds = True
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="accepted")
    world.pass_time(1)
    moment = world.clock.now()
    world.act("hub", status="in-progress")
    world.worker.step()
    world.clock.advance(dt.timedelta(microseconds=500))
    world.act("hub", status="completed")  # shown with the same second as the one before
    assert world.clock.now() - moment < dt.timedelta(seconds=1)
    world.pass_time(1)
    assert world.referrals(receipt.id)[0].status == "completed"


@pytest.mark.parametrize("hours", [-7, -1, 1, 7])
def test_a_partners_clock_may_be_wrong_by_hours(database, hours):
    clock = ManualClock(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))

    class Wrong:
        def now(self):
            return clock.now() + dt.timedelta(hours=hours)

    with World(database, clock) as world:
        world.partner("emr", "requester", clock=Wrong())
        world.partner("hub", clock=Wrong(), script=always(USUAL))
        receipt = world.submit(prescribed())
        world.pass_time(40)
        settled(world, receipt, "completed", "completed")
        assert world.task("hub")["status"] == "completed"


def test_two_thousand_tasks_are_polled_through(world):
    hub = world.servers["hub"]
    receipt = world.submit(prescribed())
    world.pass_time()
    store = hub._site.store
    for start_ in range(0, 2000, 500):
        entries = [
            {
                "fullUrl": f"urn:uuid:{number:032x}",
                "resource": {"resourceType": "Task", "status": "requested", "intent": "order"},
                "request": {"method": "POST", "url": "Task"},
            }
            for number in range(start_, start_ + 500)
        ]
        store.transaction({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    world.act("hub", status="accepted")
    world.pass_time(1)
    assert world.referrals(receipt.id)[0].status == "accepted"
    with world.database.read() as connection:
        assert connection.execute(select(job.c.id).where(job.c.key.is_not(None), job.c.state != "done")).all() == []
        assert find_link(connection, TENANT, "hub", "Task", world.task("hub")["id"]) is not None


def test_a_partners_clock_that_is_ahead_hides_nothing_when_it_is_set_right(database):
    clock = ManualClock(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))

    class Ahead:
        def now(self):
            return clock.now() + dt.timedelta(days=400)

    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("hub", clock=Ahead())
        receipt = world.submit(prescribed())
        world.pass_time()
        world.act("hub", status="accepted")
        world.pass_time(days=1)
        assert world.our_task(receipt.id)["status"] == "accepted"
        with database.read() as connection:
            (cursor,) = connection.scalars(select(job.c.cursor).where(job.c.subject == "hub"))
        assert dt.datetime.fromisoformat(cursor) <= clock.now()  # what is written from now on is newer than that
