"""Another try, and the parts of a split."""

from datetime import UTC, datetime

import pytest
from support.prescriptions import RICH, prescription

from footbridge.mapping import to_bundle
from footbridge.mapping.split import Part, another_try, identity_of_try, split_request
from footbridge.model.prescription import Coding

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
OWNER = {"reference": "Organization/second"}


@pytest.fixture
def stored():
    """Order and Task as a store holds them: with ids."""
    client = RICH["client"] | {"safeToContact": False}
    mapped = to_bundle(prescription(RICH, client=client, kind="warm-connection", jurisdiction="us"))
    by_url = {entry["fullUrl"]: entry["resource"] for entry in mapped.bundle["entry"]}
    return [by_url[mapped.roles[role]] | {"id": mapped.roles[role][9:]} for role in ("service-request", "task")]


def flagged(resource):
    codes = [coding["code"] for one in resource.get("input", ()) for coding in one["type"]["coding"]]
    codes += [coding["code"] for one in resource.get("category", ()) for coding in one.get("coding", ())]
    return "contacting-subject-prohibited" in codes


def test_another_try_is_the_same_order_under_its_own_name(stored):
    _, task = stored
    identity = identity_of_try(task, 2)
    again = another_try(task, identity=identity, authored="2026-12-01T09:30:00.000Z", owner=OWNER)
    assert again["identifier"][0]["value"] == identity
    assert identity not in str(task)
    assert again["focus"] == task["focus"]
    assert (again["status"], again["owner"], again["authoredOn"]) == ("requested", OWNER, "2026-12-01T09:30:00.000Z")
    assert flagged(again)
    assert "DO NOT CONTACT" in again["text"]["div"]
    assert {name: task[name] for name in task if name not in {"identifier", "owner", "authoredOn"}} == {
        name: again[name] for name in again if name not in {"identifier", "owner", "authoredOn"}
    }


def test_another_try_leaves_the_owner_to_the_mapping(stored):
    _, task = stored
    again = another_try(task, identity="another", authored="2026-12-01T09:30:00.000Z")
    assert again.get("owner") == task.get("owner")


def test_each_try_has_its_own_id_and_the_same_try_the_same(stored):
    _, task = stored
    assert identity_of_try(task, 2) != identity_of_try(task, 3)
    assert identity_of_try(task, 2) == identity_of_try(dict(task), 2)


def test_parts_are_filler_orders_with_tasks_of_their_own(stored):
    order, task = stored
    parts = [Part("Childcare", "material-hardship", OWNER), Part("A ride", "transportation-insecurity")]
    (one, its_task), (two, open_task) = split_request(order, task, parts, authored=NOW)
    assert one["intent"] == two["intent"] == "filler-order"
    assert one["basedOn"] == [{"reference": f"ServiceRequest/{order['id']}"}]
    assert its_task["partOf"] == [{"reference": f"Task/{task['id']}"}]
    assert its_task["focus"] == {"reference": f"ServiceRequest/{one['id']}"}
    assert its_task["owner"] == OWNER
    assert "owner" not in open_task
    assert one["code"]["text"] == "Childcare"
    assert len({one["id"], two["id"], its_task["id"], open_task["id"]}) == 4
    assert all(flagged(made) for made in (one, its_task, two, open_task))
    assert not {"note", "patientInstruction"} & set(one)


def test_a_part_has_its_own_category_and_code(stored):
    said = Coding(system="http://snomed.info/sct", code="428632005")
    [(made, _)] = split_request(*stored, [Part("A ride", "transportation-insecurity", code=said)], authored=NOW)
    codes = [coding["code"] for one in made["category"] for coding in one["coding"]]
    assert "transportation-insecurity" in codes
    assert "food-insecurity" not in codes
    assert made["code"]["coding"] == [{"system": said.system, "code": said.code, "userSelected": True}]


def test_an_unknown_category_is_refused(stored):
    with pytest.raises(ValueError, match="category"):
        split_request(*stored, [Part("x", "no-such-category")], authored=NOW)
