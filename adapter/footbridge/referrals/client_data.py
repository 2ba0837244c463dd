"""What a tenant may do with all that it holds on a client: look at it, cancel what is open, erase it.

Erasing comes after the partners were informed: what is open is cancelled first, and its messages are sent, because
they go with everything else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.model.lifecycle import Act, allowed
from footbridge.model.principals import Principal
from footbridge.referrals.events import apply_event
from footbridge.referrals.rows import PrescriptionRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit, read_unit
from footbridge.store.engine import Database
from footbridge.store.person_data import Held, held_on
from footbridge.store.person_erasure import Erased, Order, erase_held
from footbridge.store.person_export import sent_of, undelivered
from footbridge.store.prescriptions import get_prescription
from footbridge.store.resource_rows import Scope, lock

CANCELLED = "The prescription was cancelled."
"""The reason that partners read: never that the client's data are erased, nor the operator's words."""

_ENDED_BY = ("cancel", "withdraw")
_ENDED = frozenset({"completed", "failed", "cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held on a client, before it is erased.

    Attributes:
        held: all of it.
        open: ids of the prescriptions that have not ended.
        waiting: for each partner, how many messages it has not got.
        sent: the partners that have copies, and when each got something last.
    """

    held: Held
    open: Sequence[str]
    waiting: Mapping[str, int]
    sent: Mapping[str, datetime | None]


class OpenReferralError(LifecycleError):
    """The client has a prescription that has not ended."""


def standing_of(connection: Connection, tenant: str, person: str, now: datetime) -> Standing:
    """What is held on a person now."""
    held = held_on(connection, tenant, person)
    scope = Scope(connection, tenant, now)
    units = (read_unit(scope, one) for one in held.prescriptions)
    waiting: dict[str, int] = {}
    for message in undelivered(connection, held):
        waiting[message.partner] = waiting.get(message.partner, 0) + 1
    return Standing(held, [unit.prescription.id for unit in units if is_open(unit)], waiting, sent_of(connection, held))


def is_open(unit: PrescriptionUnit) -> bool:
    """Whether anything of a prescription has not ended: its order, or a referral that somebody is asked for."""
    return unit.status not in _ENDED or any(not row.is_ended for row in unit.rows)


def cancel_open(database: Database, clock: Clock, tenant: str, prescriptions: Sequence[str], by: str) -> None:
    """Cancel prescriptions that are open, in one transaction; partners' updates are queued.

    Raises LifecycleError when one cannot be cancelled.
    """
    principal = Principal("admin", name=by, tenant=tenant, channel="command")
    with database.write() as connection:
        scope = Scope(connection, tenant, clock.now())
        for one in prescriptions:
            with open_unit(scope, one) as unit:
                _cancel(unit, principal)


def _cancel(unit: PrescriptionUnit, principal: Principal) -> None:
    whole = newest_tries(unit.rows, None)[0].id
    for referral in [whole, *(row.id for row in unit.rows if row.id != whole and not row.is_ended)]:
        _end(unit, referral, principal)
    if is_open(unit):
        raise LifecycleError(_("A prescription cannot be cancelled from where it is."), reason="not-allowed-from-here")


def _end(unit: PrescriptionUnit, referral: str, principal: Principal) -> None:
    """Cancel a referral; an order that rests after its service ended it is withdrawn."""
    for name in _ENDED_BY:
        row = unit.row(referral)
        if name in allowed(row.state, principal):
            apply_event(unit, row.id, Act(name, unit.scope.now, CANCELLED), principal)
            return


def erase_client(database: Database, clock: Clock, tenant: str, person: str, order: Order, *, drop: bool) -> Erased:
    """Erase everything that is held on a person, in one transaction.

    Args:
        database: migrated.
        clock: the time that everything goes by.
        tenant: whose data.
        person: on whom.
        order: who has it erased, and why.
        drop: erase although partners have not got messages about the person.

    Raises:
        OpenReferralError: a prescription has not ended, or there are such messages.
    """
    with database.write() as connection:
        scope = Scope(connection, tenant, clock.now())
        lock(scope)
        found = standing_of(connection, tenant, person, scope.now)
        if found.open:
            raise OpenReferralError(_("The client has prescriptions that have not ended."), reason="open")
        if found.waiting and not drop:
            raise OpenReferralError(_("Partners have not got every message about the client."), reason="undelivered")
        return erase_held(scope, found.held, order)


def names_the_client(connection: Connection, tenant: str, held: Held, text: str) -> bool:
    """Whether a text holds a name or an identifier of the client, which must not stay in the audit."""
    said = text.casefold()
    for one in held.prescriptions:
        client = PrescriptionRow.of(get_prescription(connection, tenant, one)).document.client
        words = [identifier.value for identifier in client.identifiers]
        if client.name is not None:
            words += [client.name.family or "", client.name.preferred or "", *(client.name.given or ())]
        if any(len(word) > 1 and word.casefold() in said for word in words):
            return True
    return False
