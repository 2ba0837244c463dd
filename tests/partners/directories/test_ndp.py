"""The 211 National Data Platform: search, export, nothing found, and who may see what."""

import pytest
from support.directory_api import DirectoryApi, Says
from support.directory_sources import everything, sorted_out

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.ndp_records import records
from footbridge.partners.directories import ndp
from footbridge.partners.directories.ndp import NationalDataPlatform

CANARY = "4 Secret Lane"


def organization(number, **members):
    return {
        "id": f"org{number}", "name": f"Organization {number}", "alternateNames": ["Org"], "url": "org.test",
        "services": [{"id": f"svc{number}", "name": "Food", "locationIds": [f"loc{number}"]}],
        "locations": [{"id": f"loc{number}", "name": "Hall"}], **members,
    }  # fmt: skip


class Platform:
    """Search and export as the platform has them."""

    def __init__(self, count, *, empty=204):
        self.organizations = {f"org{n}": organization(n) for n in range(count)}
        self.empty = empty
        self.results = [{"id": f"sal{n}{part}", "idOrganization": f"org{n}"} for n in range(count) for part in "ab"]

    def __call__(self, asked):
        if asked.headers.get("Api-Key") != "k":
            return Says(401)
        if asked.path == "/search/keyword":
            skip, size = int(asked.query["skip"]), int(asked.query["size"])
            part = self.results[skip : skip + size]
            return {"count": len(self.results), "results": part} if part else Says(self.empty)
        return self.organizations.get(asked.path.rpartition("/")[2], Says(404))


@pytest.fixture
def platform(connect, monkeypatch):
    monkeypatch.setenv("NDP_KEY", "k")
    return lambda api, **more: NationalDataPlatform(connect(api, key=ndp.key("env:NDP_KEY")), **more)


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("empty", [204, 404])
def test_all_that_the_search_finds(platform, count, empty):
    with DirectoryApi(Platform(count, empty=empty)) as api:
        found = sorted_out(platform(api, size=4).read())
    assert list(found.of("organization")) == [f"org{n}" for n in range(count)]
    assert list(found.of("service")) == [f"svc{n}" for n in range(count)]
    assert list(found.of("service_at_location")) == [f"svc{n}@loc{n}" for n in range(count)]
    assert api.paths().count("/export/organizations/org0") == min(count, 1)


def test_what_is_asked(platform):
    with DirectoryApi(Platform(1)) as api:
        list(
            platform(
                api, data_owners=["211ventura", "211x"], search={"keywords": "food", "locationMode": "Serving"}
            ).read()
        )
    search, export = api.asked[0], api.asked[-1]
    assert search.query["keywords"] == "food"
    assert search.query["dataOwners"] == "211ventura,211x"
    assert search.headers["locationMode"] == "Serving"
    assert export.headers["dataOwners"] == "211ventura,211x"
    assert all("k" not in asked.query.values() for asked in api.asked)


def test_named_organizations(platform):
    with DirectoryApi(Platform(3)) as api:
        found = sorted_out(platform(api).read(["org2", "org9", "org2"]))
    assert list(found.of("organization")) == ["org2"]
    assert [(one.rule, one.native_id) for one in found.findings] == [("api.vanished", "org9")]
    assert "/search/keyword" not in api.paths()


def test_a_wrong_key(platform, monkeypatch):
    monkeypatch.setenv("NDP_KEY", "other")
    with DirectoryApi(Platform(1)) as api, pytest.raises(DirectoryError, match=r"401.*env:NDP_KEY"):
        list(platform(api).read())


@pytest.mark.parametrize("body", [{"count": 1, "results": [{"id": "x"}]}, {"oops": 1}, [5], "x"])
def test_a_search_that_gives_something_else(platform, body):
    with DirectoryApi(lambda _: Says(body=body)) as api, pytest.raises(DirectoryError):
        list(platform(api).read())


def test_an_error_in_the_middle(platform):
    play = Platform(5)

    def broken(asked):
        return Says(400) if asked.path.endswith("org3") else play(asked)

    with DirectoryApi(broken) as api, pytest.raises(DirectoryError, match="export/organizations"):
        list(platform(api).read())


def made(**members):
    return sorted_out(records(organization(1, **members), "ndp", Tally("ndp")))


