"""A mapping as our store keeps it: our ids, references among our own resources, the statuses of the first state.

Made before the transaction that stores it, since others wait for that one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from footbridge.mapping import Mapped
from footbridge.mapping.references import Resource, rewrite
from footbridge.referrals.resource_edits import with_owner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key

_OURS = "urn:uuid:"


@dataclass(frozen=True, slots=True)
class StoredResources:
    """The resources of a mapping.

    Attributes:
        keys: type and id of the resource that plays a role; the id is that of its fullUrl.
        resources: every one, with our ids and relative references.
    """

    keys: Mapping[str, Key]
    resources: tuple[Resource, ...]

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
        return cls({role: keys[url] for role, url in mapped.roles.items()}, resources)

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
