"""What a service that works on our server may no longer know, taken back in the transaction of the event that says so.

A referral that was declined, called off or entered in error: at once. One that the service ended itself: some days
later (``FOOTBRIDGE_DISCLOSURE_DAYS``). A client who must not be contacted: the copy of the client is replaced at once,
older versions included. Copies on a partner's own server are out of our reach; it gets the update that says why.
"""

import functools

from footbridge.mapping.references import local
from footbridge.model.clock import FixedClock
from footbridge.partners.networks import has_compartment, local_network
from footbridge.partners.ports import LocalNetwork
from footbridge.referrals.deadlines import cancel_end_of_disclosure, is_disclosed, set_end_of_disclosure
from footbridge.referrals.messages import messages_known
from footbridge.referrals.outgoing import outgoing_for, records_known, updates_for
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, read_unit
from footbridge.security.disclosure import ends_at_once
from footbridge.store.network_context import delete_context
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import all_of_person


def settle_disclosure(unit: PrescriptionUnit, row: ReferralRow) -> None:
    """Take back, or plan to, what a referral's service may no longer know now that something happened to it."""
    partner = unit.partners.get(row.partner or "")
    if partner is None or partner.role != "recipient" or not row.is_ended or not has_compartment(partner):
        return
    if row.status in ends_at_once():
        unit.at_close(lambda: forget_ended(unit, row))
    else:
        set_end_of_disclosure(unit, row.id)


def forget_ended(unit: PrescriptionUnit, row: ReferralRow) -> None:
    """Take back what a service was given because of a referral, but for what it may know because of others."""
    partner = unit.partners.get(row.partner or "")
    network = None if partner is None else _network(unit, partner)
    if partner is None or network is None:
        return
    network.forget(unit.scope.connection, outgoing_for(unit, partner, row), _still_known(unit, partner, row))
    delete_context(unit.scope.connection, unit.scope.tenant, partner.name, row.prescription, row.id)


def forget_all(unit: PrescriptionUnit) -> None:
    """Take back at once what services on our server know of a prescription, of ended referrals too."""
    ended = [row for row in unit.rows if row.is_ended and row.partner is not None]
    for row in ended:
        cancel_end_of_disclosure(unit, row.id)
        unit.at_close(functools.partial(forget_ended, unit, row))


def update_client_at_once(unit: PrescriptionUnit, partner: Partner) -> None:
    """Replace the copy of the client that a service on our server has; of other services an update is queued."""
    network = _network(unit, partner)
    if network is None:
        return
    for outgoing in updates_for(unit, partner)[:1]:
        network.replace_client(unit.scope.connection, outgoing)


def _network(unit: PrescriptionUnit, partner: Partner) -> LocalNetwork | None:
    return local_network(unit.scope.tenant, partner, FixedClock(unit.scope.now))


def may_know(unit: PrescriptionUnit, row: ReferralRow) -> bool:
    """Whether the referral's service may know what it was given: it is at work, or has ended it not long ago."""
    return not row.is_ended or (row.status not in ends_at_once() and is_disclosed(unit, row.id))


def _still_known(unit: PrescriptionUnit, partner: Partner, row: ReferralRow) -> set[str]:
    """Our references of what the partner may know because of other referrals that are open there."""
    found: set[str] = set()
    for identity in all_of_person(unit.scope.connection, unit.scope.tenant, unit.prescription.person):
        other = unit if identity == unit.prescription.id else read_unit(unit.scope, identity)
        for one in other.rows:
            if one.partner == partner.name and one.id != row.id and may_know(other, one):
                known = records_known(other, partner, one) | messages_known(other, one)
                found |= {"/".join(key) for key in known}
    return {reference for reference in found if local(reference) is not None}
