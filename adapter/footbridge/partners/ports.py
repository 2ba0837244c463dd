"""What the workflow and a partner's network say to each other, in the words of no network.

A network (FHIR, a compartment on our own server, Ocean, letters, a folder) is a class with the methods of ``Network``.
It translates, and never sets a status of ours: that is the lifecycle's. What goes out is ``Outgoing``, the referral as
it stands now and as the partner may know it; an update says the state, not the step, so that repeating it does no harm.
What comes in is a value of ``Inbound``; polls, webhooks, hosted writes, messages and clicks enter the workflow by one
function (``referrals.inbound.receive``).

A network keeps what it needs to know in two ways: ``context``, opaque text that the workflow stores for it (by referral
for a recipient, by prescription for a requester) and hands back with every ``Outgoing``; and ``Notes``, its own rows,
written in the workflow's transaction.

Every method may raise ``PartnerUnavailable`` (try again later) or ``PartnerRefused`` (a person has to look at it).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from sqlalchemy import Connection as Transaction

from footbridge.model.holds import Hold
from footbridge.partners.inbound import (
    ActingPerson,
    Amendment,
    Appointment,
    AppointmentTime,
    Cancellation,
    Change,
    Deviation,
    Document,
    Inbound,
    Message,
    NewPrescription,
    Notes,
    NotTaken,
    Outcome,
    OutcomeCode,
    Output,
    Poll,
    Report,
    Unreadable,
)
from footbridge.partners.outgoing import Outgoing, OutgoingMessage, ReferralState, Save, Sent
from footbridge.partners.prescriptions import OWN_RECORDS, Absent, Prescribed, Prescriptions, ReadAgain

__all__ = [
    "OWN_RECORDS",
    "Absent",
    "ActingPerson",
    "Amendment",
    "Appointment",
    "AppointmentTime",
    "Cancellation",
    "Capability",
    "Change",
    "Connection",
    "Deviation",
    "Document",
    "Forwards",
    "Hold",
    "Inbound",
    "LocalNetwork",
    "Message",
    "Network",
    "NewPrescription",
    "NotTaken",
    "Notes",
    "Outcome",
    "OutcomeCode",
    "Outgoing",
    "OutgoingMessage",
    "Output",
    "Poll",
    "Prescribed",
    "Prescriptions",
    "ReadAgain",
    "ReferralState",
    "Report",
    "Save",
    "Sent",
    "SharedRecords",
    "Token",
    "Unreadable",
]

Token = Callable[[], str | None]
"""Gives the bearer token of the moment, or None for a partner that asks for none."""

Capability = Literal[
    "referral", "status", "reason", "client", "output", "appointment", "message", "document", "cancellation", "forward"
]
"""What a network can carry. What it cannot is shown on the referral (event ``not-carried``)."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What a partner says of itself; ``footbridge partner test`` prints it.

    Attributes:
        reachable: whether it answered at all.
        problem: in our words, why it is not fit for use; None when all is well.
        version: of the standard that it speaks, e.g. ``4.0.1``.
        software: name and release, as far as it says.
        supports: feature to whether it declares it; a feature that it says nothing about is missing.
        step: that has the problem: ``discovery``, ``token``, ``scope`` or ``read``; None when all is well.
    """

    reachable: bool
    problem: str | None = None
    version: str | None = None
    software: str | None = None
    supports: Mapping[str, bool] | None = None
    step: str | None = None


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
        """Bring what the partner has up to date; what it said meanwhile is handed back instead.

        A recipient gets one for each of its referrals: those at work first, then those that ended (``ended``: how it
        ended, its ``document`` without the client). A requester gets one for the prescription.
        """

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
class SharedRecords(Protocol):
    """A network at whose partner several referrals of a prescription share records: one client, one need."""

    def update_all(self, outgoing: Sequence[Outgoing]) -> Sent:
        """As ``Network.update`` for all referrals that the recipient has of one prescription, in that order."""


@runtime_checkable
class Forwards(Protocol):
    """A requester's network that can pass a referral on to another place of the requester's own directory."""

    def forward(self, outgoing: Outgoing, to: str, reason: str | None) -> Sent:
        """Pass it on. ``to``: the place, in the words of the network. Repeating it does no harm."""


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
