"""The table of events names what is written, and holds every detail to what it says."""

import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest

from footbridge.data import read_json
from footbridge.model.events import check, event_kind, names, names_seen_by, step_name
from footbridge.model.lifecycle.results import RefusedReason
from footbridge.model.lifecycle.tables import MACHINES, machine

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "events_page.py"
CODES = read_json("mappings", "events.json")["codes"]
STEPS = [
    ("follow-up" if name == "follow-up" else "main", row)
    for name in MACHINES
    for row in chain(machine(name).transitions, machine(name).orders)
]


@pytest.mark.parametrize(("which", "row"), STEPS, ids=lambda value: getattr(value, "event", value))
def test_every_event_of_the_lifecycle_has_a_name_and_its_writers(which, row):
    kind = event_kind(step_name(which, row.event))
    assert row.by <= kind.written_by


def test_no_name_stands_for_a_step_that_the_lifecycle_lacks():
    known = {(which, row.event) for which, row in STEPS} | {("main", "reported"), ("follow-up", "reported")}
    assert {kind.step for kind in map(event_kind, names()) if kind.step} == known


def test_the_codes_of_a_refusal_are_those_of_the_lifecycle():
    assert set(CODES["refused"]) == set(get_args(RefusedReason))


def test_whatever_the_tables_leave_to_a_person_has_a_code():
    arrivals = {row.status for name in MACHINES for row in machine(name).arrivals if "needs-person" in row.effects}
    orders = {row.event for name in MACHINES for row in machine(name).orders if "needs-person" in row.effects}
    assert arrivals | orders <= set(CODES["why"])


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("accept", {}),
        ("answered", {}),
        ("answered", {"happened": "partly"}),
        ("goal-changed", {"goal": "goal/0", "lifecycle": "active", "achievement": "improving"}),
        ("output-not-taken-over", {"type": "Procedure", "why": "invalid", "rules": ["cardinality"]}),
        ("appointment", {"start": "2026-03-04T10:00:00-05:00", "location": "Room 2"}),
        ("message", {"direction": "from-requester", "title": "About the box"}),
    ],
)
def test_what_the_table_says_is_accepted(name, detail):
    check(name, detail)


@pytest.mark.parametrize(
    ("name", "detail", "fault"),
    [
        ("answered-yes", {}, "answered-yes"),
        ("accept", {"partner": "hub"}, r"unknown \['partner'\]"),
        ("part", {}, r"missing \['description'\]"),
        ("part", {"description": None}, r"another type \['description'\]"),
        ("answered", {"happened": "perhaps"}, r"another type \['happened'\]"),
        ("needs-person", {"why": "tired"}, r"another type \['why'\]"),
        ("appointment", {"start": "2026-03-04T10:00:00"}, r"another type \['start'\]"),
        ("appointment", {"start": "tomorrow"}, r"another type \['start'\]"),
        ("output-not-taken-over", {"type": "Procedure", "why": "invalid", "rules": "a"}, r"another type \['rules'\]"),
        ("amended", {"members": [1]}, r"another type \['members'\]"),
    ],
)
def test_anything_else_is_an_error(name, detail, fault):
    with pytest.raises(ValueError, match=fault):
        check(name, detail)


def test_an_error_never_shows_a_value():
    with pytest.raises(ValueError, match="description") as error:
        check("part", {"description": 4165550100})
    assert "4165550100" not in str(error.value)


def test_what_stays_with_those_who_ordered_is_not_shown_to_a_recipient():
    hidden = set(names()) - names_seen_by("recipient")
    assert {"answered", "goal-changed", "needs-person", "follow-up-due", "amended", "delivery-failed"} <= hidden
    assert {"accept", "refused", "delivered", "appointment", "contact-prohibited"} <= names_seen_by("recipient")
    assert names_seen_by("requester") == names_seen_by("navigator") == names_seen_by("admin") == set(names())
    assert names_seen_by("person") == frozenset()


def test_the_page_and_the_contract_are_up_to_date():
    ran = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
