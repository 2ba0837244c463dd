"""``footbridge directory import --strict``: the official schema decides, says what it left out, and where it cannot."""

import csv
import json
import shutil

import pytest
from support.directory_api import DirectoryApi, Says

UUID = "0b0f3bcd-4d3a-4d5c-8c7e-2f3d4e5a6b7{}"
SERVICES = [
    {"id": UUID.format(1), "name": "Food bank", "status": "active"},
    {"id": UUID.format(2), "name": "Beds", "status": "canary-open"},
]


@pytest.fixture
def facts(test_data):
    return test_data / "reference/facts/hsds_3_1_objects.json"


def rules(path):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [(row["severity"], row["rule"], row["kind"], row["nativeId"]) for row in csv.DictReader(stream)]


def test_what_is_refused_is_counted_and_listed(run, tenant, tmp_path, facts):
    (tmp_path / "feed.json").write_text(json.dumps({"services": SERVICES}))
    ran = run("directory", "import", tmp_path / "feed.json", "--source", "s", "--strict", "--schemas", facts,
              "--report", tmp_path / "r.csv", "--json")  # fmt: skip
    assert ran.code == 0
    assert {name: ran.json[name] for name in ("read", "kept", "dropped")} == {"read": 2, "kept": 1, "dropped": 1}
    assert ("error", "strict.refused", "service", UUID.format(2)) in rules(tmp_path / "r.csv")
    assert "canary" not in (tmp_path / "r.csv").read_text()


def test_a_refused_organization_takes_its_services_with_it(run, tenant, tmp_path, facts):
    organization = {"id": "1", "name": "Hub", "services": [{"id": "11", "name": "A"}, {"id": "12", "name": "B"}]}
    (tmp_path / "feed.json").write_text(json.dumps({"organizations": [organization], "services": SERVICES}))
    ran = run("directory", "import", tmp_path / "feed.json", "--source", "s", "--strict", "--schemas", facts, "--json")
    assert (ran.json["read"], ran.json["kept"], ran.json["dropped"]) == (4, 1, 3)


def test_where_each_service_is_refused_nothing_is_imported_and_the_report_says_why(run, tenant, tmp_path, test_data):
    feed = test_data / "samples/airs/bc211/BC211_data_excerpt.xml"
    lenient = run("directory", "import", feed, "--source", "bc", "--json").json
    ran = run("directory", "import", feed, "--source", "bc", "--strict", "--report", tmp_path / "r.csv")
    assert ran.code == 2
    assert f"refuses each of the {lenient['read']:,} services" in ran.err
    assert "--report FILE" in ran.err
    found = rules(tmp_path / "r.csv")
    assert sum(row[1:3] == ("strict.refused", "service") for row in found) == lenient["read"]
    assert any(row[1] == "airs.schema" for row in found)
    assert run("directory", "sources", "--json").json[0]["services"] == lenient["kept"]
    tried = run("directory", "import", feed, "--source", "bc", "--strict", "--dry-run")
    assert tried.code == 0
    assert "refused by the official schema" in tried.out


def test_a_form_without_an_official_schema_is_refused(run, tenant, examples, test_data):
    icarol = test_data / "samples/hsds/icarol-json-servicenet/complete.json"
    mapping = examples / "directory/list-mapping.json"
    for form, words in (
        ("icarol-json", (icarol,)),
        ("csv", (examples / "directory/list.csv", "--mapping", mapping)),
        ("211-ndp", ("http://127.0.0.1:9/v2", "--format", "211-ndp")),
    ):
        ran = run("directory", "import", *words, "--source", "s", "--strict")
        assert (ran.code, ran.out) == (2, "")
        assert f"--strict: the form {form} has no official schema" in ran.err
    ran = run("directory", "import", icarol, "--format", "icarol-json", "--mapping", mapping, "--source", "s")
    assert (ran.code, ran.out) == (2, "")
    assert "--mapping is for tables" in ran.err


def test_an_api_is_imported_strictly(run, tenant, facts):
    page = {"total_items": 2, "total_pages": 1, "page_number": 1, "size": 2, "first_page": True, "last_page": True,
            "empty": False, "contents": [{**one, "phones": []} for one in SERVICES]}  # fmt: skip
    with DirectoryApi(lambda asked: page if asked.path == "/services" else Says(404)) as api:
        ran = run("directory", "import", api.url, "--source", "s", "--strict")
        assert (ran.code, api.asked) == (2, [])
        assert "--schemas" in ran.err
        ran = run("directory", "import", api.url, "--source", "s", "--strict", "--schemas", facts, "--json")
        assert (ran.json["read"], ran.json["kept"], ran.json["dropped"]) == (2, 1, 1)


def test_of_rows_with_one_key_the_first_stays(run, tenant, tmp_path, test_data):
    samples = test_data / "samples/hsds/hsds-3.1-examples"
    folder = shutil.copytree(samples / "csv", tmp_path / "csv")
    table = folder / "services.csv"
    head, row = table.read_text("utf-8-sig").strip().split("\n")[:2]
    table.write_text("\n".join([head, row, row.replace("Community Counselling", "Again")]) + "\n")
    words = ("--source", "s", "--strict", "--schemas", samples / "datapackage-3.1.json", "--json")
    ran = run("directory", "import", folder, *words)
    assert (ran.json["read"], ran.json["kept"], ran.json["dropped"]) == (2, 1, 1)
    assert ran.json["byRule"]["hsds.schema"] == 1
