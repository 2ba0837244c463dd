"""Links between the entries of a document."""

import copy

import pytest


def urn(number):
    return f"urn:uuid:6f6d8a4e-1c1f-4b0e-9b53-0d2a1f3c4b{number:02d}"


@pytest.fixture
def document():
    composition = {
        "resourceType": "Composition", "status": "final", "type": {"text": "x"}, "date": "2026-01-01", "title": "x",
        "author": [{"reference": urn(1)}], "subject": {"reference": urn(2)},
    }  # fmt: skip
    parts = [
        composition,
        {"resourceType": "Organization", "name": "x"},
        {"resourceType": "Patient", "active": True},
        {"resourceType": "Flag", "status": "active", "code": {"text": "x"}, "subject": {"reference": urn(2)}},
    ]
    return {
        "resourceType": "Bundle", "type": "document", "timestamp": "2026-01-01T00:00:00Z",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": urn(9)},
        "entry": [{"fullUrl": urn(at), "resource": part} for at, part in enumerate(parts)],
    }  # fmt: skip


def test_entries_that_are_joined_either_way_are_good(found, document):
    assert found(document) == set()


def test_an_orphan_and_a_missing_target_are_found(found, document):
    broken = copy.deepcopy(document)
    broken["entry"][0]["resource"]["author"][0]["reference"] = urn(8)
    assert found(broken) == {
        ("bundle.target", "Bundle.entry[0].resource.author[0]"),
        ("bundle.orphan", "Bundle.entry[1]"),
    }


@pytest.mark.parametrize(("reference", "rules"), [("Nobody/1", set()), ("Patient/1", {"bundle.target"})])
def test_what_names_no_type_is_not_looked_for(found, document, reference, rules):
    document["entry"][0]["resource"]["subject"]["reference"] = reference
    assert {rule for rule, where in found(document) if where.endswith(".subject")} == rules


BASE = "https://acme.org/fhir/"


def versions(kind, reference, *told):
    """A Bundle whose head refers to a practitioner that stands in it in these versions."""
    head = {
        "resourceType": "Composition", "id": "c", "status": "final", "type": {"text": "x"}, "date": "2026-01-01",
        "author": [{"reference": reference}], "title": "x",
    }  # fmt: skip
    if kind == "message":
        head = {
            "resourceType": "MessageHeader", "id": "c", "eventUri": BASE + "e", "source": {"endpoint": BASE + "s"},
            "focus": [{"reference": reference}],
        }  # fmt: skip
    rows = [{"fullUrl": f"{BASE}{head['resourceType']}/c", "resource": head}]
    for version in told:
        meta = {} if version is None else {"meta": {"versionId": version}}
        resource = {"resourceType": "Practitioner", "id": "p", "active": True, **meta}
        rows.append({"fullUrl": f"{BASE}Practitioner/p", "resource": resource})
    bundle = {"resourceType": "Bundle", "type": kind, "entry": rows}
    identity = {"timestamp": "2026-01-01T00:00:00Z", "identifier": {"system": BASE + "i", "value": "1"}}
    return bundle | (identity if kind in {"document", "message"} else {})


# The HL7 validator has the same issues at the same places.
@pytest.mark.parametrize("base", ["", BASE])
@pytest.mark.parametrize(
    ("wanted", "told", "good"),
    [("2", ["2"], True), ("2", ["1"], False), ("2", [None], False), ("1", ["1"], True), ("20", ["2"], False)],
)
@pytest.mark.parametrize("kind", ["document", "message"])
def test_a_reference_to_a_version_leads_to_that_version_alone(found, kind, base, wanted, told, good):
    issues = found(versions(kind, f"{base}Practitioner/p/_history/{wanted}", *told))
    place = "Bundle.entry[0].resource." + ("author[0]" if kind == "document" else "focus[0]")
    orphan = {("bundle.orphan", "Bundle.entry[1]")} if kind == "document" else set()
    assert issues == (set() if good else {("bundle.target", place)} | orphan)


def test_a_reference_without_a_version_leads_to_any(found):
    assert found(versions("document", "Practitioner/p", "1")) == set()
    assert found(versions("document", "Practitioner/p", None)) == set()


@pytest.mark.parametrize(("wanted", "orphans"), [("1", {2}), ("2", {1}), ("3", {1, 2})])
def test_of_several_versions_the_others_are_orphans(found, wanted, orphans):
    issues = found(versions("document", f"Practitioner/p/_history/{wanted}", "1", "2"))
    assert {place for rule, place in issues if rule == "bundle.orphan"} == {f"Bundle.entry[{at}]" for at in orphans}
    assert ("bundle.target" in {rule for rule, _ in issues}) is (wanted == "3")


def test_the_entries_of_a_section_too(found):
    bundle = versions("document", "Practitioner/p/_history/1", "1")
    section = {"title": "s", "entry": [{"reference": "Practitioner/p/_history/2"}]}
    bundle["entry"][0]["resource"]["section"] = [section]
    assert found(bundle) == {("bundle.target", "Bundle.entry[0].resource.section[0].entry[0]")}


@pytest.mark.parametrize("kind", ["collection", "searchset"])
def test_other_bundles_need_not_hold_the_version(found, kind):
    assert found(versions(kind, "Practitioner/p/_history/2", "1")) == set()


@pytest.mark.parametrize(
    ("reference", "good"),
    [
        ("Organization/o/_history/1", True), ("Organization/o/_history/2", False), ("Organization/o", True),
        ("Organization/z/_history/2", True), (BASE + "Organization/o/_history/2", True),
        ("https://other.org/fhir/Organization/o/_history/2", True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["document", "message"])
def test_a_relative_reference_of_another_entry_asks_for_the_version_that_is_there(found, kind, reference, good):
    """As the HL7 validator has it, which leaves absolute URLs alone here: they may lead to a server."""
    bundle = versions(kind, "Practitioner/p", "1")
    organization = {"resourceType": "Organization", "id": "o", "name": "Food bank", "meta": {"versionId": "1"}}
    bundle["entry"].append({"fullUrl": BASE + "Organization/o", "resource": organization})
    head, practitioner = (row["resource"] for row in bundle["entry"][:2])
    practitioner["qualification"] = [{"code": {"text": "q"}, "issuer": {"reference": reference}}]
    name = "author" if kind == "document" else "focus"
    head[name].append({"reference": "Organization/o"})
    assert found(bundle) == (set() if good else {("bundle.version", "Bundle.entry[1]")})
