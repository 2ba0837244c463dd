"""A prescription whose client becomes known later: its requester referred to a Patient that it had not sent.

Until then the client has no name and no identifier, and the prescription is on hold (``records`` of
``mappings/holds.json``). When the record arrives, or a person says who the client is, the prescription may turn out to
be about somebody whom the tenant knows already.
"""

from dataclasses import replace

from footbridge.model.prescription import Client, Prescription
from footbridge.model.prescription.rules_of_people import client_unidentified
from footbridge.referrals.recognition import identifiers_of, recognise
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.clients import forget_client
from footbridge.store.erasure import erase
from footbridge.store.patient_ids import person_of


def is_unknown(prescription: Prescription) -> bool:
    """Whether nothing says who the client is."""
    return next(client_unidentified(prescription), None) is not None


def settle_person(unit: PrescriptionUnit, client: Client) -> None:
    """Put the unit's prescription under the person that its client turns out to be.

    Call it before the newer document is mapped. The nameless Patient, which nothing else refers to, is erased when
    the unit closes.
    """
    scope, before = unit.scope, unit.prescription
    others = recognise(scope, client, before.person).others
    person = person_of(scope.connection, scope.tenant, identifiers_of(client), before.person, others)
    if person == before.person:
        return
    nameless = unit.role("patient")
    forget_client(scope.connection, scope.tenant, before.person, before.requester)
    unit.prescription = replace(before, person=person)
    if nameless is not None:
        unit.at_close(lambda: _erase(unit, nameless))


def _erase(unit: PrescriptionUnit, nameless: tuple[str, str]) -> None:
    if unit.role("patient") != nameless:
        erase(unit.scope, [nameless])
