"""All that is known of one referral and that this person may see, read in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.mapping.references import Resource
from footbridge.model.prescription import Prescription
from footbridge.model.principals import Principal
from footbridge.partners.ports import AppointmentTime
from footbridge.referrals.appointments import appointments_of
from footbridge.referrals.by_hand import Said, possible
from footbridge.referrals.delivery_status import Delivery, deliveries_of
from footbridge.referrals.demographics import with_newest_client
from footbridge.referrals.documents import documents_seen
from footbridge.referrals.events_offered import events_now
from footbridge.referrals.holds import asked_next, open_holds
from footbridge.referrals.outgoing import disclosed
from footbridge.referrals.routing import categories_of
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, read_unit
from footbridge.security.access import may, must_see, of_those, sees_whole
from footbridge.security.disclosure import without_client
from footbridge.security.lists import SeenReferral, happenings, referrals_seen
from footbridge.store.holds import HoldRow
from footbridge.store.partners import Partner
from footbridge.store.referrals import get_referral
from footbridge.store.resource_rows import Scope, currents
from footbridge.store.routes import candidates
from footbridge.store.search import search
from footbridge.store.tables import prescription
from footbridge.store.worklist import waiting_referrals
from footbridge.web.context import app_context
from footbridge.web.portal.listed import ListedService, listed_service
from footbridge.web.portal.what_was_done import what_was_done

MOST_MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class Look:
    """One referral as this person sees it.

    Attributes:
        row: the referral.
        seen: what they may know of it, and when it ended.
        status: of the prescription; for a worker of a service that of the referral.
        document: the prescription, cut to what they may know.
        ours: whether they see the prescription whole.
        is_whole: whether the referral is the newest try of the whole.
        others: the prescription's other referrals that they see: earlier tries, parts, the whole.
        partners: by name; for a worker of a service their own only.
        events: the timeline that they see, oldest first.
        allowed: the events that they may send now.
        writes: what else they may write now.
        waits: the rows of the worklist that say why it waits, where it does.
        holds: what has to be decided before anything leaves.
        delivery, to_requester: how far messages are; None where nothing was sent, or it is not theirs to know.
        outputs: what was done, in words.
        messages: what was written, oldest first: Communication resources.
        appointment: the newest.
        goals: lifecycle and achievement of each goal, by its place.
        follow_up: Task.status of the follow-up, and whether it is due.
        fitting: partners that the routes name for what it is about, the first one first.
        next_try: when the person is tried again, where somebody could not reach them; None else.
        listed: the service of the directory that it names, where they may know it.
        asked_next: the title of the service that gets it once nothing is left to decide; None where none is known.
        documents: what came with the referral and they may read: rows of ``store.ocean_documents`` without content.
    """

    row: ReferralRow
    seen: SeenReferral
    status: str
    document: Prescription
    ours: bool
    is_whole: bool
    others: Sequence[ReferralRow]
    partners: Mapping[str, Partner]
    events: Sequence[Row[*tuple[Any, ...]]]
    allowed: Sequence[str]
    writes: Sequence[type[Said]]
    waits: Sequence[Row[*tuple[Any, ...]]]
    holds: Sequence[HoldRow]
    delivery: Delivery | None
    to_requester: Delivery | None
    outputs: Sequence[str]
    messages: Sequence[Resource]
    appointment: AppointmentTime | None
    goals: Mapping[int, tuple[str, str | None]]
    follow_up: tuple[str, bool] | None
    fitting: Sequence[str]
    next_try: datetime | None
    listed: ListedService | None
    asked_next: str | None
    documents: Sequence[Row[*tuple[Any, ...]]]

    @property
    def service(self) -> str | None:
        """The title of the service that is asked."""
        partner = self.partners.get(self.row.partner or "")
        return None if partner is None else partner.title

    @property
    def last_event(self) -> int:
        """The number of the newest event that they see."""
        return max((row.number for row in self.events), default=0)


def look(who: Principal, referral: str) -> Look:
    """Read it. Raises NotFoundError for a referral that is not there, or not theirs to see."""
    here = app_context()
    with here.database.read() as connection:
        record = get_referral(connection, who.tenant, referral)
        must_see(connection, who, record.prescription)
        scope = Scope(connection, who.tenant, here.clock.now())
        unit = read_unit(scope, record.prescription)
        rows = of_those(who, unit.rows)
        row = next((one for one in rows if one.id == referral), None)
        if row is None:
            raise NotFoundError(_("Referral not found."))
        return _look(connection, unit, row, who, rows)


def _look(
    connection: Connection, unit: PrescriptionUnit, row: ReferralRow, who: Principal, rows: Sequence[ReferralRow]
) -> Look:
    scope, ours = unit.scope, sees_whole(who)
    all_seen = referrals_seen(connection, who, row.prescription, scope.now)
    seen = all_seen[row.id]
    sent = deliveries_of(unit) if ours else None
    state = newest_tries(unit.rows, None)[0].state
    tasks = {one.id: one.resource for one in currents(scope, [f"Task/{row.task}"])}
    task = tasks.get(row.task, {})
    known = seen.known
    document = _document(unit, row, who, known=known)
    held = open_holds(unit) if ours else []
    nearest = asked_next(unit) if held else None
    return Look(
        row=row,
        seen=seen,
        status=unit.prescription.status if ours else row.status,
        document=document,
        ours=ours,
        is_whole=row.id in {one.id for one in newest_tries(unit.rows, None)},
        others=[one for one in rows if one.id != row.id],
        partners={name: one for name, one in unit.partners.items() if ours or name == who.partner},
        events=happenings(connection, who, now=scope.now, of=row.prescription),
        allowed=events_now(unit, row, who) if known else [],
        writes=possible(unit, row, who) if known else [],
        waits=_waits(connection, who, row) if ours else [],
        holds=held,
        delivery=None if sent is None else sent.referrals.get(row.id),
        to_requester=None if sent is None else sent.requester,
        outputs=what_was_done(scope, task) if known else [],
        messages=_messages(unit, row) if known else [],
        appointment=appointments_of(unit).get(row.id) if known else None,
        goals={int(one.key.partition("/")[2]): (one.lifecycle, one.achievement) for one in state.goals} if ours else {},
        follow_up=None if not ours or state.follow_up is None else (state.follow_up.status, state.follow_up_due),
        fitting=_fitting(unit, row) if ours else [],
        next_try=_next_try(newest_tries(unit.rows, None)[0], document) if ours else None,
        listed=listed_service(connection, who.tenant, document, unit.partners) if known else None,
        asked_next=None if nearest is None else unit.partners[nearest].title,
        documents=documents_seen(unit, row, who) if known else [],
    )


def _fitting(unit: PrescriptionUnit, row: ReferralRow) -> list[str]:
    found = [
        name
        for category in categories_of(unit, row)
        for name in candidates(unit.scope.connection, unit.scope.tenant, category)
    ]
    return list(dict.fromkeys(found))


def _next_try(row: ReferralRow, document: Prescription) -> datetime | None:
    """A day that the table of tries set, after the one that was planned."""
    planned = document.follow_up
    return row.due if planned is not None and row.due is not None and row.due.date() > planned.due else None


def _document(unit: PrescriptionUnit, row: ReferralRow, who: Principal, *, known: bool) -> Prescription:
    if sees_whole(who):
        return with_newest_client(unit)
    partner = unit.partners.get(who.partner or "")
    if partner is None or not known:
        return without_client(unit.prescription.document)
    cut = disclosed(unit, partner, [row])
    return cut.model_copy(update={"client": cut.client.model_copy(update={"identifiers": ()})})  # no health card here


def _waits(connection: Connection, who: Principal, row: ReferralRow) -> list[Row[*tuple[Any, ...]]]:
    if not may(who, "waiting.read"):
        return []
    mine = (prescription.c.tenant == who.tenant) & (prescription.c.id == row.prescription)
    return [one for one in waiting_referrals(connection, mine) if one.id == row.id]


def _messages(unit: PrescriptionUnit, row: ReferralRow) -> list[Resource]:
    """What was written about this referral: of all that is about the client, what is about its Task."""
    query = [("patient", unit.prescription.resources["patient"]), ("_count", str(MOST_MESSAGES))]
    found = [one.resource for one in search(unit.scope, "Communication", query, strict=True).matches]
    mine = [one for one in found if {"reference": f"Task/{row.task}"} in one.get("about", [])]
    return sorted(mine, key=lambda one: str(one.get("sent", "")))
