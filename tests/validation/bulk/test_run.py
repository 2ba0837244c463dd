"""The stream keeps the order, gives the same in one process or in several, and holds little."""

import itertools
import json
import multiprocessing
import threading

import pytest

from footbridge.errors import ConfigurationError
from footbridge.validation import Options
from footbridge.validation.bulk import Item, Setup, check_all
from footbridge.validation.bulk.run import AHEAD, ALONE, PARCEL_ITEMS, parcels
from footbridge.validation.packages import PackageNotFound
from footbridge.validation.validator import Validator

GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = {"resourceType": "Task", "id": "bad", "status": "nonsense"}
MANY = (ALONE + 2) * PARCEL_ITEMS  # enough for workers


def items(count):
    for number in range(count):
        body = GOOD | {"id": str(number)} if number % 3 else BAD
        yield Item(f"a:{number + 1}", json.dumps(body).encode(), number + 1)


def told(results):
    return [(one.source, one.resource_type, one.id, one.outcome.valid, one.outcome.issues) for one in results]


def test_results_come_in_order():
    found = told(check_all(items(9), Setup()))
    assert [row[0] for row in found] == [f"a:{number}" for number in range(1, 10)]
    assert [row[3] for row in found] == [False, True, True] * 3


def test_several_processes_give_the_same():
    several = told(check_all(items(MANY), Setup(), jobs=2))
    assert several == told(check_all(items(MANY), Setup()))


def test_a_short_stream_needs_no_worker():
    results = check_all(items(ALONE * PARCEL_ITEMS), Setup(), jobs=2)
    for _ in range(ALONE * PARCEL_ITEMS):
        next(results)
        assert multiprocessing.active_children() == []


def test_no_worker_is_left_when_all_is_done():
    before = set(threading.enumerate())
    assert len(list(check_all(items(MANY), Setup(), jobs=2))) == MANY
    assert multiprocessing.active_children() == []
    assert set(threading.enumerate()) <= before


def test_input_is_read_only_as_far_as_the_workers_are():
    taken = 0

    def endless():
        nonlocal taken
        for item in itertools.chain.from_iterable(items(100) for _ in itertools.count()):
            taken += 1
            yield item

    results = check_all(endless(), Setup(), jobs=2)
    for _ in range(ALONE * PARCEL_ITEMS + 50):
        next(results)
    results.close()
    assert taken <= (ALONE + 2 * (AHEAD + 1)) * PARCEL_ITEMS


def test_parcels_are_bounded_in_number_and_size():
    sizes = [len(parcel) for parcel in parcels(Item(str(n), b"x" * 600_000) for n in range(5))]
    assert sizes == [2, 2, 1]
    assert [len(parcel) for parcel in parcels(items(PARCEL_ITEMS + 1))] == [PARCEL_ITEMS, 1]


def test_lines_are_those_of_the_file():
    [checked] = check_all([Item("a:7", json.dumps(BAD).encode(), 7)], Setup())
    assert {issue.line for issue in checked.outcome.issues} == {7}


def test_profiles_and_options_reach_the_workers():
    profile = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"
    setup = Setup(profiles=(profile,), options=Options(max_issues=1, best_practice="ignore"))
    for jobs in (1, 2):
        for checked in check_all([Item("-", json.dumps(GOOD).encode())] * MANY, setup, jobs=jobs):
            assert len(checked.outcome.issues) == 2
            assert checked.outcome.issues[-1].rule == "validation.too-many-issues"


def test_an_unknown_package_is_told_before_anything_is_read():
    with pytest.raises(PackageNotFound):
        check_all(iter([]), Setup(packages=("no.such.package#1.0.0",)), jobs=2)


def test_what_is_too_large_is_an_issue():
    [checked] = check_all([Item("a", None)], Setup())
    assert [issue.rule for issue in checked.outcome.issues] == ["reading.too-large"]
    assert not checked.outcome.valid


def test_a_fault_of_ours_ends_no_stream(monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Validator, "check_document", fail)
    [first, second] = check_all(items(2), Setup())
    assert [issue.rule for issue in first.outcome.issues] == ["validation.failed"]
    assert "secret" not in first.outcome.issues[0].message
    assert not second.outcome.valid


def test_a_wrong_setting_is_no_fault_of_the_resource(monkeypatch):
    def fail(*_):
        raise ConfigurationError("A setting is wrong.")

    monkeypatch.setattr(Validator, "check_document", fail)
    with pytest.raises(ConfigurationError):
        list(check_all(items(2), Setup()))


@pytest.mark.parametrize(
    ("data", "told"),
    [(b'{"resourceType": "Task",,}', "at line 7, column 25"), (b'{"resourceType": "\xff"}', "at line 7, byte 19")],
)
def test_a_fault_of_the_text_is_told_at_the_line_of_the_file(data, told):
    (checked,) = check_all([Item("a:7", data, 7)], Setup())
    (issue,) = checked.outcome.issues
    assert told in issue.message
    assert issue.line == 7


def test_large_documents_go_to_the_workers():
    text = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{"a" * 600_000}</p></div>'}
    large = [Item(str(at), json.dumps(GOOD | {"text": text}).encode()) for at in range(4)]
    results = check_all(large, Setup(), jobs=2)
    next(results)
    assert multiprocessing.active_children()
    assert len(list(results)) == 3
