"""What the workflow and a partner's network say to each other, in the words of no network.

A network (FHIR, a compartment on our own server, Ocean, letters, a folder) is a class with the methods of ``Network``.
It translates, and never sets a status of ours: that is the lifecycle's. What goes out is ``Outgoing``, the referral as
it stands now and as the partner may know it; an update says the state, not the step, so that repeating it does no harm.
What comes in is a value of ``Inbound``; polls, webhooks, hosted writes, messages and clicks enter the workflow by one
function (``referrals.inbound.receive``).

A network keeps what it needs to know in two ways: ``context``, opaque text that the workflow stores for it by partner
and prescription and hands back with every ``Outgoing``; and ``Notes``, its own rows, written in the workflow's
transaction.

Every method may raise ``PartnerUnavailable`` (try again later) or ``PartnerRefused`` (a person has to look at it).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from sqlalchemy import Connection as Transaction

from footbridge.model.prescription import Coding, Prescription
from footbridge.store.partners import Partner

Token = Callable[[], str | None]
"""Gives the bearer token of the moment, or None for a partner that asks for none."""

Capability = Literal[
    "referral", "status", "reason", "client", "output", "appointment", "message", "document", "cancellation", "forward"
]
"""What a network can carry. What it cannot is shown on the referral (event ``not-carried``)."""

Save = Callable[[Transaction], None]
"""Writes what a network keeps, in the transaction that settles a delivery."""


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


# Out


@dataclass(frozen=True, slots=True)
class ReferralState:
    """One try of a referral or of a part of one, as it stands now.

    Attributes:
        id: ours.
        key: our identifier of it that partners hold; an inbound value names it by this.
        order: our identifier of the order that it carries out; None for a signpost.
        parent: id of the referral that it is a part of.
        attempt: 1 for the first.
        partner: who is asked; None: nobody yet, or our own side.
        category: SDOH category of a part.
        status: as Task.status has it; ``reason`` belongs to it.
        order_status: as ServiceRequest.status has it.
        detail: the finer status, in words.
        appointment: the newest one; None when there is none.
        outputs: what came of it so far, in words and codes.
        machine: the status machine that it follows: ``referral`` or ``patient``.
    """

    id: str
    key: str
    order: str | None
    parent: str | None
    attempt: int
    partner: str | None
    category: str | None
    status: str
    reason: str | None
    order_status: str | None
    detail: str | None = None
    appointment: "AppointmentTime | None" = None
    outputs: "tuple[Output, ...]" = ()
    machine: str = "referral"


@dataclass(frozen=True, slots=True)
class AppointmentTime:
    """When and where; times with offset."""

    start: datetime
    end: datetime | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What a partner is sent: a referral as it stands now, cut to what the partner may know.

    Attributes:
        tenant: whose it is.
        partner: who gets it.
        prescription: our id of the prescription.
        document: for a recipient what is disclosed to it; for a requester the whole.
        jurisdiction: ``us`` or ``ca``.
        patient: pseudonymous id of the client at this partner; of no use to another partner.
        namespace: what the ids of the prescription's resources are made in.
        referral: the referral that it is about.
        referrals: all that the partner may know of: a requester every try and part, a recipient its own.
        records: role of a part of the prescription (``goal/0``) -> our reference of its record.
        extras: our references of records made later that go with it (another try, a part, an outcome).
        goals: role of a goal -> its lifecycle status and achievement.
        titles: name of a partner -> name of its organization.
        by: who acted last on it, where somebody did (a timer or our own routing is nobody).
        context: what the network keeps of this prescription; None at first.
        part: whether the partner is asked for a part of a split.
        ended: for a recipient: its referral ended before it was sent, so that nothing new goes there.
    """

    tenant: str
    partner: Partner
    prescription: str
    document: Prescription
    jurisdiction: Literal["us", "ca"]
    patient: str
    namespace: str
    referral: ReferralState
    referrals: tuple[ReferralState, ...]
    records: Mapping[str, str]
    extras: tuple[str, ...] = ()
    goals: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    by: ActingPerson | None = None
    context: str | None = None
    ended: bool = False

    @property
    def part(self) -> bool:
        """Whether the partner is asked for a part of a split."""
        return self.referral.parent is not None and self.partner.role == "recipient"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message in words from one side to the other, about one referral.

    Attributes:
        about: the referral, as the partner may know it.
        id: ours, the same at every repeat.
        text: as it was written.
        documents: that go with it.
        sender: who wrote it.
        sent: when.
    """

    about: Outgoing
    id: str
    text: str = field(repr=False)
    sender: ActingPerson
    sent: datetime
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a delivery or an update.

    Attributes:
        arrived: whether the partner has the referral now.
        save: what the network keeps of it.
        context: for the workflow to store; None leaves what is stored.
        inbound: what the partner said meanwhile: it counts first, then the update is queued again.
    """

    arrived: bool = True
    save: Save | None = None
    context: str | None = None
    inbound: tuple["Inbound", ...] = ()


