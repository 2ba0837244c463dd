"""A message to Ocean while it is built: the received resources, what is added, and references in the shape that came.

0.11.1 has fullUrls ``urn:uuid:...`` and references by them; 0.10.0 has ids and references ``Type/id``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from footbridge.partners.ocean import parties
from footbridge.partners.ocean.entries import URN
from footbridge.partners.ocean.loose import Object, obj, objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.referral_reference import REFERENCE, is_reference
from footbridge.partners.ocean.translate.answer_values import Answer, Envelope
from footbridge.partners.ocean.translate.tables import table

Resource = dict[str, Any]
HTEST: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}


@dataclass(slots=True, repr=False)
class Draft:
    """A message that is being built.

    Attributes:
        received, answer, envelope: what it is made of.
        entries: copies of what was received, without the header, in their order.
        copies: id() of a received resource to its copy's entry.
        added: what the answer adds, in its order.
    """

    received: OceanMessage
    answer: Answer
    envelope: Envelope
    entries: list[Resource] = field(default_factory=list)
    copies: dict[int, Resource] = field(default_factory=dict)
    added: list[Resource] = field(default_factory=list)

    @property
    def by_url(self) -> bool:
        """Whether references go by fullUrl (0.11.1), else by ``Type/id`` (0.10.0)."""
        return self.received.version == "0.11.1"

    def add(self, resource: Resource) -> Resource:
        """Add a new resource with an id; one with the same id, of an earlier answer, makes room for it."""
        kind, own = resource["resourceType"], resource["id"]
        resource["meta"] = self.meta(kind)
        self.entries = [row for row in self.entries if not _is(row, kind, own)]
        entry: Resource = {"fullUrl": f"{URN}{own}"} if self.by_url else {}
        self.added.append(entry | {"resource": resource})
        return {"reference": f"{URN}{own}" if self.by_url else f"{kind}/{own}"}

    def reference(self, resource: Object | None) -> Resource | None:
        """A reference to a received resource, in the shape of the message."""
        entry = self.copies.get(id(resource))
        if resource is None or entry is None:
            return None
        kind, own, url = text(resource.get("resourceType")), text(resource.get("id")), text(entry.get("fullUrl"))
        if url is not None and (self.by_url or own is None):
            return {"reference": url}
        return {"reference": f"{kind}/{own}"} if own else None

    def meta(self, kind: str) -> Resource:
        """Profile of a new resource, and the tag of test data where the received message has it."""
        rules = table("answers")["profile"]
        shape = rules[self.received.version]
        version = shape["versions"].get(kind, shape["default"])
        found: Resource = {"profile": [f"{rules['prefix']}{kind}{shape['separator']}{version}"]}
        return found | ({"security": [dict(HTEST)]} if self.received.test else {})


def stamp(time: datetime) -> str:
    """An instant as Ocean writes it: milliseconds and offset."""
    return time.isoformat(timespec="milliseconds")


def referral_system(draft: Draft) -> str:
    """The system of the referral's reference as it came, else under the site's own FHIR base."""
    received = draft.received
    rows = [obj(row.get("valueIdentifier")) for row in objects(received.header.get("extension"))]
    rows += objects((received.request or {}).get("identifier"))
    systems = (text(row.get("system")) for row in rows if is_reference(row.get("system")))
    return next((system for system in systems if system), f"{draft.envelope.fhir_base}/NamingSystem/{REFERENCE}")


def listing_reference(draft: Draft) -> Resource:
    """A reference to the listing that is asked: its PractitionerRole, else its identifier."""
    target = draft.received.target
    found = draft.reference(parties.target_resource(draft.received.entries, target))
    if found is not None:
        return found
    name, value = (parties.TARGET, target.reference) if target.reference else (parties.EXTERNAL, target.external)
    if value is None:
        return {"display": draft.envelope.name}
    return {"identifier": {"system": f"{draft.envelope.fhir_base}/NamingSystem/{name}", "value": value}}


def _is(entry: Resource, kind: str, own: str) -> bool:
    resource = entry["resource"]
    if resource.get("resourceType") != kind:
        return False
    return resource.get("id") == own or text(entry.get("fullUrl")) == f"{URN}{own}"
