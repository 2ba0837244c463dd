"""What an EMR without a server writes on our ``/fhir``: the resources of a prescription, together or one by one."""

import copy
import json
from typing import Any

import orjson
from sqlalchemy import select
from support.fhir_http import System
from support.spine import TENANT, World

from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.validate_input import accept
from footbridge.store.prescriptions import get_prescription
from footbridge.store.tables import prescription

Json = dict[str, Any]


def written(document: Json) -> list[Json]:
    """What an EMR writes for a prescription: entries of a transaction, under its own identifiers only."""
    context = MappingContext(jurisdiction="ca", withhold_unsafe_contact=False)  # an EMR withholds nothing from us
    mapped = to_bundle(accept(orjson.dumps(document)).prescription, context)
    entries = []
    for entry in copy.deepcopy(mapped.bundle["entry"]):
        resource = entry["resource"]
        resource.pop("id", None)
        entries.append(
            {
                "fullUrl": entry["fullUrl"],
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
        )
    return entries


def transaction(entries: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def ids(answer: Any) -> dict[str, list[str]]:
    """The ids that were given, by type."""
    found: dict[str, list[str]] = {}
    for entry in answer.json["entry"]:
        kind, identity = entry["response"]["location"].split("/fhir/")[1].split("/")[:2]
        found.setdefault(kind, []).append(identity)
    return found


def only(world: World) -> Any:
    """The one prescription that was stored."""
    with world.database.read() as connection:
        (row,) = connection.execute(select(prescription.c.id)).all()
        return get_prescription(connection, TENANT, row.id)


def singly(annex: System, entries: list[Json], *, put: bool) -> dict[str, str]:
    """Write the entries one by one, what is referred to first and the asking Task last; Type/id by fullUrl."""
    placed: dict[str, str] = {}
    left = list(entries)
    while left:
        for entry in sorted(left, key=lambda one: one["resource"]["resourceType"] == "Task"):
            body = json.dumps({name: value for name, value in entry["resource"].items() if name != "id"})
            if any(other["fullUrl"] in body for other in left if other is not entry):
                continue
            for url, place in placed.items():
                body = body.replace(url, place)
            resource = json.loads(body)
            kind = resource["resourceType"]
            if put:
                identity = f"emr-{len(placed)}"
                answer = annex.ask("PUT", f"{kind}/{identity}", {**resource, "id": identity})
            else:
                answer = annex.ask("POST", kind, resource)
            assert answer.status_code == 201, answer.text
            placed[entry["fullUrl"]] = f"{kind}/{answer.json['id']}"
            left.remove(entry)
            break
        else:
            raise AssertionError("a circle")
    return placed


def of_type(entries: list[Json], kind: str) -> Json:
    return next(entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind)
