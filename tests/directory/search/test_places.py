"""What "near" is understood as: coordinates, postal codes, towns; what nobody knows is said."""

import pytest
from support.directories import Directory, service, site

from footbridge.directory.search.geography import (
    Point,
    area_keys,
    boxes_around,
    coordinates,
    distance,
    key_of,
    postal_code,
)


@pytest.fixture
def canada(directory: Directory) -> Directory:
    """Services in Ontario and Quebec, and one whose town has a twin."""
    directory.load(
        service("In Toronto", town="Toronto"),
        service("In Ottawa", town="Ottawa"),
        service("In Greater Sudbury", town="Sudbury"),
        service("À Québec", locations=[{**site("Québec", "G1R 4S9", 46.81, -71.21), "addresses": [
            {"city": "Québec", "state_province": "QC", "postal_code": "G1R 4S9"}]}]),
        service("Windsor, Ontario", locations=[site("Windsor", "N9A 1A1", 42.31, -83.03)]),
        service("Windsor, Ontario, too", locations=[site("Windsor", "N9A 1A2", 42.32, -83.04)]),
        service("Windsor, Nova Scotia", locations=[{**site("Windsor", "B0N 2T0", 44.99, -64.14), "addresses": [
            {"city": "Windsor", "state_province": "Nova Scotia", "postal_code": "B0N 2T0"}]}]),
        service("For Wawa", service_areas=[{"name": "Township of Wawa"}]),
    )  # fmt: skip
    return directory


@pytest.mark.parametrize(
    ("near", "how", "nearest"),
    [
        ("M5V 2T6", "postal-code", "In Toronto"),
        ("m5v2t6", "postal-code", "In Toronto"),
        ("M5V 9Z9", "postal-area", "In Toronto"),
        ("M5V", "postal-area", "In Toronto"),
        ("Toronto", "town", "In Toronto"),
        ("toronto, on", "town", "In Toronto"),
        ("City of Toronto, Ontario, Canada", "town", "In Toronto"),
        ("Torotno", "corrected-town", "In Toronto"),
        ("Québec", "town", "À Québec"),
        ("quebec, qc", "town", "À Québec"),
        ("Windsor", "town", "Windsor, Ontario"),
        ("Windsor, NS", "town", "Windsor, Nova Scotia"),
        ("Windsor NS", "town", "Windsor, Nova Scotia"),
        ("45.42,-75.69", "coordinates", "In Ottawa"),
        (" 45.42 , -75.69 ", "coordinates", "In Ottawa"),
        ((45.42, -75.69), "coordinates", "In Ottawa"),
    ],
)
def test_a_place_is_understood(canada: Directory, near: str | tuple[float, float], how: str, nearest: str):
    result = canada.ask(near=near, within_km=20)
    assert result.place is not None
    assert result.place["how"] == how
    assert result.services[0]["name"] == nearest


def test_a_region_keeps_what_is_in_it(canada: Directory):
    result = canada.ask(near="Nova Scotia")
    assert result.place is not None
    assert result.place["how"] == "region"
    assert [one["name"] for one in result.services] == ["Windsor, Nova Scotia"]


@pytest.mark.parametrize(
    ("near", "how", "names"), [("Wawa", "service-area", ["For Wawa"]), ("Atlantis", "unknown", [])]
)
def test_an_unknown_place_is_said(canada: Directory, near: str, how: str, names: list[str]):
    result = canada.ask(near=near)
    assert result.place is not None
    assert (result.place["how"], result.place["latitude"]) == (how, None)
    assert result.place["text"]["en"] != result.place["text"]["fr"]
    assert [one["name"] for one in result.services] == names


@pytest.mark.parametrize("near", ["", " ", ",", "\0", "é" * 5000, "999,999", "0,0", "'; DROP TABLE x", "M5V 2T", "🙂"])
def test_any_text_is_a_place(canada: Directory, near: str):
    assert canada.ask(near=near, within_km=1).place is not None


def test_the_area_for_counts_has_no_more_than_a_town(canada: Directory):
    assert canada.ask(near="M5V 2T6").area == ("CA", "ON", "M5V")
    assert canada.ask(near=(43.6532, -79.3832)).area == ("CA", "ON", "Toronto")
    assert canada.ask(near="Windsor, NS").area == ("CA", "NS", "Windsor")


@pytest.mark.parametrize(
    ("text", "code", "area", "country"),
    [
        ("K1A 0B1", "K1A0B1", "K1A", "CA"), ("k1a-0b1", "K1A0B1", "K1A", "CA"), ("K1A", "", "K1A", "CA"),
        ("33101", "33101", "331", "US"), ("33101-1234", "33101", "331", "US"),
        ("K1A OB1", "K1A0B1", "K1A", "CA"), ("k1a obi", "K1A0B1", "K1A", "CA"), ("M5V2T6", "M5V2T6", "M5V", "CA"),
        ("SW1A 1AA", "SW1A1AA", "SW1A", "GB"), ("M1 1AE", "M11AE", "M1", "GB"), ("EC1", "", "EC1", "GB"),
    ],
)  # fmt: skip
def test_postal_codes(text: str, code: str, area: str, country: str):
    read = postal_code(text)
    assert read is not None
    assert (read.code, read.area, read.country) == (code, area, country)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("43.65,-79.38", (43.65, -79.38)), ("43.65 -79.38", (43.65, -79.38)), ("geo:43.65,-79.38", (43.65, -79.38)),
        ("43.65° N, 79.38° W", (43.65, -79.38)), ("45.5 N, 73.6 O", (45.5, -73.6)), ("33.9 S, 151.2 E", (-33.9, 151.2)),
        ("43.65", None), ("Toronto", None), ("43,65", (43.0, 65.0)), ("", None),
    ],
)  # fmt: skip
def test_coordinates(text: str, point: tuple[float, float] | None):
    assert coordinates(text) == point


