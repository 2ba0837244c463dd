"""What a directory manager is told by ``footbridge directory``: a try leaves nothing, mistakes are named, files re-read."""

import csv
import json
from datetime import datetime

import pytest

SERVICE = {"id": "s1", "name": "Food bank", "status": "active", "description": "Food for Café Nord"}


@pytest.fixture
def feed(tmp_path):
    file = tmp_path / "services.json"
    file.write_text(json.dumps([SERVICE]))
    return file


def test_a_dry_run_leaves_no_source_and_no_failed_import(run, tenant, feed):
    options = ("--source", "north", "--country", "CA")
    tried = run("directory", "import", feed, *options, "--dry-run")
    assert (tried.code, "Dry run" in tried.out) == (0, True)
    assert json.loads(run("directory", "sources", "--json").out) == []
    assert run("directory", "import", feed, *options).code == 0
    assert run("directory", "import", feed, *options, "--dry-run").code == 0
    (source,) = json.loads(run("directory", "sources", "--json").out)
    assert (source["name"], source["services"], source["last"]) == ("north", 1, "current")


@pytest.mark.parametrize("country", ["ZZ", "Canada", "C1"])
def test_a_country_that_there_is_not(run, tenant, feed, country):
    refused = run("directory", "import", feed, "--source", "north", "--country", country)
    assert (refused.code, refused.err) == (
        2, f"Error: --country {country}: use a country code of ISO 3166, such as CA, US or GB.\n",
    )  # fmt: skip


def test_json_in_windows_1252_without_a_line_end_is_read(run, tenant, feed):
    feed.write_bytes(json.dumps([SERVICE], ensure_ascii=False).encode("cp1252"))
    assert run("directory", "import", feed, "--source", "north", "--country", "CA").code == 0
    (found,) = json.loads(run("directory", "search", "Café", "--json").out)["services"]
    assert found["name"] == "Food bank"


def test_each_error_of_a_mapping_is_told_at_once(run, tenant, feed, tmp_path):
    wrong = {"kind": "service", "members": {"nam": "A"}, "oops": 1}
    table = {"name": "t", "recognise": ["A"], "records": [{"kind": "servis", "members": {}}, wrong]}
    mapping = tmp_path / "m.json"
    mapping.write_text(json.dumps({"name": "m", "source": "x", "tables": [table]}))
    refused = run("directory", "import", feed, "--source", "north", "--mapping", mapping)
    assert refused.code == 2
    assert "at tables.0.records.0: kind 'servis' must be one of" in refused.err
    assert "at tables.0.records.1.oops: " in refused.err


@pytest.mark.parametrize(
    "rows",
    [
        [{"ID": 7, "Name": "Meals", "Address": {"City": "Guelph"}, "Tags": ["a", "b"], "Open": True}],
        {"features": [{"type": "Feature", "id": 1, "geometry": {"type": "Point", "coordinates": [-80.2, 43.5]},
                       "properties": {"ID": 7, "Name": "Meals", "Address": {"City": "Guelph"}, "Tags": ["a", "b"]}}],
         "type": "FeatureCollection"},
        {"features": [{"geometry": {"x": -80.2, "y": 43.5},
                       "attributes": {"ID": 7, "Name": "Meals", "Address": {"City": "Guelph"}, "Tags": ["a", "b"]}}]},
    ],
)  # fmt: skip
def test_a_table_in_json_is_read_by_a_mapping(run, tenant, tmp_path, rows):
    place = {"kind": "location", "id": "ID", "members": {"latitude": "latitude", "longitude": "longitude"}}
    place["lists"] = {"addresses": [{"members": {"city": "Address.City"}}]}
    service = {"kind": "service", "id": "ID", "members": {"name": "Name"}}
    service["lists"] = {"attributes": [{"split": {"column": "Tags", "to": "label"}}]}
    joined = {"kind": "service_at_location", "members": {"service_id": "ID", "location_id": "ID"}}
    table = {"name": "t", "recognise": ["ID", "Name"], "records": [place, service, joined]}
    mapping, file = tmp_path / "m.json", tmp_path / "t.geojson"
    mapping.write_text(json.dumps({"name": "m", "source": "x", "tables": [table]}))
    file.write_text(json.dumps(rows))
    assert run("directory", "import", file, "--source", "map", "--country", "CA", "--mapping", mapping).code == 0
    found = json.loads(run("directory", "show", "map:7", "--json").out)
    assert found["locations"][0]["addresses"] == [{"city": "Guelph"}]
    assert [one["label"] for one in found["attributes"]] == ["a", "b"]
    assert ("latitude" in found["locations"][0]) is isinstance(rows, dict)


