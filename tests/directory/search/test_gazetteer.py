"""Files of places: what they add, and what is not in their form."""

import pytest
from sqlalchemy import func, select
from support.directories import Directory, service

from footbridge.directory.errors import DirectoryError
from footbridge.directory.search.gazetteer import Loaded, forget_places, load_places
from footbridge.store.tables.directory_search import directory_place

POSTAL = "CA\tP0S 1K0\tWawa\tOntario\tON\tAlgoma\t\t\t\t47.99\t-84.77\t6\n"
AREA = "CA\tP0S\tNorth Algoma (Wawa)\tOntario\tON\t\t\t\t\t47.9\t-84.7\t1\r\n"
TOWN = "6180961\tWawa\tWawa\tVava,Wawa\t47.99473\t-84.77002\tP\tPPL\tCA\t\t08\t\t\t\t2975\t\t290\tAmerica/Toronto\t2023-01-01\n"
LAKE = TOWN.replace("\tP\tPPL", "\tH\tLK").replace("Wawa", "Wawa Lake")


@pytest.mark.parametrize(
    ("lines", "near", "how"),
    [
        ([POSTAL], "P0S 1K0", "postal-code"),
        ([POSTAL], "Wawa", "town"),
        ([AREA], "P0S 1K0", "postal-area"),
        ([TOWN], "Wawa, ON", "town"),
    ],
)
def test_a_place_of_a_file_is_understood(directory: Directory, lines: list[str], near: str, how: str):
    directory.load(service("Near", locations=[{"latitude": 48.0, "longitude": -84.8}]), service("Far", town="Ottawa"))
    assert load_places(directory.database, directory.tenant, lines).places
    result = directory.ask(near=near, within_km=20)
    assert result.place is not None
    assert result.place["how"] == how
    assert [one["name"] for one in result.services] == ["Near"]


def test_the_county_of_a_file_tells_which_areas_hold_a_town(directory: Directory):
    directory.load(
        service("For the county", service_areas=[{"name": "Algoma District"}]), service("Far", town="Ottawa")
    )
    load_places(directory.database, directory.tenant, [POSTAL])
    assert directory.names(near="Wawa", within_km=1) == ["For the county"]


def test_to_load_again_replaces(directory: Directory):
    for _ in range(2):
        assert load_places(directory.database, directory.tenant, [POSTAL, TOWN, LAKE, "\n"]) == Loaded(2, 1)
    with directory.database.write() as connection:
        assert connection.scalar(select(func.count()).select_from(directory_place)) == 2
        assert forget_places(connection, directory.tenant) == 2


@pytest.mark.parametrize("lines", [["name,lat,lon\n", "Wawa,47,-84\n"], ["\0\n"], ["\t" * 11 + "\n"], ["x" * 200_000]])
def test_a_file_of_another_form_is_refused(directory: Directory, lines: list[str]):
    with pytest.raises(DirectoryError, match="12 columns"):
        load_places(directory.database, directory.tenant, lines)


def test_places_of_a_tenant_are_its_own(directory: Directory):
    other = Directory(directory.database, "other")
    load_places(other.database, "other", [POSTAL])
    directory.load(service("Any", town="Ottawa"))
    place = directory.ask(near="P0S 1K0").place
    assert place is not None
    assert place["how"] == "unknown"
