"""How a prescription begins: its resources as our store keeps them, its own row, the row of its first referral.

All of it is made before the transaction that stores it, since others wait for that one.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.references import Resource, rewrite
from footbridge.model.lifecycle import begin
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.model.prescription.rules_of_consent import discloses
from footbridge.model.prescription.said import digest_of
from footbridge.referrals.chosen_service import stored_directory_service
from footbridge.referrals.entry_records import entry_ids, records_of_newer
from footbridge.referrals.resource_edits import with_owner
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit

_OURS = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class StoredResources:
    """The resources of a mapping.

    Attributes:
        keys: type and id of the resource that plays a role; the id is that of its fullUrl.
        resources: every one, with our ids and relative references.
        mapped: the mapping itself.
    """

    keys: Mapping[str, Key]
    resources: tuple[Resource, ...]
    mapped: Mapped

    @classmethod
    def of(cls, mapped: Mapped) -> "StoredResources":
        """Carry a mapping's own references over to ours."""
        entries = mapped.bundle["entry"]
        keys = {entry["fullUrl"]: (entry["resource"]["resourceType"], _id(entry["fullUrl"])) for entry in entries}
        references = {url: "/".join(key) for url, key in keys.items()}
        resources = tuple(
            {"resourceType": "", "id": _id(entry["fullUrl"])}
            | rewrite(entry["resource"], lambda reference: references.get(reference, reference))
            for entry in entries
        )
        return cls({role: keys[url] for role, url in mapped.roles.items()}, resources, mapped)

    @property
    def patient(self) -> Resource:
        """The Patient."""
        return next(one for one in self.resources if (one["resourceType"], one["id"]) == self.keys["patient"])

    def begun(self, row: ReferralRow, organization: Resource | None) -> list[Resource]:
        """The resources in the first state of their referral.

        Args:
            row: the referral.
            organization: stands for the partner that routing found; owns the Task when the prescription names nobody.
        """
        statuses = {row.task: row.status, row.service_request: row.state.service_request}
        found = [one | {"status": statuses[one["id"]]} if one["id"] in statuses else one for one in self.resources]
        if organization is None:
            return found
        owner = f"Organization/{organization['id']}"
        owned = (with_owner(one, owner) if one["id"] == row.task and "owner" not in one else one for one in found)
        return [organization, *owned]  # the prescription's own words about it come later, and so count


def _id(url: str) -> str:
    return url.removeprefix(_OURS)


def map_again(unit: PrescriptionUnit, newer: Prescription) -> StoredResources:
    """A prescription that is known, as it reads now: mapped onto the same resources, wherever an entry stands now."""
    context = MappingContext(
        jurisdiction=unit.jurisdiction,
        person=unit.patient,
        scope=unit.namespace,
        partners={name: OrganizationReference(name=one.title) for name, one in unit.partners.items()},
        narrative=unit.narrative,
        directory=stored_directory_service(unit, newer),
        records=records_of_newer(unit.prescription, newer),
        taken=entry_ids(unit.prescription.resources),
    )
    return StoredResources.of(to_bundle(newer, context))


def new_prescription_row(
    prescription: Prescription, keys: Mapping[str, Key], person: str, requester: str, text: str
) -> PrescriptionRow:
    """The prescription's row; ``keys``: type and id of the resource that plays each role; ``text``: of the document."""
    return PrescriptionRow(
        id=str(uuid.uuid4()),
        requester=requester,
        document=prescription,
        person=person,
        status="active",
        fingerprint=digest_of(text),
        resources={role: "/".join(key) for role, key in keys.items()},
    )


def new_referral(
    unit: PrescriptionUnit,
    keys: Mapping[str, Key],
    prescription: Prescription,
    partner: str | None,
    *,
    is_held: bool = False,
) -> ReferralRow:
    """The first referral, to that partner; one on hold, and a warm connection without a partner, wait for a person."""
    waits = partner is None and (prescription.kind == "warm-connection" or (is_held and discloses(prescription.kind)))
    state = begin(
        prescription.kind,
        requester=unit.requester.name if unit.requester else None,
        owner=partner,
        status="draft" if waits else None,
        goals=[role for role in keys if role.startswith("goal/")],
        follow_up="follow-up" in keys,
        service_request="service-request" in keys,
    )
    return ReferralRow(
        id=str(uuid.uuid4()),
        prescription=unit.prescription.id,
        parent=None,
        partner=partner,
        attempt=1,
        state=state,
        task=keys["task"][1],
        service_request=keys["service-request"][1] if "service-request" in keys else None,
        category=None,
        due=follow_up_day(prescription),
    )


def follow_up_day(prescription: Prescription) -> datetime | None:
    """The start of the follow-up's day, where the prescription was written."""
    if prescription.follow_up is None:
        return None
    return datetime.combine(prescription.follow_up.due, time.min, tzinfo=prescription.authored.tzinfo)
