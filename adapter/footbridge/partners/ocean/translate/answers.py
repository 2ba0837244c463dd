"""Decides what goes back to Ocean, from our state before and now. Pure: ids and times are arguments.

Ocean shows a referral in the folder of the last of Task, Appointment and Communication, so the order of answers counts:
Task first, then Appointment, then Communication; corrections, which move it nowhere, come last.
Booked and waiting for a reply are no Task status there
(https://simplifier.net/guide/Ocean-Provider-Network-FHIR-Playbook). ``build`` makes the messages.
"""

from collections.abc import Iterator
from typing import Final

from footbridge.i18n import _
from footbridge.partners.ocean.translate import status_map
from footbridge.partners.ocean.translate.answer_values import (
    CORRECTION,
    ENDED,
    Answer,
    AnswerEvent,
    Envelope,
    State,
)
from footbridge.partners.ocean.translate.corrections import (
    categories,
    is_corrected_booking,
    is_corrected_end,
)
from footbridge.partners.ocean.translate.outgoing_bundle import build
from footbridge.partners.ocean.translate.status_map import our_status
from footbridge.partners.ocean.translate.tables import table

__all__ = [
    "ENDED",
    "Answer",
    "AnswerEvent",
    "Envelope",
    "State",
    "build",
    "communication",
    "forward",
    "our_status",
    "what_to_send",
]

PENDING: Final = "pending-booking"


def what_to_send(before: State | None, now: State) -> tuple[Answer, ...]:
    """The messages that take Ocean from one state to the next, in their order; ``before`` None: nothing was sent."""
    if now.status == "entered-in-error":
        return () if before and before.status == now.status else (_entered_in_error(),)
    gone = list(_cancelled(before, now))
    task = _task(before, now, forced=bool(gone))
    answers = [*gone] if task is None else [*gone, task]
    if now.status not in ENDED:
        answers += _appointments(before, now, moved=task is not None)
        answers += _questions(before, now)
    return (*answers, *categories(before, now))


def communication(text: str, focus_id: str) -> Answer:
    """A message in words to the clinic; ``focus_id``: a UUID, the same at each repeat."""
    return Answer("send-communication-from-provider", text=text, focus_id=focus_id)


def forward(listing: str, *, request_id: str, task: str, reason: str | None = None) -> Answer:
    """The referral goes on to another listing; ``request_id`` is of the new ServiceRequest, ``task`` of its Task."""
    return Answer(
        "notify-update-process-request",
        task_status=table("answers")["forward"]["status"],
        reason=reason,
        task=task,
        forward_to=listing,
        focus_id=request_id,
    )


def _entered_in_error() -> Answer:
    return Answer(
        None,
        for_person=_("The referral was entered in error here; Ocean has no such status: inform the clinic yourself."),
        lossy=status_map.lost("entered-in-error"),
    )


def _task(before: State | None, now: State, *, forced: bool) -> Answer | None:
    """The Task, where it says something new; ``forced``: also where it does not, to set the folder."""
    opened_again = before is not None and before.task is not None and now.task != before.task
    shown, was = _shown(now), _shown(before) if before else None
    if shown is None and (before is None or opened_again):
        shown = status_map.task_status("accepted")  # a question is asked, so somebody works on it; the question follows
    if shown is None:
        return None
    if before is not None and not opened_again and not forced and not _is_news(before, now, was, shown):
        return None
    event: AnswerEvent = "notify-add-process-request"
    if is_corrected_end(before, now) and not forced:
        event = CORRECTION
    elif (before is not None and not opened_again) or (before is None and now.revoked):
        event = "notify-update-process-request"
    return Answer(
        event,
        task_status=shown,
        reason=now.reason,
        task=now.task,
        previous_task=(now.previous_task or (before.task if before else None)) if opened_again else now.previous_task,
        lossy=None if now.revoked or event == CORRECTION else status_map.lost(now.status),
        outcome=now.outcome,
    )


def _shown(state: State) -> str | None:
    """The Task status that Ocean gets for a state; None while a Communication says it: we wait for a reply."""
    if state.status == "on-hold" and state.question is not None:
        return None
    if state.revoked and state.status == "cancelled":
        return "cancelled"
    return status_map.task_status(state.status)


def _is_news(before: State, now: State, was: str | None, shown: str) -> bool:
    """Whether a Task tells Ocean something: another status, or another reason or outcome.

    While a booking holds, accepted and in progress are the same folder to Ocean, and a Task would take the referral out
    of Booking Confirmed: it is not sent.
    """
    if was == shown:
        another_outcome = now.outcome is not None and now.outcome != before.outcome
        return another_outcome or (now.reason is not None and now.reason != before.reason)
    booked = now.appointment is not None and now.appointment == before.appointment
    folders = {status_map.folder(before.status), status_map.folder(now.status)}
    return not (booked and was is not None and folders == {PENDING} and "on-hold" not in {before.status, now.status})


def _cancelled(before: State | None, now: State) -> Iterator[Answer]:
    """The Appointment that is gone from a referral that goes on; a Task follows, which takes it out of its folder."""
    if before and before.appointment is not None and now.appointment is None and now.status not in ENDED:
        event: AnswerEvent = table("answers")["appointment"]["cancelledBy"]
        yield Answer(event, appointment=before.appointment, cancelled=True, focus_id=before.appointment_id)


def _appointments(before: State | None, now: State, *, moved: bool) -> Iterator[Answer]:
    """The Appointment, where it is new or changed; again after a Task took it out of its folder, but for a pause."""
    if now.appointment is not None:
        same = before is not None and before.appointment == now.appointment and before.confirmed == now.confirmed
        if not same or (moved and now.status != "on-hold"):
            corrects = is_corrected_booking(before, now) and not moved
            yield Answer(
                CORRECTION if corrects else "notify-add-appointment",
                appointment=now.appointment,
                confirmed=now.confirmed,
                focus_id=now.appointment_id,
            )
        return
    told = before.booking_instructions if before else None
    if now.booking_instructions and now.booking_instructions != told:
        yield Answer("notify-add-appointment", instructions=now.booking_instructions, focus_id=now.appointment_id)


def _questions(before: State | None, now: State) -> Iterator[Answer]:
    asked = (before.question_id, before.question) if before else (None, None)
    if now.question is not None and (now.question_id, now.question) != asked:
        yield Answer("send-communication-from-provider", text=now.question, focus_id=now.question_id)
