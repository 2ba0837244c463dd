"""The medical record as a source of change: what its staff write is heard, kept, or put right."""

import datetime as dt

import pytest
from support.crash import while_it_waits
from support.spine import LINK_WORKER, prescribed

from footbridge.partners.fhir.simulator.scripts import USUAL, always


def pair(world, name):
    task = world.task(name)
    return task["status"], world.order(name)["status"]


def test_a_task_that_the_record_cancels_is_cancelled_everywhere(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("emr", status="cancelled", statusReason={"text": "Client moved"})
    world.pass_time(1)
    assert pair(world, "hub") == pair(world, "emr") == ("cancelled", "revoked")
    assert world.task("hub")["statusReason"] == {"text": "Client moved"}
    (event,) = [event for event in world.timeline(receipt.id) if event.name == "cancel"]
    assert (event.source, event.role, event.reason) == ("emr", "requester", "Client moved")


def test_what_else_the_record_writes_is_kept(world):
    world.script("hub", always(USUAL))
    world.submit(prescribed())
    world.pass_time()
    world.act("emr", note=[{"text": "Prefers mornings"}], priority="urgent")
    world.pass_time(40)
    task = world.task("emr")
    assert (task["status"], task["note"], task["priority"]) == ("completed", [{"text": "Prefers mornings"}], "urgent")


@pytest.mark.parametrize("status", ["requested", "completed", "rejected", "on-hold", "entered"])
def test_a_copy_that_says_what_is_not_so_is_put_right(world, status):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="accepted")
    world.pass_time(1)
    assert pair(world, "emr") == ("accepted", "active")
    world.act("emr", status=status)  # none of the record's business, or a copy restored from yesterday
    world.pass_time(1)
    assert world.referrals(receipt.id)[0].status == "accepted"
    assert pair(world, "emr") == pair(world, "hub") == ("accepted", "active")
    world.pass_time(2)
    assert world.counts()["ready"] == world.counts()["failed"] == 0


def test_a_prescription_entered_in_error_is_so_everywhere(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="completed")
    world.pass_time(1)
    world.act("emr", status="entered-in-error")
    world.pass_time(1)
    assert world.referrals(receipt.id)[0].status == "entered-in-error"
    assert world.task("hub")["status"] == "entered-in-error"
    assert world.order("emr")["status"] == "revoked"  # something was done because of it
    assert world.status(receipt.id) == "cancelled"


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_change_in_the_middle_of_our_update_is_heard_first(world, method):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.act("hub", status="accepted")
    world.clock.advance(dt.timedelta(minutes=11))

    def cancel():
        world.act("emr", status="cancelled", statusReason={"text": "Client moved"})

    with while_it_waits(world.servers["emr"], method, "Task/{id}", cancel):
        world.worker.step()
    world.calm(2)
    assert world.referrals(receipt.id)[0].status == "cancelled"
    assert pair(world, "hub") == pair(world, "emr") == ("cancelled", "revoked")
    assert "accept" in world.names(receipt.id)


def test_a_change_just_before_our_update_is_heard_first(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.command(receipt.id, "accept", LINK_WORKER)
    world.act("emr", status="cancelled", statusReason={"text": "Client moved"})
    world.worker.step()  # the update is due, the next poll is not
    assert world.referrals(receipt.id)[0].status == "cancelled"
    world.calm(2)
    assert pair(world, "hub") == pair(world, "emr") == ("cancelled", "revoked")


def test_the_record_may_close_its_own_follow_up(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    world.rewrite("emr", world.follow_up(), status="in-progress")
    world.pass_time(1)
    assert "follow-up-start" in world.names(receipt.id)
    world.rewrite("emr", world.follow_up(), status="completed", note=[{"text": "She is well."}])
    world.command(receipt.id, "answer", happened="yes", goal="achieved")
    world.pass_time(2)
    assert world.follow_up()["status"] == "completed"
    assert world.follow_up()["note"] == [{"text": "She is well."}]
    assert {goal["lifecycleStatus"] for goal in world.servers["emr"].all("Goal")} == {"completed"}
    assert world.counts()["ready"] == 0


def test_a_task_that_the_record_lost_is_shown_to_a_person(world):
    world.submit(prescribed())
    world.pass_time()
    world.servers["emr"]._site.store.delete("Task", world.task("emr")["id"])
    world.act("hub", status="accepted")
    world.pass_time(1)
    (failed,) = world.entries(state="failed")
    assert (failed.partner, failed.kind, failed.last_status) == ("emr", "update", 404)


def test_a_goal_that_the_record_has_changed_stays_until_ours_has_news(world):
    receipt = world.submit(prescribed())
    world.pass_time()
    goal = world.servers["emr"].all("Goal")[0]
    world.rewrite("emr", goal, note=[{"text": "Two meals already"}])
    world.act("hub", status="in-progress")
    world.pass_time(1)
    found = world.servers["emr"].get("Goal", goal["id"])
    assert found["note"] == [{"text": "Two meals already"}]
    assert found["achievementStatus"]["coding"][0]["code"] == "in-progress"
    assert receipt.created
