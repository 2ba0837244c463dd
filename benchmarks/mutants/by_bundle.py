"""Puts a resource into a Bundle, whole or with a fault in the Bundle."""

import copy
from collections.abc import Iterator
from typing import Any

from benchmarks.mutants import Edit, Fault, Json

URN = "urn:uuid:0b25f1c4-53b3-4b4c-8c1b-3f5bd6a40ae7"
OTHER = "urn:uuid:5f3c6a1e-8f4e-4c5e-9a56-6d8f0f4d1c11"
PERSON = {"resourceType": "Patient", "id": "someone", "active": True}
LINK = {"relation": "self", "url": "https://fhir.hospital.test/Patient"}
DATED = {"timestamp": "2024-01-01T00:00:00Z", "identifier": {"system": "https://hospital.test/documents", "value": "x"}}
COMPOSITION = {
    "resourceType": "Composition", "id": "c", "status": "final", "type": {"text": "x"}, "date": "2024-01-01",
    "title": "x", "author": [{"display": "x"}], "section": [{"title": "x", "entry": [{"reference": URN}]}],
}  # fmt: skip
HEADER = {
    "resourceType": "MessageHeader", "id": "h", "eventUri": "https://hospital.test/event",
    "source": {"endpoint": "https://hospital.test"}, "focus": [{"reference": URN}],
}  # fmt: skip
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
        "no type": ("", [{"fullUrl": URN}], {}),
        "URN in upper case": ("collection", [{"fullUrl": URN.upper()}], {}),
        "OID as fullUrl": ("collection", [{"fullUrl": "urn:oid:1.2.3.4.5"}], {}),
        "short OID as fullUrl": ("collection", [{"fullUrl": "urn:oid:1.2"}], {}),
        "fullUrl of another type": ("collection", [{"fullUrl": f"https://fhir.hospital.test/Basic/{identity}"}], {}),
        "fullUrl with version": ("collection", [{"fullUrl": rest + "/_history/1"}], {}),
        "fullUrl with fragment": ("collection", [{"fullUrl": rest + "#x"}], {}),
        "fullUrl of no REST form": ("collection", [{"fullUrl": "https://fhir.hospital.test/x"}], {}),
        "empty fullUrl": ("collection", [{"fullUrl": ""}], {}),
        "example fullUrl": ("collection", [{"fullUrl": f"http://example.org/fhir/{kind}/{identity}"}], {}),
        "same resource twice": ("collection", [{"fullUrl": rest}, {"fullUrl": rest, "resource": resource}], {}),
        "search in collection": ("collection", [{"fullUrl": URN, "search": {"mode": "match"}}], {}),
        "response in collection": ("collection", [{"fullUrl": URN, "response": {"status": "200"}}], {}),
        "response in transaction": (
            "transaction",
            [{"fullUrl": URN, "request": POST, "response": {"status": "200"}}],
            {},
        ),
        "bad method": ("transaction", [{"fullUrl": URN, "request": {"method": "SEND", "url": "x"}}], {}),
        "request without url": ("transaction", [{"fullUrl": URN, "request": {"method": "POST"}}], {}),
        "request to another type": (
            "transaction",
            [{"fullUrl": URN, "request": {"method": "POST", "url": "Basic"}}],
            {},
        ),
        "PUT elsewhere": ("transaction", [{"fullUrl": rest, "request": {"method": "PUT", "url": f"{kind}/other"}}], {}),
        "transaction, REST": (
            "transaction",
            [{"fullUrl": rest, "request": {"method": "PUT", "url": f"{kind}/{identity}"}}],
            {},
        ),
        "batch, URN": ("batch", [{"fullUrl": URN, "request": POST}], {}),
        "batch, no request": ("batch", [{"fullUrl": URN}], {}),
        "response": ("transaction-response", [{"fullUrl": rest, "response": {"status": "201 Created"}}], {}),
        "response without status": ("transaction-response", [{"fullUrl": rest, "response": {"location": "x"}}], {}),
        "response without response": ("batch-response", [{"fullUrl": rest}], {}),
        "search mode outcome": ("searchset", [{"fullUrl": rest, "search": {"mode": "outcome"}}], {}),
        "search mode nonsense": ("searchset", [{"fullUrl": rest, "search": {"mode": "nonsense"}}], {}),
        "search score": ("searchset", [{"fullUrl": rest, "search": {"mode": "match", "score": 2}}], {}),
        "searchset, URN": ("searchset", [{"fullUrl": URN, "search": {"mode": "match"}}], {}),
        "negative total": ("searchset", [{"fullUrl": rest}], {"total": -1}),
        "link twice": ("searchset", [{"fullUrl": rest}], {"link": [LINK, LINK]}),
        "link in collection": ("collection", [{"fullUrl": URN}], {"link": [LINK]}),
        "next in collection": ("collection", [{"fullUrl": URN}], {"link": [LINK | {"relation": "next"}]}),
        "link without url": ("searchset", [{"fullUrl": rest}], {"link": [{"relation": "self"}]}),
        "document, no timestamp": ("document", [{"fullUrl": URN}], {"identifier": {"value": "x"}}),
        "document, whole": (
            "document",
            [{"fullUrl": OTHER, "resource": COMPOSITION}, {"fullUrl": URN, "resource": resource}],
            DATED,
        ),
        "document, not linked": (
            "document",
            [{"fullUrl": OTHER, "resource": COMPOSITION | {"section": []}}, {"fullUrl": URN, "resource": resource}],
            DATED,
        ),
        "document, dead link": ("document", [{"fullUrl": OTHER, "resource": COMPOSITION}], DATED),
        "message, whole": (
            "message",
            [{"fullUrl": OTHER, "resource": HEADER}, {"fullUrl": URN, "resource": resource}],
            {},
        ),
        "message, not linked": (
            "message",
            [
                {"fullUrl": OTHER, "resource": {k: v for k, v in HEADER.items() if k != "focus"}},
                {"fullUrl": URN, "resource": resource},
            ],
            {},
        ),
        "history without request": ("history", [{"fullUrl": rest, "response": {"status": "200"}}], {}),
        "history without response": ("history", [{"fullUrl": rest, "request": POST}], {}),
        "nested": (
            "collection",
            [
                {
                    "fullUrl": URN,
                    "resource": {
                        "resourceType": "Bundle",
                        "id": "in",
                        "type": "collection",
                        "entry": [{"fullUrl": OTHER, "resource": resource}],
                    },
                }
            ],
            {},
        ),
        "no entries": ("collection", [], {"entry": []}),
        "no resource": ("collection", [{"fullUrl": URN, "resource": {}}], {}),
        "resource of no type": ("collection", [{"fullUrl": URN, "resource": {"id": "x"}}], {}),
        "identifier": ("collection", [{"fullUrl": URN}], {"identifier": [{"value": "x"}]}),
        "language": ("collection", [{"fullUrl": URN}], {"language": "en"}),
        "text": ("collection", [{"fullUrl": URN}], {"text": {"status": "empty"}}),
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
        if rows and "resource" not in rows[0]:
            rows[0]["resource"] = inner
        resource.update({"resourceType": "Bundle", "type": kind, "entry": rows, **more})
        if not kind:
            del resource["type"]

    return edit
