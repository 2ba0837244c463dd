"""What may be said of a request to a simulated server: methods, types, ids and statuses, and nothing of a person.

An address is written by a client, and may have a name or a health card number in it; so only what is a type or an id
of FHIR is taken from it, and nothing from its query.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.routes import targets
from footbridge.partners.fhir.simulator.faults import Fault
from footbridge.partners.fhir.simulator.token_server import OPEN
from footbridge.store.search_parameters import resource_types


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that was answered.

    Attributes:
        method: in capitals.
        place: what it is about, such as ``Task/12``, ``Task`` (a search or a create) or ``Bundle``; ``unknown address``
            for what is no address of FHIR.
        status: of the answer; None when the connection was closed instead.
        resources: type and id of each resource that it wrote.
        fault: whether it, or its answer, was chosen to fail.
    """

    method: str
    place: str
    status: int | None
    resources: tuple[str, ...] = ()
    fault: bool = False


def arrival_of(asked: Request, answer: Response, fault: Fault | None) -> Arrival:
    """What may be said of a request and its answer."""
    written = tuple(_written(answer)) if asked.method in {"POST", "PUT"} and answer.status < 400 else ()
    status = None if fault is not None and fault.drop else answer.status
    struck = fault is not None and (fault.status is not None or fault.drop or fault.truncate)
    return Arrival(asked.method, _place(asked), status, written, struck)


def _place(asked: Request) -> str:
    target = next(iter(targets(asked.path)), None)
    if asked.path in {"", "/"}:
        return "Bundle"
    if asked.path in OPEN:
        return asked.path
    if target is None or (target.type is not None and target.type not in resource_types()):
        return "unknown address"
    if target.route.interaction == "operation":
        return "operation"  # its name is the client's own
    return "/".join(part for part in (target.type, target.values.get("id")) if part) or target.route.template


def _written(answer: Response) -> Iterator[str]:
    """Type and id of what an answer says that it created or updated."""
    location = answer.headers.get("Location")
    if location is not None:
        yield from _named([location])
    elif answer.body.startswith(b"{"):
        said: dict[str, Any] = orjson.loads(answer.body)
        if said.get("resourceType") == "Bundle" and str(said.get("type", "")).endswith("-response"):
            responses = [entry.get("response", {}) for entry in said.get("entry", ())]
            yield from _named(
                [one["location"] for one in responses if "location" in one and one.get("status", "").startswith("201")]
            )


def _named(locations: list[str]) -> Iterator[str]:
    for location in locations:
        segments = location.partition("/_history")[0].split("/")
        yield "/".join(segments[-2:])
