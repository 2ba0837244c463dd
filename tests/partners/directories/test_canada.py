"""211 Canada's API: pages, static ids, flat records, and who may see what."""

import pytest
from support.directory_api import DirectoryApi, Says
from support.directory_sources import everything, sorted_out

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.canada_records import records
from footbridge.partners.directories import canada
from footbridge.partners.directories.canada import Canada
from footbridge.partners.directories.opening import open_api

CANARY = "4 Secret Lane"


def row(number, **members):
    return {
        "id": number, "ParentId": number // 10 + 1, "ParentAgency": f"Agency {number // 10 + 1}", "PublicName": f"Service {number}",
        "Description": "Helps", "PhysicalAddressStreet1": "1 A St", "PhysicalAddressCity": "Guelph", "PhysicalAddressProvince": "ON",
        "Latitude": 43.5, "Longitude": -80.2, "PhoneNumbers": [{"Phone": "211", "Name": "Line", "Type": "Main", "Description": ""}],
        "Hours": "Mon-Fri 9-5", "ServiceArea": ["Guelph", "Erin"], "UpdatedOn": "2024-01-01", **members,
    }  # fmt: skip


class Ontario:
    """Ids move unless MapIDs=on, as there."""

    def __init__(self, count, *, text=False):
        self.rows, self.text = [row(number) for number in range(1, count + 1)], text

    def __call__(self, asked):
        assert asked.method == "POST"
        if asked.query.get("key") != "k":
            return Says(401)
        start, size = asked.body["PageIndex"] * asked.body["PageSize"], asked.body["PageSize"]
        shift = 0 if asked.body.get("MapIDs") == "on" else len(asked.headers["Host"])
        part = [{**one, "id": one["id"] + shift} for one in self.rows[start : start + size]]
        return {"RecordCount": str(len(self.rows)) if self.text else len(self.rows), "Records": part}


@pytest.fixture
def client(connect, monkeypatch):
    monkeypatch.setenv("KEY_211", "k")
    return lambda api, **more: Canada(connect(api, key=canada.key("env:KEY_211")), "on", size=10, **more)


