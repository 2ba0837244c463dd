"""HSDS as tables: each row of the samples comes out under its parent, with its values."""

import csv
import json
import random
import zipfile
from collections import Counter, defaultdict

import pytest
from support.directory_readers import read, write

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_tabular import HsdsTabularReader
from footbridge.directory.source_files import open_source


def rows(place):
    with place.open(encoding="utf-8-sig", newline="") as stream:
        return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(stream)]


def small(tmp_path, **more):
    return write(
        tmp_path / "feed",
        organizations="id,name,description\n1,Hub,Helps\n",
        services="id,organization_id,name,status\n1,1,Food,active\n2,1,Beds,active\n",
        locations="id,organization_id,name,location_type\n1,1,Main,physical\n",
        services_at_location="id,service_id,location_id\n9,1,1\n",
        **more,
    )


def test_tables_whose_files_have_longer_names(tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in {
        "Export_Services_2025-01.csv": "id,organization_id,name,status\n1,7,Food,active\n",
        "north-organizations (2).csv": "id,name,description\n7,Org,We help\n",
        "organization_services_summary.csv": "id,name\n1,neither\n",
    }.items():
        (folder / name).write_text(text)
    assert HsdsTabularReader().recognises(open_source(folder).files)
    found = read("tabular", folder)
    assert found.one("service")["name"] == "Food"
    assert found.one("organization")["name"] == "Org"
    assert [finding.path for finding in found.found("hsds.unknown-table")] == ["organization_services_summary.csv"]


def test_a_copy_beside_a_table_is_not_read(tmp_path):
    folder = small(tmp_path)
    (folder / "services_old.csv").write_text("id,organization_id,name,status\n8,1,Gone,active\n")
    found = read("tabular", folder)
    assert set(found.of("service")) == {"1", "2"}
    assert [finding.path for finding in found.found("hsds.unknown-table")] == ["services_old.csv"]


def test_the_ohana_ancestor_gives_every_row(test_data):
    folder = test_data / "samples/hsds/ohana-csv"
    found = read("tabular", folder)
    assert found.count() == Counter(
        organization=len(rows(folder / "organizations.csv")), location=len(rows(folder / "locations.csv")),
        service=len(rows(folder / "services.csv")), service_at_location=len(rows(folder / "services.csv")),
    )  # fmt: skip
    places = {row["id"]: row for row in rows(folder / "locations.csv")}
    for row in rows(folder / "services.csv"):
        service = found.of("service")[row["id"]]
        assert service["name"] == row["name"]
        assert service["organization_id"] == places[row["location_id"]]["organization_id"]
        codes = [code.strip() for code in row.get("taxonomy_ids", "").split(",") if code.strip()]
        assert [
            each["taxonomy_term_id"] for each in service.get("attributes", ()) if "taxonomy_term_id" in each
        ] == codes
        areas = [area.strip() for area in row.get("service_areas", "").split(",") if area.strip()]
        assert [area["name"] for area in service.get("service_areas", ())] == areas
    terms = {row["taxonomy_id"]: row["name"] for row in rows(folder / "taxonomy.csv")}
    for attribute in found.of("service")["22"]["attributes"]:
        if "taxonomy_term_id" in attribute:
            assert attribute["taxonomy_term"]["name"] == terms[attribute["taxonomy_term_id"]]
    for kind, member in (("location", "location_id"), ("organization", "organization_id"), ("service", "service_id")):
        numbers = defaultdict(list)
        for row in rows(folder / "phones.csv"):
            if member in row:
                numbers[row[member]].append(row["number"])
        given = {
            own: [phone["number"] for phone in data["phones"]]
            for own, data in found.of(kind).items()
            if "phones" in data
        }
        assert given == numbers
    contact = next(each for each in found.of("location")["22"]["contacts"] if each["id"] == "29")
    assert contact["name"] == "Suzanne Badenhoop"
    assert [phone["id"] for phone in contact["phones"]] == [
        row["id"] for row in rows(folder / "phones.csv") if row.get("contact_id") == "29"
    ]
    for own, place in places.items():
        languages = [each.strip() for each in place.get("languages", "").split(",") if each.strip()]
        assert [each["name"] for each in found.of("location")[own].get("languages", ())] == languages
    weekdays = [each for each in found.of("location")["22"]["schedules"] if "byday" in each]
    assert [(each["byday"], each["opens_at"], each["freq"]) for each in weekdays][:2] == [
        ("MO", "08:00", "WEEKLY"),
        ("TU", "08:00", "WEEKLY"),
    ]
    closed = [each for each in found.of("location")["22"]["schedules"] if each.get("description") == "Closed"]
    assert len(closed) == 2
    assert not any("opens_at" in each for each in closed)
    postal = [each for each in found.of("location")["1"]["addresses"] if each.get("address_type") == "postal"]
    assert [each["attention"] for each in postal] == ["Fair Oaks Intergenerational Center"]


def test_the_official_tables_give_their_children(test_data):
    folder = test_data / "samples/hsds/hsds-3.1-examples/csv"
    found = read("tabular", folder)
    assert found.count() == Counter(organization=1, service=1, location=1, service_at_location=1)
    service = found.one("service")
    (given,) = rows(folder / "services.csv")
    assert {name: service[name] for name in given} == given
    for member, table in {"cost_options": "cost_options", "required_documents": "required_documents", "funding": "funding", "languages": "languages", "service_areas": "service_areas"}.items():  # fmt: skip
        (row,) = rows(folder / f"{table}.csv")
        plain = {name: cell for name, cell in row.items() if not name.endswith("_id")}
        assert service[member] == [plain], member
    (phone,) = service["phones"]
    assert phone["languages"][0]["name"] == "Urdu"
    assert (
        found.one("organization")["programs"][0]["name"]
        == service["program"]["name"]
        == "Community Mental Health Support"
    )
    orphans = {finding.member for finding in found.found("hsds.child-orphan")}
    assert "contact.organization_id" in orphans  # the example's contact names another organization


def test_a_zip_with_a_datapackage_and_other_names(tmp_path):
    folder = small(tmp_path)
    package = {
        "resources": [
            {"name": "service", "path": "data/angebote.csv"},
            {"name": "organization", "path": "data/organizations.csv"},
        ]
    }
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("p/datapackage.json", json.dumps(package))
        archive.write(folder / "services.csv", "p/data/angebote.csv")
        archive.write(folder / "organizations.csv", "p/data/organizations.csv")
    assert HsdsTabularReader().recognises(open_source(tmp_path / "x.zip").files)
    assert read("tabular", tmp_path / "x.zip").count() == Counter(organization=1, service=2)


@pytest.mark.parametrize(
    ("table", "text", "kind", "member", "expected"),
    [
        ("phones", "id,service_id,number\np,1,211\n", "service", "phones", [{"id": "p", "number": "211"}]),
        ("phone", "number,location_id\n988,1\n", "location", "phones", [{"number": "988"}]),
        (
            "physical_addresses",
            "location_id,address_1\n1,1 A St\n",
            "location",
            "addresses",
            [{"address_type": "physical", "address_1": "1 A St"}],
        ),
        (
            "postal_address",
            "location_id,address_1\n1,PO 2\n",
            "location",
            "addresses",
            [{"address_type": "postal", "address_1": "PO 2"}],
        ),
        (
            "accessibility_for_disabilities",
            "id,location_id,accessibility\na,1,Ramp\n",
            "location",
            "accessibility",
            [{"id": "a", "description": "Ramp"}],
        ),
        (
            "service_taxonomy",
            "service_id,taxonomy_id\n1,BD-1800\n",
            "service",
            "attributes",
            [{"taxonomy_term_id": "BD-1800"}],
        ),
        (
            "service_attributes",
            "id,service_id,taxonomy_term_id\na,1,t\n",
            "service",
            "attributes",
            [{"id": "a", "taxonomy_term_id": "t"}],
        ),
        ("attributes", "id,link_id,link_entity,taxonomy_term_id\na,1,service,t\n", "service", "attributes", None),
        ("other_attributes", "id,link_id,link_type,taxonomy_term_id\na,1,location,t\n", "location", "attributes", None),
        ("payments_accepted", "service_id,payment\n1,Cash\n", "service", "cost_options", [{"option": "Cash"}]),
        (
            "regular_schedules",
            "service_id,weekday,opens_at\n1,Tuesday,9\n",
            "service",
            "schedules",
            [{"freq": "WEEKLY", "byday": "TU", "opens_at": "9"}],
        ),
        (
            "service_capacity",
            "id,service_id,available\nc,1,3\n",
            "service",
            "capacities",
            [{"id": "c", "available": "3"}],
        ),
        (
            "url",
            "id,url,organization_id\nu,http://x,1\n",
            "organization",
            "additional_websites",
            [{"id": "u", "url": "http://x"}],
        ),
        ("metadata", "id,resource_id,resource_type,field_name\nm,1,service,name\n", "service", "metadata", None),
    ],
)
def test_tables_of_all_versions(tmp_path, table, text, kind, member, expected):
    data = read("tabular", small(tmp_path, **{table: text})).of(kind)["1"]
    assert len(data[member]) == 1
    if expected is not None:
        assert data[member] == expected


def test_who_may_use_a_service_becomes_a_member(tmp_path):
    text = "service_id,eligibility,minimum_age\n1,Adults,18\n1,Families,\n"
    data = read("tabular", small(tmp_path, eligibility=text)).of("service")["1"]
    assert data["eligibility_description"] == "Adults\nFamilies"
    assert data["minimum_age"] == "18"
    assert "eligibility_description" not in read("tabular", small(tmp_path)).of("service")["2"]


def test_an_address_of_an_organization_makes_a_place(tmp_path):
    found = read("tabular", small(tmp_path, physical_addresses="id,organization_id,address_1\na,1,7 B St\n"))
    (place,) = [data for own, data in found.of("location").items() if own != "1"]
    assert place["addresses"][0]["address_1"] == "7 B St"
    assert place["organization_id"] == "1"


def test_a_confidential_address_takes_the_coordinates_with_it(tmp_path):
    folder = small(tmp_path, addresses="location_id,address_1,confidential\n1,1 Secret St,Y\n")
    (folder / "locations.csv").write_text("id,name,latitude,longitude\n1,Main,1.5,2.5\n")
    data = read("tabular", folder).of("location")["1"]
    assert "latitude" not in data
    assert data["addresses"][0]["withheld"] == "confidential"
    assert data["addresses"][0]["latitude"] == "1.5"


def test_orphans_rows_without_ids_and_duplicate_ids(tmp_path):
    folder = small(tmp_path, phones="service_id,number\n77,1\n,2\n")
    (folder / "services.csv").write_text(
        "id,organization_id,name,status\n1,404,Food,active\n,1,Nameless id,active\n5,1,Twins,active\n5,1,Other,active\n5,1,Twins,active\n"
    )
    found = read("tabular", folder)
    names = Counter(data["name"] for data in found.of("service").values())
    assert names == Counter({"Food": 1, "Nameless id": 1, "Twins": 1, "Other": 1})
    assert found.of("service")["1"]["organization_id"] == "404"
    assert {
        "hsds.orphan",
        "hsds.no-id",
        "hsds.id-collision",
        "hsds.child-orphan",
        "hsds.child-without-parent",
    } <= found.rules()
    (orphan,) = found.found("hsds.orphan")
    assert (orphan.path, orphan.line, orphan.native_id) == ("services.csv", 2, "1")
    (child,) = found.found("hsds.child-orphan")
    assert (child.path, child.line, child.found) == ("phones.csv", 2, "77")


def test_the_order_of_rows_does_not_change_the_records(tmp_path):
    lines = [f"{n % 40},1,Service {n % 37},active,Text {n}" for n in range(120)]
    phones = [f"p{n},{n % 41},{n}" for n in range(80)]
    sets = []
    for seed in (1, 2, 3):
        random.Random(seed).shuffle(lines)
        random.Random(seed).shuffle(phones)
        folder = small(tmp_path, phones="id,service_id,number\n" + "\n".join(phones))
        (folder / "services.csv").write_text("id,organization_id,name,status,description\n" + "\n".join(lines))
        found = read("tabular", folder).of("service")
        for data in found.values():
            data.get("phones", []).sort(key=lambda phone: phone["id"])
        sets.append(found)
    assert sets[0] == sets[1] == sets[2]
    assert len(sets[0]) >= 40


def test_a_workbook_with_a_sheet_for_each_table(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "feed.xlsx")
    for name, table in {
        "organizations": [["id", "name"], [1, "Hub"]],
        "services": [["id", "organization_id", "name", "minimum_age"], [7, 1, "Food", 18]],
    }.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(table):
            sheet.write_row(at + 2, 0, row)
    book.close()
    assert HsdsTabularReader().recognises(open_source(tmp_path / "feed.xlsx").files)
    found = read("tabular", tmp_path / "feed.xlsx")
    assert found.one("service") == {"id": "7", "organization_id": "1", "name": "Food", "minimum_age": "18"}
    assert found.records[-1].line == 4


def test_other_tables_are_not_taken_for_hsds(test_data, tmp_path):
    assert HsdsTabularReader().recognises(open_source(test_data / "samples/hsds/ohana-csv").files)
    assert not HsdsTabularReader().recognises(open_source(test_data / "samples/airs").files)
    folder = write(tmp_path / "x", services="Agency_Id,Service_Id\n1,2\n")
    assert not HsdsTabularReader().recognises(open_source(folder).files)
    vendor = write(
        tmp_path / "v",
        organizations="ID,NAME,AIRS_DESIGNATION_ID,YEAR_INCORPORATED,SHOW_ON_PUBLIC_SITE\n1,x,Agency,,TRUE\n",
    )
    assert not HsdsTabularReader().recognises(open_source(vendor).files)
    with pytest.raises(DirectoryError, match="no table that HSDS names"):
        read("tabular", write(tmp_path / "y", people="id,name\n1,x\n"))


def test_the_official_schema_decides_in_strict_mode(test_data, tmp_path):
    samples = test_data / "samples/hsds/hsds-3.1-examples"
    options = ReadOptions(strict=True, schemas=samples / "datapackage-3.1.json")
    good = read("tabular", samples / "csv", options)
    assert good.found("hsds.schema") == []
    assert good.count()["service"] == 1
    folder = small(tmp_path, phones="id,service_id,number\n" + "1554f2e2-a373-45db-a3fa-9fc48a61c15e,1,\n")
    uuid = "ac148810-d857-441c-9679-408f346de14b"
    (folder / "services.csv").write_text(
        f"id,organization_id,name,status\n{uuid},{uuid},Food,open\n{uuid},{uuid},Beds,active\n1,{uuid},X,active\n"
    )
    found = read("tabular", folder, options)
    assert [data["name"] for data in found.of("service").values()] == ["Beds"]
    broken = {
        (finding.line, finding.member, finding.found.split(":")[0])
        for finding in found.found("hsds.schema")
        if finding.path == "services.csv"
    }
    assert broken == {(2, "status", "enum"), (4, "id", "uuid")}
    assert ("number", "required") in {(finding.member, finding.found) for finding in found.found("hsds.schema")}
    with pytest.raises(DirectoryError, match="--schemas"):
        read("tabular", folder, ReadOptions(strict=True))
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(DirectoryError, match="describes no tables"):
        read("tabular", folder, ReadOptions(strict=True, schemas=tmp_path / "bad.json"))


def test_names_of_the_uk_profile_s_first_version(tmp_path):
    found = read(
        "tabular",
        write(
            tmp_path / "feed",
            organizations="organisation_id,name,description\no1,Hub,Helps\n",
            services="service_id,organisation_id,name,status,min_age,languages_spoken\ns1,o1,Food,active,5,Polish\n",
            eligibilitys="id,service_id,eligibility,maximum_age\ne1,s1,Adults,64\n",
            taxonomies="id,name,vocabulary\nt1,Meals,esdServiceTypes\n",
            link_taxonomies="id,link_type,link_id,taxonomy_id\nx,service,s1,t1\n",
        ),
    )
    service = found.one("service")
    assert (list(found.of("organization")), service["organization_id"]) == (["o1"], "o1")
    assert (service["eligibility_description"], service["minimum_age"], service["maximum_age"]) == ("Adults", "5", "64")
    assert service["languages"] == [{"name": "Polish"}]
    assert [one["taxonomy_term"]["name"] for one in service["attributes"]] == ["Meals"]
    assert found.rules() <= {"hsds.alias", "hsds.two-names"}
