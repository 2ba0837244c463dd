"""The simulator's own table of what Ocean does (``tables.json``), typed: events, folders, deliveries.

It was typed from public documents, and shares nothing with the adapter: a mistake of one shows at the other. Each row
names its source and its basis (see ``about`` in the file).
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any, Literal

from footbridge.simulators.ocean.json_values import objects_of

Effect = Literal["new", "cancelled", "none", "correction", "task", "appointment", "communication"]
Cause = Literal[
    "create", "appointment-unconfirmed", "appointment-confirmed", "communication", "revoke", "forward"
]  # fmt: skip
"""What other than a Task's status puts a referral into a folder."""


@dataclass(frozen=True, slots=True)
class Event:
    """One message event.

    Attributes:
        code: of https://ehealthontario.ca/fhir/CodeSystem/message-event-code.
        direction: who sends it: ``to-ocean``, ``from-ocean``, ``both`` or ``none`` (not between Ocean and a target).
        focus: types of its focus; ``*`` for any.
        versions: of the guides that name it.
        effect: what it does to a referral in Ocean.
        basis: how it is known.
        source: URL.
    """

    code: str
    direction: str
    focus: tuple[str, ...]
    versions: tuple[str, ...]
    effect: Effect
    basis: str
    source: str

    @property
    def is_taken(self) -> bool:
        """Whether Ocean takes it from a receiver."""
        return self.direction in {"to-ocean", "both"}


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder, by its two names.

    Attributes:
        id: ours.
        received: its name on the receiver's side.
        sent: its name on the sender's side.
        task_status: the statuses of Task that put a referral there.
        stays: whether these statuses leave a referral where it is.
        cause: what else puts one there; None for nothing.
        request_status: ``ServiceRequest.status`` in it.
        source: URL.
    """

    id: str
    received: str
    sent: str
    task_status: tuple[str, ...]
    stays: bool
    cause: Cause | None
    request_status: str
    source: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a message is tried again, and when the administrator gets mail.

    Attributes:
        successes: the first and the last HTTP status that count as delivered.
        tries: after the first failure, from the time of the first try.
        abort: after the first try.
        mail: between two mails.
        resend_maximum: number of referrals in one bulk resend.
        resend_pace: between two messages of it.
    """

    successes: tuple[int, int]
    tries: tuple[timedelta, ...]
    abort: timedelta
    mail: timedelta
    resend_maximum: int
    resend_pace: timedelta


@functools.cache
def raw() -> Mapping[str, Any]:
    """The file as it is."""
    found: Mapping[str, Any] = json.loads(files(__package__).joinpath("tables.json").read_bytes())
    return found


@functools.cache
def events() -> Mapping[str, Event]:
    """Every event, by its code."""
    made = {}
    for row in raw()["events"]:
        made[row["code"]] = Event(
            row["code"], row["direction"], tuple(row["focus"]), tuple(row["versions"]), row["effect"], row["basis"],
            source_of(row),
        )  # fmt: skip
    return made


@functools.cache
def folders() -> Mapping[str, Folder]:
    """Every folder, by its id."""
    made = {}
    for row in raw()["folders"]:
        made[row["id"]] = Folder(
            row["id"], row["received"], row["sent"], tuple(row["taskStatus"]), bool(row.get("stays")),
            row.get("cause"), row["requestStatus"], source_of(row),
        )  # fmt: skip
    return made


@functools.cache
def folder_of_cause(cause: Cause) -> Folder:
    """Where something other than a Task's status puts a referral."""
    return next(one for one in folders().values() if one.cause == cause)


@functools.cache
def folder_of_status(status: str) -> Folder | None:
    """Where a Task's status puts a referral; None for a status that Ocean does not support."""
    return next((one for one in folders().values() if status in one.task_status), None)


@functools.cache
def schedule() -> Schedule:
    """The rules of delivery; the tries go on hourly until the abort."""
    row = raw()["delivery"]
    first, last = row["successes"]
    minutes: list[int] = list(row["firstHourMinutes"])
    while minutes[-1] + row["laterMinutes"] <= row["abortHours"] * 60:
        minutes.append(minutes[-1] + row["laterMinutes"])
    return Schedule(
        (first, last),
        tuple(timedelta(minutes=one) for one in minutes),
        timedelta(hours=row["abortHours"]),
        timedelta(hours=row["mailHours"]),
        row["resendMaximum"],
        timedelta(seconds=row["resendSeconds"]),
    )


def folder_of_appointment(appointment: dict[str, Any]) -> Folder | None:
    """Where an Appointment puts a referral; None for one without a date, which is an instruction for booking."""
    row = raw()["appointment"]
    if appointment.get("status") in row["cancelled"]["status"]:
        return folders()[row["cancelled"]["folder"]]
    if not appointment.get("start"):
        return None
    said = [one.get("status") for one in objects_of(appointment, "participant")]
    confirmed = bool(said) and all(status in row["confirmed"] for status in said)
    return folder_of_cause("appointment-confirmed" if confirmed else "appointment-unconfirmed")


def source_of(row: Mapping[str, Any]) -> str:
    """The URL of a row's source."""
    return str(raw()["sources"][row["source"]])
