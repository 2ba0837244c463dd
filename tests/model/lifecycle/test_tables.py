"""The tables agree with the guide, with themselves, and are refused when they do not."""

import copy
import json
import tarfile

import pytest

from footbridge.data import read_json
from footbridge.errors import ConfigurationError, LifecycleError
from footbridge.model.lifecycle import begin, from_dict, to_dict
from footbridge.model.lifecycle.checking import check
from footbridge.model.lifecycle.compiling import compile_machine
from footbridge.model.lifecycle.tables import MACHINES, machine, roles


def table_file(name):
    return read_json("mappings", "lifecycle", f"{name}.json")


def load(raw):
    check(raw, compile_machine(raw, {}, roles()), frozenset(roles()), table_file("codes"))


@pytest.mark.parametrize(("name", "facts"), [("referral", "referral"), ("patient", "patient")])
def test_every_arrow_of_the_guide_is_there_and_every_other_is_a_written_decision(test_data, name, facts):
    drawn = json.loads((test_data / "reference/facts/gravity_task_status.json").read_text())[facts]
    arrows = {(arrow.before, arrow.after) for arrow in machine(name).transitions}
    expected = {
        (before, after) for before, targets in drawn["transitions"].items() if before != "*" for after in targets
    }
    expected |= {(status, "entered-in-error") for status in machine(name).statuses if status != "entered-in-error"}
    decided = {(row["from"], row["to"]) for row in table_file(name)["notDrawn"]}
    assert expected <= arrows
    assert arrows - expected <= decided
    assert set(drawn["valueSet"]) == machine(name).value_set == set(machine(name).statuses)
    assert machine(name).terminal == {s for s in drawn["valueSet"] if s not in drawn["transitions"]} - set(
        drawn["initial"]
    )
    assert set(drawn["initial"]) == set(machine(name).initial)


def test_the_code_lists_are_those_of_r4(test_data):
    def codes(concepts):
        for concept in concepts:
            yield concept["code"]
            yield from codes(concept.get("concept", []))

    with tarfile.open(test_data / "fhir-packages/hl7.fhir.r4.core#4.0.1.tgz") as package:
        for member, name in [
            ("requestStatus", "request-status"),
            ("goalStatus", "goal-status"),
            ("goalAchievement", "goal-achievement"),
        ]:
            system = json.load(package.extractfile(f"package/CodeSystem-{name}.json"))
            assert set(table_file("codes")[member]["codes"]) == set(codes(system["concept"]))
        system = json.load(package.extractfile("package/CodeSystem-task-status.json"))
        assert machine("follow-up").value_set == set(codes(system["concept"]))


@pytest.mark.parametrize("name", MACHINES)
def test_every_task_status_of_r4_means_something_or_is_refused_on_purpose(name):
    understood = {word for word in machine("follow-up").value_set if machine(name).understand(word)}
    on_purpose = {"patient": {"draft"}}.get(name, set())
    assert understood == machine("follow-up").value_set - on_purpose


@pytest.mark.parametrize("name", MACHINES)
def test_every_row_gives_its_reason(name):
    raw = table_file(name)
    for member in ("transitions", "notDrawn", "arrivals", "orders", "serviceRequest", "goal", "followUp"):
        assert all(row["why"].endswith(".") for row in raw[member]), member


def break_it(change):
    raw = copy.deepcopy(table_file("referral"))
    change(raw)
    return raw


def without(event):
    return lambda raw: raw.update(transitions=[row for row in raw["transitions"] if row["event"] != event])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda raw: raw["transitions"][0].update(to="received"), "'received' is not a known status"),
        (lambda raw: raw["statuses"].append("received"), "'received' is not a known status of its value set"),
        (lambda raw: raw["transitions"][0].update(by=["nurse"]), "'nurse' is not a known role"),
        (without("hold"), "'on-hold' is never reached"),
        (lambda raw: raw["transitions"].append(raw["transitions"][0]), "two rows for event submit from draft"),
        (
            lambda raw: raw["transitions"].append(
                {"event": "revive", "from": ["failed"], "to": "requested", "by": ["admin"], "why": "No."}
            ),
            "terminal 'failed' leads to 'requested'",
        ),
        (lambda raw: raw["serviceRequest"].pop(0), "no ServiceRequest.status for draft as-task"),
        (lambda raw: raw["serviceRequest"][0].update(to="finished"), "'finished' is not a known request status"),
        (lambda raw: raw["arrivals"][0].update(effects=["shout"]), "'shout' is not a known effect"),
        (lambda raw: raw["arrivals"][0].update(standing="odd"), "'odd' is not a known standing"),
        (lambda raw: raw["goal"][0].update(achievement="won"), "'won' is not a known goal achievement"),
        (lambda raw: raw.update(starts="accepted"), "starts in 'accepted'"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused_when_loaded(change, says):
    with pytest.raises(ConfigurationError, match=says):
        load(break_it(change))


def test_the_shipped_tables_pass_the_check():
    for name in MACHINES:
        load(table_file(name))


def test_a_state_is_stored_as_plain_json():
    state = begin("navigator", requester="emr", owner="hub", goals=["g"], follow_up=True)
    document = to_dict(state)
    assert document["task"]["status"] == "requested"
    assert document["serviceRequest"] == "active"
    assert from_dict(json.loads(json.dumps(document))) == state


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.pop("task"),
        lambda document: document["task"].update(status="received"),
        lambda document: document["task"].update(machine="other"),
        lambda document: document["task"].update(
            heard=[{"source": "s", "at": "today", "status": "x", "version": None}]
        ),
        lambda document: document.update(goals=[1]),
    ],
)
def test_a_damaged_state_is_not_read(damage):
    document = to_dict(begin("navigator"))
    damage(document)
    with pytest.raises(LifecycleError) as error:
        from_dict(document)
    assert error.value.reason == "unreadable-state"
