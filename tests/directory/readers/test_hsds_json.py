"""HSDS JSON in every shape that a source may have: what is in it becomes records, once, under the names of 3.1."""

import json
import random
from collections import Counter

import pytest
from support.directory_readers import read, read_json, write
from support.soak import SOAK

ORGANIZATION = {"id": "o1", "name": "Hub", "description": "Helps"}
SERVICE = {"id": "s1", "name": "Food bank", "status": "active", "organization": ORGANIZATION}
CORE = ("organization", "location", "service", "service_at_location")


def full() -> dict:
    location = {
        "id": "l1",
        "location_type": "physical",
        "name": "Main",
        "addresses": [{"id": "a", "address_1": "1 High St"}],
    }
    return {**SERVICE, "service_at_locations": [{"id": "x1", "location": location}], "phones": [{"number": "211"}]}


def test_a_full_service_becomes_records_that_name_each_other(tmp_path):
    found = read_json(tmp_path, full())
    assert found.count() == Counter(dict.fromkeys(CORE, 1))
    assert found.one("service")["organization_id"] == "o1"
    assert found.one("service")["phones"] == [{"number": "211"}]
    assert "organization" not in found.one("service")
    joined = found.one("service_at_location")
    assert (joined["id"], joined["service_id"], joined["location_id"]) == ("x1", "s1", "l1")
    assert found.one("location")["addresses"] == [{"id": "a", "address_1": "1 High St"}]
    assert found.findings == []


@pytest.mark.parametrize(
    "wrap",
    [
        lambda it: it,
        lambda it: [it],
        lambda it: {"total_items": 1, "page_number": 1, "empty": False, "contents": [it]},
        lambda it: {"totalElements": 1, "number": 1, "first": True, "content": [it]},
        lambda it: {"id": "run-7", "result": it},
        lambda it: {"data": [it]},
        lambda it: {"services": [it]},
        lambda it: {"organization": ORGANIZATION, "services": [{k: v for k, v in it.items() if k != "organization"}]},
        lambda it: {
            "organizations": [{**ORGANIZATION, "services": [{k: v for k, v in it.items() if k != "organization"}]}]
        },
    ],
)
def test_every_root_gives_the_same_records(tmp_path, wrap):
    found = read_json(tmp_path, wrap(full()))
    assert {kind: found.of(kind) for kind in CORE} == {kind: read_json(tmp_path, full()).of(kind) for kind in CORE}


