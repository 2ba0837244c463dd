"""The medical record's own Patient is the client: found before anything is packed, referred to, never written to."""

import pytest
from support.crash import crash_when
from support.spine import HCN, TENANT, World, everything, prescribed

from footbridge.jobs.queue import JobQueue
from footbridge.mapping.draft import own_identifier_system
from footbridge.partners.fhir.simulator.app import RequestLog
from footbridge.partners.fhir.simulator.scripts import USUAL, always
from footbridge.store.exact_json import dumps
from footbridge.store.remote_ids import find_link, links_at

MRN = "urn:footbridge:test:mrn"
CARD = {"system": HCN, "value": "9876543217"}
CHART = {"system": MRN, "value": "700-secret"}
CREATED = (RequestLog("POST", "Patient"), RequestLog("PUT", "Patient/{id}"))


@pytest.fixture(params=["transaction", "resources"])
def clinic(database, clock, request):
    """A clinic whose record is delivered to in either shape."""
    with World(database, clock) as world:
        world.partner("emr", "requester", delivery=request.param)
        world.partner("hub")
        yield world


def registered(world, *identifiers, **members):
    """A Patient of the record's own."""
    return world.servers["emr"].put(
        {"resourceType": "Patient", "identifier": list(identifiers), "birthDate": "1951-04-12", **members}
    )


def patients(world):
    return world.servers["emr"].all("Patient")


def subjects(world):
    """Which Patients the record's resources refer to."""
    found = [one for one in everything(world.servers["emr"]) if one["resourceType"] != "Patient"]
    return {words.partition('"')[0] for one in found for words in dumps(one).split('"reference":"Patient/')[1:]}


def linked(world, receipt):
    """What is known of the client at the record."""
    with world.database.read() as connection:
        bundle = world.our_task(receipt.id)["for"]["reference"].split("/")
        found = links_at(connection, TENANT, "emr", [tuple(bundle)])
    return [link.remote_id for link in found]


def with_both(number=1, **changes):
    return prescribed(number, client=prescribed()["client"] | {"identifiers": [CARD, CHART]}, **changes)


def test_the_records_patient_is_the_client_of_all_that_comes_home(clinic):
    clinic.script("hub", always(USUAL))
    theirs = registered(clinic, CARD, name=[{"text": "G. Okafor, as we write it"}])
    receipt = clinic.submit(with_both())
    clinic.pass_time(days=40)
    assert patients(clinic) == [theirs]  # its version too: nothing was written to it
    assert subjects(clinic) == {theirs["id"]}
    assert linked(clinic, receipt) == [theirs["id"]]
    assert clinic.task("emr")["status"] == "completed"
    assert clinic.servers["emr"].all("Procedure")[0]["subject"] == {"reference": f"Patient/{theirs['id']}"}
    assert clinic.counts()["ready"] == clinic.counts()["failed"] == 0


def test_a_second_prescription_of_the_same_client_asks_no_more(clinic):
    theirs = registered(clinic, CARD)
    clinic.submit(with_both(1))
    clinic.pass_time()
    asked = clinic.servers["emr"].requests.count(RequestLog("POST", "Patient/_search"))
    clinic.submit(with_both(2))
    clinic.pass_time()
    assert subjects(clinic) == {theirs["id"]}
    assert len(patients(clinic)) == 1
    assert clinic.servers["emr"].requests.count(RequestLog("POST", "Patient/_search")) == asked


def test_a_client_whom_the_record_does_not_know_is_created_once(clinic):
    registered(clinic, {"system": HCN, "value": "1111111111"})
    receipt = clinic.submit(with_both())
    clinic.pass_time()
    (ours,) = (one for one in patients(clinic) if CARD in one["identifier"])
    assert own_identifier_system() in {one["system"] for one in ours["identifier"]}
    assert linked(clinic, receipt) == [ours["id"]]
    assert subjects(clinic) == {ours["id"]}


def test_a_client_with_no_identifier_is_created_without_a_search(clinic):
    person = {name: value for name, value in prescribed()["client"].items() if name != "identifiers"}
    clinic.submit(prescribed(client=person))
    clinic.pass_time()
    assert len(patients(clinic)) == 1
    assert RequestLog("POST", "Patient/_search") not in clinic.servers["emr"].requests


def test_of_several_nothing_is_created_until_a_person_has_merged_them(clinic):
    kept, merged = registered(clinic, CARD), registered(clinic, CHART)
    receipt = clinic.submit(with_both())
    clinic.pass_time()
    (failed,) = clinic.entries(state="failed")
    assert (failed.partner, failed.kind) == ("emr", "deliver")
    assert HCN in failed.last_error
    assert MRN in failed.last_error
    assert not any(secret in failed.last_error for secret in ("9876543217", "700-secret", "Okafor"))
    assert list(everything(clinic.servers["emr"])) == patients(clinic)
    assert len(patients(clinic)) == 2
    assert clinic.task("hub")["status"] == "requested"  # the service does not wait for it
    heir = {"reference": f"Patient/{kept['id']}"}
    clinic.rewrite("emr", merged, active=False, link=[{"type": "replaced-by", "other": heir}])
    with clinic.database.write() as connection:
        JobQueue(connection).retry_again(failed.id, now=clinic.clock.now())
    clinic.calm()
    assert len(patients(clinic)) == 2
    assert subjects(clinic) == {kept["id"]}
    assert linked(clinic, receipt) == [kept["id"]]
    assert clinic.counts()["failed"] == 0


