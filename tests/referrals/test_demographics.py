"""What services are told of a client follows the newest prescription: a number that must not be called goes."""

import pytest
from support.spine import everything, prescribed

from footbridge.partners.fhir.simulator.scripts import USUAL, always
from footbridge.store.exact_json import dumps

PHONE, NEW_PHONE, STREET = "416 555 0142", "416 555 0199", "12 Sample Street"
KITCHEN = {"partner": "kitchen", "description": "Community kitchen"}


@pytest.fixture
def spoken(world):
    """One more service beside ``hub``, which prescriptions name."""
    world.partner("kitchen")
    return world


def client(**changes):
    return prescribed()["client"] | changes


def reached_at(number):
    return client(contacts=[{"system": "phone", "use": "mobile", "value": f"+1 {number}", "preferred": True}])


def later(world, number, **changes):
    """A further prescription of the same client, written days after the one before it."""
    world.pass_time(days=2)
    return prescribed(number, authored=world.clock.now().isoformat(), **{"followUp": None, **changes})


def text_at(world, name):
    return "\n".join(dumps(one) for one in everything(world.servers[name]))


def test_a_client_who_becomes_unsafe_is_not_to_be_reached_at_any_service_at_work(spoken):
    spoken.submit(prescribed(1))
    spoken.pass_time()
    assert PHONE in text_at(spoken, "hub")
    spoken.submit(later(spoken, 2, client=client(safeToContact=False), service=KITCHEN))
    spoken.pass_time()
    for service in ("hub", "kitchen"):
        assert [word for word in (PHONE, STREET) if word in text_at(spoken, service)] == []


def test_the_next_referral_to_the_same_service_brings_no_old_number(spoken):
    spoken.submit(prescribed(1))
    spoken.pass_time()
    spoken.submit(later(spoken, 2, client=client(safeToContact=False)))
    spoken.pass_time()
    assert PHONE not in text_at(spoken, "hub")
    assert len(spoken.tasks("hub")) == 2


def test_a_new_number_goes_to_services_at_work(spoken):
    spoken.submit(prescribed(1))
    spoken.pass_time()
    spoken.submit(later(spoken, 2, client=reached_at(NEW_PHONE), service=KITCHEN))
    spoken.pass_time()
    for service in ("hub", "kitchen"):
        assert NEW_PHONE in text_at(spoken, service)
        assert PHONE not in text_at(spoken, service)


def test_a_service_that_may_not_have_contact_gets_none(spoken):
    no_contact = prescribed()["consent"] | {"scope": ["needs", "goals"]}
    spoken.submit(prescribed(1, consent=no_contact))
    spoken.pass_time()
    spoken.submit(later(spoken, 2, client=reached_at(NEW_PHONE), service=KITCHEN))
    spoken.pass_time()
    assert NEW_PHONE in text_at(spoken, "kitchen")
    assert NEW_PHONE not in text_at(spoken, "hub")


def test_a_service_that_is_done_is_not_told(world):
    world.partner("kitchen", script=always(USUAL))
    world.submit(prescribed(1, service=KITCHEN))
    world.pass_time(days=30)
    world.submit(later(world, 2, client=reached_at(NEW_PHONE)))
    world.pass_time()
    assert NEW_PHONE not in text_at(world, "kitchen")
    assert NEW_PHONE in text_at(world, "hub")


def test_an_older_prescription_that_comes_late_changes_nothing(spoken):
    spoken.submit(later(spoken, 1, client=client(safeToContact=False)))
    spoken.pass_time()
    receipt = spoken.submit(prescribed(2, service=KITCHEN))
    spoken.pass_time()
    assert PHONE not in text_at(spoken, "hub")
    assert PHONE not in text_at(spoken, "kitchen")
    assert [issue.rule for issue in receipt.warnings if issue.rule.startswith("client.")] == []


def test_the_medical_record_keeps_what_it_wrote(spoken):
    spoken.submit(prescribed(1))
    spoken.submit(later(spoken, 2, client=client(safeToContact=False), service=KITCHEN))
    spoken.pass_time()
    assert PHONE in text_at(spoken, "emr")


def test_contact_that_is_allowed_again_is_pointed_out(spoken):
    spoken.submit(prescribed(1, client=client(safeToContact=False), followUp=None))
    receipt = spoken.submit(later(spoken, 2, client=client(safeToContact=True)))
    found = [issue for issue in receipt.warnings if issue.rule == "client.safe-again"]
    assert [issue.pointer for issue in found] == ["/client/safeToContact"]
    spoken.pass_time()
    assert PHONE in text_at(spoken, "hub")


def test_silence_does_not_allow_contact_again(spoken):
    spoken.submit(prescribed(1, client=client(safeToContact=False), followUp=None))
    receipt = spoken.submit(later(spoken, 2, service=KITCHEN))
    spoken.pass_time()
    found = [issue for issue in receipt.warnings if issue.rule == "client.still-prohibited"]
    assert [issue.pointer for issue in found] == ["/client/safeToContact"]
    assert PHONE not in text_at(spoken, "hub")
    assert PHONE not in text_at(spoken, "kitchen")


def test_a_prohibition_that_comes_late_counts_against_silence(spoken):
    spoken.submit(later(spoken, 1))
    spoken.pass_time()
    assert PHONE in text_at(spoken, "hub")
    spoken.submit(prescribed(2, client=client(safeToContact=False), service=KITCHEN, followUp=None))
    spoken.pass_time()
    for service in ("hub", "kitchen"):
        assert PHONE not in text_at(spoken, service)


def test_our_own_patient_follows(spoken):
    first = spoken.submit(prescribed(1))
    spoken.submit(later(spoken, 2, client=reached_at(NEW_PHONE), service=KITCHEN))
    kind, _, identity = spoken.our_task(first.id)["for"]["reference"].partition("/")
    patient = spoken.ours(kind, identity)
    assert [point["value"] for point in patient["telecom"]] == [f"+1 {NEW_PHONE}"]
    assert patient["meta"]["versionId"] == "2"


def test_a_client_who_stays_the_same_is_not_written_anew(spoken):
    first = spoken.submit(prescribed(1))
    spoken.pass_time()
    spoken.submit(later(spoken, 2, service=KITCHEN))
    spoken.pass_time()
    kind, _, identity = spoken.our_task(first.id)["for"]["reference"].partition("/")
    assert spoken.ours(kind, identity)["meta"]["versionId"] == "1"
    assert [entry for entry in spoken.entries() if entry.kind == "update" and entry.partner == "hub"] == []