def test_lines_folder_and_archive_give_the_same_records(tmp_path):
    from zipfile import ZipFile

    services = [
        {**full(), "id": f"s{n}", "service_at_locations": [{"id": f"x{n}", "location": {"id": "l1"}}]} for n in range(9)
    ]
    lines = tmp_path / "feed.ndjson"
    lines.write_text("\n".join(json.dumps(each) for each in services), "utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for each in services:
        (folder / f"service-{each['id']}.json").write_text(json.dumps(each), "utf-8")
    with ZipFile(tmp_path / "feed.zip", "w") as packed:
        packed.write(lines, "inner/feed.ndjson")
    expected = {each["id"] for each in services}
    for place in (lines, folder, tmp_path / "feed.zip"):
        found = read("json", place)
        assert set(found.of("service")) == expected
        assert set(found.of("organization")) == {"o1"}


def test_a_large_file_is_read_like_a_small_one(tmp_path, monkeypatch):
    value = {
        "organizations": [ORGANIZATION],
        "services": [{**full(), "id": f"s{n}"} for n in range(20)],
        "version": "3.1",
    }
    page = {"total_items": 20, "contents": value["services"]}
    for root in (value, value["services"], page):
        small = read_json(tmp_path, root)
        monkeypatch.setattr("footbridge.directory.readers.hsds_documents.WHOLE", 10)
        large = read_json(tmp_path, root)
        monkeypatch.undo()
        assert {kind: small.of(kind) for kind in CORE} == {kind: large.of(kind) for kind in CORE}
        assert large.count()["service"] == large.count()["service_at_location"] == 20


def test_copies_of_one_object_are_one_record_with_what_any_of_them_says(tmp_path):
    uuid = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"
    full_copy = {"id": uuid, "name": "Hub", "description": "Helps", "phones": [{"number": "211"}]}
    other = {"id": uuid, "name": "Hub Inc.", "website": "http://hub.example"}
    found = read_json(
        tmp_path, [{**SERVICE, "organization": full_copy}, {**SERVICE, "id": "s2", "organization": other}]
    )
    data = found.one("organization")
    assert (data["name"], data["website"], data["description"]) == ("Hub", "http://hub.example", "Helps")
    (difference,) = found.found("hsds.copies-differ")
    assert (difference.member, difference.found, difference.native_id) == ("name", "Hub Inc.", uuid)


def test_what_one_copy_withholds_stays_withheld(tmp_path):
    phone = {"id": "p", "number": "555"}
    place = {"id": "l1", "name": "Home", "phones": [phone], "description": "longer than the other one, " * 9}
    hidden = {"id": "l1", "name": "Home", "phones": [{**phone, "confidential": True}], "exclude_from_website": True}
    found = read_json(tmp_path, {"locations": [place, hidden]})
    assert found.one("location")["phones"][0]["withheld"] == "confidential"
    assert found.one("location")["restrictions"] == ["exclude-website"]


def test_ids_that_mean_other_objects_in_each_document_are_told_apart(tmp_path):
    def document(name: str, street: str) -> dict:
        place = {"id": "loc_1", "addresses": [{"address_1": street, "city": "X"}]}
        services = [
            {"id": "svc_1", "organization_id": "org_1", "name": "Pantry", "status": "active", "locations": [place]}
        ]
        return {"id": name, "result": {"organization": {"id": "org_1", "name": name}, "services": services}}

    documents = [document("First Church", "1 A St"), document("Second Church", "2 B St")]
    place = tmp_path / "feed.ndjson"
    place.write_text("\n".join(map(json.dumps, documents)), "utf-8")
    found = read("json", place)
    assert found.count() == Counter(dict.fromkeys(CORE, 2))
    streets = {}
    for joined in found.of("service_at_location").values():
        service = found.of("service")[joined["service_id"]]
        location = found.of("location")[joined["location_id"]]
        streets[found.of("organization")[service["organization_id"]]["name"]] = location["addresses"][0]["address_1"]
    assert streets == {"First Church": "1 A St", "Second Church": "2 B St"}
    place.write_text("\n".join(map(json.dumps, reversed(documents))), "utf-8")
    assert set(read("json", place).of("service")) == set(found.of("service"))


def test_a_stub_is_not_taken_for_another_documents_place(tmp_path):
    def document(name: str, place: dict) -> dict:
        services = [{"id": "svc_1", "name": "Pantry", "locations": [place]}]
        return {"result": {"organization": {"id": "org_1", "name": name}, "services": services}}

    places = [{"id": "loc_1", "addresses": [{"address_1": f"{n} St"}]} for n in (1, 2)] + [
        {"id": "loc_1", "location_type": "physical"}
    ]
    found = read_json(tmp_path, [document(f"Church {n}", place) for n, place in enumerate(places)])
    assert found.count()["location"] == 3
    assert sum("addresses" not in data for data in found.of("location").values()) == 1


def test_an_object_without_an_id_keeps_the_same_one_when_its_text_changes(tmp_path):
    first = {"organization": {"name": "Hub", "description": "old"}, "services": [{"name": "Food", "status": "active"}]}
    second = {
        "organization": {"name": "Hub", "description": "new"},
        "services": [{"name": "Food", "status": "inactive"}],
    }
    before, after = read_json(tmp_path, first), read_json(tmp_path, second)
    for kind in ("organization", "service"):
        assert before.of(kind).keys() == after.of(kind).keys()
    assert {finding.kind for finding in before.found("hsds.no-id")} == {"organization", "service"}
    assert before.one("service")["organization_id"] == before.one("organization")["id"]


def test_two_services_without_ids_and_with_one_name_are_both_kept(tmp_path):
    services = [{"name": "Meal", "description": text} for text in ("Mondays", "Tuesdays")]
    found = read_json(tmp_path, {"organization": ORGANIZATION, "services": services})
    assert sorted(data["description"] for data in found.of("service").values()) == ["Mondays", "Tuesdays"]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("service", {"service_areas": [{"service_area": "Kent"}]}, {"service_areas": [{"name": "Kent"}]}),
        ("service", {"eligibility": "Anyone"}, {"eligibility_description": "Anyone"}),
        (
            "service",
            {"eligibilitys": [{"id": "e", "eligibility": "Adults", "minimum_age": 18, "maximum_age": 64}]},
            {"eligibility_description": "Adults", "minimum_age": 18, "maximum_age": 64},
        ),
        ("service", {"payment_accepted": [{"payment": "Cash"}]}, {"cost_options": [{"option": "Cash"}]}),
        (
            "service",
            {"regular_schedules": [{"weekday": "Monday", "opens_at": "9", "closes_at": "5"}]},
            {"schedules": [{"freq": "WEEKLY", "byday": "MO", "opens_at": "9", "closes_at": "5"}]},
        ),
        (
            "service",
            {"holiday_schedules": [{"closed": True, "start_date": "2026-12-25", "end_date": "2026-12-25"}]},
            {"schedules": [{"valid_from": "2026-12-25", "valid_to": "2026-12-25", "description": "Closed"}]},
        ),
        (
            "service",
            {
                "schedules": [
                    {
                        "days": ["MO", "we"],
                        "times": [{"start_time": "09:00", "end_time": "10:00"}, {"start_time": "14:00"}],
                    }
                ]
            },
            {
                "schedules": [
                    {"byday": "MO,WE", "opens_at": "09:00", "closes_at": "10:00"},
                    {"byday": "MO,WE", "opens_at": "14:00"},
                ]
            },
        ),
        (
            "service",
            {"service_taxonomys": [{"id": "t", "taxonomy": {"id": "BD-1800", "name": "Food", "vocabulary": "211"}}]},
            {
                "attributes": [
                    {
                        "id": "t",
                        "taxonomy_term": {"id": "BD-1800", "code": "BD-1800", "name": "Food", "taxonomy": "211"},
                    }
                ]
            },
        ),
        (
            "service",
            {"attributes": [{"taxonomy_term": {"term": "Food", "name": "Food"}}]},
            {"attributes": [{"taxonomy_term": {"name": "Food"}}]},
        ),
        ("service", {"phones": {"number": "211"}}, {"phones": [{"number": "211"}]}),
        ("service", {"phones": "211; 988"}, {"phones": [{"number": "211"}, {"number": "988"}]}),
        ("service", {"languages": ["French", {"name": "Cree"}]}, {"languages": [{"name": "French"}, {"name": "Cree"}]}),
        ("service", {"description": ["One", "Two"]}, {"description": "One; Two"}),
        ("location", {"coordinates": {"lat": 43.6, "lng": -79.4}}, {"latitude": 43.6, "longitude": -79.4}),
        ("location", {"coordinates": [43.6, -79.4]}, {"latitude": 43.6, "longitude": -79.4}),
        ("location", {"coordinates": [{"latitude": 43.6, "longitude": -79.4}]}, {"latitude": 43.6, "longitude": -79.4}),
        (
            "location",
            {"physical_addresses": [{"street": "1 A St", "zip": "1"}], "postal_addresses": [{"address_1": "PO 2"}]},
            {
                "addresses": [
                    {"address_type": "physical", "address_1": "1 A St", "postal_code": "1"},
                    {"address_type": "postal", "address_1": "PO 2"},
                ]
            },
        ),
        (
            "location",
            {"street": "1 A St", "city": "X", "state": "ON"},
            {"addresses": [{"address_1": "1 A St", "city": "X", "state_province": "ON"}]},
        ),
        ("location", {"accessibility": [{"accessibility": "Ramp"}]}, {"accessibility": [{"description": "Ramp"}]}),
        ("organization", {"url": "http://x.example"}, {"website": "http://x.example"}),
        ("organization", {"alternate_names": ["A", "B"]}, {"alternate_name": "A; B"}),
        (
            "organization",
            {"phones": [{"number": "1", "phone_type": "voice", "ext": 7}]},
            {"phones": [{"number": "1", "type": "voice", "extension": 7}]},
        ),
        ("service", {"serviceName": "x", "assuredDate": "2026-01-01"}, {"assured_date": "2026-01-01"}),
        ("service", {"minimum_age": 0, "interpretation_services": None, "fees": ""}, {"minimum_age": 0}),
    ],
)
def test_older_names_and_other_shapes(tmp_path, kind, given, expected):
    found = read_json(tmp_path, {f"{kind}s": [{"id": "1", "name": "x", **given}]}).one(kind)
    assert {name: value for name, value in found.items() if name not in {"id", "name"}} == expected


