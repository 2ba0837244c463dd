"""What happens to an order later: another try, and several parts.

Another try keeps the ServiceRequest and gets a new Task; the old Task stays as it is. A part is a filler order
based on the original with a Task that is part of the original
(https://hl7.org/fhir/us/sdoh-clinicalcare/referral_workflow.html, refer-1). A part carries over no free text of the
first Task or order: what a new partner may read is decided anew, and nothing here knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from footbridge.mapping import narrative
from footbridge.mapping.draft import UNDETERMINED, claimed_profile, name_uuid, own_identifier_system, own_namespace
from footbridge.mapping.elements import codings
from footbridge.mapping.request import COUNTRIES, PROHIBITED, SOCIAL_SERVICE
from footbridge.mapping.results import Jurisdiction, Resource
from footbridge.mapping.sensitivity import labels_of_part
from footbridge.mapping.terms import (
    accepted,
    guide_coding,
    label,
    own_system,
    sdoh_concept,
    stand_in,
)
from footbridge.mapping.values import codings_of
from footbridge.model.clock import utc_instant
from footbridge.model.prescription import Coding
from footbridge.terminology import since

# Of an order: what its parts share with it.
_SHARED = ("priority", "subject", "requester", "requisition", "reasonReference", "supportingInfo")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a prescription that is split.

    Attributes:
        description: what is asked for, in words.
        category: SDOH category code.
        owner: Reference to whoever gets it; None while that is open.
        code: what is asked for, coded; the category's default stands in.
    """

    description: str
    category: str
    owner: Resource | None = None
    code: Coding | None = None


def another_try(task: Resource, *, identity: str, authored: str, owner: Resource | None = None) -> Resource:
    """The Task of another try of the same order: as the order is mapped for whoever gets it, under its own name.

    Args:
        task: the Task as the mapping makes it, for our record or cut for a partner.
        identity: of the new Task (``identity_of_try``).
        authored: when it was asked again, a FHIR dateTime.
        owner: Reference to the one who is asked now; None leaves the mapping's.
    """
    system = own_identifier_system()
    others = [one for one in task["identifier"] if one.get("system") != system]
    found = task | {"identifier": [{"system": system, "value": identity}, *others], "authoredOn": authored}
    return found if owner is None else found | {"owner": owner}


def identity_of_try(task: Resource, number: int) -> str:
    """The id of the Task of a try, from that of the try before it; the same whenever it is made."""
    return _identity(task, f"try\x1f{number}")


def split_request(
    service_request: Resource, task: Resource, parts: Sequence[Part], *, authored: datetime, first: int = 0
) -> list[tuple[Resource, Resource]]:
    """A ServiceRequest and a Task for each part, with ids and identifiers of ours.

    Args:
        service_request: the order that is split.
        task: its Task; the parts' Tasks are part of it.
        parts: what each part asks for, and of whom.
        authored: now.
        first: how many parts there are already, so that new ones never take the ids of those.

    Raises:
        ValueError: the SDOH category of a part is unknown.
    """
    return [_part(service_request, task, part, index, authored) for index, part in enumerate(parts, first)]


def _part(
    service_request: Resource, task: Resource, part: Part, index: int, authored: datetime
) -> tuple[Resource, Resource]:
    speak = narrative.language_of(service_request, UNDETERMINED)
    written = str(service_request.get("language", UNDETERMINED))
    lines = [(label("asked", speak), narrative.Prose(part.description, written))]
    warned = _prohibited(service_request)
    when = utc_instant(authored)
    seed = f"part\x1f{index}\x1f{part.category}\x1f{part.description}\x1f{when}"
    order = _head(service_request, "ServiceRequest", _identity(service_request, seed), [*warned, *lines])
    _label(order, part, prohibited=bool(warned))
    order["meta"]["profile"] = [claimed_profile("service-request")]
    order |= {"basedOn": [_reference(service_request)], "status": "active", "intent": "filler-order"}
    order["category"] = _categories(service_request, part)
    order["code"] = {"coding": _code(service_request, part), "text": part.description}
    order |= {name: service_request[name] for name in _SHARED if name in service_request}
    order["authoredOn"] = when
    if "extension" in service_request:
        order["extension"] = service_request["extension"]
    made = _head(task, "Task", _identity(task, seed), [*warned, *lines])
    _label(made, part, prohibited=bool(warned))
    made["meta"]["profile"] = [claimed_profile("referral-task")]
    made |= {"partOf": [_reference(task)], "status": "requested", "intent": "order"}
    made |= {name: task[name] for name in ("priority", "code", "for", "requester", "groupIdentifier") if name in task}
    made |= {"focus": {"reference": f"ServiceRequest/{order['id']}"}, "authoredOn": when}
    if part.owner is not None:
        order["performer"] = [part.owner]
        made["owner"] = part.owner
    if inputs := _inputs(task, set()):
        made["input"] = inputs
    return order, made


