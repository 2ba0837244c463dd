"""Every example Task of the guide, with what it refers to, written by a requester: a prescription, or the place why not.

The guide is American, and so are its codes: the tenant is too.
"""

import copy
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from support.emr import only, transaction
from support.fhir_http import System
from support.spine import World

from footbridge.mapping import from_bundle
from footbridge.mapping.graph import Graph, Node, nodes_of
from footbridge.mapping.references import references
from footbridge.store.tables import tenant

Json = dict[str, Any]
BASE = "https://emr.example.org/fhir"
REFERRALS = (
    "SDOHCC-TaskContentRichReferralWICExample",
    "SDOHCC-TaskReferralForFurtherAssessmentExample",
    "SDOHCC-TaskReferralForFurtherAssessmentMSW",
    "SDOHCC-TaskReferralManagementOrderFulfillmentAcceptedExample",
    "SDOHCC-TaskReferralManagementOrderFulfillmentCompletedExample",
    "SDOHCC-TaskReferralManagementOrderSubtaskAcceptedExample",
    "SDOHCC-TaskReferralManagementOrderSubtaskCompletedExample",
)
OF_PATIENTS = (
    "SDOHCC-TaskPatientInformationRequestCompletedExample",
    "SDOHCC-TaskPatientMakeAppointmentCompletedExample",
    "SDOHCC-TaskPatientReviewInformationCompletedExample",
    "SDOHCC-TaskPatientRiskQuestionnaireCompletedExample",
)


@pytest.fixture(scope="module")
def guide(test_data: Path) -> Graph:
    found = []
    with tarfile.open(test_data / "fhir-packages" / "hl7.fhir.us.sdoh-clinicalcare#3.0.0.tgz") as package:
        for member in package:
            name = member.name.removeprefix("package/example/")
            if name != member.name and name.endswith(".json") and not name.startswith("."):
                found.append(json.load(package.extractfile(member)))  # type: ignore[arg-type]
    return Graph(nodes_of(found))


@pytest.fixture
def town(sqlite_database: Any, clock: Any) -> Iterator[World]:
    with World(sqlite_database, clock) as world:
        with sqlite_database.write() as connection:
            connection.execute(update(tenant).values(jurisdiction="us"))
        world.take_on("annex", "requester", network="hosted", base_url="")
        world.take_on("hub", "recipient", network="hosted", base_url="")
        world.route("*", "hub")
        yield world


@pytest.fixture
def conforms() -> bool:
    return False


def with_all(guide: Graph, identity: str, status: str) -> list[Json]:
    """The Task in this status, and all that it leads to."""
    (root,) = [node for node in guide.of_type("Task") if node.resource["id"] == identity]
    found: list[Node] = [root]
    for node in found:
        for reference in references(node.resource):
            target = guide.follow(node, {"reference": reference})
            if target is not None and target not in found:
                found.append(target)
    several = copy.deepcopy([node.resource for node in found])
    several[0] = {name: value for name, value in several[0].items() if name != "output"} | {"status": status}
    return several


def entries(resources: list[Json], method: str) -> list[Json]:
    return [
        {
            "fullUrl": f"{BASE}/{one['resourceType']}/{one['id']}",
            "resource": one,
            "request": {
                "method": method,
                "url": one["resourceType"] if method == "POST" else f"{one['resourceType']}/{one['id']}",
            },
        }
        for one in resources
    ]


def same(town: World, resources: list[Json]) -> None:
    """What was stored is what the resources say, but for an identifier that is made of an id."""
    read = from_bundle(resources).prescription
    assert read is not None
    found, wanted = json.loads(only(town).document), json.loads(read.model_dump_json(exclude_defaults=True))
    for name in (wanted.keys() | found.keys()) - {"identifier"}:
        assert found.get(name) == wanted.get(name), name


@pytest.mark.parametrize("identity", REFERRALS)
def test_a_referral_in_one_transaction(town: World, annex: System, guide: Graph, identity: str) -> None:
    resources = with_all(guide, identity, "requested")
    answer = annex.ask("POST", "", transaction(entries(resources, "POST")))
    assert answer.status_code == 200, answer.text
    same(town, resources)
    assert "needs-person" in town.names(only(town).id)  # the guide's examples have no Consent


@pytest.mark.parametrize("identity", REFERRALS[::3])
def test_a_referral_one_by_one_under_its_own_ids_and_in_any_order(
    town: World, annex: System, guide: Graph, identity: str
) -> None:
    resources = with_all(guide, identity, "requested")
    for one in sorted(resources[1:], key=lambda one: str(one["id"])):
        answer = annex.ask("PUT", f"{one['resourceType']}/{one['id']}", one)
        assert answer.status_code == 201, answer.text
    answer = annex.ask("PUT", f"Task/{identity}", resources[0])
    assert answer.status_code == 201, answer.text
    same(town, resources)


@pytest.mark.parametrize("identity", OF_PATIENTS)
def test_a_task_that_asks_for_no_service_is_refused_with_what_it_lacks(
    town: World, annex: System, guide: Graph, identity: str
) -> None:
    resources = with_all(guide, identity, "ready")
    answer = annex.ask("POST", "", transaction(entries(resources, "PUT")))
    assert answer.status_code == 422, answer.text
    (issue,) = answer.json["issue"]
    assert issue["expression"] == ["Bundle.entry[0].resource"]
    assert "ServiceRequest" in issue["details"]["text"]
    assert annex.found("Task") == []


@pytest.mark.parametrize("identity", [REFERRALS[3], OF_PATIENTS[0]])
def test_one_that_asks_for_nothing_is_stored_and_says_so(
    town: World, annex: System, guide: Graph, identity: str
) -> None:
    resources = with_all(guide, identity, "completed")
    answer = annex.ask("POST", "", transaction(entries(resources, "PUT")), Prefer="return=OperationOutcome")
    assert answer.status_code == 200, answer.text
    texts = [issue["details"]["text"] for issue in answer.json["entry"][0]["response"]["outcome"]["issue"]]
    assert any("asks nobody" in text for text in texts)
    assert annex.read(f"Task/{identity}")["status"] == "completed"


def test_a_code_of_another_country_is_refused_at_its_place(town: World, annex: System, guide: Graph) -> None:
    with town.database.write() as connection:
        connection.execute(update(tenant).values(jurisdiction="ca"))
    resources = with_all(guide, REFERRALS[3], "requested")
    answer = annex.ask("POST", "", transaction(entries(resources, "PUT")))
    assert answer.status_code == 422, answer.text
    place = next(index for index, one in enumerate(resources) if one["resourceType"] == "ServiceRequest")
    assert [issue["expression"] for issue in answer.json["issue"]] == [[f"Bundle.entry[{place}].resource.code.coding"]]