# In


class Notes(Protocol):
    """What a network notes of a value that came in, in the transaction that applies it."""

    def is_echo(self, transaction: Transaction) -> bool:
        """Whether the value is our own change coming back."""

    def seen(self, transaction: Transaction, *, differs: bool, taken: bool = False) -> None:
        """The value was looked at.

        ``differs``: the partner shows another status than the one that holds. ``taken``: its outputs were taken over.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Something that a partner said.

    Attributes:
        message_id: the partner's; the same value comes once.
        at: the partner's time of it, with offset; None when it did not say.
        key: our identifier of the referral that it is about; None where ``identifier`` names the prescription.
        identifier: business identifier (system, value) of the prescription that it is about, for a requester.
        by: the person who acted, where the partner names one.
        context: for the workflow to store with the referral.
        notes: of the network.
        cursor: where to poll from again when this value could not be processed; None: from where the poll started.
        confirmed: it was read from the partner because of a doubt, so it counts whatever came before.
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
    """A prescription, as the JSON document that the API takes; ``document`` as bytes. Only a requester has a say."""

    document: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment(Inbound):
    """A prescription that is known, as it reads now; as ``NewPrescription``."""

    document: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation(Inbound):
    """The requester calls the whole prescription off."""

    reason: str | None = None


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
    """What one poll brought: values, oldest first, and where the next one starts (opaque)."""

    inbound: tuple[Inbound, ...] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """What a partner says of itself; ``footbridge partner test`` prints it.

    Attributes:
        reachable: whether it answered at all.
        problem: in our words, why it is not fit for use; None when all is well.
        version: of the standard that it speaks, e.g. ``4.0.1``.
        software: name and release, as far as it says.
        supports: feature to whether it declares it; a feature that it says nothing about is missing.
    """

    reachable: bool
    problem: str | None = None
    version: str | None = None
    software: str | None = None
    supports: Mapping[str, bool] | None = None


class Network(Protocol):
    """One partner, ready to be spoken to; safe to share between threads."""

    @property
    def carries(self) -> frozenset[Capability]:
        """What it can carry, in either direction."""

    @property
    def polls(self) -> bool:
        """Whether it has to be asked for what is new; else it comes by itself."""

    def deliver(self, outgoing: Outgoing) -> Sent:
        """Bring a referral to the partner, or records made later; repeating it doubles nothing.

        With ``ended`` nothing new goes there: what an earlier try may have brought is found, so that it can be updated.
        """

    def update(self, outgoing: Outgoing) -> Sent:
        """Bring what the partner has up to date; what it said meanwhile is handed back instead."""

    def send(self, message: OutgoingMessage) -> Sent:
        """Bring a message to the partner; only where ``carries`` has ``message``."""

    def poll(self, cursor: str | None) -> Poll:
        """What is new since ``cursor``; everything when it is None."""

    def read_again(self, inbound: Inbound) -> Sequence[Inbound]:
        """The same value as the partner shows it now, confirmed; nothing when it is gone."""

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """What became of a value; called after its transaction, maybe more than once, maybe never."""

    def test(self) -> Connection:
        """Ask the partner what it is; never raises a PartnerError."""


@runtime_checkable
class LocalNetwork(Protocol):
    """A network whose partner works in our own database: it delivers in the transaction that settles the job.

    What the partner may no longer know is taken back in the transaction of the event that says so.
    """

    def within(self, transaction: Transaction) -> Network:
        """The network, at work in this transaction."""

    def forget(self, transaction: Transaction, outgoing: Outgoing, known: Collection[str]) -> None:
        """Take back what the partner was given because of a referral, but for what it may know because of others.

        ``known`` are our references of the records that it may know because of other referrals. Its Task stays, without
        data of the client, and so does what the partner wrote itself.
        """

    def replace_client(self, transaction: Transaction, outgoing: Outgoing) -> None:
        """Replace the copy of the client by what the partner may know now, older versions included."""
