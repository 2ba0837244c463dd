"""What comes in from a partner: values that every network makes of what it reads, in the words of no network.

Polls, webhooks, hosted writes, messages and clicks enter the workflow as these, by one function
(``referrals.inbound.receive``), and what became of a value goes back to its network as an ``Outcome``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection as Transaction

from footbridge.model.holds import Hold
from footbridge.model.prescription import Coding


@dataclass(frozen=True, slots=True)
class ActingPerson:
    """Who did something, where a partner must know: a name, and the role in which they acted."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Document:
    """Something written: ``content`` in bytes, its media type, a title without personal data."""

    title: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AppointmentTime:
    """When and where; times with offset."""

    start: datetime
    end: datetime | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that came of a referral.

    A network says it in words and codes, or, where its language has records of outcomes, as such a record.

    Attributes:
        code, text: what was done.
        content: the record's own form of the output (a JSON object), references already ours; then code and text do
            not count.
        records: what the content refers to and is new, each a JSON object under an id of ours, fit to be stored.
    """

    code: Coding | None = None
    text: str | None = None
    content: Mapping[str, Any] | None = None
    records: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A record of an outcome that is not fit to be stored: its type, and the rules that it breaks.

    Without rules: its type has no identifier by which it could be created once.
    """

    type: str
    rules: tuple[str, ...]


class Notes(Protocol):
    """What a network notes of a value that came in, in the transaction that applies it."""

    def is_echo(self, transaction: Transaction) -> bool:
        """Whether the value is our own change coming back."""

    def seen(self, transaction: Transaction, *, differs: bool, taken: bool = False) -> None:
        """The value was looked at.

        ``differs``: the partner shows another status than the one that holds. ``taken``: its outputs were taken over.
        """


@dataclass(frozen=True, slots=True)
class Deviation:
    """What was not taken as a partner wrote it, or was put up with; the timeline says so.

    Attributes:
        kept: FHIRPaths of elements that are not the partner's to write: they keep their values.
        rules: ids of the validation rules that it breaks.
    """

    kept: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Something that a partner said.

    Attributes:
        message_id: the partner's; the same value comes once.
        at: the partner's time of it, with offset; None when it did not say.
        key: our identifier of the referral that it is about; None where ``identifier`` names the prescription.
        identifier: business identifier (system, value) of the prescription that it is about, for a requester.
        by: the person who acted, where the partner names one.
        context: for the workflow to store, of the referral that it is about; a requester's of the prescription.
        notes: of the network.
        cursor: where to poll from again when this value could not be processed; None: from where the poll started.
        confirmed: it was read from the partner because of a doubt, so it counts whatever came before.
        deviation: what was not taken as the partner wrote it; None for nothing.
    """

    message_id: str
    at: datetime | None = None
    key: str | None = None
    identifier: tuple[str, str] | None = None
    by: ActingPerson | None = None
    context: str | None = None
    notes: Notes | None = None
    cursor: str | None = None
    confirmed: bool = False
    deviation: Deviation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Inbound):
    """A status that a partner shows, whatever steps led to it.

    Attributes:
        status: in the words of Task.status, or of a dialect that ``mappings/lifecycle/dialects.json`` translates.
        reason: why, in the partner's words; None when it gave none. Personal: never logged.
        detail: the finer status, in words.
        outputs: what came of it so far.
        not_taken: records of outcomes that are not fit to be stored.
        version: opaque, compared for equality only.
    """

    status: str
    reason: str | None = None
    detail: str | None = None
    outputs: tuple[Output, ...] = ()
    not_taken: tuple[NotTaken, ...] = ()
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment(Inbound):
    """A time that was agreed with the client."""

    time: AppointmentTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Inbound):
    """A message in words, maybe with documents; personal: never logged."""

    text: str = field(repr=False)
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrescription(Inbound):
    """A prescription, as the JSON document that the API takes; ``document`` as bytes. Only a requester has a say.

    Attributes:
        may_hold: reasons (``mappings/holds.json``) for which it is put on hold where the API would refuse it.
        holds: what a person has to decide before anything of it leaves.
        remarks: what a reader should know of how it came about, in sentences for the timeline; personal: never logged.
    """

    document: bytes = field(repr=False)
    may_hold: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    remarks: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Inbound):
    """A prescription that is known, as it reads now; as ``NewPrescription``.

    ``details``: what is proposed, by the reason of a hold that the document itself may raise.
    """

    document: bytes = field(repr=False)
    may_hold: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    details: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Inbound):
    """A requester's referral as it is there now, and what changed since the last time; all of it counts at once.

    Attributes:
        changes: what changed, in sentences for the timeline; personal: never logged.
        document: the prescription as it reads now, as for ``Amendment``; None where nothing of it changed. One that
            cannot be taken (the prescription has ended, the document has errors) leaves the older one.
        may_hold, holds: of the document, as for ``NewPrescription``.
        cancelled: why the requester calls it off; None where it does not.
        reopened: whether it asks for another try of what was declined or has ended.
        maybe_reopened: whether it may ask for that, and does not say so: a person has to look there.
    """

    changes: tuple[str, ...] = field(default=(), repr=False)
    document: bytes | None = field(default=None, repr=False)
    may_hold: frozenset[str] = frozenset()
    holds: tuple[Hold, ...] = ()
    cancelled: str | None = None
    reopened: bool = False
    maybe_reopened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation(Inbound):
    """The requester calls the whole prescription off."""

    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Inbound):
    """Something that the network could not read; after some polls it is set aside, and a person is told."""


More = Callable[[Transaction], datetime | None]
"""When to poll next since a partner has said more already, in a transaction of ours; None: as planned."""

OutcomeCode = Literal["applied", "ignored", "refused", "known", "echo", "not-ours", "read-again", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a value that came in.

    Attributes:
        code: ``applied``; ``ignored`` (old, known or no change); ``refused`` (not allowed from here, or not this
            partner's to say); ``known`` (came before); ``echo``; ``not-ours``; ``read-again`` (a tie in time: ask the
            partner once more); ``failed`` (it can never be processed).
        message: why, as a plain sentence without personal data.
        allowed: what the partner may say instead.
        status: the status that holds now.
    """

    code: OutcomeCode
    message: str | None = None
    allowed: tuple[str, ...] = ()
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll brought.

    Attributes:
        inbound: values, oldest first.
        cursor: where the next poll starts; opaque.
        more: asked when all of it was processed: when the next poll is due because more is there already.
    """

    inbound: tuple[Inbound, ...] = ()
    cursor: str | None = None
    more: "More | None" = None