@pytest.mark.parametrize("count", [0, 1, 10, 25])
@pytest.mark.parametrize("text", [True, False])
def test_all_pages(client, count, text):
    with DirectoryApi(Ontario(count, text=text)) as api:
        found = sorted_out(client(api).read())
    assert list(found.of("service")) == [str(n) for n in range(1, count + 1)]
    assert len(found.of("organization")) == (count // 10 + 1 if count else 0)
    assert [one.rule for one in found.findings] == ["api.area-of-all"] * bool(count)
    assert all(asked.body["MapIDs"] == "on" for asked in api.asked)


def test_the_flags_that_keep_values_private_are_asked_for(client):
    with DirectoryApi(Ontario(1)) as api:
        list(client(api).read())
    asked = set(api.asked[0].body["Fields"].split(","))
    assert {"PhysicalAddressIsPrivate", "Phone1IsPrivate", "MainContactIsPrivate", "ExcludeFromWebsite"} <= asked
    assert {"AvailableForReferral", "AlternateName", "SearchHints", "TaxonomyCodes", "Eligibility"} <= asked


def test_what_stands_behind_the_url_narrows_the_search(monkeypatch):
    monkeypatch.setenv("KEY_211", "k")
    with DirectoryApi(Ontario(1)) as api:
        url = f"{api.url}?dataset=on&lang=fr&Communities=Guelph&key=in-the-url"
        list(open_api(url, "211-canada", "env:KEY_211").records)
    body = api.asked[0].body
    assert body["SearchType"] == "coverage"
    assert (body["Communities"], body["Lang"], body["Dataset"]) == ("Guelph", "fr", "on")
    assert "key" not in body


@pytest.mark.parametrize(
    ("behind", "asked_for", "told"),
    [
        ("", {"SearchType": "proximity", "Latitude": 48.5, "Longitude": -84.5, "Distance": 7000}, True),
        ("&Communities=Toronto|York", {"SearchType": "coverage", "Communities": "Toronto|York"}, False),
        (
            "&Latitude=43.7&Longitude=-79.4&Distance=50",
            {"SearchType": "proximity", "Latitude": 43.7, "Distance": 50},
            False,
        ),
        ("&SearchType=coverage&Latitude=44&Longitude=-80", {"SearchType": "coverage", "Longitude": -80}, False),
    ],
)
def test_an_area_is_always_asked_for(monkeypatch, behind, asked_for, told):
    """As the API demands: coverage of communities or of a point, or proximity to a point."""
    monkeypatch.setenv("KEY_211", "k")
    with DirectoryApi(Ontario(1)) as api:
        found = sorted_out(open_api(f"{api.url}?dataset=on{behind}", "211-canada", "env:KEY_211").records)
    body = api.asked[0].body
    assert asked_for.items() <= body.items()
    assert ("Communities" in body) is ("Communities" in asked_for)
    assert ("api.area-of-all" in {one.rule for one in found.findings}) is told


def test_what_is_asked(client):
    with DirectoryApi(Ontario(1)) as api:
        list(
            client(api, language="fr", search={"SearchType": "proximity", "Latitude": 43.5, "MapIDs": "off"}).read(
                "2024-05-01"
            )
        )
    body = api.asked[0].body
    assert (body["Dataset"], body["Lang"], body["updatedOn"]) == ("on", "fr", "2024-05-01")
    assert (body["SearchType"], body["Latitude"], body["MapIDs"]) == ("proximity", 43.5, "on")


@pytest.mark.parametrize("answer", [Says(204), Says(404), {"RecordCount": 0, "Records": []}])
def test_nothing(client, answer):
    with DirectoryApi(lambda _: answer) as api:
        assert list(client(api).read()) == []


@pytest.mark.parametrize("body", [{"Message": "bad dataset"}, [], "x", {"Records": [1]}])
def test_something_else(client, body):
    with (
        DirectoryApi(lambda _: Says(body=body)) as api,
        pytest.raises(DirectoryError, match=r"POST /search \(page 1\)"),
    ):
        list(client(api).read())


def test_the_same_page_for_ever(client):
    page = {"RecordCount": 100, "Records": [row(n) for n in range(10)]}
    with DirectoryApi(lambda _: page) as api, pytest.raises(DirectoryError, match="no end"):
        list(client(api).read())


def made(**members):
    return sorted_out(records(row(1, **members), "ca", Tally("ca"), set()))


def test_fields_of_a_record():
    found = made(
        Website="w.test", Email="a@b.ca", Eligibility="all", MinAge="18", LanguagesOffered="English; French", AgencyStatus="Active",
        TaxonomyCodes="BD-1800.2000; LR-1700 * YB-8000", DocumentsRequired="ID", DisabilitiesAccess="Ramp", FeeStructureSource="Free",
    )  # fmt: skip
    assert found.only("organization") == {"name": "Agency 1"}
    assert found.only("location") == {
        "name": "Service 1", "latitude": "43.5", "longitude": "-80.2", "organization_id": "1", "location_type": "physical",
        "addresses": [{"address_type": "physical", "address_1": "1 A St", "city": "Guelph", "state_province": "ON"}],
        "accessibility": [{"description": "Ramp"}],
    }  # fmt: skip
    service = found.only("service")
    assert service["phones"] == [{"number": "211", "type": "Main", "description": "Line"}]
    assert service["schedules"] == [{"description": "Mon-Fri 9-5"}]
    assert [one["name"] for one in service["service_areas"]] == ["Guelph", "Erin"]
    assert [one["name"] for one in service["languages"]] == ["English", "French"]
    assert [(one["taxonomy_term"]["code"], one.get("linked")) for one in service["attributes"]] == [
        ("BD-1800.2000", None),
        ("LR-1700", ["YB-8000"]),
    ]
    assert service["required_documents"] == [{"document": "ID"}]
    assert (service["url"], service["email"], service["minimum_age"], service["status"]) == (
        "w.test",
        "a@b.ca",
        "18",
        "Active",
    )
    assert found.only("service_at_location") == {"service_id": "1", "location_id": "1"}


PRIVATE = {
    "PhysicalAddressIsPrivate": {"PhysicalAddressStreet1": CANARY, "Latitude": CANARY, "Longitude": CANARY, "BusServiceAccess": CANARY},
    "MailingAddressIsPrivate": {"MailingAddress1": CANARY},
    "Phone1IsPrivate": {"Phone1Number": CANARY},
    "PhoneNumberHotlineIsPrivate": {"PhoneNumberHotline": CANARY},
    "MainContactIsPrivate": {"MainContactName": CANARY, "MainContactPhoneNumber": CANARY},
    "SeniorWorkerIsPrivate": {"SeniorWorkerEmailAddress": CANARY},
}  # fmt: skip


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        ("True", False),
        (True, False),
        ("1", False),
        ("maybe", False),
        ("False", True),
        (False, True),
        ("", True),
        (None, True),
    ],
)
def test_private_members(name, mark, shown):
    found = made(**PRIVATE[name], **{name: mark})
    given = " ".join(everything(one.data) for one in found.records)
    assert (CANARY in given) is shown
    assert CANARY in str(found.records)


@pytest.mark.parametrize("name", ["InternalNotes", "InternalNotesForEditorsAndViewers", "LastVerifiedByName"])
def test_what_is_for_editors(name):
    found = made(**{name: CANARY})
    assert CANARY not in " ".join(everything(one.data) for one in found.records)
    assert CANARY in str(found.records)


@pytest.mark.parametrize(
    ("members", "restrictions"),
    [
        ({"AgencyStatus": "Active, but do not refer"}, ["no-referral"]),
        ({"AvailableForReferral": "False"}, ["no-referral"]),
        ({"AvailableForDirectory": "No"}, ["exclude-directory"]),
        ({"ExcludeFromWebsite": "Yes"}, ["exclude-website"]),
        ({"ExcludeFromWebsite": "??"}, ["exclude-website"]),
        ({"AvailableForReferral": "True", "ExcludeFromWebsite": ""}, None),
    ],
)
def test_restrictions(members, restrictions):
    assert made(**members).only("service").get("restrictions") == restrictions


def test_words_unknown_members_and_no_id():
    tally = Tally("ca")
    found = sorted_out([*records(row(1, TaxonomyCodes="Food", Novel=1), "ca", tally, set()), *tally.counted()])
    assert found.found("canada.words-as-code") == ["Food"]
    assert found.found("canada.unknown-member") == ["Novel: 1"]
    without = sorted_out(records({"PublicName": "x"}, "ca", Tally("ca"), set()))
    assert without.records == []
    assert without.rules() == ["canada.no-id"]


def test_odd_types_everywhere():
    for odd in (None, 5, "x", True, [], {}, [1, None, "a", {}], {"a": [1]}):
        for name in row(1):
            if name != "id":
                made(**{name: odd})
