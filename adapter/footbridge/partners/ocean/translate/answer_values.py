"""The values that answers to Ocean are made of: our state, one answer, and what goes around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from footbridge.partners.inbound import ActingPerson, AppointmentTime

AnswerEvent = Literal[
    "notify-add-process-request",
    "notify-update-process-request",
    "notify-add-appointment",
    "notify-data-correction",
    "notify-update-appointment",
    "send-communication-from-provider",
]

CORRECTION: Final = "notify-data-correction"
ENDED: Final = frozenset({"rejected", "cancelled", "completed", "failed", "entered-in-error"})
"""Task statuses after which nothing more is asked of the service (mappings/lifecycle/referral.json, ``terminal``)."""


@dataclass(frozen=True, slots=True)
class State:
    """The referral as the clinic should see it now.

    Attributes:
        status: ours, in the words of Task.status.
        reason: why; personal.
        revoked: whether Ocean's sender has cancelled the referral.
        task: id of the Task that Ocean has, or gets, a UUID. Another one than before: the referral was opened again.
        previous_task: id of the Task that this one follows; None: the one of the state before.
        appointment: the valid one; None when there is none.
        confirmed: whether the client has confirmed it.
        appointment_id: id of the Appointment, a UUID.
        booking_instructions: how the client books, where no time was agreed; needs ``appointment_id`` too.
        question: what we wait for an answer to, in words; None: for nothing.
        question_id: id of the Communication, a UUID.
        outcome: what came of it, in words, once it has ended; None while it goes on, and where nobody said.
        categories: SDOH categories of needs that a person put right here, in their order.
    """

    status: str
    reason: str | None = field(default=None, repr=False)
    revoked: bool = False
    task: str | None = None
    previous_task: str | None = None
    appointment: AppointmentTime | None = None
    confirmed: bool = True
    appointment_id: str | None = None
    booking_instructions: str | None = field(default=None, repr=False)
    question: str | None = field(default=None, repr=False)
    question_id: str | None = None
    outcome: str | None = field(default=None, repr=False)
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One message to send, or one thing that a person has to do.

    Attributes:
        event: of the message; None: nothing is sent, and ``for_person`` says what a person has to know.
        task_status, reason, outcome: of the Task.
        task, previous_task: ids of the Task, and of the one that it follows.
        appointment, confirmed, cancelled, instructions: of the Appointment; its id is ``focus_id``.
        text: of the Communication; its id is ``focus_id``.
        correction: type of a resource to the members that replace its own (``Patient``, ``ServiceRequest``).
        forward_to: reference of the listing to forward to; ``focus_id`` is the id of the new ServiceRequest.
        lossy: what Ocean cannot show of it, in words; None where nothing is lost.
        for_person: what a person has to know; None: nothing.
    """

    event: AnswerEvent | None
    task_status: str | None = None
    reason: str | None = field(default=None, repr=False)
    task: str | None = None
    previous_task: str | None = None
    appointment: AppointmentTime | None = None
    confirmed: bool = True
    cancelled: bool = False
    instructions: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    focus_id: str | None = None
    correction: Mapping[str, Mapping[str, Any]] | None = field(default=None, repr=False)
    forward_to: str | None = None
    lossy: str | None = None
    for_person: str | None = None
    outcome: str | None = field(default=None, repr=False)

    @property
    def is_correction(self) -> bool:
        """Whether it corrects what stands in Ocean, and moves the referral to no other folder."""
        return self.event == CORRECTION


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every message needs: new ids (UUIDs), its time, who acted, and who we are.

    Attributes:
        bundle_id, header_id: new for each message; the same at each repeat of it.
        at: time of the message, with offset.
        authored: when the Task of the answer was first told; None: with this message.
        by: the acting person: required, since PHIPA asks for who used or disclosed the data.
        endpoint: our own address for messages.
        fhir_base: of the site's Ocean.
        by_id: unique id or user name of the acting person; None: the name is all that is known.
        name: of this system.
        language: of words of ours, ``en`` or ``fr``.
    """

    bundle_id: str
    header_id: str
    at: datetime
    by: ActingPerson
    endpoint: str
    fhir_base: str
    by_id: str | None = None
    authored: datetime | None = None
    name: str = "Footbridge"
    language: str = "en"
