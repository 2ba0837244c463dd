"""How much is decided without the walk, and what a process pays that looks at one resource."""

import gc

import pytest
from benchmarks.differential import in_package

from footbridge.validation import Budget
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.engine.engine import Engine
from footbridge.validation.sure.certain import FIRST, HOT, Certain
from footbridge.validation.valuesets import Terminology

GUIDE = "hl7.fhir.us.sdoh-clinicalcare#3.0.0"
REFERRAL = "SDOHCC-TaskForReferralManagement"


class Counting(Certain):
    """Counts the elements that the walk must look at, and all of them."""

    def __init__(self, engine):
        super().__init__(engine, hot=0)
        self.walked = self.all = 0

    def type(self, spot, plan, scope, walk):
        self.all += len(spot.value)
        for key in super().type(spot, plan, scope, walk) or spot.value:
            self.walked += 1
            yield key


@pytest.fixture(scope="module")
def definitions():
    return Registry.default()


@pytest.fixture(scope="module")
def examples(test_data):
    return [resource for name, resource in in_package(test_data, GUIDE) if "PRAPARE" not in name]


def engine_of(definitions):
    return Engine(definitions, Terminology(definitions))


def test_good_examples_are_hardly_walked(definitions, examples):
    engine = engine_of(definitions)
    engine.certain = counting = Counting(engine)
    for resource in examples:
        engine.check(resource)
    assert counting.walked < counting.all * 0.1


def test_nothing_of_a_referral_is_walked(definitions, examples):
    engine = engine_of(definitions)
    referrals = [one for one in examples if REFERRAL in str(one.get("meta", {}).get("profile"))]
    assert referrals
    for resource in referrals:
        engine.certain = counting = Counting(engine)
        assert [issue.rule for issue in engine.check(resource).issues] == ["narrative.missing"]
        assert counting.walked == 0


def test_a_process_that_looks_at_one_resource_writes_no_function(definitions, examples):
    engine = engine_of(definitions)
    for resource in examples[:1]:
        engine.check(resource)
    assert not engine.certain.has_functions
    patient = {"resourceType": "Patient", "gender": "female"}
    for _ in range(HOT + FIRST + 1):
        engine.check(patient)
    assert engine.certain.has_functions


def test_a_validation_leaves_nothing_for_the_collector_of_garbage(definitions, examples):
    """A stream of resources holds none of them longer than it is looked at."""
    engine = engine_of(definitions)
    engine.certain = Certain(engine, hot=0)
    for resource in examples:
        engine.check(resource)  # what is made once, such as functions, may leave something
    gc.collect()
    gc.disable()
    try:
        for resource in examples:
            engine.check(resource)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_long_list_is_counted_as_work(definitions):
    engine = engine_of(definitions)
    engine.certain = Certain(engine, hot=0)
    patient = {"resourceType": "Patient", "name": [{"family": "Roe"}] * 200_000}
    assert engine.check(patient, budget=Budget(0.0)).issues[-1].rule == "validation.time-limit"


def test_nesting_that_is_too_deep_is_refused(definitions):
    engine = engine_of(definitions)
    engine.certain = Certain(engine, hot=0)
    item = {"linkId": "0", "type": "group"}
    for at in range(1, 300):
        item = {"linkId": str(at), "type": "group", "item": [item]}
    form = {"resourceType": "Questionnaire", "status": "draft", "item": [item]}
    assert "structure.depth" in {issue.rule for issue in engine.check(form).issues}
