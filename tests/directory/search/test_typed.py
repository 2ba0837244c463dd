"""What people type among the words: towns, postal codes, phone numbers, 211 codes."""

import pytest
from support.directories import Directory, service, site

from footbridge.directory.search.gazetteer import load_places
from footbridge.directory.search.typed import read

WAWA = "6180961\tWawa\tWawa\t\t47.99473\t-84.77002\tP\tPPL\tCA\t\t08\t\t\t\t2975\t\t290\tAmerica/Toronto\t2023-01-01\n"


@pytest.fixture
def food(directory: Directory) -> Directory:
    """Food banks in three towns, a service with a code and a phone number, and names that are like towns."""
    directory.load(
        service("Food bank A", town="Ottawa"),
        service("Food bank B", town="Sudbury"),
        service("Food bank C", town="Toronto", phones=[{"number": "416-555-0123"}]),
        service("Ottawa House", town="Toronto", description="A hostel."),
        service("By its code", attributes=[{"taxonomy_term": {"code": "BD-1800.2000"}}]),
        service("By its linked code", attributes=[{"taxonomy_term": {"code": "LV-1600"}, "linked": ["YB-9500"]}]),
        service("By its category", needs=["food-insecurity"]),
        service("Trail walks", town="Sudbury", description="On the trail by the lake."),
        service("A group in Trail", locations=[site("Trail")]),
        service("In Wawa", locations=[site("Wawa")]),
    )
    return directory


@pytest.mark.parametrize(
    ("question", "place", "first"),
    [
        ("food bank Sudbury", "Sudbury, ON", "Food bank B"),
        ("food bank in toronto", "Toronto, ON", "Food bank C"),
        ("Ottawa food bank", "Ottawa, ON", "Food bank A"),
        ("food bank Ottawa ON", "Ottawa, ON", "Food bank A"),
        ("food bank K1A 0B1", "K1A 0B1", "Food bank A"),
        ("p3e2b7 food bank", "P3E 2B7", "Food bank B"),
        ("P3E 2B7", "P3E 2B7", "Food bank B"),
        ("food bank", None, "Food bank A"),
        ("Ottawa House", None, "Ottawa House"),  # a name of what is elsewhere
        ("trail walks", None, "Trail walks"),  # a word, for all that it is a town
        ("sudbury", None, "Food bank B"),  # the town alone is a word
    ],
)
def test_a_town_or_postal_code_among_the_words_is_where_it_is_looked_for(
    food: Directory, question: str, place: str | None, first: str
):
    result = food.ask(question)
    assert (result.place and result.place["name"]) == place
    assert result.services[0]["name"] == first


def test_who_names_a_place_besides_is_near_that(food: Directory):
    result = food.ask("food bank Sudbury", near="Ottawa")
    assert result.place is not None
    assert result.place["name"] == "Ottawa, ON"


def test_nothing_is_left_out_for_a_town_among_the_words_unless_a_distance_is_named(food: Directory):
    assert {"Food bank A", "Food bank B", "Food bank C"} <= set(food.names("food bank in Trail"))
    assert food.names("food bank in Toronto", within_km=20) == ["Food bank C"]


def test_what_is_not_in_the_town_that_was_typed_is_unmet_need_there(food: Directory):
    result = food.ask("quilting in Wawa")  # there is something in Wawa, but nobody asked for that
    assert (result.total, result.gap, result.area) == (0, "nothing-found", ("CA", "ON", "Wawa"))
    assert food.ask("hostel in Sudbury").gap == "nothing-near"
    assert food.ask("hostel in Sudbury").area[2] == "Sudbury"


@pytest.mark.parametrize(
    "question", ["BD-1800.2000", "bd-1800.2000", "BD\u20111800", " bd - 1800 ", "BD-1800.2000 please"]
)
def test_a_211_code_finds_what_has_it_or_one_below_and_then_its_category(food: Directory, question: str):
    assert food.names(question)[:2] == ["By its code", "By its category"]


def test_a_linked_population_is_found_by_its_code(food: Directory):
    assert food.names("YB-9500") == ["By its linked code"]


@pytest.mark.parametrize("question", ["416-555-0123", "(416) 555 0123", "+1 416.555.0123", "4165550123", "555-0123"])
def test_a_phone_number_finds_whose_it_is(food: Directory, question: str):
    result = food.ask(question)
    assert [one["name"] for one in result.services] == ["Food bank C"]
    assert [why["code"] for why in result.services[0]["why"]] == ["phone"]


def test_a_phone_number_that_nobody_has_finds_nothing(food: Directory):
    result = food.ask("416-555-9999")
    assert result.total == 0
    assert result.unmatched == ("4165559999",)


@pytest.mark.parametrize(
    ("text", "codes", "phones", "postal"),
    [
        ("1-866-APPELLE", (), ("8662773553",), ""),
        ("COVID-1900 and 24-7", (), (), ""),
        ("h2x1y4 LT-2800", ("LT-2800",), (), "h2x1y4"),
        ("SW1A 1AA", (), (), "SW1A 1AA"),
        ("open 9-5, 2026-11-30", (), (), ""),
    ],
)
def test_what_is_taken_out_of_a_text(text: str, codes: tuple[str, ...], phones: tuple[str, ...], postal: str):
    found = read(text)
    assert (found.codes, found.phones, found.postal) == (codes, phones, postal)


def test_a_file_of_places_tells_where_services_with_no_coordinates_are(directory: Directory):
    directory.load(
        service("In Wawa", locations=[site("Wawa")]),
        service("Far", town="Ottawa"),
        service("By its code alone", locations=[{"addresses": [{"postal_code": "P0S 1K0"}]}]),
    )
    assert directory.ask("in").services[:0] == []
    assert directory.ask(near="Wawa").services[0]["distanceKm"] is None
    load_places(directory.database, directory.tenant, [WAWA])
    result = directory.ask(near=(48.0, -84.8), within_km=20)  # the one who searches has seen the directory before
    assert [one["name"] for one in result.services] == ["In Wawa"]
    assert result.services[0]["distanceKm"] == pytest.approx(2.3, abs=0.2)
    assert "near-about" in [why["code"] for why in result.services[0]["why"]]
    assert directory.names(near=(48.0, -84.8))[:1] == ["In Wawa"]
