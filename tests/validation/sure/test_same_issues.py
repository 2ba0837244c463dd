"""What is decided without the walk is what the walk says: the same issues and notes, in the same order and words."""

import argparse
import copy
import json
import random
from pathlib import Path

import pytest
from benchmarks.differential import in_package, make
from support.hl7_messages import SIDES, witnesses
from support.soak import count, ran, some

from footbridge.validation.core.options import Options
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.engine.engine import Engine
from footbridge.validation.sure.certain import Certain
from footbridge.validation.valuesets import Terminology

VERDICTS = Path(__file__).parents[1] / "verdicts"
GUIDE = "hl7.fhir.us.sdoh-clinicalcare#3.0.0"
CORE = "hl7.fhir.r4.core#4.0.1"
ODD = (None, 1, 1.5, True, "", " ", "#", "#a", "|", [], {}, [None], [{}], [[]], {"a": 1}, ["a"], {"coding": [1]}, "<b>")
PATIENT = {"Patient/1": {"resourceType": "Patient"}}
OPTIONS = {
    "defaults": Options(),
    "lenient": Options(allow_example_urls=True, unknown_extensions=True, best_practice="ignore", packs=frozenset()),
    "strict": Options(best_practice="error", html_in_markdown=False, security_checks=True, display_warnings=True),
    "followed": Options(references="type", fetch=PATIENT.get),
    "shallow": Options(max_depth=3, max_issues=2),
}


@pytest.fixture(scope="module")
def definitions():
    return Registry.default()


@pytest.fixture(scope="module")
def engines(definitions):
    """Pairs of engines by the name of their options: one that decides at once, one that walks everything."""
    made = {}

    def pair(name="defaults"):
        if name not in made:
            terminology = Terminology(definitions)
            quick, walking = (Engine(definitions, terminology, OPTIONS[name]) for _ in range(2))
            quick.certain, walking.certain = Certain(quick, hot=0), None
            made[name] = (quick, walking)
        return made[name]

    return pair


@pytest.fixture(scope="module")
def examples(test_data):
    return dict(in_package(test_data, GUIDE))


def compare(pair, resource, name):
    quick, walking = pair
    assert quick.check(resource) == walking.check(resource), name


@pytest.mark.soak
def test_faulty_resources(engines, examples, definitions):
    arguments = argparse.Namespace(chance="sure", per_kind=count(quick=1, soak=5), only="")
    names = [name for name in examples if "PRAPARE" not in name or count(quick=0, soak=1)]
    for name in some(names, quick=5, seed="sure"):
        for mutant in make({name: examples[name]}, definitions, arguments):
            ran()
            compare(engines(), mutant.resource, mutant.name)


@pytest.mark.soak
@pytest.mark.parametrize("options", sorted(OPTIONS))
def test_examples_of_the_guide_with_odd_values(engines, examples, options):
    chance = random.Random(f"odd {options}")
    given = [examples[name] for name in sorted(examples) if "PRAPARE" not in name]
    for resource in given:
        compare(engines(options), resource, resource["id"])
    for _ in range(count(quick=200, soak=20_000)):
        ran()
        resource = spoilt(chance.choice(given), chance)
        compare(engines(options), resource, resource)


@pytest.mark.soak
def test_the_witnesses_of_the_catalogue(engines):
    chance = random.Random("witnesses")
    given = [one.content[side] for one in witnesses() for side in SIDES if isinstance(one.content[side], dict)]
    for resource in some(given, quick=250, seed="witnesses"):
        compare(engines(), resource, resource)
        compare(engines(), spoilt(resource, chance), resource)


def test_extensions_in_places_of_every_kind():
    """One definition each of a context, on elements of all kinds."""
    rows = json.loads((VERDICTS / "extension-context.json").read_text())
    definitions = {one["url"]: one for row in rows for one in row["definitions"]}
    registry = Registry.default((), list(definitions.values()))
    terminology = Terminology(registry)
    quick, walking = (Engine(registry, terminology, OPTIONS["lenient"]) for _ in range(2))
    quick.certain, walking.certain = Certain(quick, hot=0), None
    for row in rows:
        compare((quick, walking), row["resource"], row["name"])


@pytest.mark.soak
def test_examples_of_r4(engines, test_data):
    found = sorted(in_package(test_data, CORE), key=lambda row: row[0])
    small = [resource for _, resource in found if len(str(resource)) < count(quick=6_000, soak=1_000_000)]
    for resource in some(small, quick=60, seed="r4"):
        compare(engines(), resource, resource.get("id"))


