"""What goes back to Ocean, and in which order: judged by the folders of the public table, typed here by hand."""

import datetime as dt
import uuid
from typing import Any

import pytest

from footbridge.mapping.validate_input import accept
from footbridge.partners.inbound import AppointmentTime
from footbridge.partners.ocean.translate.answers import Answer, State, our_status, what_to_send
from footbridge.partners.ocean.translate.corrections import correction

TASK, NEXT, BOOKING, QUESTION = (str(uuid.UUID(int=number)) for number in (1, 2, 3, 4))
TIME = AppointmentTime(dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC))
LATER = AppointmentTime(dt.datetime(2026, 3, 9, 10, tzinfo=dt.UTC))

FOLDERS = {  # https://simplifier.net/guide/Ocean-Provider-Network-FHIR-Playbook, task.status eReferral lifecycle
    "requested": "New",
    "received": "New",
    "accepted": "Pending Booking",
    "ready": "Pending Booking",
    "in-progress": "Pending Booking",
    "on-hold": "Pending Booking",
    "rejected": "Declined",
    "cancelled": "Declined",
    "completed": "Completed",
}


def state(status: str, **more: Any) -> State:
    if more.get("appointment"):
        more.setdefault("appointment_id", BOOKING)
    if more.get("question"):
        more.setdefault("question_id", QUESTION)
    return State(status, **{"task": TASK, **more})


def folder(answers: tuple[Answer, ...], before: str) -> str:
    """The folder after these messages, as the public table has it: the last one decides."""
    now = before
    for answer in answers:
        if answer.task_status:
            now = FOLDERS[answer.task_status]
        elif answer.appointment and not answer.cancelled:
            now = "Booking Confirmed" if answer.confirmed else "Booking Unconfirmed"
        elif answer.text:
            now = "Awaiting Reply"
    return now


def sent(before: State | None, now: State) -> list[tuple[str | None, str | None]]:
    return [(answer.event, answer.task_status) for answer in what_to_send(before, now)]


SOONER_OVER = AppointmentTime(TIME.start, TIME.start + dt.timedelta(minutes=20))
MOVED_ROOM = AppointmentTime(TIME.start, location="Room 2")
CORRECTION = "notify-data-correction"
ADD, UPDATE = "notify-add-process-request", "notify-update-process-request"
APPOINTMENT, MESSAGE = "notify-add-appointment", "send-communication-from-provider"


@pytest.mark.parametrize(
    ("now", "expected", "shown"),
    [
        (state("draft"), [(ADD, "received")], "New"),
        (state("requested"), [(ADD, "received")], "New"),
        (state("accepted"), [(ADD, "accepted")], "Pending Booking"),
        (state("in-progress"), [(ADD, "in-progress")], "Pending Booking"),
        (state("on-hold", reason="away"), [(ADD, "on-hold")], "Pending Booking"),
        (state("completed"), [(ADD, "completed")], "Completed"),
        (state("rejected", reason="full"), [(ADD, "rejected")], "Declined"),
        (state("failed", reason="not reached"), [(ADD, "rejected")], "Declined"),
        (state("cancelled", reason="moved"), [(ADD, "rejected")], "Declined"),
        (state("accepted", appointment=TIME), [(ADD, "accepted"), (APPOINTMENT, None)], "Booking Confirmed"),
        (
            state("accepted", appointment=TIME, confirmed=False),
            [(ADD, "accepted"), (APPOINTMENT, None)],
            "Booking Unconfirmed",
        ),
        (state("on-hold", question="Which day?"), [(ADD, "accepted"), (MESSAGE, None)], "Awaiting Reply"),
        (state("cancelled", revoked=True), [(UPDATE, "cancelled")], "Declined"),
    ],
)
def test_the_first_answer(now: State, expected: list[tuple[str, str]], shown: str) -> None:
    answers = what_to_send(None, now)
    assert [(answer.event, answer.task_status) for answer in answers] == expected
    assert folder(answers, "New") == shown
    assert all(answer.reason == now.reason for answer in answers if answer.task_status)