@pytest.mark.parametrize("known", [True, False])
def test_a_try_whose_answer_was_lost_doubles_nobody(clinic, known):
    """The pair is kept only when the parcel has arrived: the repeat finds the same one, or ours of the first try."""
    if known:
        registered(clinic, CARD)
    clinic.servers["emr"].faults.next(drop=True, method="POST", route="")  # of the whole, where it goes as one
    clinic.servers["emr"].faults.next(drop=True, method="POST", route="Task")
    receipt = clinic.submit(with_both())
    clinic.pass_time()
    assert linked(clinic, receipt) == []
    clinic.calm()
    (patient,) = patients(clinic)
    assert subjects(clinic) == {patient["id"]}
    assert linked(clinic, receipt) == [patient["id"]]
    assert len(clinic.tasks("emr")) == 1


def test_a_kill_before_the_pair_is_kept_doubles_nobody(clinic):
    theirs = registered(clinic, CARD)
    receipt = clinic.submit(with_both())
    with crash_when(clinic.database, lambda: clinic.tasks("emr")) as crash:
        clinic.worker.step()
    assert crash.happened
    assert linked(clinic, receipt) == []
    clinic.recover()
    assert patients(clinic) == [theirs]
    assert linked(clinic, receipt) == [theirs["id"]]
    assert subjects(clinic) == {theirs["id"]}


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_record_that_cannot_be_searched_gets_ours(clinic, status):
    registered(clinic, CARD)
    clinic.servers["emr"].faults.next(status=status, method="POST", route="Patient/_search")
    clinic.submit(with_both())
    clinic.pass_time()
    assert len(patients(clinic)) == 2
    assert len(subjects(clinic)) == 1
    assert clinic.counts()["failed"] == 0


def test_a_record_that_may_not_be_searched_waits_for_a_person(clinic):
    registered(clinic, CARD)
    clinic.servers["emr"].faults.next(status=403, method="POST", route="Patient/_search")
    clinic.submit(with_both())
    clinic.pass_time()
    (failed,) = clinic.entries(state="failed")
    assert (failed.partner, failed.last_status) == ("emr", 403)
    assert len(patients(clinic)) == 1


def test_a_service_is_not_asked_whom_it_knows(clinic):
    clinic.servers["hub"].put({"resourceType": "Patient", "identifier": [CARD]})
    clinic.submit(with_both())
    clinic.pass_time()
    assert RequestLog("POST", "Patient/_search") not in clinic.servers["hub"].requests


def test_a_new_number_is_not_written_to_the_records_patient(clinic):
    theirs = registered(clinic, CARD, telecom=[{"system": "phone", "value": "416 555 0100"}])
    clinic.submit(with_both(1))
    clinic.pass_time(days=2)
    changed = with_both()["client"] | {"contacts": [{"system": "phone", "value": "+1 416 555 0199"}]}
    clinic.submit(prescribed(2, client=changed, authored=clinic.clock.now().isoformat(), followUp=None))
    clinic.pass_time(days=2)
    assert patients(clinic) == [theirs]
    assert not any(request in clinic.servers["emr"].requests for request in CREATED)


def test_the_records_patient_never_becomes_ours(clinic):
    """Not even when its staff name it as an output of the Task before the pair is known."""
    clinic.submit(with_both())
    clinic.pass_time()
    stranger = registered(clinic, {"system": HCN, "value": "2222222222"})
    output = {"type": {"text": "client"}, "valueReference": {"reference": f"Patient/{stranger['id']}"}}
    clinic.act("emr", output=[output])
    clinic.act("hub", status="accepted")
    clinic.pass_time(days=1)
    with clinic.database.read() as connection:
        assert find_link(connection, TENANT, "emr", "Patient", stranger["id"]) is None


def test_a_client_known_by_another_identifier_each_time_is_still_one_there(clinic):
    """To us these are two persons; the record knows better, and gets neither of them."""
    clinic.script("hub", always(USUAL))
    theirs = registered(clinic, CARD, CHART)
    for number, identifier in enumerate((CARD, CHART), start=1):
        person = prescribed()["client"] | {"identifiers": [identifier]}
        clinic.submit(prescribed(number, client=person))
    clinic.pass_time(days=40)
    assert patients(clinic) == [theirs]
    assert subjects(clinic) == {theirs["id"]}
    assert len(clinic.servers["emr"].all("Procedure")) == 2
    assert clinic.counts()["ready"] == clinic.counts()["failed"] == 0