def test_what_stands_in_a_bundle_or_is_contained(engines, examples):
    rows = [examples[name] for name in sorted(examples) if "PRAPARE" not in name][:12]
    entries = [{"fullUrl": f"https://clinic.test/{row['resourceType']}/{row['id']}", "resource": row} for row in rows]
    compare(engines(), {"resourceType": "Bundle", "type": "collection", "entry": entries}, "Bundle")
    for row in rows:
        held = {"resourceType": "Patient", "id": "held", "gender": "female"}
        outer = {**row, "contained": [held], "text": {"status": "generated", "div": "<div>a</div>"}}
        for resource in (outer, {**outer, "subject": {"reference": "#held"}}, {**row, "for": {"reference": "#held"}}):
            compare(engines(), resource, row["id"])


def test_codes_that_were_met_before_in_other_surroundings(engines, examples):
    """What is remembered of a code is said again only where category and claims are the same."""
    given = [examples[name] for name in sorted(examples) if "PRAPARE" not in name and "category" in examples[name]]
    categories = [resource["category"] for resource in given]
    for at, resource in enumerate(given):
        bare = {key: value for key, value in resource.items() if key != "meta"}
        other = {**resource, "category": categories[(at + 7) % len(categories)]}
        doubled = {**resource, "category": [categories[at], *categories[at]]}  # a list in a list
        for changed in (resource, bare, other, {**bare, "category": other["category"]}, doubled, resource, other):
            compare(engines(), changed, resource["id"])


def test_components_that_were_met_before(engines, examples):
    given = [resource for name, resource in sorted(examples.items()) if "component" in resource and "OMB" in name]
    assert given
    text = {"text": "a"}
    for resource in given:
        rows = resource["component"]
        like = [rows, rows[::-1], [*rows, rows[0]], rows[1:], [{**rows[0], "dataAbsentReason": text}, *rows[1:]]]
        like += [[{"code": rows[0]["code"]}], [{**rows[0], "code": {**rows[0]["code"], "id": "a"}}], [{"code": text}]]
        like += [[{**rows[0], "valueString": odd}] for odd in ("", "a", 1, None)]
        like += [[{**rows[-1], "_valueString": {"id": "a"}}], [{"valueCodeableConcept": text, "code": text}], rows * 2]
        bare = {key: value for key, value in resource.items() if key != "meta"}
        for component in like * 2:
            compare(engines(), {**resource, "component": component}, str(component))
            compare(engines(), {**bare, "component": component}, str(component))


def test_codings_that_were_met_before(engines):
    """In answers, where each is looked at; by system, code, display, place, language and claims."""
    loinc, absent = "http://loinc.org", "http://terminology.hl7.org/CodeSystem/data-absent-reason"
    good = [
        {"system": absent, "code": "unknown", "display": "Unknown"},
        {"system": loinc, "code": "LA33-6", "display": "Yes"},
        {"system": "http://snomed.info/sct", "code": "733423003", "display": "Food insecurity"},
        {"system": "urn:oid:1.2.3", "code": "a", "display": "b"},
    ]
    odd = ("unknown", "UNKNOWN", " a", "<b>", "", 1, None, ["a"], {"a": 1})
    changed = [{**one, "display": other} for one in good for other in odd]
    changed += [{**one, "userSelected": True} for one in good] + [{**one, "version": "1"} for one in good]
    changed += [{**one, name: other} for one in good for name in ("system", "code") for other in odd]
    changed += [{"system": one["system"], "code": one["code"], "id": "a"} for one in good]
    guide = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ObservationScreeningResponse"
    for more in ({}, {"language": "de"}, {"meta": {"profile": [guide]}}):
        for coding in (*good, *changed, *good, *changed):
            answers = [{"linkId": "1", "answer": [{"valueCoding": coding}]}]
            response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": answers, **more}
            tagged = {**more, "resourceType": "Basic", "meta": {**more.get("meta", {}), "tag": [coding]}}
            for resource in (response, {**tagged, "code": {"text": "a"}}):
                compare(engines(), resource, resource)


def test_a_value_of_another_python_type_is_another_value(engines):
    concept = {"coding": [{"system": "http://loinc.org", "code": "1-8", "userSelected": True}], "text": "a"}
    like = [concept, {**concept, "coding": tuple(concept["coding"])}, {**concept, "text": b"a"}, {**concept, "text": 1}]
    like += [{**concept, "coding": [{**concept["coding"][0], "userSelected": odd}]} for odd in (1, 1.0, "true", None)]
    for code in like * 2:
        compare(engines(), {"resourceType": "Observation", "status": "final", "code": code}, str(code))


