"""Services for a whole province that say so in words alone."""

import pytest
from support.directories import Directory, service, site

from footbridge.directory.search.wide import said_areas


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Province-wide application.", ["ca-on"]),
        ("24/7, Ontario wide", ["ca-on"]),
        ("We visit schools across Ontario.", ["ca-on"]),
        ("Partout au Québec", ["ca-qc"]),
        ("Ligne d'écoute, Québec entier.", ["ca-qc"]),
        ("Offert à la grandeur de la province", ["ca-on"]),
        ("Anywhere in Nova Scotia or New Brunswick", ["ca-ns"]),
        ("A Canada-wide line", ["ca"]),
        ("Province of Quebec. Listening and referral.", ["ca-qc"]),
        ("Pour tout le Québec.", ["ca-qc"]),
        ("Eligibility: Ontario residents", ["ca-on"]),
        ("Residents of Nova Scotia; free", ["ca-ns"]),
        ("Partout au N.-B.", ["ca-nb"]),
        ("Dans toutes les régions de la province", ["ca-on"]),
        ("A wide range of services in Ontario", []),
        ("Ontario residents with low income", []),
        ("A wide door across the street, province of Ontario", []),
        ("Entrée par le côté, toute la semaine", []),
    ],
)
def test_an_area_that_words_name(text: str, keys: list[str]):
    assert [key for _, some in said_areas([text], "ON", "CA") for key in some] == keys


def test_without_one_province_of_its_own_a_service_is_not_for_its_province():
    assert said_areas(["Province-wide"], "", "") == []


def test_a_service_for_the_province_can_be_used_from_a_town_far_away(directory: Directory):
    directory.load(
        service("Drug fund", town="Toronto", description="Province-wide. For the cost of drugs."),
        service("Drug shop", town="Toronto", description="Drugs at a good cost."),
        service("Drug fund of the city", locations=[site("Toronto", "M5V 2T6", 43.65, -79.38)],
                service_areas=[{"name": "Toronto"}], description="Province-wide, of old."),
    )  # fmt: skip
    directory.load(service("Elsewhere", town="Ottawa", source="B"), source="B")
    result = directory.ask("drug cost", near="Ottawa", within_km=20)
    assert [one["name"] for one in result.services] == ["Drug fund"]
    assert "area" in [why["code"] for why in result.services[0]["why"]]
