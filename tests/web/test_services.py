"""The directory over the API: searched with every restriction, read by id, and kept to its tenant."""

import pytest
from sqlalchemy import select

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.records import Record
from footbridge.store.routes import list_routes, set_route
from footbridge.store.tables.directory_search import directory_gap

RECORDS = [
    Record("organization", "1", {"name": "North End Hub", "description": "Help."}, "f"),
    Record(
        "location",
        "1",
        {
            "location_type": "physical",
            "name": "Main",
            "latitude": 46.49,
            "longitude": -81.0,
            "addresses": [{"address_1": "1 Elm", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 5J1"}],
        },
        "f",
    ),
    Record(
        "service",
        "1",
        {
            "organization_id": "1",
            "name": "Food bank",
            "description": "Groceries for all.",
            "status": "active",
            "attributes": [{"taxonomy_term": {"code": "BD-1800.2000"}}],
            "languages": [{"name": "French"}],
        },
        "f",
    ),
    Record("service_at_location", "1", {"service_id": "1", "location_id": "1"}, "f"),
    Record(
        "service", "2", {"organization_id": "1", "name": "Music evening", "status": "active", "minimum_age": 60}, "f"
    ),
]


@pytest.fixture
def directory(office):
    run_import(
        office.database, office.clock, Plan("north", "two11", Terms("t", "f", "CA", "UTC"), processes=0), RECORDS
    )
    return office


def names(answer):
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json["services"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Food bank", "Music evening"]),
        ({"q": "banque alimentaire"}, ["Food bank"]),
        ({"need": "food-insecurity"}, ["Food bank"]),
        ({"need": "food-insecurity,social-connection", "near": "P3E", "within": "5"}, ["Food bank"]),
        ({"language": "fr"}, ["Food bank"]),
        ({"age": "30"}, ["Food bank"]),
        ({"source": "two11", "limit": "1", "offset": "1"}, ["Music evening"]),
        ({"source": "other"}, []),
    ],
)
def test_each_restriction_is_kept(directory, query, expected):
    assert names(directory.get("/api/v1/services", **query)) == expected


def test_a_hit_can_be_read_by_its_id_and_by_its_own(directory):
    (hit,) = directory.get("/api/v1/services", q="food bank", limit="1").json["services"]
    whole = directory.get(f"/api/v1/services/{hit['id']}").json
    assert whole["organization"]["name"] == "North End Hub"
    assert directory.get("/api/v1/services/two11:1").json == whole


@pytest.mark.parametrize("who", ["emr", "navigator"])
def test_a_user_of_the_tenant_may_search(directory, who):
    assert len(names(directory.get("/api/v1/services", who=who))) == 2


def test_another_tenant_has_nothing_of_it(directory):
    hit = directory.get("/api/v1/services", limit="1").json["services"][0]["id"]
    assert names(directory.get("/api/v1/services", who="southerner")) == []
    assert directory.get(f"/api/v1/services/{hit}", who="southerner").status_code == 404
    assert directory.get("/api/v1/services/two11:1", who="southerner").status_code == 404


@pytest.mark.parametrize("name", ["nothing", "two11:", ":1", "two11:3", "0" * 36, "é" * 200, "two11:1'--"])
def test_what_is_not_there_is_not_found(directory, name):
    assert directory.get(f"/api/v1/services/{name}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"need": "food"},
        {"within": "0"},
        {"within": "far"},
        {"within": "5"},
        {"near": "91,200"},
        {"near": "46.5 -181"},
        {"age": "-1"},
        {"free": "yes"},
        {"open": "today"},
        {"verifiedSince": "2026-02-30"},
        {"limit": "201"},
        {"q": "x" * 501},
        {"words": "food"},
        {"language": "no such tongue"},
        {"age": "1e1"},
        {"age": "\u0663"},
        {"open": "2026-03-01T10:00:00"},
        {"canRefer": "1"},
        {"limit": "1.0"},
        {"offset": "100001"},
        {"near": "x" * 501},
        {"need": "food-insecurity,"},
        {"for": " "},
        {"capacity": "some"},
        {"near": "-43.65 , -180.1"},
    ],
)
def test_a_wrong_parameter_is_told_by_name(directory, query):
    answer = directory.get("/api/v1/services", **query)
    assert answer.status_code == 400
    assert [one["parameter"] for one in answer.json["errors"]] == list(query)


def test_all_that_is_wrong_is_told_at_once(directory):
    answer = directory.client.get(
        "/api/v1/services?q=a&q=b&colour=red&age=old&limit=5",
        headers=directory.as_("emr"),
    )
    assert answer.status_code == 400
    assert {one["parameter"] for one in answer.json["errors"]} == {"q", "colour", "age"}


@pytest.mark.parametrize("language", ["fr", "FRA", "fr-CA", "français", "French"])
def test_a_language_has_many_names(directory, language):
    assert names(directory.get("/api/v1/services", language=language)) == ["Food bank"]


@pytest.mark.parametrize("q", ["\u200f\u202e", "the of and", "7", "a", "'; DROP TABLE service;--", 'NEAR("a" -c:*'])
def test_words_that_say_nothing_find_nothing(directory, q):
    assert directory.get("/api/v1/services", q=q).json["total"] == 0


def test_a_retyped_search_that_finds_nothing_is_one_unmet_need(directory):
    for q in ("zzyzx", "zzyzx 2", "zzyzxx"):
        directory.get("/api/v1/services", q=q, need="stress", near="Sudbury")
    directory.get("/api/v1/services", q="zzyzx", need="stress", near="Sudbury", offset="20")
    directory.get("/api/v1/services", q="zzyzx", need="stress", near="Sudbury", who="navigator")
    with directory.database.read() as connection:
        counts = connection.execute(select(directory_gap.c.category, directory_gap.c["count"])).all()
    assert [tuple(one) for one in counts] == [("stress", 2)]


def test_what_nobody_receives_waits_with_the_services_own_contact(directory):
    with directory.database.write() as connection:
        for category in list_routes(connection, "north"):
            set_route(connection, "north", category, ())
    answer = directory.submit(directory.prescription(service={"directoryId": "two11:1"}))
    assert answer.status_code == 201, answer.text
    waiting = directory.get("/api/v1/waiting").json["waiting"]
    assert [(one["why"], one["service"]["name"]) for one in waiting] == [("nobody-asked", "Food bank")]


def test_a_service_that_is_not_there_is_refused_at_its_place(directory):
    answer = directory.submit(directory.prescription(service={"directoryId": "two11:9"}))
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/service/directoryId"]
