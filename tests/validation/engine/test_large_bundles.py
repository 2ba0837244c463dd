"""One large Bundle costs as much an entry as a small one, and a chain of references is followed to its end."""

import pytest
from benchmarks.bundle import KINDS, bundle, name

from footbridge.validation import Budget, Validator


class Counted(Budget):
    """A budget without end that counts the work."""

    def __init__(self):
        super().__init__(1e9)
        self.spent = 0

    def spend(self, amount=1):
        self.spent += amount


def work(kind, entries):
    budget = Counted()
    Validator().check(bundle(kind, entries), budget=budget)
    return budget.spent


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_work_grows_with_the_entries_and_no_faster(kind):
    assert work(kind, 800) <= 4.4 * work(kind, 200)


LINKED = {
    "resourceType": "StructureDefinition", "url": "https://clinic.test/StructureDefinition/linked", "name": "Linked",
    "status": "draft", "fhirVersion": "4.0.1", "kind": "resource", "abstract": False, "type": "Patient",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient", "derivation": "constraint",
    "differential": {"element": [
        {"id": "Patient.birthDate", "path": "Patient.birthDate", "min": 1},
        {"id": "Patient.link.other", "path": "Patient.link.other", "type": [
            {"code": "Reference", "targetProfile": ["https://clinic.test/StructureDefinition/linked"]},
        ]},
    ]},
}  # fmt: skip


@pytest.fixture(scope="module")
def linked():
    return Validator(definitions=[LINKED])


def patients(number, *, circle):
    """Patients of that profile, each linked to the next."""
    made = bundle("collection", number)
    for at, entry in enumerate(made["entry"]):
        entry["resource"] |= {"meta": {"profile": [LINKED["url"]]}, "birthDate": "1970-01-01"}
        if circle or at + 1 < number:
            entry["resource"]["link"] = [{"other": {"reference": name((at + 1) % number)}, "type": "seealso"}]
    return made


@pytest.mark.parametrize("number", [2, 12, 400])
def test_the_end_of_a_chain_decides(linked, number):
    chain = patients(number, circle=False)
    assert linked.check(chain).issues == ()
    del chain["entry"][-1]["resource"]["birthDate"]
    found = {(issue.rule, issue.expression) for issue in linked.check(chain).issues}
    assert found == {("profile.min", f"Bundle.entry[{number - 1}].resource")} | {
        ("reference.profile", f"Bundle.entry[{at}].resource.link[0].other") for at in range(number - 1)
    }


@pytest.mark.parametrize("number", [2, 12, 300])
def test_a_circle_ends(linked, number):
    circle = patients(number, circle=True)
    assert linked.check(circle).issues == ()
    del circle["entry"][1]["resource"]["birthDate"]
    found = {(issue.rule, issue.expression) for issue in linked.check(circle).issues}
    assert {
        ("profile.min", "Bundle.entry[1].resource"),
        ("reference.profile", "Bundle.entry[0].resource.link[0].other"),
    } <= found
