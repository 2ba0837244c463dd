"""Taking in, the second step: an accepted prescription is mapped, for a person and a requester that we know or not.

Reads only; what it read may be out of date when it is stored (``intake_storing.StoredMeanwhile``).
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from footbridge import traces
from footbridge.i18n import Language
from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.validate_input import Accepted
from footbridge.model.holds import Hold
from footbridge.model.issues import Issue
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.referrals.chosen_service import chosen_service, directory_service
from footbridge.referrals.demographics import said_of
from footbridge.referrals.recognition import recognise, warnings_of, warnings_of_contact
from footbridge.store.clients import ByRequester, KnownClient, find_clients, pseudonym
from footbridge.store.partners import Partner, list_partners
from footbridge.store.resource_rows import Scope


@dataclass(frozen=True, slots=True)
class Plan:
    """A prescription as it was mapped, for a person of ours."""

    prescription: Prescription
    requester: str
    person: str
    known: ByRequester  # the person, as each requester knew it before
    said: KnownClient  # as this prescription says
    partners: Sequence[Partner]
    mapped: Mapped
    warnings: tuple[Issue, ...]
    is_stale: bool  # the service that it names was not verified for long
    held: Collection[str]  # rules whose errors put it on hold
    holds: tuple[Hold, ...]  # that its channel raises
    others: frozenset[str]  # people who have an identifier of the client, and are somebody else


def plan(
    scope: Scope,
    requester: str,
    accepted: Accepted,
    narrative: Language | None,
    holds: tuple[Hold, ...],
    *,
    earlier: bool,
) -> Plan:
    """Map an accepted prescription.

    Args:
        scope: our own compartment, which is read only.
        requester: the name of the partner that it is of; empty for none.
        accepted: without errors.
        narrative: the language of the narratives; None: that of the prescription.
        holds: what its channel wants decided first.
        earlier: whether it is here already; then no service of the directory is looked up.
    """
    prescription = accepted.prescription
    known, others = recognise(scope, prescription.client)
    partners = list_partners(scope.connection, scope.tenant)
    person = known or str(uuid.uuid4())
    clients = {} if known is None else find_clients(scope.connection, scope.tenant, person)
    client = clients.get(requester)
    said = said_of(prescription, pseudonym(person, requester) if client is None else client.patient)
    home = next((partner for partner in partners if partner.name == requester), None)
    chosen = None if earlier else chosen_service(scope.connection, scope.tenant, prescription, scope.now)
    context = MappingContext(
        directory=None if chosen is None else directory_service(chosen.document),
        jurisdiction=accepted.jurisdiction,
        person=said.patient,
        scope=scope.tenant if home is None else home.namespace,
        partners={partner.name: OrganizationReference(name=partner.title) for partner in partners},
        narrative=narrative,
    )
    with traces.span("intake.map"):
        mapped = to_bundle(prescription, context)
    return Plan(
        prescription,
        requester,
        person,
        clients,
        said,
        partners,
        mapped,
        (*accepted.warnings, *_of_person(scope, prescription, others, is_known=known is not None), *mapped.warnings),
        is_stale=chosen is not None and chosen.is_stale,
        held=[issue.rule for issue in accepted.held],
        holds=holds,
        others=others,
    )


def _of_person(scope: Scope, prescription: Prescription, others: frozenset[str], *, is_known: bool) -> Iterator[Issue]:
    """What a prescriber should look at: whether the client is whom the prescription names."""
    yield from warnings_of(scope, prescription.client, others)
    if not is_known:
        yield from warnings_of_contact(scope, prescription.client)
