"""Plans and durations as a person writes them."""

from datetime import timedelta

import pytest

from footbridge.partners.fhir.simulator import duration_of_text, plan_of_text

FIRST, LATER = timedelta(seconds=2), timedelta(seconds=5)


class Desk:
    """Records without an order."""

    now = None

    def order_of(self, _task):
        return None

    def create(self, resource):
        return {**resource, "id": "1"}


def read(text, **more):
    return plan_of_text(text, after=FIRST, each=LATER, **more)


def reasons(text):
    return [step.act(Desk(), {"status": "requested"}).get("statusReason", {}).get("text") for step in read(text)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("accept,start,complete", ["accept", "start", "complete"]),
        (" accept , start ", ["accept", "start"]),
        ("accept,schedule,start,hold,repeat,fail", ["accept", "schedule", "start", "hold", "repeat", "fail"]),
        ("silent", []),
    ],
)
def test_steps(text, names):
    plan = read(text)
    assert [step.name for step in plan] == names
    assert [step.after for step in plan] == [FIRST, *[LATER] * (len(plan) - 1)][: len(plan)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reject", [None]),
        ("reject:No places", ["No places"]),
        ('reject:"No places"', ["No places"]),
        ('accept,reject:"No places, try in May, accept"', [None, "No places, try in May, accept"]),
        ("reject:No places, sorry", ["No places, sorry"]),  # as a shell leaves reject:"No places, sorry"
        ("hold:Waiting: for a van,fail:Gone", ["Waiting: for a van", "Gone"]),
        ('reject:"Full', ["Full"]),
        ("reject:", [None]),
    ],
)
def test_texts(text, expected):
    assert reasons(text) == expected


@pytest.mark.parametrize(
    "text", ["", ",", "acept", "accept:now", "silent,accept", "accept,silent", "hold:waiting,strat"]
)
def test_what_is_no_plan(text):
    with pytest.raises(ValueError, match=r"step|text"):
        read(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("2s", 2), ("2", 2), ("500ms", 0.5), ("1.5m", 90), ("1h", 3600), ("2d", 172800), ("0s", 0)]
)
def test_durations(text, seconds):
    assert duration_of_text(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-1s", "1w", "401d", "1e9", "9" * 400, "2 s s", "٢s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="is not a duration"):
        duration_of_text(text)