def test_fields_of_a_service():
    service = {
        "id": "s", "name": "Food", "idProgram": "p", "description": "d", "url": "u", "email": "e", "waitTime": "w",
        "applicationProcess": "call", "interpretationServices": "on request",
        "taxonomy": [{"taxonomyCode": "BD-1800.2000", "taxonomyTerm": "Food Banks", "targets": [{"code": "YB-8000", "term": "x"}]}],
        "eligibility": {"description": "all", "types": ["senior"]}, "fees": {"type": "no_fee", "description": "free"},
        "documents": {"types": ["picture_id"], "description": "any"}, "languages": {"codes": ["en", "fr"], "description": "more"},
        "serviceAreas": [{"type": "county", "value": "King", "geoComponents": [{"county": "King", "state": "WA"}]},
                         {"type": "place", "geoJson": {"type": "Point", "coordinates": [1, 2]}}],
        "schedules": [{"type": "regular", "open": [{"day": "mon", "opensAt": "09:00", "closesAt": "17:00"}], "description": "x"}],
        "phones": [{"number": "211", "type": "main", "name": "Line"}],
        "meta": {"status": "active", "lastVerified": "2024-01-01", "lastUpdated": "2024-02-01", "created": "2020-01-01",
                 "temporaryMessage": {"message": "closed today"}, "tags": ["t"]},
    }  # fmt: skip
    found = made(services=[service], programs=[{"id": "p", "name": "Program"}], locations=[])
    assert found.only("service") == {
        "name": "Food", "program_id": "p", "program": {"id": "p", "name": "Program"}, "description": "d", "url": "u",
        "email": "e", "wait_time": "w", "application_process": "call", "interpretation_services": "on request",
        "organization_id": "org1", "eligibility_description": "all", "fees_description": "free",
        "cost_options": [{"option": "no_fee"}], "required_documents": [{"document": "picture id"}, {"document": "any"}],
        "languages": [{"code": "en"}, {"code": "fr"}, {"note": "more"}],
        "service_areas": [
            {"name": "King", "area_type": "county", "county": "King", "state_province": "WA"},
            {"area_type": "place", "extent": '{"type":"Point","coordinates":[1,2]}', "extent_type": "geojson"},
        ],
        "schedules": [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00", "description": "x"}],
        "phones": [{"number": "211", "type": "main", "description": "Line"}],
        "attributes": [
            {"link_entity": "service", "taxonomy_term": {"code": "BD-1800.2000", "taxonomy": "http://211hsis.org", "name": "Food Banks"}, "linked": ["YB-8000"]},
            {"label": "eligibility", "value": "senior"}, {"label": "tag", "value": "t"},
        ],
        "status": "active", "assured_date": "2024-01-01", "last_modified": "2024-02-01", "alert": "closed today",
        "metadata": [{"last_action_date": "2020-01-01", "last_action_type": "create"}],
    }  # fmt: skip
    assert found.findings == []


def test_a_message_of_the_organization_or_the_place_is_shown_with_the_services_there():
    def message(text, **meta):
        return {"meta": {"temporaryMessage": {"message": text}, **meta}}

    found = made(
        **message("moving in May"),
        services=[{"id": "a", "name": "A", "locationIds": ["l"], **message("by phone")}, {"id": "b", "name": "B"}],
        locations=[
            {"id": "l", "name": "L", **message("lift broken")},
            {"id": "h", "name": "H", "serviceIds": ["b"], **message(CANARY, access="private")},
        ],
        servicesAtLocations=[{"id": "x", "idService": "b", "idLocation": "l", **message("Tuesdays only")}],
    )
    assert found.data("service", "a")["alert"] == "by phone\nmoving in May\nlift broken"
    assert found.data("service", "b")["alert"] == "moving in May\nlift broken\nTuesdays only"
    assert all("alert" not in one.data for one in found.records if one.kind != "service")


PARTS = {
    "phone": {"phones": [{"number": CANARY, "access": "?"}]},
    "contact": {"contacts": [{"name": CANARY, "access": "?"}]},
    "phone of a contact": {"contacts": [{"name": "Ann", "phones": [{"number": CANARY, "access": "?"}]}]},
    "address": {
        "addresses": [{"type": "physical", "street": CANARY, "access": "?"}], "latitude": CANARY, "longitude": CANARY,
        "transportation": CANARY,
    },
}  # fmt: skip


def with_access(part, access):
    if isinstance(part, dict):
        return {name: access if content == "?" else with_access(content, access) for name, content in part.items()}
    return [with_access(one, access) for one in part] if isinstance(part, list) else part


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("access", "shown"),
    [("public", True), (None, True), ("website", True), ("directory", True), ("private", False), ("referral", False), ("research", False), ("new", False),
     (["private"], False), ({"level": "private"}, False), (["referral", "website"], True)],
)  # fmt: skip
def test_parts_that_are_not_for_everybody(part, access, shown):
    found = made(locations=[{"id": "l", "name": "Hall", **with_access(PARTS[part], access)}])
    location = found.only("location")
    assert (CANARY in everything(location)) is shown
    assert CANARY in str(location)


