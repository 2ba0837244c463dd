"""What the offer says of writes, and of entries of a Bundle; a caller's own policy is handed in, and judges after it.

``WritePolicy`` and ``Write`` are those of the store, whose interactions call the policy: see
``footbridge.store.interactions.write_policy``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from footbridge.fhirserver.offer import Offer
from footbridge.fhirserver.routes import resolve
from footbridge.i18n import _
from footbridge.mapping.references import references
from footbridge.store.interaction_errors import Forbidden, InvalidRequest, NotSupported
from footbridge.store.interactions.bundle_entry import BundleEntry
from footbridge.store.interactions.preconditions import criteria_of
from footbridge.store.interactions.rewriting import CONDITIONAL
from footbridge.store.interactions.write_policy import Write, WritePolicy
from footbridge.store.search_query import Query, read_query

__all__ = ["Inspect", "OfferPolicy", "Write", "WritePolicy"]


Inspect = Callable[[int | None, Mapping[str, Any]], None]
"""Checks a resource that is to be stored, before any transaction is open; the number is that of its entry in a Bundle.

Raises an InteractionError.
"""


def admit(offer: Offer, step: BundleEntry) -> None:
    """Refuse an entry of a Bundle whose interaction is not offered, with the errors of a single request."""
    resolve(offer, step.method, "/".join(step.path))
    if step.if_none_exist is not None:
        require_conditional_create(offer, step.type, step.if_none_exist)
    if step.method == "PUT" and step.query:
        require_chains(offer, step.type, step.criteria)
    _require_references(offer, step.resource)


def _require_references(offer: Offer, resource: Mapping[str, Any]) -> None:
    """Raise Forbidden for a reference by search to a type that this caller may not search."""
    hidden = {name for name, offered in offer.types.items() if "search-type" not in offered}
    if not hidden:
        return
    for reference in references(resource):
        found = CONDITIONAL.fullmatch(reference)
        if found is not None and found[1] in hidden:
            raise Forbidden(offer.denial or _("This is not for the caller to do."))


def require_conditional_create(offer: Offer, type_name: str, criteria: str) -> None:
    """Raise NotSupported for If-None-Exist where it is not offered: it must not be ignored."""
    if not offer.has(type_name, "conditional-create"):
        raise NotSupported(_("Conditional create is not supported here."))
    require_chains(offer, type_name, criteria_of(criteria))


def require_chains(offer: Offer, type_name: str, query: Query) -> None:
    """Raise Forbidden for a chain into a type that this caller may not search: its matches would tell of that type."""
    for criterion in read_query(type_name, query).criteria:
        if criterion.chain is not None and not offer.has(criterion.target, "search-type"):
            raise Forbidden(offer.denial or _("This is not for the caller to do."))


@dataclass(frozen=True, slots=True)
class OfferPolicy:
    """Requires If-Match where the offer does, then asks the caller's policy, if there is one.

    Only here is it known whether an update, which may be conditional, follows a version. Without If-Match it is
    refused with 400: https://hl7.org/fhir/R4/http.html#concurrency.
    """

    offer: Offer
    inner: WritePolicy | None = None

    def judge(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        """The resource to store."""
        follows = write.previous is not None and not write.previous.deleted
        if follows and write.if_match is None and write.type in self.offer.if_match:
            raise InvalidRequest(
                _("A change of a {type} must name the version that it follows: send If-Match.", type=write.type)
            )
        return write.resource if self.inner is None else self.inner.judge(connection, write)
