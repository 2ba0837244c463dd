"""Every Bundle and every resource that the mapping makes, through the official HL7 validator."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from support.prescriptions import CATEGORIES, JURISDICTIONS, KINDS, MINIMAL, RICH, document, prescription

from footbridge.mapping import MappingContext, to_bundle
from footbridge.mapping.split import Part, another_try, identity_of_try, split_request
from footbridge.model.clock import utc_instant
from footbridge.uris import own_uri

Json = dict[str, Any]
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Warnings that are ours to mend, by what the validator says.
MENDABLE = (
    "URN reference is not locally contained",
    "has not been checked",
    "Wrong Display",
    "dom-6",
    "should have narrative",
    "No code provided, and a code is required",
    "sourceAttachment",
    "should have a lang",
    "does not have a lang",
    "no @lang",
    f"CodeSystem '{own_uri('CodeSystem/')}",
)


def variants() -> Iterator[tuple[str, Json]]:
    """What differs in more than category and kind."""
    rich_client = RICH["client"]
    yield "unsafe", document(RICH, client=rich_client | {"safeToContact": False})
    yield (
        "unsafe-revealing",
        document(RICH, client=rich_client | {"safeToContact": False, "contactNote": "Only +1 416 555 0142."}),
    )
    own = {"role": "person", "organization": {"name": "Community Health Centre"}}
    yield "self-referral", document(RICH, requester=own)
    yield (
        "self-referral-with-contact",
        document(RICH, requester=own | {"contacts": [{"system": "sms", "value": "+1 555"}]}),
    )
    relative = {"role": "relative", "name": {"given": ["Ann"]}, "organization": {"name": "Community Health Centre"}}
    yield "relative", document(RICH, requester=relative)
    yield "no-navigator", document(RICH, navigator=None)
    yield "refused", document(RICH, consent={"status": "refused", "basis": "implied", "scope": []})
    yield "withdrawn", document(RICH, consent={"status": "withdrawn"})
    yield "open-service", document(RICH, service={})
    yield "directory-only", document(RICH, service={"directoryId": "svc-1"})
    yield "partner-only", document(RICH, service={"partner": "north-end-hub"})
    yield (
        "self-directed",
        document(RICH, service={"self": True, "description": "A walk in the woods"}, language="fr-CA"),
    )
    taxonomy = {"system": "http://211hsis.org", "code": "BD-1800.2000"}
    yield "taxonomy-code", document(RICH, service={"description": "Food", "code": taxonomy})
    hostile = "<script>alert('x')</script>\ufffe & \u202f\u00a0 — 日本語 \U0001f600\n\tend"
    yield (
        "hostile-text",
        document(
            MINIMAL, needs=[{"category": "stress", "statement": hostile}], notes=[{"text": hostile}], language="und"
        ),
    )
    local = {"question": {"system": "urn:footbridge:test:q", "code": "1"}, "answerText": "often"}
    yield "local-question", document(MINIMAL, needs=[{"category": "stress", "statement": "Tense.", "evidence": local}])


def cases(guide: str) -> Iterator[tuple[str, Json]]:
    for jurisdiction in JURISDICTIONS:
        context = MappingContext(jurisdiction=jurisdiction, guide=guide, scope="clinic")
        for kind in KINDS:
            for category in CATEGORIES:
                needs = [RICH["needs"][0], {**RICH["needs"][1], "category": category}]
                yield from both(
                    f"rich/{jurisdiction}/{kind}/{category}", document(RICH, kind=kind, needs=needs), context
                )
                needs = [{"category": category, "statement": "A need."}]
                yield from both(
                    f"minimal/{jurisdiction}/{kind}/{category}", document(MINIMAL, kind=kind, needs=needs), context
                )
            for name, found in variants():
                yield from both(f"{name}/{jurisdiction}/{kind}", document(found, kind=kind), context)
            if kind != "signpost":
                yield from later(
                    f"later/{jurisdiction}/{kind}", document(RICH, kind=kind, jurisdiction=jurisdiction), context
                )


def both(name: str, found: Json, context: MappingContext) -> Iterator[tuple[str, Json]]:
    """The whole Bundle, then each resource alone: each way finds what the other does not."""
    bundle = to_bundle(prescription(found), context).bundle
    yield name, bundle
    for index, entry in enumerate(bundle["entry"]):
        yield f"{name}#{index}", entry["resource"]


def distinct(sent: Iterable[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    """Every Bundle, and one of the resources that differ in nothing but their UUIDs."""
    seen: set[str] = set()
    for name, resource in sent:
        plain = UUID.sub("", json.dumps(resource))
        if resource["resourceType"] == "Bundle" or plain not in seen:
            seen.add(plain)
            yield name, resource


def later(name: str, found: Json, context: MappingContext) -> Iterator[tuple[str, Json]]:
    """Another try and the parts of a split, in a Bundle with all that they refer to."""
    mapped = to_bundle(prescription(found), context)
    by_url = {entry["fullUrl"]: entry["resource"] for entry in mapped.bundle["entry"]}
    order, task = by_url[mapped.roles["service-request"]], by_url[mapped.roles["task"]]
    order, task = order | {"id": mapped.roles["service-request"][9:]}, task | {"id": mapped.roles["task"][9:]}
    now = datetime(2026, 12, 1, tzinfo=UTC)
    owner = {"reference": mapped.roles["service-organization"]}
    identity = identity_of_try(task, 2)
    again = another_try(task, identity=identity, authored=utc_instant(now), owner=owner) | {"id": identity}
    parts = [Part("Childcare", "material-hardship", owner), Part("Un logement", "housing-instability")]
    pairs = split_request(order, task, parts, authored=now)
    entries = list(mapped.bundle["entry"])
    for resource in [again, *(resource for pair in pairs for resource in pair)]:
        request = {"method": "POST", "url": resource["resourceType"]}
        text = _to_urns(resource, {one["id"]: one["resourceType"] for one in (order, task, *(p[0] for p in pairs))})
        entries.append({"fullUrl": f"urn:uuid:{resource['id']}", "resource": text, "request": request})
        yield f"{name}/{resource['id']}", resource
    yield name, mapped.bundle | {"entry": entries}


def _to_urns(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        copied = {key: _to_urns(item, known) for key, item in value.items()}
        kind, _, identity = str(copied.get("reference", "")).partition("/")
        return copied | {"reference": f"urn:uuid:{identity}"} if known.get(identity) == kind else copied
    return [_to_urns(item, known) for item in value] if isinstance(value, list) else value


@pytest.mark.oracle
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("guide", ["3.0.0", "2.3.0"])
def test_the_validator_finds_no_error(oracle, guide):
    sent = list(distinct(cases(guide)))
    verdicts = oracle(sent, guide)
    assert len(verdicts) == len(sent)
    faults = [(one.name, issue["expr"], issue["msg"]) for one in verdicts for issue in one.errors]
    assert faults[:10] == []
    mendable = [
        (one.name, issue["expr"], issue["msg"])
        for one in verdicts
        for issue in one.warnings
        if any(words in issue["msg"] for words in MENDABLE)
    ]
    assert mendable[:10] == []
