"""A number that was typed wrongly makes no one person of two, whichever of them is written of first."""

import pytest
from support.spine import HCN, everything, prescribed

from footbridge.store.exact_json import dumps

KITCHEN = {"partner": "kitchen", "description": "Community kitchen"}
CHART = {"system": "urn:clinic:chart", "value": "77120"}
ZOE = {"name": {"given": ["Zoé"], "family": "Tremblay"}, "birthDate": "1980-02-28",
       "contacts": [{"system": "phone", "value": "+1 416 555 0188"}]}  # fmt: skip
HERS = ("Zoé", "Tremblay", "1980-02-28", "416 555 0188")


@pytest.fixture
def two(world):
    """One more service beside ``hub``, which prescriptions name; a first client at hub."""
    world.partner("kitchen")
    world.submit(prescribed(1))
    world.pass_time()
    return world


def stranger(**changes):
    return prescribed()["client"] | ZOE | changes


def later(world, number, **changes):
    world.pass_time(days=2)
    return prescribed(number, authored=world.clock.now().isoformat(), **{"followUp": None, **changes})


def text_at(world, name):
    return "\n".join(dumps(one) for one in everything(world.servers[name]))


def persons(world):
    with world.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT identifier_value, person FROM prescription")
        return dict(tuple(row) for row in rows)


def rules(receipt):
    return [(issue.rule, issue.pointer) for issue in receipt.warnings if issue.rule.startswith("client.identifier")]


def test_services_of_the_one_learn_nothing_of_the_other_who_has_the_same_number(two):
    before = text_at(two, "hub")
    identifiers = prescribed()["client"]["identifiers"]
    receipt = two.submit(later(two, 2, client=stranger(identifiers=[*identifiers, CHART]), service=KITCHEN))
    two.pass_time()
    pointers = [f"/client/identifiers/{place}/value" for place in range(len(identifiers))]
    assert rules(receipt) == [("client.identifier-of-another", pointer) for pointer in pointers]
    assert text_at(two, "hub") == before
    assert all(word in text_at(two, "kitchen") for word in HERS)
    chart = two.submit(later(two, 3, client=stranger(identifiers=[CHART]), service=KITCHEN))
    back = two.submit(later(two, 4, client=prescribed()["client"]))
    assert rules(chart) == rules(back) == []
    who = persons(two)
    assert who["RX-2"] == who["RX-3"] != who["RX-1"] == who["RX-4"]


@pytest.mark.parametrize("same", ["name", "birthDate"])
def test_who_has_the_same_name_or_birth_date_is_the_same(two, same):
    client = stranger(**{same: prescribed()["client"][same]})
    assert rules(two.submit(later(two, 2, client=client, service=KITCHEN))) == []
    assert len(set(persons(two).values())) == 1


def test_that_nobody_may_contact_the_one_says_nothing_of_the_other(two):
    two.submit(later(two, 2, client=stranger(safeToContact=False), service=KITCHEN))
    two.pass_time()
    assert prescribed()["client"]["contacts"][0]["value"].removeprefix("+1 ") in text_at(two, "hub")


@pytest.mark.parametrize("typed", ["9876 543 217", "9876-543-217", "9876543217AB", "9876 543 217 \u2013 ab"])
def test_the_number_of_a_card_is_the_same_however_it_is_typed(two, typed):
    """So the word that nobody may contact holds for the person."""
    card = {"system": HCN, "value": typed}
    unsafe = prescribed()["client"] | {"identifiers": [card], "safeToContact": False}
    two.submit(later(two, 2, client=unsafe, service=KITCHEN))
    two.pass_time()
    assert len(set(persons(two).values())) == 1
    assert prescribed()["client"]["contacts"][0]["value"].removeprefix("+1 ") not in text_at(two, "hub")


def test_the_signs_of_another_number_count(two):
    for number, value in ((2, "12-3"), (3, "1-23")):
        chart = {"system": "urn:clinic:chart", "value": value}
        two.submit(later(two, number, client=prescribed()["client"] | {"identifiers": [chart]}))
    assert len(set(persons(two).values())) == 3


def test_the_name_and_birth_date_of_somebody_whom_nobody_may_contact_are_pointed_out(two):
    """Without a number nobody knows who it is, so a person is asked before anything is sent."""
    two.submit(later(two, 2, client=stranger(identifiers=[CHART], safeToContact=False), service=KITCHEN))
    without = [{"system": "urn:clinic:draft", "value": "1"}]
    receipt = two.submit(later(two, 3, client=stranger(identifiers=without), service=KITCHEN))
    found = [(one.rule, one.pointer) for one in receipt.warnings if one.rule.startswith("client.maybe")]
    assert found == [("client.maybe-prohibited", "/client/safeToContact")]
    for number, changes in enumerate(
        ({"birthDate": "1980-02-27"}, {"safeToContact": False}, {"name": {"family": "Roy"}})
    ):
        said = stranger(**changes, identifiers=[{"system": "urn:clinic:draft", "value": f"n{number}"}])
        receipt = two.submit(later(two, 4 + number, client=said, service=KITCHEN))
        assert not [one for one in receipt.warnings if one.rule.startswith("client.maybe")], changes
