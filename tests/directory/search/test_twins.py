"""The same service from two sources is shown once, with both; what only looks alike is not joined."""

import pytest
from support.directories import TOWNS, Directory, service, site

OTTAWA = site("Ottawa", "K1A 0B1", *TOWNS["Ottawa"][:2])
CENTRE = {"organization": {"name": "The Centre"}, "phones": [{"number": "613-555-0100"}], "locations": [OTTAWA]}


def load(directory: Directory, one: dict[str, object], other: dict[str, object]) -> None:
    directory.load(service("Food Bank", native_id="1", **one))
    directory.load(service(str(other.pop("name", "food bank")), source="B", native_id="2", **other), source="B")


@pytest.mark.parametrize(
    "other",
    [
        CENTRE,
        {**CENTRE, "organization": {"name": "the centre"}, "phones": []},
        {**CENTRE, "organization": {"name": "Centre, The (Ottawa)"}},
        {**CENTRE, "phones": [{"number": "+1 (613) 555 0100"}], "organization": {}},
        {**CENTRE, "name": "FOOD-BANK"},
        {**CENTRE, "name": "The Food Bank", "organization": {"name": "Centre Inc."}, "phones": []},
    ],
)
def test_the_same_service_is_shown_once_with_both(directory: Directory, other: dict[str, object]):
    load(directory, CENTRE, dict(other))
    result = directory.ask("food bank")
    assert result.total == 1
    assert [(one["source"], one["nativeId"]) for one in result.services[0]["sources"]] == [("A", "1"), ("B", "2")]
    assert result.facets["town"] == {"Ottawa, ON": 1}
    assert directory.ask("food bank", sources=("B",)).services[0]["source"] == "B"
    assert directory.ask("food bank", sources=("A",)).total == 1


@pytest.mark.parametrize(
    "other",
    [
        {**CENTRE, "name": "Food Bank for seniors"},
        {**CENTRE, "locations": [site("Ottawa", "K1A 0B2")]},
        {**CENTRE, "organization": {"name": "Another"}, "phones": [{"number": "613-555-0199"}]},
        {**CENTRE, "organization": {}, "phones": []},
        {**CENTRE, "locations": [], "phones": []},
    ],
)
def test_what_only_looks_alike_is_not(directory: Directory, other: dict[str, object]):
    load(directory, CENTRE, dict(other))
    assert directory.ask("food bank").total == 2


def test_without_a_place_all_three_must_agree(directory: Directory):
    nowhere = {**CENTRE, "locations": []}
    load(directory, nowhere, dict(nowhere))
    assert directory.ask("food bank").total == 1


def test_twins_of_one_source_are_two(directory: Directory):
    directory.load(service("Food Bank", native_id="1", **CENTRE), service("Food Bank", native_id="2", **CENTRE))
    assert directory.ask("food bank").total == 2


def test_what_one_source_lists_for_information_only_takes_no_referrals(directory: Directory):
    load(directory, {**CENTRE}, {**CENTRE, "can_refer": False})
    result = directory.ask("food bank")
    assert [(one["source"], one["canRefer"]) for one in result.services] == [("A", False)]
    assert [one["canRefer"] for one in result.services[0]["sources"]] == [True, False]
    assert result.facets["canRefer"] == {"false": 1}
    assert directory.ask("food bank", can_refer=True).total == 0
    assert directory.ask("food bank", can_refer=False).total == 1
    assert directory.ask("food bank", sources=("A",), can_refer=True).total == 1, "A alone says nothing of it"
