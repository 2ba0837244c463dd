"""Resources that lead in circles, or that make every part meet every other."""

import json
from collections.abc import Iterator

from benchmarks.hostile import Hostile, Json

FORM = "http://x.test/Questionnaire/form"


def inputs() -> Iterator[Hostile]:
    """Circles and products."""
    yield _of("contained, each referring to the next", _ring(6_000))
    yield _of("contained that refers to itself", _ring(1))
    yield _of("a Bundle of references in a ring", _bundle("collection", 4_000))
    yield _of("a document of references in a chain", _bundle("document", 3_000))
    yield _of("a document, nothing joined", _bundle("document", 3_000, joined=False))
    yield _of("a document, joined from the last on", _bundle("document", 3_000, backwards=True))
    yield _of("a Bundle with one fullUrl", _bundle("collection", 4_000, same=True))
    yield _of("a message without end", _bundle("message", 3_000))
    yield _of("search results", _bundle("searchset", 5_500))
    yield _of("a form whose items repeat one linkId", _form("same", 8_000))
    yield _of("a form whose items enable each other", _form("ring", 5_000))
    for kind in ("same", "ring", "deep"):
        size = 60 if kind == "deep" else 3_000
        yield _of(f"answers to a form: {kind}", _answers(kind, size), (_form(kind, size),))
    yield _of("answers to a form that it contains itself", _self_contained())
    yield _of("a value set that imports itself", _bound("http://x.test/vs/0"), _value_sets(1))
    yield _of("value sets that import each other", _bound("http://x.test/vs/0"), _value_sets(14, each=True))
    yield _of("value sets in a long ring", _bound("http://x.test/vs/0"), _value_sets(3_000))
    yield _of("a code system, each code under all others", {"resourceType": "Patient"}, (_code_system(400),))
    yield _of("a code system of one chain", _code_system(30_000, chain=True))
    yield _of("a code system as deep as can be", _deep_codes(3_000))
    yield _of("a value set of its own codes", _large_value_set(15_000))
    yield _of("a profile on itself", *_profiles(1))
    yield _of("profiles in a ring", *_profiles(50))
    yield _of("a profile with a type profiled by itself", *_recursive_profile())
    yield _of("slices without end", *_sliced(300))


def _of(name: str, resource: Json, definitions: tuple[Json, ...] = (), profiles: tuple[str, ...] = ()) -> Hostile:
    return Hostile(name, json.dumps(resource, separators=(",", ":")).encode(), definitions, profiles)


def _ring(count: int) -> Json:
    held = [
        {
            "resourceType": "Patient",
            "id": f"p{n}",
            "link": [{"other": {"reference": f"#p{(n + 1) % count}"}, "type": "seealso"}],
        }
        for n in range(count)
    ]
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "contained": held,
        "for": {"reference": "#p0"},
    }


def _bundle(kind: str, count: int, *, joined: bool = True, backwards: bool = False, same: bool = False) -> Json:
    head = {"document": "Composition", "message": "MessageHeader"}.get(kind, "Patient")
    rows = []
    for n in range(count):
        other = (n - 1 if backwards else n + 1) % count
        link = {"reference": f"http://x.test/Patient/{other}"} if joined else {"display": "x"}
        resource: Json = {"resourceType": "Patient", "id": str(n), "link": [{"other": link, "type": "seealso"}]}
        if n == 0 and head != "Patient":
            resource = {"resourceType": head, "id": "0", "focus": [link], "author": [link]}
        rows.append(
            {"fullUrl": f"http://x.test/{head if n == 0 else 'Patient'}/{0 if same else n}", "resource": resource}
        )
    return {"resourceType": "Bundle", "type": kind, "entry": rows}


def _form(kind: str, count: int) -> Json:
    if kind == "deep":
        item: Json = {"linkId": "0", "type": "string", "text": "x"}
        for n in range(1, count):
            item = {"linkId": str(n), "type": "group", "item": [item]}
        items = [item]
    else:
        items = [
            {
                "linkId": "a" if kind == "same" else str(n),
                "type": "string",
                "required": True,
                "enableWhen": [{"question": str((n + 1) % count), "operator": "exists", "answerBoolean": True}],
            }
            for n in range(count)
        ]
    return {"resourceType": "Questionnaire", "url": FORM, "status": "active", "item": items}


def _answers(kind: str, count: int) -> Json:
    if kind == "deep":
        item: Json = {"linkId": "0", "answer": [{"valueString": "x"}]}
        for n in range(1, count):
            item = {"linkId": str(n), "item": [item]}
        items = [item]
    else:
        items = [{"linkId": "a" if kind == "same" else str(n), "answer": [{"valueString": "x"}]} for n in range(count)]
    return {"resourceType": "QuestionnaireResponse", "questionnaire": FORM, "status": "completed", "item": items}


