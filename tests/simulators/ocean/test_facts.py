"""The simulator against the reference's facts, row by row: neither was made from the other, nor from the adapter."""

import re

import pytest
from support.ocean_answers import Box, appointment, communication, event_of, ocean_with, say, sent, task

from footbridge.simulators.ocean import tables

TASK_STATUSES = (
    "draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed",
    "completed", "entered-in-error",
)  # fmt: skip
FOCUS = {
    "Task": lambda ref: task(ref, "accepted"),
    "Appointment": appointment,
    "Communication": communication,
    "ServiceRequest": lambda ref: task(ref, "accepted"),
}


@pytest.fixture(scope="session")
def events(facts):
    """Every event of the facts, by its code; a row may name two, and may say by what name it came later."""
    rows = {}
    for row in facts("reference", "facts", "ocean_events.json")["events"]:
        for code in row["code"].split(" / "):
            rows[code] = row
    return rows


@pytest.fixture(scope="session")
def folders(facts):
    return facts("reference", "facts", "ocean_status_map.json")["rows"]


def is_taken(row, version):
    """Whether the facts say that Ocean takes it from a target that speaks this version."""
    direction = row.get("dir", "")
    to_ocean = direction.startswith(("T->", "both")) or "accepted T->O" in direction
    answers_rfi = row["code"] == "add-communication"  # its row has no direction: it answers an add-rfi
    versions = " ".join(row["in"])
    return (to_ocean or answers_rfi) and f"0.{version.removeprefix('0.')}" in versions


@pytest.mark.parametrize("version", ["0.11", "0.10"])
def test_each_event_is_taken_from_a_target_exactly_when_the_facts_say_so(events, version):
    for code, row in events.items():
        box = Box()
        ocean = ocean_with(box, version=version)
        ref = sent(ocean)
        kind = re.match(r"[A-Z]\w+", row.get("focus", "")) or ["Task"]
        if code == "add-communication":  # named beside "Task / Communication"
            kind = ["Communication"]
        focus = FOCUS[kind[0]](ref)
        if code == "notify-data-correction":
            focus = {"resourceType": "Patient", "name": [{"family": "Corrected"}]}
        status = say(ocean, box, ref, code, focus)
        assert (code, status) == (code, 200 if is_taken(row, version) else 400)


def test_each_event_from_ocean_can_be_sent(events, ocean, box):
    ref = sent(ocean)
    for code in events:
        ocean.emit(ref, code)
        ocean.run_due()
        assert event_of(box.last) == code


def test_the_table_has_every_event_of_the_facts_and_one_more_name(events):
    assert tables.events().keys() - events.keys() == {"notify-add-service-record"}
    assert events.keys() <= tables.events().keys()
    assert "notify-add-service-record" in events["notify-add-service-request"]["renamed"]


def test_the_system_of_the_events_is_that_of_the_facts(facts, ocean, box):
    sent(ocean)
    system = box.last["entry"][0]["resource"]["eventCoding"]["system"]
    assert facts("reference", "facts", "ocean_events.json")["eventCoding_system"].startswith(f"{system} ")


@pytest.mark.parametrize("status", TASK_STATUSES)
def test_each_task_status_moves_to_the_folder_of_the_facts(folders, ocean, box, status):
    ref = sent(ocean)
    row = next((one for one in folders if status in one.get("task_status_in", ())), None)
    answered = say(ocean, box, ref, "notify-add-process-request", task(ref, status))
    if row is None:  # "Task statuses not listed by the Playbook are unsupported by Ocean"
        assert (answered, ocean.folder(ref)) == (422, "New")
    else:
        assert answered == 200
        assert ocean.folder(ref, "received") == row["ocean_received_folder"]
        assert ocean.folder(ref, "sent") == row["ocean_sent_folder"]


def by_appointment(said):
    return lambda ocean, box, ref: say(ocean, box, ref, "notify-add-appointment", appointment(ref, said=(said,)))


def by_communication(ocean, box, ref):
    return say(ocean, box, ref, "send-communication-from-provider", communication(ref))


def by_revoke(ocean, box, ref):
    ocean.users.cancel(ref)


def by_forward(ocean, box, ref):
    ocean.users.forward(ref, "seniors_centre10000001")


OTHER_CAUSES = {
    "Booking Unconfirmed": by_appointment("tentative"),
    "Booking Confirmed": by_appointment("accepted"),
    "Awaiting Reply": by_communication,
    "Cancelled": by_revoke,
    "Forwarded (All)": by_forward,
}


@pytest.mark.parametrize("folder", OTHER_CAUSES)
def test_each_other_row_has_its_folder_on_both_sides(folders, ocean, box, folder):
    row = next(one for one in folders if one["ocean_received_folder"] == folder)
    assert "via" in row
    ref = sent(ocean)
    OTHER_CAUSES[folder](ocean, box, ref)
    assert ocean.folder(ref, "received") == folder
    assert ocean.folder(ref, "sent") == row["ocean_sent_folder"]


def test_no_row_of_the_facts_is_left_out(folders):
    by_status = {one["ocean_received_folder"] for one in folders if one.get("task_status_in")}
    rest = {one["ocean_received_folder"] for one in folders} - by_status - OTHER_CAUSES.keys()
    assert rest == {"Externally Managed / Incomplete"}  # "not found": nothing moves a referral there
    assert {one.received for one in tables.folders().values()} == {one["ocean_received_folder"] for one in folders}


def test_a_requested_task_leaves_a_referral_where_it_is(ocean, box):
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted"))
    assert say(ocean, box, ref, "notify-update-process-request", task(ref, "received")) == 200
    assert ocean.folder(ref) == "Pending Booking"


def test_a_declined_referral_is_opened_again_by_a_later_status(ocean, box):
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "rejected"))
    assert ocean.folder(ref) == "Declined"
    say(ocean, box, ref, "notify-update-process-request", task(ref, "accepted"))
    assert ocean.folder(ref) == "Pending Booking"


def test_the_names_of_identifiers_and_extensions_are_those_of_the_facts(facts):
    known = facts("reference", "facts", "ocean_identifiers.json")
    systems = {one.removeprefix("{fhirbase}/NamingSystem/") for one in known["identifier_systems"]}
    ours = {text for name, text in tables.raw()["identifiers"].items() if name not in {"about", "basis", "source"}}
    assert ours <= systems
    extensions = tables.raw()["extensions"]
    assert {*extensions["referral"].values(), extensions["cardVersion"]} <= known["extensions"].keys()
    assert known["profile_prefix"] == tables.raw()["profiles"]["prefix"]
    claimed = {kind: f"|{version}" for kind, version in known["profile_versions_in_real_payloads"]["v0.11"].items()}
    profiles = tables.raw()["profiles"]["0.11"]
    assert {kind: profiles.get(kind, profiles["*"]) for kind in claimed} == claimed
