"""The medical record's own Patient is the client of a prescription: it is found, never made a second time.

A record that a prescription came from has the client already. So before anything is packed for it, its Patient is
looked for by the client's identifiers, unless the pair is known. What is packed then refers to that Patient. It stays
the record's: nothing is ever written to it (``records.MIRRORED`` has no Patient for a record).

Nothing is kept before the parcel has arrived: a repeat finds the same Patient again, or ours where an earlier try has
made it. Other partners are not asked: a service gets ours, under a name by which it cannot join it with others.
"""

from dataclasses import replace

from footbridge.partners.ports import Network
from footbridge.referrals.outgoing import OutgoingReferral
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link


def find_own_patient(network: Network, partner: Partner, contents: OutgoingReferral) -> Link | None:
    """The pair of our Patient and a record's own; None where there is none, the pair is known, or it is no record.

    Raises PartnerUnavailable, and PartnerRefused where a person has to decide which of several it is.
    """
    patient = contents.roles["patient"]
    identifiers = [(one.system, one.value) for one in contents.prescription.client.identifiers]
    if partner.role != "requester" or patient in (contents.known or {}) or not identifiers:
        return None
    found = network.match_patient(identifiers)
    return None if found is None else Link(partner.name, *patient, found.id)


def with_known(contents: OutgoingReferral, link: Link) -> OutgoingReferral:
    """The contents for a partner that has the link's resource besides what is known."""
    return replace(contents, known={**(contents.known or {}), (link.type, link.id): f"{link.type}/{link.remote_id}"})
