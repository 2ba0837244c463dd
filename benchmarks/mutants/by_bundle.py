"""Puts a resource into a Bundle, whole or with a fault in the Bundle."""

import copy
from collections.abc import Iterator
from typing import Any

from benchmarks.mutants import Edit, Fault, Json

URN = "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7"
OTHER = "urn:uuid:5f3c6a1e-8f4e-4c5e-9a56-6d8f0f4d1c11"
PERSON = {"resourceType": "Patient", "id": "someone", "active": True}
POST = {"method": "POST", "url": "Patient"}


def faults(resource: Json) -> Iterator[Fault]:
    """The resource in Bundles of each type."""
    kind, identity = resource["resourceType"], resource.get("id", "x")
    rest = f"https://fhir.hospital.test/{kind}/{identity}"
    rows: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
        "collection": ("collection", [{"fullUrl": URN}], {}),
        "collection, REST": ("collection", [{"fullUrl": rest}], {}),
        "wrong id in fullUrl": ("collection", [{"fullUrl": rest + "x"}], {}),
        "no fullUrl": ("collection", [{}], {}),
        "relative fullUrl": ("collection", [{"fullUrl": f"{kind}/{identity}"}], {}),
        "bad urn": ("collection", [{"fullUrl": "urn:uuid:nonsense"}], {}),
        "same fullUrl": ("collection", [{"fullUrl": URN}, {"fullUrl": URN, "resource": PERSON}], {}),
        "two entries": ("collection", [{"fullUrl": URN}, {"fullUrl": OTHER, "resource": PERSON}], {}),
        "request in collection": ("collection", [{"fullUrl": URN, "request": POST}], {}),
        "transaction": ("transaction", [{"fullUrl": URN, "request": POST}], {}),
        "transaction without request": ("transaction", [{"fullUrl": URN}], {}),
        "batch": ("batch", [{"request": {"method": "PUT", "url": f"{kind}/{identity}"}}], {}),
        "searchset": ("searchset", [{"fullUrl": rest, "search": {"mode": "match"}}], {"total": 1}),
        "searchset without mode": ("searchset", [{"fullUrl": rest}], {}),
        "total in collection": ("collection", [{"fullUrl": URN}], {"total": 1}),
        "document": ("document", [{"fullUrl": URN}], {"timestamp": "2024-01-01T00:00:00Z"}),
        "message": ("message", [{"fullUrl": URN}], {}),
        "history": ("history", [{"fullUrl": rest, "request": POST, "response": {"status": "200"}}], {}),
        "entry empty": ("collection", [{"fullUrl": URN}, {"fullUrl": OTHER}], {}),
        "unknown type": ("nonsense", [{"fullUrl": URN}], {}),
    }
    for name, (bundled, entries, more) in rows.items():
        yield f"Bundle: {name}", (), _bundling(bundled, entries, more)


def _bundling(kind: str, entries: list[dict[str, Any]], more: dict[str, Any]) -> Edit:
    def edit(resource: Json) -> None:
        inner = copy.deepcopy(resource)
        resource.clear()
        rows = [{"fullUrl": row["fullUrl"]} if "fullUrl" in row else {} for row in entries]
        for row, entry in zip(rows, entries, strict=True):
            row.update(entry)
        if "resource" not in rows[0]:
            rows[0]["resource"] = inner
        resource.update({"resourceType": "Bundle", "type": kind, **more, "entry": rows})

    return edit
