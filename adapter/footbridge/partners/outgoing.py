"""What goes out to a partner: the referral as it stands now, cut to what the partner may know.

An update says the state, not the step, so that repeating it does no harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection as Transaction

from footbridge.i18n import Language
from footbridge.mapping.directory_service import DirectoryService
from footbridge.model.prescription import Prescription
from footbridge.partners.inbound import ActingPerson, AppointmentTime, Document, Inbound, Output
from footbridge.store.partners import Partner

REMOVED = "removed/"
"""Begins the role of a record that an amended prescription no longer has."""

Save = Callable[[Transaction], None]
"""Writes what a network keeps, in the transaction that settles a delivery."""


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
        context: what the recipient's network keeps of it; None at first, and in what a requester gets.
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
    appointment: AppointmentTime | None = None
    outputs: tuple[Output, ...] = ()
    context: str | None = None
    machine: str = "referral"


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
        records: role of a part of the prescription (``goal/0``) -> our reference of its record; a role that begins
            with ``REMOVED`` is of what it no longer has.
        extras: our references of records made later that go with it (another try, a part, an outcome).
        goals: role of a goal -> its lifecycle status and achievement.
        titles: name of a partner -> name of its organization.
        by: who acted last on it, where somebody did (a timer or our own routing is nobody).
        context: what the network keeps of this referral, a requester's of this prescription; None at first.
        part: whether the partner is asked for a part of a split.
        directory: what is known of the service of the directory that it names.
        ended: for a recipient: its referral ended before it was sent, so that nothing new goes there.
        narrative: language of what it is told in words of ours; None: that of the document's texts.
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
    narrative: Language | None = None
    directory: DirectoryService | None = None

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
        context: for the workflow to store, of the referral that was sent (a requester's: of the prescription); None
            leaves what is stored.
        inbound: what the partner said meanwhile: it counts first, then the update is queued again.
        lost: what the partner's language cannot say of it, in sentences; the timeline says so (``not-carried``).
    """

    arrived: bool = True
    save: Save | None = None
    context: str | None = None
    inbound: tuple[Inbound, ...] = ()
    lost: tuple[str, ...] = ()