def test_an_organizations_address_becomes_its_location(tmp_path):
    found = read_json(
        tmp_path, {"organizations": [{**ORGANIZATION, "addresses": [{"id": "l9", "address_1": "1 A St"}]}]}
    )
    assert found.one("location") == {"id": "l9", "organization_id": "o1", "addresses": [{"address_1": "1 A St"}]}


@pytest.mark.parametrize(
    ("given", "withheld", "restrictions"),
    [
        ({"confidential": True}, "confidential", None),
        ({"is_private": "Yes"}, "confidential", None),
        ({"confidential": "sometimes"}, "confidential", None),
        ({"confidential": "no"}, None, None),
        ({"is_public": False}, "internal", None),
        ({"reason_withheld": "Shelter"}, "reason-withheld", None),
        ({"available_for_referral": "false"}, None, ["no-referral"]),
        ({"available_for_referral": "ask first"}, None, ["no-referral"]),
        ({"availableForReferral": True}, None, None),
        ({"status": "Active, but do not refer"}, None, ["no-referral"]),
        ({"deleted": 1, "exclude_from_directory": "Y"}, None, ["deleted", "exclude-directory"]),
        ({"withheld": False, "restrictions": "adults only"}, None, None),
    ],
)
def test_flags_of_a_source_become_withheld_and_restrictions(tmp_path, given, withheld, restrictions):
    data = read_json(tmp_path, {"services": [{"id": "1", "name": "x", **given}]}).one("service")
    assert (data.get("withheld"), data.get("restrictions")) == (withheld, restrictions)