@pytest.mark.parametrize("text", ["", "Toronto", "Tofino", "1234", "123456", "Z1A 0B1", "K1A 0B1 X"])
def test_what_is_no_postal_code(text: str):
    assert postal_code(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("City of Greater Sudbury", "Sudbury"), ("Grand Sudbury", "sudbury"), ("Ville de Montréal", "Montreal"),
     ("St. John's", "Saint John's"), ("Ontario", "ON"), ("Colombie-Britannique", "BC"), ("Canada", "CAN")],
)  # fmt: skip
def test_names_of_the_same_place(one: str, other: str):
    assert key_of(one) == key_of(other) != ""


def test_the_name_of_a_service_area_lists_places():
    assert {"peel", "halton", "toronto"} <= set(area_keys("Peel and Halton Regions; City of Toronto"))
    assert set(area_keys("Ontario, Québec")) == {"ca-on", "ca-qc"}
    assert "k1a" in area_keys("K1A 0B1")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Canada - Ontario - Espanola", ["espanola"]),
        ("Espanola, ON, Canada", ["espanola"]),
        ("Ontario, Canada", ["ca-on"]),
        ("Ontario, Manitoba", ["ca-on", "ca-mb"]),
        ("Canada", ["ca"]),
        ("Toronto, Peel", ["toronto", "peel"]),
        ("Sudbury - Manitoulin", ["sudbury manitoulin"]),
        ("Canada - Ontario - Sudbury; Canada - Ontario - Espanola", ["sudbury", "espanola"]),
    ],
)
def test_an_area_is_the_narrowest_that_its_name_says(name, keys):
    assert list(area_keys(name)) == keys


@pytest.mark.parametrize(
    ("one", "other", "kilometres"),
    [((0, 0), (0, 1), 111.195), ((0, 0), (90, 0), 10007.557), ((0, 179.5), (0, -179.5), 111.195), ((5, 5), (5, 5), 0)],
)
def test_distances(one: tuple[float, float], other: tuple[float, float], kilometres: float):
    assert distance(Point(*one), Point(*other)) == pytest.approx(kilometres, abs=0.01)


@pytest.mark.parametrize("latitude", [-89.9, -60, 0, 45, 80, 89.9])
@pytest.mark.parametrize("radius", [0.1, 10, 500, 9000])
@pytest.mark.parametrize("longitude", [-179.0, 0.0, 179.0])
def test_boxes_hold_the_circle(latitude: float, longitude: float, radius: float):
    centre = Point(latitude, longitude)
    boxes = boxes_around(centre, radius)
    for north in range(-90, 91, 3):
        for east in range(-180, 180, 3):
            if distance(centre, Point(north, east)) <= radius:
                assert any(box.south <= north <= box.north and box.west <= east <= box.east for box in boxes)


@pytest.mark.parametrize(
    "near", ["Moosonee", "Moosonee, ON", "P0L 1Y0", "P0L", "Moosonnee", "Town of Moosonee, Ontario, Canada"]
)
def test_a_service_is_found_in_its_town_when_nobody_knows_where_that_lies(directory: Directory, near: str):
    phone = [{"number": "7055550144"}]
    directory.load(
        service("There", locations=[site("Moosonee", "P0L 1Y0")]),
        service("Elsewhere", locations=[site("Wawa", "P0S 1K0")]),
        service("For Ontario", service_areas=[{"name": "Ontario"}], phones=phone),
        service("For Wawa alone", service_areas=[{"name": "Wawa"}], phones=phone),
        service("In Sudbury", town="Sudbury"),
    )
    result = directory.ask(near=near, within_km=5)
    assert result.place is not None
    assert (result.place["how"], result.place["latitude"]) == ("town-unlocated", None)
    assert sorted(one["name"] for one in result.services) == ["For Ontario", "There"]
    there = next(one for one in result.services if one["name"] == "There")
    assert [(why["code"], why["en"]) for why in there["why"]] == [
        ("in-town", "In Moosonee (its distance is not known)")
    ]


def test_a_town_of_the_same_name_in_another_province_is_not_meant(directory: Directory):
    other = {"location_type": "physical", "addresses": [{"city": "Windsor", "state_province": "NS"}]}
    directory.load(service("Ontario", locations=[site("Windsor")]), service("Nova Scotia", locations=[other]))
    assert [one["name"] for one in directory.ask(near="Windsor, NS").services] == ["Nova Scotia"]
    assert [one["name"] for one in directory.ask(near="Windsor, ON").services] == ["Ontario"]


def test_an_unknown_place_of_a_known_region_has_what_serves_the_region(directory: Directory):
    directory.load(service("For Ontario", service_areas=[{"name": "Ontario"}]), service("For Wawa", town="Sudbury"))
    result = directory.ask(near="Atlantis, ON")
    assert [one["name"] for one in result.services] == ["For Ontario"]
