"""A prescription is taken in whole or not at all, once, and goes to the partner that it is meant for."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest
from sqlalchemy import func, insert, select
from support.crash import for_each_crash
from support.spine import DOCTOR, World, everything, prescribed

from footbridge.errors import ConflictError, MappingFault, NotFoundError, PrescriptionError
from footbridge.model.issues import Issue
from footbridge.referrals.intake import Intake
from footbridge.store import tables
from footbridge.store.tables import tenant as tenants
from footbridge.validation import Validator

WRITTEN = ["prescription", "referral", "resource", "search_index", "event", "person", "link"]
JOBS = {"messages": ["deliver", "update"], "follow-ups": ["follow-up"]}


def rows(world):
    """How many rows each table has that an intake writes."""
    with world.database.read() as connection:
        found = {
            name: connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()
            for name in WRITTEN
        }
        for what, kinds in JOBS.items():
            found[what] = connection.execute(select(func.count()).where(tables.job.c.kind.in_(kinds))).scalar_one()
    return found


NOTHING = dict.fromkeys([*WRITTEN, *JOBS], 0)


def test_a_process_that_ends_half_way_leaves_nothing(new_world):
    whole = {}

    def submit_again(world):
        """The caller got no answer."""
        found = rows(world)
        receipt = world.submit(prescribed())
        assert receipt.created == (found == NOTHING)
        assert found == NOTHING or found == rows(world)

    def all_is_there_once(world):
        assert whole.setdefault("rows", rows(world)) == rows(world)
        world.pass_time()
        assert len(world.tasks("hub")) == len(world.tasks("emr")) == 1

    for_each_crash(
        new_world, lambda world: world.submit(prescribed()), all_is_there_once, recover=submit_again, most=12
    )


def test_an_accepted_prescription_is_there_with_all_that_it_owes(world):
    receipt = world.submit(prescribed())
    assert (receipt.status, receipt.created) == ("active", True)
    assert world.names(receipt.id) == ["submitted"]
    assert {(entry.partner, entry.kind, entry.state) for entry in world.entries()} == {
        ("emr", "deliver", "ready"),
        ("hub", "deliver", "ready"),
    }
    (row,) = world.referrals(receipt.id)
    assert (row.partner, row.status, row.attempt) == ("hub", "requested", 1)
    assert world.ours("Task", row.task)["focus"] == {"reference": f"ServiceRequest/{row.service_request}"}


def test_every_reference_in_our_store_resolves(world):
    receipt = world.submit(prescribed())
    with world.database.read() as connection:
        stored = [orjson.loads(body) for body in connection.scalars(select(tables.resource.c.body))]
    places = {f"{one['resourceType']}/{one['id']}" for one in stored}
    found = {reference for one in stored for reference in references(one)}
    assert found
    assert found <= places
    assert receipt.created


def references(value) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def test_the_same_document_again_is_the_same_prescription(world):
    first = world.submit(prescribed())
    before = rows(world)
    again = world.submit(dict(reversed(prescribed().items())))  # members in another order
    assert (again.id, again.created) == (first.id, False)
    assert again.warnings == first.warnings
    assert rows(world) == before


def test_another_document_with_the_identifier_is_a_conflict(world):
    first = world.submit(prescribed())
    before = rows(world)
    with pytest.raises(ConflictError):
        world.submit(prescribed(priority="urgent"))
    assert rows(world) == before
    assert world.submit(prescribed()).id == first.id


def test_the_identifier_is_the_tenants_own(world):
    with world.database.write() as connection:
        connection.execute(insert(tenants), {"name": "other", "jurisdiction": "ca", "created": world.clock.now()})
    first = world.submit(prescribed(service={"description": "Good Food Box"}))
    other = world.intake.submit(orjson.dumps(prescribed(service=None)), replace(DOCTOR, tenant="other"))
    assert other.created
    assert other.id != first.id
    with pytest.raises(NotFoundError):
        world.intake.submit(orjson.dumps(prescribed()), replace(DOCTOR, tenant="nobody"))


def test_faults_refuse_it_whole(world):
    with pytest.raises(PrescriptionError) as refused:
        world.submit(prescribed(consent=None, needs=[{"category": "food", "statement": "Hungry."}], goals=None))
    pointers = {issue.pointer for issue in refused.value.issues if issue.is_error}
    assert {"/consent", "/needs/0/category"} <= pointers
    assert rows(world) == NOTHING


class Finicky(Validator):
    """Finds fault with every Goal."""

    def validate(self, resource, profiles=()):
        yield from super().validate(resource, profiles)
        if resource["resourceType"] == "Goal":
            yield Issue("test.finicky", "error", "invariant", "A Goal.", expression="Goal")


def test_a_fault_of_our_mapping_is_not_the_senders(world):
    intake = Intake(world.database, world.clock, Finicky())
    with pytest.raises(MappingFault) as fault:
        intake.submit(orjson.dumps(prescribed()), DOCTOR)
    assert {issue.rule for issue in fault.value.issues} == {"test.finicky"}
    assert rows(world) == NOTHING


def at_once(*calls):
    """Run the calls in threads that start together; returns results and exceptions in their order."""
    gate, found = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        gate.wait()
        try:
            found[place] = call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            found[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_at_once_one_is_made_and_both_hear_of_it(world):
    found = at_once(*[lambda: world.submit(prescribed())] * 4)
    assert sorted(receipt.created for receipt in found) == [False, False, False, True]
    assert len({receipt.id for receipt in found}) == 1
    assert len(world.entries()) == 2


def test_of_two_at_once_under_one_identifier_one_is_refused(world):
    found = at_once(lambda: world.submit(prescribed()), lambda: world.submit(prescribed(priority="urgent")))
    assert sorted(type(one).__name__ for one in found) == ["ConflictError", "Receipt"]


def test_prescriptions_of_one_client_share_the_patient_here_and_at_the_partner(world):
    found = at_once(*[lambda number=number: world.submit(prescribed(number)) for number in range(4)])
    assert all(receipt.created for receipt in found)
    subjects = {world.our_task(receipt.id)["for"]["reference"] for receipt in found}
    assert len(subjects) == 1
    world.pass_time()
    for name in ("hub", "emr"):
        (patient,) = world.servers[name].all("Patient")
        assert {task["for"]["reference"] for task in world.tasks(name)} == {f"Patient/{patient['id']}"}
        assert len(world.tasks(name)) == 4


def test_another_client_is_another_patient(world):
    first, second = prescribed(1), prescribed(2)
    second["client"]["identifiers"][0]["value"] = "9876543225"
    world.submit(first)
    world.submit(second)
    world.pass_time()
    assert len(world.servers["hub"].all("Patient")) == 2


def partner_of(world, receipt):
    return world.referrals(receipt.id)[0].partner


def warned(receipt):
    return [issue.pointer for issue in receipt.warnings if issue.rule == "routing.waits"]


def test_it_goes_to_the_partner_that_it_names(world):
    world.partner("pantry")
    world.route("*", "pantry")
    receipt = world.submit(prescribed())
    assert (partner_of(world, receipt), receipt.status, warned(receipt)) == ("hub", "active", [])


def test_a_partner_that_is_not_configured_makes_it_wait(world):
    world.route("*", "hub")
    receipt = world.submit(prescribed(service={"partner": "hubb", "description": "Good Food Box"}))
    assert (partner_of(world, receipt), receipt.status) == (None, "waiting")
    assert warned(receipt) == ["/service/partner"]
    assert any("'hub'" in issue.message for issue in receipt.warnings)
    world.pass_time()
    assert list(everything(world.servers["hub"])) == []
    assert world.task("emr")["status"] == "draft"
    assert world.order("emr")["status"] == "draft"


@pytest.mark.parametrize("name", ["emr"])
def test_the_record_is_no_recipient(world, name):
    receipt = world.submit(prescribed(service={"partner": name, "description": "Good Food Box"}))
    assert (partner_of(world, receipt), receipt.status) == (None, "waiting")
    world.route("*", name)
    receipt = world.submit(prescribed(2, service=None))
    assert (partner_of(world, receipt), receipt.status) == (None, "waiting")


def test_the_name_of_an_organisation_leads_to_its_partner(world):
    receipt = world.submit(prescribed(service={"organization": {"name": "HUB"}, "description": "Food"}))
    assert partner_of(world, receipt) == "hub"
    receipt = world.submit(prescribed(2, service={"organization": {"name": "Elsewhere"}, "description": "Food"}))
    assert (partner_of(world, receipt), warned(receipt)) == (None, ["/service/organization"])


def test_the_routes_of_its_categories_decide_where_it_names_nobody(world):
    world.partner("pantry")
    world.partner("choir")
    world.route("social-connection", "choir")
    world.route("*", "hub")
    assert partner_of(world, world.submit(prescribed(1, service=None))) == "hub"
    world.route("food-insecurity", "pantry")
    receipt = world.submit(prescribed(2, service={"description": "Good Food Box"}))
    assert partner_of(world, receipt) == "pantry"
    world.pass_time()
    (pantry,) = (one for one in world.servers["emr"].all("Organization") if one["name"] == "Pantry")
    owners = [task["owner"]["reference"] for task in world.tasks("emr") if "owner" in task]
    assert f"Organization/{pantry['id']}" in owners
    assert len(owners) == 2


def test_nobody_to_ask_makes_it_wait(world):
    receipt = world.submit(prescribed(service=None))
    assert (partner_of(world, receipt), receipt.status, warned(receipt)) == (None, "waiting", ["/service"])


def test_a_navigator_who_is_not_found_yet_is_waited_for(world):
    receipt = world.submit(prescribed(kind="navigator", service=None))
    assert receipt.status == "waiting"
    assert world.our_task(receipt.id)["status"] == "requested"


def test_a_signpost_tells_nobody_but_the_record(world):
    world.route("*", "hub")
    receipt = world.submit(prescribed(kind="signpost", consent=None))
    assert (partner_of(world, receipt), receipt.status) == (None, "active")
    world.pass_time(3)
    assert list(everything(world.servers["hub"])) == []
    assert len(world.servers["emr"].all("Task")) == 2  # the client's and the follow-up
    assert [entry.partner for entry in world.entries(state="done") if entry.kind == "deliver"] == ["emr"]


def test_a_clinic_without_a_record_works_too(database, clock):
    with World(database, clock) as world:
        world.partner("hub")
        receipt = world.submit(prescribed())
        world.pass_time()
        world.act("hub", status="accepted")
        world.pass_time(1)
        assert world.referrals(receipt.id)[0].status == "accepted"