def test_a_withheld_address_takes_the_coordinates_with_it(tmp_path):
    hidden = {"address_1": "1 Secret St", "address_type": "physical", "confidential": True}
    place = {
        "id": "1",
        "name": "x",
        "latitude": 1.5,
        "longitude": 2.5,
        "addresses": [hidden, {"address_1": "PO", "address_type": "postal"}],
    }
    data = read_json(tmp_path, {"locations": [place]}).one("location")
    assert "latitude" not in data
    assert data["addresses"][0] == {
        "address_1": "1 Secret St",
        "address_type": "physical",
        "withheld": "confidential",
        "latitude": 1.5,
        "longitude": 2.5,
    }
    place["addresses"] = [{**hidden, "address_type": "postal"}, {"address_1": "2 Open St", "address_type": "physical"}]
    assert read_json(tmp_path, {"locations": [place]}).one("location")["latitude"] == 1.5


def test_editors_notes_are_marked_internal(tmp_path):
    data = read_json(tmp_path, {"services": [{"id": "1", "name": "x", "internal_notes": "call Ann"}]}).one("service")
    assert data["notes"] == [{"text": "call Ann", "withheld": "internal"}]


def test_references_to_nothing_are_kept_and_reported(tmp_path):
    feed = {"organizations": [ORGANIZATION], "services": [{"id": "1", "name": "x", "organization_id": "gone"}]}
    found = read_json(tmp_path, feed)
    assert found.one("service")["organization_id"] == "gone"
    (orphan,) = found.found("hsds.orphan")
    assert (orphan.native_id, orphan.member, orphan.found) == ("1", "organization_id", "gone")
    alone = read_json(
        tmp_path, [{"id": str(n), "name": "x", "status": "active", "organization_id": "o"} for n in range(30)]
    )
    assert [finding.rule for finding in alone.findings] == ["hsds.nothing-referred"]  # once, not for each


def test_ids_that_are_numbers_and_the_same_number_for_several_kinds(tmp_path):
    place = {"id": 4063, "name": "Main"}
    found = read_json(
        tmp_path, [{"id": 4063, "name": "Food", "organization": {"id": 4063, "name": "Hub"}, "locations": [place]}]
    )
    assert {(record.kind, record.native_id) for record in found.records} == {
        ("organization", "4063"), ("service", "4063"), ("location", "4063"), ("service_at_location", "4063@4063"),
    }  # fmt: skip


