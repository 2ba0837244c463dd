"""The guide's own examples read without exception, and every thing that is not carried is told."""

import json
import tarfile

import pytest

from footbridge.mapping import from_bundle
from footbridge.mapping.graph import Graph, nodes_of


@pytest.fixture(scope="module", params=["3.0.0", "2.3.0"])
def examples(request, test_data):
    path = test_data / "fhir-packages" / f"hl7.fhir.us.sdoh-clinicalcare#{request.param}.tgz"
    found = []
    with tarfile.open(path) as package:
        for member in sorted(package, key=lambda one: one.name):
            name = member.name.removeprefix("package/example/")
            if name != member.name and name.endswith(".json") and not name.startswith("."):
                found.append(json.load(package.extractfile(member)))
    assert len(found) == {"3.0.0": 73, "2.3.0": 58}[request.param]
    return found


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def around(graph, node):
    """A resource and all that it leads to."""
    found, waiting = [node], [node]
    while waiting:
        here = waiting.pop()
        for reference in references(here.resource):
            target = graph.follow(here, reference)
            if target is not None and target not in found:
                found.append(target)
                waiting.append(target)
    return [one.resource for one in found]


def test_every_referral_task_gives_a_prescription(examples):
    graph = Graph(nodes_of(examples))
    tasks = [one for one in graph.of_type("Task") if "TaskForReferralManagement" in one.resource["meta"]["profile"][0]]
    assert len(tasks) >= 4
    for task in tasks:
        read = from_bundle(around(graph, task))
        assert read.prescription is not None, task.resource["id"]
        assert read.prescription.kind == "warm-connection"
        assert read.prescription.needs[0].category == "food-insecurity"
        assert read.prescription.service is not None


def test_what_a_patients_task_lacks_is_told(examples):
    graph = Graph(nodes_of(examples))
    for task in graph.of_type("Task"):
        if "TaskForPatient" in task.resource["meta"]["profile"][0]:
            read = from_bundle(around(graph, task))
            assert read.prescription is None
            missing = [issue.expression for issue in read.not_carried if issue.severity == "error"]
            assert missing == ["ServiceRequest.reasonReference"]


def test_every_example_alone_and_all_together_read_without_exception(examples):
    for resource in examples:
        read = from_bundle(resource)
        assert read.not_carried
    together = from_bundle(examples)
    assert {issue.severity for issue in together.not_carried} <= {"information", "warning"}


def test_an_element_with_no_place_is_told_for_every_task_with_an_output(examples):
    graph = Graph(nodes_of(examples))
    for task in graph.of_type("Task"):
        if "output" in task.resource:
            told = {issue.expression for issue in from_bundle(around(graph, task)).not_carried}
            assert any("output" in one or one.startswith("%resources") for one in told)