def _self_contained() -> Json:
    form = _form("ring", 3) | {"id": "f"}
    response = _answers("ring", 3) | {"questionnaire": "#f", "contained": [form]}
    response["item"][0]["answer"][0]["item"] = [{"linkId": "0", "answer": [{"valueReference": {"reference": "#f"}}]}]
    return response


def _bound(value_set: str) -> Json:
    coding = {"system": "http://x.test/cs", "code": "x"}
    extension = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit", "valueCoding": coding}
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": FORM,
        "status": "completed",
        "extension": [extension],
        "contained": [
            {
                "resourceType": "ValueSet",
                "status": "draft",
                "id": "v",
                "compose": {"include": [{"valueSet": [value_set]}]},
            }
        ],
    }


def _value_sets(count: int, *, each: bool = False) -> tuple[Json, ...]:
    form = {
        "resourceType": "Questionnaire",
        "url": FORM,
        "status": "active",
        "item": [{"linkId": "0", "type": "choice", "answerValueSet": "http://x.test/vs/0"}],
    }
    rows = []
    for n in range(count):
        others = [m for m in range(count) if m != n] if each else [(n + 1) % count]
        include = [{"valueSet": [f"http://x.test/vs/{m}"]} for m in others]
        rows.append(
            {
                "resourceType": "ValueSet",
                "url": f"http://x.test/vs/{n}",
                "status": "active",
                "compose": {"include": include},
            }
        )
    profile = _profile(
        0,
        {
            "path": "QuestionnaireResponse.identifier.type",
            "binding": {"strength": "required", "valueSet": "http://x.test/vs/0"},
        },
    )
    return (form, profile, *rows)


def _code_system(count: int, *, chain: bool = False) -> Json:
    concepts = [
        {
            "code": str(n),
            "property": [{"code": "parent", "valueCode": str(n + 1)}]
            if chain
            else [{"code": "parent", "valueCode": str(m)} for m in range(count) if m != n][:40],
        }
        for n in range(count)
    ]
    return {
        "resourceType": "CodeSystem",
        "url": "http://x.test/cs",
        "status": "active",
        "content": "complete",
        "concept": concepts[:11_000],
    }


def _deep_codes(depth: int) -> Json:
    concept: Json = {"code": "0"}
    for n in range(1, min(depth, 300)):
        concept = {"code": str(n), "concept": [concept]}
    return {
        "resourceType": "CodeSystem",
        "url": "http://x.test/cs",
        "status": "active",
        "content": "complete",
        "concept": [concept],
    }


def _large_value_set(count: int) -> Json:
    concepts = [{"code": f"c{n}"} for n in range(count)]
    include = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "concept": concepts}]
    return {"resourceType": "ValueSet", "status": "draft", "compose": {"include": include}}


def _profile(
    number: int, *elements: Json, base: str = "http://hl7.org/fhir/StructureDefinition/Patient", kind: str = "Patient"
) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "url": f"http://x.test/p/{number}",
        "name": "P",
        "status": "draft",
        "kind": "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": base,
        "derivation": "constraint",
        "differential": {"element": list(elements)},
    }


def _profiles(count: int) -> tuple[Json, tuple[Json, ...], tuple[str, ...]]:
    rows = [_profile(n, {"path": "Patient"}, base=f"http://x.test/p/{(n + 1) % count}") for n in range(count)]
    return {"resourceType": "Patient"}, tuple(rows), ("http://x.test/p/0",)


def _recursive_profile() -> tuple[Json, tuple[Json, ...], tuple[str, ...]]:
    row = _profile(
        0,
        {"path": "Patient.contained", "type": [{"code": "Patient", "profile": ["http://x.test/p/0"]}]},
        {"path": "Patient.link.other", "type": [{"code": "Reference", "targetProfile": ["http://x.test/p/0"]}]},
    )
    held = [
        {
            "resourceType": "Patient",
            "id": f"p{n}",
            "link": [{"other": {"reference": f"#p{m}"}, "type": "refer"} for m in range(40)],
        }
        for n in range(40)
    ]
    return (
        {"resourceType": "Patient", "contained": held, "link": [{"other": {"reference": "#p0"}, "type": "refer"}]},
        (row,),
        ("http://x.test/p/0",),
    )


def _sliced(count: int) -> tuple[Json, tuple[Json, ...], tuple[str, ...]]:
    slicing = {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}
    rows: list[Json] = [{"id": "Patient.identifier", "path": "Patient.identifier", "slicing": slicing}]
    for n in range(count):
        rows += [
            {"id": f"Patient.identifier:s{n}", "path": "Patient.identifier", "sliceName": f"s{n}"},
            {
                "id": f"Patient.identifier:s{n}.system",
                "path": "Patient.identifier.system",
                "min": 1,
                "fixedUri": f"http://x.test/{n}",
            },
        ]
    resource = {"resourceType": "Patient", "identifier": [{"system": f"http://x.test/{n % 400}"} for n in range(5_000)]}
    return resource, (_profile(0, *rows),), ("http://x.test/p/0",)