def test_the_only_address_is_private():
    """Whatever kind it is, the way to it is not shown."""
    place = {
        "addresses": [{"type": "mailing", "street": CANARY, "access": "private"}],
        "latitude": 43.5,
        "transportation": CANARY,
    }
    location = made(locations=[{"id": "l", **place}]).only("location")
    assert CANARY not in everything(location)
    assert "latitude" not in location
    open_too = {**place, "addresses": [*place["addresses"], {"type": "physical", "street": "1 A St"}]}
    assert made(locations=[{"id": "l", **open_too}]).only("location")["latitude"] == "43.5"


@pytest.mark.parametrize(
    ("meta", "restrictions"),
    [
        ({"access": "public"}, None),
        ({"access": "private"}, {"no-referral", "exclude-website", "exclude-directory"}),
        ({"access": "referral"}, {"exclude-website", "exclude-directory"}),
        ({"access": "directory"}, {"no-referral", "exclude-website"}),
        ({"access": "new"}, {"no-referral", "exclude-website", "exclude-directory"}),
        ({"access": ["public", "referral"]}, None),
        ({"access": ["referral", "directory"]}, {"exclude-website"}),
        ({"access": ["research", "referral"]}, {"exclude-website", "exclude-directory"}),
        ({"access": {"level": "private"}}, {"no-referral", "exclude-website", "exclude-directory"}),
        ({"status": "deleted"}, {"deleted"}),
        ({"status": "draft"}, {"exclude-website"}),
        ({"status": "active"}, None),
    ],
)
def test_records_that_are_not_for_everybody(meta, restrictions):
    found = made(services=[{"id": "s", "name": CANARY, "meta": meta}])
    data = found.only("service")
    assert (set(data["restrictions"]) if restrictions else data.get("restrictions")) == restrictions
    assert (CANARY in everything(data)) is (meta.get("access") not in ("private", {"level": "private"}))


def test_links_are_given_once():
    found = made(
        services=[{"id": "s", "name": "x", "locationIds": ["l", "m"]}],
        locations=[{"id": "l", "serviceIds": ["s"]}, {"id": "m"}],
        servicesAtLocations=[
            {"id": "1", "idService": "s", "idLocation": "l", "phones": [{"number": "5"}]},
            {"id": "2", "idService": "s", "idLocation": "l"}, {"id": "3", "idService": "s"},
        ],
    )  # fmt: skip
    assert {key: one.data["location_id"] for key, one in found.of("service_at_location").items()} == {
        "1": "l",
        "s@m": "m",
    }
    assert found.data("service_at_location", "1")["phones"] == [{"number": "5"}]
    assert found.found("ndp.loose-link") == ["3"]


def test_words_and_unknown_members():
    tally = Tally("ndp")
    given = list(
        records(
            organization(1, services=[{"id": "s", "name": "x", "taxonomy": [{"taxonomyCode": "Food"}], "novel": 1}]),
            "ndp",
            tally,
        )
    )
    found = sorted_out([*given, *tally.counted()])
    assert "code" not in found.only("service")["attributes"][0]["taxonomy_term"]
    assert found.found("ndp.words-as-code") == ["Food"]
    assert found.found("ndp.unknown-member") == ["novel in service: 1"]


def test_odd_types_everywhere():
    for odd in (None, 5, "x", True, [], {}, [1, None, "a", {}], {"a": [1]}):
        for name in (
            "phones",
            "taxonomy",
            "eligibility",
            "fees",
            "serviceAreas",
            "schedules",
            "languages",
            "meta",
            "documents",
            "contacts",
            "addresses",
            "accessibility",
            "locationIds",
        ):
            made(services=[{"id": "s", "name": "x", name: odd}], locations=[{"id": "l", name: odd}])
        for name in ("services", "locations", "programs", "servicesAtLocations"):
            made(**{name: odd})