def test_terms_and_programs_of_other_files_are_looked_up(tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    service = {"id": "1", "name": "x", "status": "active", "program_id": "p", "attributes": [{"taxonomy_term_id": "t"}]}
    term = {"id": "t", "code": "BD-1800", "name": "Food", "taxonomy_id": "y"}
    files = {
        "services": [service],
        "taxonomy_terms": [term],
        "taxonomies": [{"id": "y", "name": "211"}],
        "program": {"id": "p", "name": "P"},
    }
    for name, value in files.items():
        (folder / f"{name}.json").write_text(json.dumps(value), "utf-8")
    data = read("json", folder).one("service")
    assert data["attributes"][0]["taxonomy_term"] == {**term, "taxonomy": "211"}
    assert data["program"] == {"id": "p", "name": "P"}


def test_the_official_examples_give_their_values(test_data):
    place = test_data / "samples/hsds/hsds-3.1-examples/service_full.json"
    given = json.loads(place.read_bytes())
    found = read("json", place)
    assert found.count() == Counter(dict.fromkeys(CORE, 1))
    service = found.one("service")
    plain = {name: value for name, value in given.items() if not isinstance(value, list | dict)}
    assert {name: service[name] for name in plain} == plain
    for name in ("phones", "schedules", "service_areas", "languages", "funding", "cost_options", "required_documents", "contacts", "capacities", "attributes", "metadata", "additional_urls", "program"):  # fmt: skip
        assert service[name] == given[name], name
    location = given["service_at_locations"][0]["location"]
    assert {name: value for name, value in found.one("location").items() if name != "organization_id"} == location
    joined = {name: value for name, value in given["service_at_locations"][0].items() if name != "location"}
    assert found.one("service_at_location") == {**joined, "service_id": given["id"], "location_id": location["id"]}
    organization = {name: value for name, value in given["organization"].items() if name != "locations"}
    assert found.one("organization") == organization


def test_the_profile_of_the_united_kingdom(test_data):
    folder = test_data / "samples/hsds/oruk-mocks/V3.0-UK-Default"
    found = read("json", folder / "service_full.json")
    given = json.loads((folder / "service_full.json").read_bytes())
    service = found.one("service")
    assert service["service_areas"][0]["name"] == given["service_areas"][0]["service_area"]
    assert service["attributes"][0]["taxonomy_term"]["name"] == "name"
    assert "term" not in service["attributes"][0]["taxonomy_term"]
    listed = json.loads((folder / "organization_list.json").read_bytes())["contents"]
    names = {each["name"] for each in listed}
    assert {
        data["name"] for data in read("json", folder / "organization_list.json").of("organization").values()
    } == names
    for place in sorted((test_data / "samples/hsds/oruk-mocks/V3.0-UK-Fail").glob("*.json")):
        read("json", place)  # bad values, none of them an error


def _services(value, key=None):
    if isinstance(value, dict):
        if key in {"services", "service"}:
            yield value
        for name, inner in value.items():
            yield from _services(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _services(inner, key)


def test_real_dirty_records_are_kept(test_data):
    place = test_data / "samples/hsds/haarrrvest-cc0/processed_results.ndjson"
    wanted, names = 0, Counter()
    lines = place.read_text("utf-8").splitlines()
    for line in lines:
        document = json.loads(line)
        distinct = {}
        for each in _services(document):
            label = each.get("name") or each.get("service_name")
            distinct[each.get("id") or each.get("service_id"), label or json.dumps(each, sort_keys=True)] = label
        wanted += len(distinct)
        names.update(label for label in distinct.values() if label)
    found = read("json", place)
    kept = Counter(data["name"] for data in found.of("service").values() if "name" in data)
    print(f"{len(lines)} records, {wanted} services, {found.count()['service']} kept")  # noqa: T201 - the figure of the run
    assert wanted > 1000
    assert found.count()["service"] >= 0.95 * wanted
    assert sum((names & kept).values()) >= 0.95 * sum(names.values())
    assert len(found.found("hsds.not-an-object")) == 4  # "Invalid JSON response"
    organizations = found.of("organization")
    homeless = [data for data in found.of("service").values() if data.get("organization_id") not in organizations]
    assert len(homeless) <= 0.02 * wanted
    placed = {
        joined["service_id"]
        for joined in found.of("service_at_location").values()
        if joined["location_id"] in found.of("location")
    }
    print(f"{len(placed)} services with a place, {len(homeless)} without an organization")  # noqa: T201 - the figure of the run


@pytest.mark.soak
def test_the_order_of_documents_does_not_change_the_records(test_data, tmp_path):
    lines = (test_data / "samples/hsds/haarrrvest-cc0/processed_results.ndjson").read_text("utf-8").splitlines()
    lines = lines if SOAK else random.Random(5).sample(lines, 250)
    place = tmp_path / "feed.ndjson"
    sets = []
    for seed in (1, 2):
        random.Random(seed).shuffle(lines)
        place.write_text("\n".join(lines), "utf-8")
        sets.append(
            {
                (record.kind, record.native_id, json.dumps(record.data, sort_keys=True))
                for record in read("json", place).records
            }
        )
    assert sets[0] == sets[1]


def test_a_form_is_recognised_by_its_members(test_data, tmp_path):
    from footbridge.directory.readers.hsds_json import HsdsJsonReader
    from footbridge.directory.source_files import open_source

    samples = test_data / "samples/hsds"
    reader = HsdsJsonReader()
    for name in ("haarrrvest-cc0", "hsds-3.1-examples/service_full.json", "oruk-mocks/V3.0-UK-Default"):
        assert reader.recognises(open_source(samples / name).files), name
    for name in ("icarol-json-servicenet", "ohana-csv"):
        assert not reader.recognises(open_source(samples / name).files), name
    (tmp_path / "x.json").write_text('{"resourceType": "Bundle", "entry": []}')
    assert not reader.recognises(open_source(tmp_path / "x.json").files)


def test_a_table_folder_is_not_json(tmp_path):
    from footbridge.directory.errors import DirectoryError

    with pytest.raises(DirectoryError, match="no JSON file"):
        read("json", write(tmp_path / "f", services="id,name\n1,x\n", organizations="id,name\n1,x\n"))


@pytest.mark.parametrize(
    ("member", "value", "withheld"),
    [
        ("visibility", "private", True),
        ("visibility", "Public", False),
        ("visibility", "partners", True),  # a word that nobody knows restricts
        ("published", False, True),
        ("is_published", "yes", False),
        ("unlisted", 1, True),
        ("do_not_publish", "no", False),
    ],
)
def test_what_is_not_published_is_withheld(tmp_path, member, value, withheld):
    found = read_json(tmp_path, {**SERVICE, "phones": [{"number": "211", member: value}], member: value})
    assert ("withheld" in found.one("service"), "withheld" in found.one("service")["phones"][0]) == (withheld, withheld)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;BYDAY=TU,TH", {"freq": "WEEKLY", "byday": "TU,TH"}),
        ("RRULE:FREQ=MONTHLY;BYDAY=2MO;UNTIL=20270131T000000Z", {"freq": "MONTHLY", "byday": "2MO", "until": "2027-01-31"}),
        ("every other Tuesday", {"description": "every other Tuesday"}),
    ],
)  # fmt: skip
def test_a_recurrence_rule_becomes_members_of_its_schedule(tmp_path, rule, expected):
    found = read_json(tmp_path, {**SERVICE, "schedules": [{"rrule": rule, "opens_at": "09:00"}]})
    assert found.one("service")["schedules"] == [{**expected, "opens_at": "09:00"}]


def test_a_member_of_a_document_that_is_read_nowhere_is_told(tmp_path):
    found = read_json(tmp_path, {"organizations": [ORGANIZATION], "services": [SERVICE], "meta": {"note": "x"}})
    assert [(one.rule, one.found) for one in found.findings] == [("hsds.unknown-member", "document.meta")]


def test_a_table_of_phones_in_a_file_of_its_own_is_no_service_at_a_location(tmp_path):
    phone = {"id": "p", "service_id": "s1", "number": "416-555-0111"}
    for name, rows in (("services", [SERVICE]), ("phones", [phone])):
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), "utf-8")
    found = read("json", tmp_path)
    assert found.count()["service_at_location"] == 0
    assert [(one.rule, one.found) for one in found.findings] == [("hsds.table-alone", "phones")]