def test_a_part_that_its_extension_does_not_have(engines):
    race = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"}
    text = {"url": "text", "valueString": "a"}
    for parts in ([text], [text, {"url": "none", "valueString": "a"}], [{"url": "none", "valueString": "a"}], []):
        patient = {"resourceType": "Patient", "extension": [{**race, "extension": parts}]}
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient}]}
        for resource in (patient, bundle, patient):
            compare(engines(), resource, str(parts))


def test_an_extension_in_a_coding_stands_in_the_coding(engines):
    """And neither in what holds the Coding, nor in what holds the extension around it."""
    place = {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"text": "a"}}
    coding = {
        "system": "urn:oid:2.16.840.1.113883.6.238",
        "code": "2184-0",
        "display": "Dominican",
        "extension": [place],
    }
    around = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-ethnicity"}
    parts = [{"url": "detailed", "valueCoding": coding}, {"url": "text", "valueString": "a"}]
    patient = {"resourceType": "Patient", "extension": [{**around, "extension": parts}]}
    status = {"resourceType": "Patient", "maritalStatus": {"coding": [coding]}}
    for resource in (patient, status, patient):
        compare(engines(), resource, resource)
        assert "extension.context" in {issue.rule for issue in engines()[0].check(resource).issues}


@pytest.mark.soak
def test_narratives(engines):
    chance = random.Random("narratives")
    parts = ["<p>", "</p>", "<p>a</p>", "<b>", "</b>", "<p><b>a</b> b</p>", " ", "a", "&amp;", "&nbsp;", "&", "]]>", "\x0b",
             "<p/>", "<p> </p>", ' id="a"', ' id="a"', "<a href='#x'>x</a>", "xml:space", "lang", "\ufffe", "\ud800", "<!-- a -->",
             "<p lang='fr'>a</p>", "<p>\u00a0</p>", "<p>&#160;</p>", "<p>\u2003</p>", "<p>_</p>", "<p>.</p>"]  # fmt: skip
    heads = ["", ' lang="en" xml:lang="en"', ' lang="fr" xml:lang="en"', ' lang="en"', ' xml:lang="en" lang="en"']
    for _ in range(count(quick=400, soak=100_000)):
        ran()
        inside = "".join(chance.choices(parts, k=chance.randint(1, 4)))
        div = f'<div xmlns="http://www.w3.org/1999/xhtml"{chance.choice(heads)}>{inside}</div>'
        text = {"status": "generated", "div": div}
        for more in ({}, {"language": "en"}):
            compare(engines(), {"resourceType": "Basic", "code": {"text": "a"}, "text": text, **more}, div)


def places(value, found):
    """Every place in a JSON value, as what holds it and its key, but for the type of a resource."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in rows:
        if key != "resourceType":
            found.append((value, key))
        places(inner, found)
    return found


def spoilt(resource, chance):
    """A copy with odd values in up to three places, some of them as companions (``_status``)."""
    made = copy.deepcopy(resource)
    for _ in range(chance.randint(1, 3)):
        if found := places(made, []):
            holder, key = chance.choice(found)
            if isinstance(holder, dict) and chance.random() < 0.2:
                key = f"_{key}"
            holder[key] = copy.deepcopy(chance.choice(ODD))
    return made


ANIMALS = {
    "resourceType": "CodeSystem",
    "url": "http://acme.test/CodeSystem/animals",
    "name": "Animals",
    "status": "active",
    "content": "complete",
    "caseSensitive": True,
    "language": "en",
    "concept": [{"code": "cat", "display": "Cat", "designation": [{"language": "fr", "value": "Chat"}]}],
}


def test_what_is_remembered_of_a_code_is_of_the_language_around_it():
    """The same Coding, met before in a resource of another language, has another verdict."""
    known = Registry.default((), [ANIMALS])
    quick, walking = (Engine(known, Terminology(known), Options()) for _ in range(2))
    quick.certain, walking.certain = Certain(quick, hot=0), None
    wrong = set()
    for display in ("Cat", "Chat"):
        for language in ("en", "fr", "en", "fr"):
            coding = {"system": ANIMALS["url"], "code": "cat", "display": display}
            resource = {
                "resourceType": "Observation",
                "language": language,
                "status": "final",
                "code": {"coding": [coding]},
            }
            compare((quick, walking), resource, (display, language))
            if not quick.check(resource).valid:
                wrong.add((display, language))
    assert wrong == {("Cat", "fr"), ("Chat", "en")}
