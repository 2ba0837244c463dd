"""The CapabilityStatement, made from the table of routes and the offer: it declares what is routed, and nothing else.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from footbridge import __version__
from footbridge.fhirserver.negotiation import SENT
from footbridge.fhirserver.offer import Interaction, Offer, Operation
from footbridge.fhirserver.routes import ROUTES
from footbridge.model.clock import utc_instant
from footbridge.store.search_parameters import parameters_of

Json = dict[str, Any]
FLAGS: frozenset[Interaction] = frozenset({"conditional-create", "conditional-update", "operation", "capabilities"})
"""What a CapabilityStatement declares by other members than ``interaction``."""
_SEARCH = "http://hl7.org/fhir/SearchParameter/Resource-"


@dataclass(frozen=True, slots=True)
class Identity:
    """How a server names itself; ``started`` is when what it offers last changed."""

    name: str
    started: datetime


def capability_statement(offer: Offer, identity: Identity, base_url: str) -> Json:
    """What a server with this offer declares of itself."""
    rest: Json = {"mode": "server"}
    if offer.types:
        rest["resource"] = [_resource(offer, type_name) for type_name in offer.types]
    declared = _declared("system", offer.system)
    if declared:
        rest["interaction"] = declared
    rest |= _operations([one for one in offer.operations if one.on(None)])
    implemented: Json = {"instantiates": list(offer.instantiates)} if offer.instantiates else {}
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": utc_instant(identity.started),
        "kind": "instance",
        **implemented,
        "software": {"name": identity.name, "version": __version__},
        "implementation": {"description": identity.name, "url": base_url},
        "fhirVersion": "4.0.1",
        "format": list(SENT.values()),
        "rest": [rest],
    }


def _resource(offer: Offer, type_name: str) -> Json:
    offered = offer.types[type_name]
    made: Json = {"type": type_name}
    if offer.profiles.get(type_name):
        made["supportedProfile"] = list(offer.profiles[type_name])
    if type_name in offer.notes:
        made["documentation"] = offer.notes[type_name]
    declared = _declared("type", offered) + _declared("instance", offered)
    for row in declared:
        if row["code"] == "update" and type_name in offer.if_match:
            row["documentation"] = "If-Match is required."
    if declared:
        made["interaction"] = declared
    made["versioning"] = "versioned-update" if "update" in offered else "versioned"  # If-Match is obeyed
    made["readHistory"] = "vread" in offered
    made["updateCreate"] = {"update", "create"} <= offered
    made["conditionalCreate"] = "conditional-create" in offered
    if "read" in offered:
        made["conditionalRead"] = "full-support"
    made["conditionalUpdate"] = "conditional-update" in offered
    made["conditionalDelete"] = "not-supported"
    if "search-type" in offered:
        made |= _searching(type_name, [name for name, rest in offer.types.items() if "search-type" in rest])
    return made | _operations([one for one in offer.operations if one.on(type_name)])


def _declared(level: str, offered: frozenset[Interaction]) -> list[Json]:
    codes = dict.fromkeys(route.interaction for route in ROUTES if route.level == level)
    return [{"code": code} for code in codes if code in offered and code not in FLAGS]


def _searching(type_name: str, searched: Sequence[str]) -> Json:
    """How a type is searched; ``searched``: all types that are."""
    common: list[Json] = [
        {"name": "_id", "type": "token", "definition": f"{_SEARCH}id"},
        {"name": "_lastUpdated", "type": "date", "definition": f"{_SEARCH}lastUpdated"},
    ]
    parameters = parameters_of(type_name).values()
    own: list[Json] = [{"name": one.name, "type": one.kind, "definition": one.definition} for one in parameters]
    names = {row["name"] for row in common}
    made: Json = {"searchParam": [*common, *(row for row in own if row["name"] not in names)]}
    includes = [f"{type_name}:{one.name}" for one in parameters if one.kind == "reference"]
    back = [
        f"{source}:{one.name}"
        for source in searched
        for one in parameters_of(source).values()
        if one.kind == "reference" and type_name in (one.targets or searched)
    ]
    made |= {"searchInclude": includes} if includes else {}
    return made | ({"searchRevInclude": back} if back else {})


def _operations(operations: list[Operation]) -> Json:
    rows = [{"name": one.name, "definition": one.definition} for one in operations]
    return {"operation": rows} if rows else {}
