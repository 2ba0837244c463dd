"""What people do in Ocean's own screens, and what goes out of it."""

import pytest
from support.ocean_answers import communication, header_of, ocean_with, resources, say, sent, task

from footbridge.errors import ConflictError, NotFoundError


def test_a_cancel_sends_a_revoke_with_the_request_revoked(ocean, box):
    ref = sent(ocean)
    ocean.users.cancel(ref)
    ocean.run_due()
    assert box.events[1:] == ["revoke-service-request"]
    assert resources(box.last, "ServiceRequest")[0]["status"] == "revoked"
    assert header_of(box.last)["focus"] == [{"reference": f"urn:uuid:{ref}"}]


def test_a_reply_carries_its_words_and_moves_the_referral_back(ocean, box):
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted"))
    say(ocean, box, ref, "send-communication", communication(ref))
    say(ocean, box, ref, "send-communication", communication(ref))
    assert ocean.folder(ref) == "Awaiting Reply"
    ocean.users.reply(ref, "Yes, please.")
    ocean.run_due()
    assert ocean.folder(ref) == "Pending Booking"
    assert box.events[-1] == "send-communication"
    said = resources(box.last, "Communication")[-1]
    assert said["payload"] == [{"contentString": "Yes, please."}]


def test_by_another_habit_a_reply_moves_nothing(ocean, box):
    ocean.habits.reply_returns = False
    ref = sent(ocean)
    say(ocean, box, ref, "send-communication", communication(ref))
    ocean.users.reply(ref, "Yes.")
    assert ocean.folder(ref) == "Awaiting Reply"


def test_a_reopened_referral_has_a_new_task_that_is_requested(ocean, box):
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "rejected", statusReason={"text": "Full"}))
    ocean.users.reopen(ref)
    ocean.run_due()
    tasks = resources(box.last, "Task")
    assert [one["status"] for one in tasks] == ["rejected", "requested"]
    assert tasks[0]["id"] != tasks[1]["id"]
    assert (box.events[-1], ocean.folder(ref)) == ("notify-update-service-request", "New")
    assert resources(box.last, "ServiceRequest")[0]["status"] == "active"


def test_a_change_of_the_clinic_is_in_the_next_message(ocean, box):
    ref = sent(ocean)
    ocean.users.change(ref, "<b>Now urgent</b>")
    ocean.run_due()
    assert resources(box.last, "ServiceRequest")[0]["note"] == [{"text": "<b>Now urgent</b>"}]


def test_what_has_ended_or_is_unknown_is_refused(ocean):
    ref = sent(ocean)
    with pytest.raises(ConflictError):
        ocean.users.reopen(ref)
    with pytest.raises(ConflictError):
        ocean.users.set_status(ref, "failed")
    with pytest.raises(NotFoundError):
        ocean.users.forward(ref, "unknown")
    ocean.users.cancel(ref)
    for act in (ocean.users.cancel, ocean.users.book, ocean.users.reopen):
        with pytest.raises(ConflictError):
            act(ref)
    with pytest.raises(NotFoundError):
        ocean.users.cancel("unknown")
    assert ocean.folder(ref) == "Cancelled"


def test_each_step_is_in_the_history_with_who_and_from_where_to_where(ocean, box):
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted"))
    ocean.users.cancel(ref)
    steps = [(one.actor, one.event, one.before, one.after) for one in ocean.referral(ref).history]
    assert steps == [
        ("clinic", "add-service-request", "", "New"),
        ("site 1234", "notify-add-process-request", "New", "Pending Booking"),
        ("clinic", "revoke-service-request", "Pending Booking", "Cancelled"),
    ]


def test_an_older_site_is_written_to_by_the_event_that_it_knows_and_by_habit_gets_nothing_newer(box):
    ocean = ocean_with(box, version="0.10")
    ref = sent(ocean)
    ocean.users.reply(ref, "Text")
    ocean.run_due()
    assert box.events[-1] == "send-communication-from-requester"
    ocean.users.change(ref, "Changed")
    ocean.run_due()
    assert box.events[-1] == "notify-update-service-request"
    ocean.habits.strict_events = True
    count = len(box.events)
    ocean.users.change(ref, "Again")
    ocean.users.cancel(ref)
    ocean.run_due()
    assert len(box.events) == count


def test_a_version_of_the_site_applies_to_all_that_its_users_do(box):
    ocean = ocean_with(box, version="0.10")
    ref = sent(ocean)
    ocean.users.book(ref)
    ocean.users.reply(ref, "Text")
    ocean.run_due()
    assert all("fullUrl" not in entry for bundle in box.bundles for entry in bundle["entry"])
    assert resources(box.last, "Appointment")[0]["basedOn"] == [{"reference": f"ServiceRequest/{ref}"}]