def _label(resource: Resource, part: Part, *, prohibited: bool) -> None:
    """Take over the whole's security labels, but for what they tell of other parts."""
    labels = labels_of_part(resource["meta"].pop("security", []), part.category, prohibited=prohibited)
    if labels:
        resource["meta"]["security"] = labels


def _head(original: Resource, kind: str, identity: str, lines: Sequence[narrative.Line]) -> Resource:
    """What every resource begins with: id, meta and language of the original, narrative, our identifier."""
    speak = narrative.language_of(original, UNDETERMINED)
    meta = {name: value for name, value in original.get("meta", {}).items() if name in {"profile", "security", "tag"}}
    found: Resource = {"resourceType": kind, "id": identity, "meta": meta}
    if "language" in original:
        found["language"] = original["language"]
    found["text"] = narrative.generated(label(kind, speak), lines, speak)
    found["identifier"] = [{"system": own_identifier_system(), "value": identity}]
    return found


def _identity(original: Resource, seed: str) -> str:
    return name_uuid(own_namespace(), f"{_own_id(original)}\x1f{seed}")


def _own_id(resource: Resource) -> str:
    held = [one["value"] for one in resource.get("identifier", []) if one.get("system") == own_identifier_system()]
    return str(resource.get("id") or (held or [""])[0])


def _reference(resource: Resource) -> Resource:
    """To a stored resource by type and id; to another by our identifier."""
    kind = resource["resourceType"]
    if "id" in resource:
        return {"reference": f"{kind}/{resource['id']}"}
    return {"type": kind, "identifier": {"system": own_identifier_system(), "value": _own_id(resource)}}


def _prohibited(service_request: Resource) -> list[narrative.Line]:
    speak = narrative.language_of(service_request, UNDETERMINED)
    flagged = guide_coding(PROHIBITED) in codings_of(service_request.get("category"))
    return [("", label("do-not-contact", speak))] if flagged else []


def _inputs(task: Resource, own: set[str]) -> list[Any]:
    """Inputs that every partner must have: that the client must not be contacted, and those of our types."""
    wanted = [(guide_coding(PROHIBITED)["system"], PROHIBITED), *((own_system("task-input"), code) for code in own)]
    found = []
    for item in task.get("input", []):
        kinds = {(coding.get("system"), coding.get("code")) for coding in codings_of(item.get("type"))}
        if kinds & set(wanted):
            found.append(item)
    return found


def _categories(service_request: Resource, part: Part) -> list[Any]:
    """The part's own SDOH category; that the client must not be contacted stays."""
    held = service_request.get("category", [])
    flags = [concept for concept in held if guide_coding(PROHIBITED) in codings_of(concept)]
    return [SOCIAL_SERVICE, sdoh_concept(), _category(service_request, part), *flags]


def _category(service_request: Resource, part: Part) -> Resource:
    """The category as the original says it where it does, so that a guide without it stays without."""
    for concept in service_request.get("category", []):
        if any(coding.get("code") == part.category for coding in codings_of(concept)):
            return dict(concept)
    if since(part.category) is None:
        raise ValueError("no such SDOH category")
    return {"coding": [guide_coding(part.category)]}


def _code(service_request: Resource, part: Part) -> list[Resource]:
    said = part.code
    met = said is not None and accepted("service-request", said)
    default = (
        None if met else stand_in(part.category, "service-request", _jurisdiction(service_request), "warm-connection")
    )
    return codings(said, default)


def _jurisdiction(service_request: Resource) -> Jurisdiction:
    """The country that the order is tagged with; without one, codes that work everywhere."""
    tags = service_request.get("meta", {}).get("tag", [])
    return "us" if {"system": COUNTRIES, "code": "US"} in tags else "ca"