STEPS = [
    (state("requested"), state("accepted"), [(UPDATE, "accepted")]),
    (state("accepted"), state("in-progress"), [(UPDATE, "in-progress")]),
    (state("accepted"), state("on-hold", reason="away"), [(UPDATE, "on-hold")]),
    (state("on-hold", reason="away"), state("on-hold", reason="ill"), [(UPDATE, "on-hold")]),
    (state("in-progress"), state("completed"), [(UPDATE, "completed")]),
    (state("requested"), state("rejected", reason="full"), [(UPDATE, "rejected")]),
    (state("accepted"), state("failed", reason="not reached"), [(UPDATE, "rejected")]),
    (state("accepted"), state("cancelled", reason="closed"), [(UPDATE, "rejected")]),
    (state("accepted"), state("cancelled", revoked=True), [(UPDATE, "cancelled")]),
    (state("accepted"), state("accepted", appointment=TIME), [(APPOINTMENT, None)]),
    (state("accepted", appointment=TIME), state("accepted", appointment=LATER), [(APPOINTMENT, None)]),
    (state("accepted", appointment=TIME, confirmed=False), state("accepted", appointment=TIME), [(APPOINTMENT, None)]),
    (state("accepted", appointment=TIME), state("in-progress", appointment=TIME), []),
    (state("accepted", appointment=TIME), state("completed", appointment=TIME), [(UPDATE, "completed")]),
    (state("accepted", appointment=TIME), state("rejected", reason="x"), [(UPDATE, "rejected")]),
    (state("accepted", appointment=TIME), state("accepted"), [(APPOINTMENT, None), (UPDATE, "accepted")]),
    (state("accepted", appointment=TIME), state("on-hold", reason="x", appointment=TIME), [(UPDATE, "on-hold")]),
    (
        state("on-hold", reason="x", appointment=TIME),
        state("in-progress", appointment=TIME),
        [(UPDATE, "in-progress"), (APPOINTMENT, None)],
    ),
    (state("accepted"), state("on-hold", question="Which day?"), [(MESSAGE, None)]),
    (state("accepted"), state("accepted", question="Which day?"), [(MESSAGE, None)]),
    (state("on-hold", question="Which day?"), state("in-progress"), [(UPDATE, "in-progress")]),
    (
        state("requested"),
        state("requested", booking_instructions="Call us", appointment_id=BOOKING),
        [(APPOINTMENT, None)],
    ),
    (state("rejected", reason="full"), state("requested", task=NEXT), [(ADD, "received")]),
    # corrections move it nowhere; a new start, another status or a first outcome is news
    (state("accepted", appointment=TIME), state("accepted", appointment=MOVED_ROOM), [(CORRECTION, None)]),
    (state("accepted", appointment=TIME), state("accepted", appointment=SOONER_OVER), [(CORRECTION, None)]),
    (
        state("on-hold", reason="x", appointment=TIME),
        state("in-progress", appointment=MOVED_ROOM),
        [(UPDATE, "in-progress"), (APPOINTMENT, None)],
    ),
    (state("rejected", reason="full"), state("rejected", reason="Wrong town"), [(CORRECTION, "rejected")]),
    (state("completed"), state("completed", outcome="Food box"), [(UPDATE, "completed")]),
    (state("completed", outcome="Food"), state("completed", outcome="Food box"), [(CORRECTION, "completed")]),
    (state("in-progress"), state("completed", outcome="Food box"), [(UPDATE, "completed")]),
    (state("requested"), state("requested", categories=("housing-instability",)), [(CORRECTION, None)]),
    (
        state("requested"),
        state("accepted", categories=("housing-instability",)),
        [(UPDATE, "accepted"), (CORRECTION, None)],
    ),
    (state("requested", categories=("financial-insecurity",)), state("requested"), []),
]


@pytest.mark.parametrize(("before", "now", "expected"), STEPS)
def test_each_step(before: State, now: State, expected: list[tuple[str, str]]) -> None:
    assert sent(before, now) == expected


@pytest.mark.parametrize(("before", "now", "expected"), STEPS)
def test_saying_it_again_sends_nothing(before: State, now: State, expected: Any) -> None:
    assert what_to_send(before, before) == what_to_send(now, now) == ()


def test_a_referral_that_ocean_opens_again_gets_a_new_task_that_follows_the_old_one() -> None:
    (answer,) = what_to_send(state("rejected", reason="full"), state("requested", task=NEXT))
    assert (answer.event, answer.task, answer.previous_task) == (ADD, NEXT, TASK)


def test_what_was_entered_in_error_is_for_a_person() -> None:
    (answer,) = what_to_send(state("accepted"), state("entered-in-error"))
    assert answer.event is None
    assert answer.for_person


def test_what_is_lost_is_said() -> None:
    (failed,) = what_to_send(state("accepted"), state("failed", reason="x"))
    assert "Declined" in str(failed.lossy)
    (accepted,) = what_to_send(state("requested"), state("accepted"))
    assert "Pending Booking" in str(accepted.lossy)
    (completed,) = what_to_send(state("accepted"), state("completed"))
    (revoked,) = what_to_send(state("accepted"), state("cancelled", revoked=True))
    assert completed.lossy is revoked.lossy is None


@pytest.mark.parametrize(
    ("ocean", "ours"),
    [
        ("requested", "requested"),
        ("received", "requested"),  # SDOHCC excludes received and ready
        ("accepted", "accepted"),
        ("ready", "accepted"),
        ("in-progress", "in-progress"),
        ("on-hold", "on-hold"),
        ("rejected", "rejected"),
        ("cancelled", "cancelled"),
        ("completed", "completed"),
        ("failed", None),
        ("draft", None),
        ("entered-in-error", None),
    ],
)
def test_oceans_status_in_our_words(ocean: str, ours: str | None) -> None:
    assert our_status(ocean) == ours


@pytest.mark.parametrize(
    "members",
    [{}, {"Patient": {}}, {"Patient": {"photo": []}}, {"Task": {"status": "x"}}, {"ServiceRequest": {"subject": {}}}],
)
def test_what_may_not_be_corrected_is_refused(members: Any) -> None:
    with pytest.raises(ValueError, match="cannot be corrected"):
        correction(members)


def test_a_refused_consent_is_held_and_not_lost(translated: Any) -> None:
    """``accept`` has only findings about consent for what is held."""
    from support.ocean_messages import add_service_request, resource

    from footbridge.errors import PrescriptionError

    bundle = add_service_request()
    resource(bundle, "form")["item"][1]["answer"] = [{"valueString": "No"}]
    with pytest.raises(PrescriptionError) as caught:
        accept(translated(bundle).document)
    assert {issue.rule for issue in caught.value.issues if issue.is_error} == {"prescription.consent-not-given"}