def test_corrections_for_the_source_have_times_that_programs_read(run, tenant, feed, tmp_path):
    run("directory", "import", feed, "--source", "north", "--country", "CA")
    run("directory", "correct", "north:s1", "fees_description", "Free", "--by", "A. Roy")
    file = tmp_path / "c.csv"
    written = run("directory", "corrections", "--csv", file)
    assert written.err == "1 suggestion written.\n"
    (row,) = csv.DictReader(file.read_text("utf-8-sig").splitlines())
    assert (row["service"], row["field"], row["new"], row["at"][-1], len(row["at"])) == (
        "s1", "fees_description", "Free", "Z", 20,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "told"),
    [(("assured_date", "yesterday", "--by", "A"), "YYYY-MM-DD"), (("phones[3].number", "1", "--by", "A"), "has 0 of phones"),
     (("status", "closed", "--by", "A"), "temporarily closed"), (("fees_description", "1", "--by", " "), "--by")],
)  # fmt: skip
def test_a_correction_that_no_source_can_use_is_refused_and_not_kept(run, tenant, feed, said, told):
    run("directory", "import", feed, "--source", "north", "--country", "CA")
    refused = run("directory", "correct", "north:s1", *said)
    assert (refused.code, told in refused.err) == (2, True)
    assert json.loads(run("directory", "corrections", "--json").out) == []


def test_a_correction_of_a_part_says_what_stood_there(run, tenant, tmp_path):
    file = tmp_path / "services.json"
    file.write_text(json.dumps([SERVICE | {"phones": [{"number": "705-555-0121"}]}]))
    run("directory", "import", file, "--source", "north", "--country", "CA")
    said = run("directory", "correct", "north:s1", "phones[0].number", "705-555-0122", "--by", "A. Roy", "--json")
    assert json.loads(said.out)["old"] == "705-555-0121"
    (one,) = json.loads(run("directory", "corrections", "--json").out)
    (source,) = json.loads(run("directory", "sources", "--json").out)
    for at in (one["at"], source["imported"]):
        assert datetime.fromisoformat(at).tzinfo is not None
    assert (one["old"], one["new"]) == ("705-555-0121", "705-555-0122")


def test_what_is_exported_as_hsds_is_imported_again(run, tenant, feed, tmp_path):
    run("directory", "import", feed, "--source", "north", "--country", "CA")
    file = tmp_path / "out.ndjson"
    exported = run("directory", "export", "--hsds", "-o", file)
    assert (exported.code, exported.err) == (0, "        1  not carried: native_id\n        1  written\n")
    assert "Choose one of --fhir and --hsds." in run("directory", "export", "--hsds", "--fhir").err
    assert run("directory", "import", file, "--source", "copy", "--country", "CA").code == 0
    again = json.loads(run("directory", "export", "--hsds", "--source", "copy").out)
    first = json.loads(file.read_text())
    assert {name: value for name, value in again.items() if name != "id"} == {
        name: value for name, value in first.items() if name != "id"
    }


@pytest.mark.parametrize("mapped", [False, True])
def test_a_row_that_cannot_be_read_counts_as_a_service_that_is_not_shown(run, tenant, tmp_path, mapped):
    file = tmp_path / "services.csv"
    file.write_text("id,name,status\n1,Meals,active\n2,Rides, lifts,active\n3,Walks,active\n")
    options = ["--source", "north", "--country", "CA"]
    if mapped:
        record = {"kind": "service", "id": "id", "members": {"name": "name"}}
        table = {"name": "t", "recognise": ["id", "name"], "records": [record]}
        mapping = tmp_path / "m.json"
        mapping.write_text(json.dumps({"name": "m", "source": "x", "tables": [table]}))
        options += ["--mapping", mapping]
    said = json.loads(run("directory", "import", file, *options, "--json").out)
    assert (said["read"], said["kept"], said["dropped"]) == (3, 2, 1)
    findings = json.loads(run("directory", "report", "--source", "north", "--json").out)
    (odd,) = [one for one in findings if one["rule"] == "table.row-too-long"]
    assert (odd["line"], odd["kind"]) == (3, "service")


def test_what_a_person_was_told_of_free_places_is_shown_with_name_and_day_everywhere(run, tenant, feed):
    run("directory", "import", feed, "--source", "north", "--country", "CA")
    said = ("north:s1", "waitlist", "--by", "A. Roy", "--notes", "Two\nweeks")
    day = json.loads(run("directory", "capacity", *said, "--json").out)["at"][:10]
    assert f"said by A. Roy on {day} (Two weeks)" in " ".join(run("directory", "show", "north:s1").out.split())
    (found,) = json.loads(run("directory", "search", "--capacity", "waitlist", "--json").out)["services"]
    assert found["capacity"] == {"state": "waitlist", "updated": day}
    (service,) = [one for one in map(json.loads, run("directory", "export", "--fhir").out.splitlines())
                  if one["resourceType"] == "HealthcareService"]  # fmt: skip
    state, notes = service["extension"][0]["extension"]
    assert state["valueCodeableConcept"]["coding"][0]["code"] == "waitlist"
    assert notes["valueString"] == f"Two weeks; stated by A. Roy; updated {day}"
    assert run("directory", "capacity", "north:s1", "unknown", "--by", "B. Li").code == 0
    assert json.loads(run("directory", "search", "--capacity", "waitlist", "--json").out)["services"] == []


@pytest.mark.parametrize("said", [("full", "--by", "A"), ("waitlist",), ("waitlist", "--by", " ")])
def test_a_capacity_that_nobody_understands_or_says_is_refused(run, tenant, feed, said):
    run("directory", "import", feed, "--source", "north", "--country", "CA")
    assert run("directory", "capacity", "north:s1", *said).code == 2
    assert run("directory", "capacity", "north:zz", "waitlist", "--by", "A").code == 1
    assert "extension" not in run("directory", "export", "--fhir").out
