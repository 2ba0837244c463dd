import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from footbridge.validation.definitions.registry import Registry
from footbridge.validation.packages import LoosePackage, PackageNotFound

SDOHCC = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/"
R4 = "http://hl7.org/fhir/StructureDefinition/"


def profile(url, base=R4 + "Task", *elements, **more):
    rows = [{"path": "Task"}, *elements]
    return {
        "resourceType": "StructureDefinition", "url": url, "kind": "resource", "type": "Task", "derivation": "constraint",
        "baseDefinition": base, "differential": {"element": rows}, **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def registry():
    return Registry.default()


def test_types_profiles_extensions_value_sets_and_code_systems_resolve(registry):
    assert registry.type("Task")["url"] == R4 + "Task"
    assert registry.structure(SDOHCC + "SDOHCC-TaskForReferralManagement")["version"] == "3.0.0"
    assert registry.extension("http://hl7.org/fhir/us/core/StructureDefinition/us-core-race")["type"] == "Extension"
    assert registry.extension(R4 + "Task") is None
    assert registry.value_set("http://hl7.org/fhir/ValueSet/task-status|4.0.1") is not None
    assert registry.code_system("http://hl7.org/fhir/task-status")["content"] == "complete"
    assert registry.structure("urn:test:nothing") is None


def test_all_types_of_r4_are_here(registry):
    assert {"Patient", "Task", "HumanName", "string", "xhtml", "Extension", "Bundle"} <= registry.type_names
    assert len(registry.type_names) > 200


def test_every_structure_here_has_a_snapshot(registry):
    missing = [entry.url for entry in registry.entries("StructureDefinition") if registry.nearest(entry.url) is None]
    assert missing == []


def test_a_version_asks_for_that_version(registry):
    url = SDOHCC + "SDOHCC-ServiceRequest"
    assert registry.structure(url + "|2.3.0")["version"] == "2.3.0"
    assert registry.structure(url + "|3.0")["version"] == "3.0.0"
    assert registry.structure(url + "|9.9.9") is None
    assert registry.nearest(url + "|9.9.9")["version"] == "3.0.0"


def test_a_named_package_takes_the_place_of_its_other_version():
    old = Registry.default(["hl7.fhir.us.sdoh-clinicalcare#2.3.0"])
    assert old.structure(SDOHCC + "SDOHCC-ServiceRequest")["version"] == "2.3.0"
    with pytest.raises(PackageNotFound):
        Registry.default(["hl7.fhir.us.sdoh-clinicalcare#0.0.1"])


def test_loose_definitions_win_and_may_come_in_a_bundle():
    mine = profile(R4 + "Patient", type="Task", version="x")
    bundle = {"resourceType": "Bundle", "entry": [{"resource": mine}, {"resource": 1}, 2]}
    assert Registry.default(definitions=[bundle]).structure(R4 + "Patient")["version"] == "x"


def test_other_resources_come_whole():
    form = {"resourceType": "Questionnaire", "url": "urn:q", "item": [{"linkId": "1"}]}
    assert Registry.default(definitions=[form]).resource("Questionnaire", "urn:q") == form


@pytest.mark.parametrize(
    ("definitions", "reason"),
    [
        ([profile("urn:a", "urn:nowhere")], "not known"),
        ([profile("urn:a", "urn:b"), profile("urn:b", "urn:a")], "not known"),
        ([profile("urn:a", "urn:a")], "not known|on itself"),
        ([profile("urn:a", R4 + "Task", {"path": "Task.nonsense"})], "Task.nonsense"),
        ([profile("urn:a", R4 + "Patient")], "Patient"),
    ],
)
def test_a_definition_whose_snapshot_cannot_be_made_says_why(definitions, reason):
    registry = Registry.default(definitions=definitions)
    assert registry.structure("urn:a") is None
    assert registry.fault("urn:a")
    assert re.search(reason, registry.fault("urn:a"))
    assert registry.fault("urn:unknown") is None


def test_threads_may_share_it():
    registry = Registry([LoosePackage([profile(f"urn:{n}") for n in range(30)]), *Registry.default().packages[1:]])
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(registry.structure, [f"urn:{n % 30}" for n in range(300)]))
    assert all(found[n] is found[n % 30] for n in range(300))
