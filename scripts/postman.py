"""Writes docs/postman.json: a Postman collection (v2.1) of the API and of ``/fhir``.

Made from docs/openapi.yaml and from the CapabilityStatements of a requester and of a recipient that works on ``/fhir``.
Run ``python scripts/postman.py`` after a change of either; ``--check`` only says whether the file is up to date (exit
code 1 when not). The format: https://schema.getpostman.com/json/collection/v2.1.0/collection.json
"""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from footbridge.fhirserver.capability import Identity, capability_statement
from footbridge.partners.fhir.hosted_offer import hosted_offer

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
OPENAPI = ROOT / "docs" / "openapi.yaml"
COLLECTION = ROOT / "docs" / "postman.json"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
FHIR = "application/fhir+json"
EXAMPLES = {
    "/api/v1/prescriptions": ROOT / "examples" / "01-good-food-box.json",
    "/fhir": ROOT / "examples" / "fhir" / "referral.json",
}
TOKENS = {"requester": "requesterToken", "recipient": "recipientToken"}
SHAPES = {
    "read": ("GET", "{type}/:id"),
    "vread": ("GET", "{type}/:id/_history/:vid"),
    "history-instance": ("GET", "{type}/:id/_history"),
    "create": ("POST", "{type}"),
    "update": ("PUT", "{type}/:id"),
}
"""Method and address of the interactions of a CapabilityStatement, but for the search."""


def collection() -> Json:
    """The whole collection."""
    variables = {"baseUrl": "http://127.0.0.1:8080", "token": "", "requesterToken": "", "recipientToken": ""}
    return {
        "info": {
            "name": "Footbridge",
            "description": "Made from docs/openapi.yaml and GET /fhir/metadata. Set the variables baseUrl, token, "
            "requesterToken and recipientToken.",
            "schema": SCHEMA,
        },
        "variable": [{"key": key, "value": value, "type": "string"} for key, value in variables.items()],
        "auth": _bearer("token"),
        "item": [*_of_openapi(), *(_of_role(role) for role in TOKENS)],
    }


def _of_openapi() -> list[Json]:
    """A folder for each tag of the API's description; what ``/fhir`` offers to partners has folders of its own."""
    folders: dict[str, list[Json]] = {}
    described = yaml.safe_load(OPENAPI.read_text(encoding="utf-8"))
    for path, operations in described["paths"].items():
        for method, row in operations.items():
            if method in {"get", "post", "put", "delete"} and not _is_of_partners(path):
                folders.setdefault(row["tags"][0], []).append(_operation(path, method.upper(), row))
    return [{"name": name, "item": items} for name, items in folders.items()]


def _is_of_partners(path: str) -> bool:
    return path == "/fhir" or (path.startswith("/fhir/{type}") and "$" not in path)


def _operation(path: str, method: str, row: Json) -> Json:
    kinds = list(row.get("requestBody", {}).get("content", {"application/json": {}}))
    request: Json = {
        "method": method,
        "header": [{"key": "Accept-Language", "value": "en", "disabled": True}],
        "url": _url(re.sub(r"\{(\w+)\}", r":\1", path.lstrip("/"))),
        "description": row["summary"],
    }
    if method == "POST":
        request["header"].append({"key": "Content-Type", "value": kinds[0]})
        request["body"] = _body(path)
    if row.get("security") == []:
        request["auth"] = {"type": "noauth"}
    return {"name": row["summary"].rstrip("."), "request": request}


def _of_role(role: str) -> Json:
    """What a partner of this role finds on ``/fhir``."""
    statement = capability_statement(hosted_offer(role), Identity("Footbridge", datetime(2026, 1, 1, tzinfo=UTC)), "")
    (rest,) = statement["rest"]
    items = [_item("CapabilityStatement", "GET", "metadata", "What the role may do.")]
    codes = [row["code"] for row in rest["interaction"]]
    items += [_item(code, "POST", "", f"A Bundle of type {code}.", _body("/fhir")) for code in codes]
    folders = [{"name": one["type"], "item": _of_type(one)} for one in rest["resource"]]
    return {"name": f"/fhir as a {role}", "auth": _bearer(TOKENS[role]), "item": [*items, *folders]}


def _of_type(row: Json) -> list[Json]:
    kind, codes = row["type"], [one["code"] for one in row["interaction"]]
    items = []
    if "search-type" in codes:
        found = _item(f"Search {kind}", "GET", kind, "Turn on the parameters that are wanted.")
        found["request"]["url"]["query"] = [
            {"key": one["name"], "value": "", "description": one["type"], "disabled": True}
            for one in row["searchParam"]
        ]
        items.append(found)
    for code, (method, shape) in SHAPES.items():
        if code in codes:
            body = _raw({"resourceType": kind}) if method != "GET" else None
            items.append(_item(f"{code} {kind}", method, shape.format(type=kind), f"{code} of {kind}.", body))
    return items


def _item(name: str, method: str, path: str, description: str, body: Json | None = None) -> Json:
    header = [{"key": "Accept", "value": FHIR}]
    request: Json = {"method": method, "header": header, "url": _url(f"fhir/{path}".rstrip("/"))}
    if body is not None:
        header.append({"key": "Content-Type", "value": FHIR})
        request["body"] = body
    return {"name": name, "request": {**request, "description": description}}


def _url(path: str) -> Json:
    steps = path.split("/")
    names = [step[1:] for step in steps if step.startswith(":")]
    url: Json = {"raw": "{{baseUrl}}/" + path, "host": ["{{baseUrl}}"], "path": steps}
    if names:
        url["variable"] = [{"key": name, "value": ""} for name in names]
    return url


def _body(path: str) -> Json:
    place = EXAMPLES.get(path)
    return _raw({} if place is None else json.loads(place.read_text(encoding="utf-8")))


def _raw(value: Json) -> Json:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": "json"}}}


def _bearer(variable: str) -> Json:
    return {"type": "bearer", "bearer": [{"key": "token", "value": "{{" + variable + "}}", "type": "string"}]}


def main() -> int:
    """Write the file, or compare it."""
    text = json.dumps(collection(), ensure_ascii=False, indent=1) + "\n"
    if "--check" not in sys.argv:
        COLLECTION.write_text(text, encoding="utf-8")
        return 0
    if COLLECTION.exists() and COLLECTION.read_text(encoding="utf-8") == text:
        return 0
    print(f"{COLLECTION} is out of date: run python scripts/postman.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
