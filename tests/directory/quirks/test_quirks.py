"""What files with the quirks of each form become, against what someone wrote who knew the formats and not our readers.

``expected/READER.json`` says by file what a directory manager would expect to find, by the service's name:

``services``        members of each service (``SHOWN`` says how each is written here); nothing else may be shown, but
``maybe``           services of which the formats do not say whether they can be kept: kept, or a finding names them;
``not_referable``   shown, and never a referral's target, or not shown at all;
``hidden``          not shown, by the source's own id, and a finding says why;
``nowhere``         texts that may stand in no document, no stored record and no finding;
``cleaned``         texts that may stand in no document (a finding may quote them);
``dropped``         texts of the file that are neither kept nor reported, each with why;
``country``         of the source, where it is not Canada.

Every text of a file is kept, or stands in a finding, or is named there or in ``STRUCTURE``: nothing is unexplained.
"""

import json
import operator
import uuid
from pathlib import Path

import pytest
from directory.quirks.shown import SHOWN
from directory.quirks.texts import explained, texts
from sqlalchemy import select

from footbridge.directory.errors import DirectoryError
from footbridge.directory.export import services as services_of
from footbridge.directory.findings import findings
from footbridge.directory.hsds import hsds_service
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.lookup import find_service
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.records import Record
from footbridge.directory.search import Query, ServiceSearch
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory import directory_record
from footbridge.store.tenants import add_tenant

HERE = Path(__file__).parent
EXPECTED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((HERE / "expected").glob("*.json"))}
COMPACT = {"vendor_csv", "feeds"}  # the same, of fewer files; feeds: kinds of real feeds, with values of our own
HIDES = {"privacy.hidden", "status.closed"}  # rules that say why a record is not shown
FILES = [(reader, name) for reader, files in EXPECTED.items() for name in files]


@pytest.fixture
def take_in(sqlite_database, clock):
    """Imports a file; gives its summary, what is shown, by name, what is stored, and the findings."""

    def take_in(path, country="CA"):
        with sqlite_database.write() as connection:
            add_tenant(connection, "north", "ca", clock.now())
        opened = open_path(path, None, ReadOptions())
        terms = Terms(opened.format, path.name, country, "America/Toronto")
        summary = run_import(sqlite_database, clock, Plan("north", "feed", terms, processes=0), opened.records)
        with sqlite_database.read() as connection:
            current = current_imports(connection, "north")
            found = ServiceSearch(clock).search(connection, "north", current, Query(limit=200)).services
            services = {one["name"]: find_service(connection, "north", one["id"]) for one in found}
            assert len(services) == len(found), "two services of one name"
            lines = list(findings(connection, "north", "feed", current["feed"]))
            stored = [json.loads(data) for data in connection.scalars(select(directory_record.c.data))]
        return summary, services, stored, lines

    def again(opened, country):
        terms = Terms(opened.format, "copy", country, "America/Toronto")
        run_import(sqlite_database, clock, Plan("north", "copy", terms, processes=0), opened.records)
        with sqlite_database.read() as connection:
            current = {"copy": current_imports(connection, "north")["copy"]}
            return list(services_of(connection, "north", current))

    take_in.again = again
    return take_in


def differences(expected, services, stored, lines):
    """What is not as expected, one line each."""
    wrong = []
    for name, members in expected.get("services", {}).items():
        if name not in services:
            wrong.append(f"{name!r} is not shown")
            continue
        for member, value in members.items():
            shown, agrees = SHOWN[member]
            found = shown(services[name])
            if not agrees(found, value):
                wrong.append(f"{name}: {member}: expected {value}, found {found}")
    said = json.dumps([line.values() for line in lines], ensure_ascii=False)
    shown = json.dumps(services, ensure_ascii=False)
    everything = shown + json.dumps(stored, ensure_ascii=False) + said
    wrong += [f"{text!r} stands somewhere" for text in expected.get("nowhere", ()) if text in everything]
    wrong += [f"{text!r} is shown" for text in expected.get("cleaned", ()) if text in shown]
    wrong += [f"{name!r} is shown" for name in expected.get("hidden", ()) if name in services]
    why = [line for line in lines if line.rule in HIDES or (line.rule == "privacy.withheld" and not line.member)]
    hidden = {str(line.native_id).partition("@")[0] for line in why}
    silent = [name for name, native_id in expected.get("hidden", {}).items() if native_id not in hidden]
    wrong += [f"no finding says why {name!r} is hidden" for name in silent]
    referable = [name for name in expected.get("not_referable", ()) if name in services and services[name]["can_refer"]]
    wrong += [f"{name!r} can be referred to" for name in referable]
    maybe = expected.get("maybe", [])
    wrong += [f"{name!r} is lost" for name in maybe if name not in services and name not in said]
    known = {*expected.get("services", {}), *expected.get("not_referable", []), *maybe, *expected.get("hidden", {})}
    wrong += [f"{name!r} was not expected" for name in services if name not in known]
    return wrong


@pytest.mark.parametrize(("reader", "name"), FILES)
def test_a_file_becomes_what_its_manager_expects_and_no_text_of_it_is_unexplained(take_in, reader, name):
    expected = EXPECTED[reader][name]
    summary, services, stored, lines = take_in(HERE / reader / name, expected.get("country", "CA"))
    unexplained = explained(texts(HERE / reader / name), [services], lines, expected.get("dropped", {}))
    assert differences(expected, services, stored, lines) + [f"unexplained: {text}" for text in unexplained] == []
    assert summary.read >= summary.kept == len(services)


def _comparable(value):
    """Without ids, which name the source too."""
    if isinstance(value, dict):
        return {
            name: _comparable(one) for name, one in value.items() if name != "id" and not name.endswith(("_id", "_ids"))
        }
    return [_comparable(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("reader", "name"), [one for one in FILES if one[0] in {"feeds", "hsds_json"}])
def test_what_is_written_as_hsds_is_the_same_when_it_is_imported(take_in, tmp_path, reader, name):
    _, services, _, _ = take_in(HERE / reader / name, EXPECTED[reader][name].get("country", "CA"))
    written = [hsds_service(one) for one in services.values()]
    for one in written:
        assert str(uuid.UUID(one["id"])) == one["id"]
    copy = tmp_path / "copy.ndjson"
    copy.write_text("".join(json.dumps(one) + "\n" for one in written))
    opened = open_path(copy, "hsds-json", ReadOptions())
    again = take_in.again(opened, EXPECTED[reader][name].get("country", "CA"))
    assert {one["name"]: one["can_refer"] for one in again} == {
        one["name"]: one["can_refer"] for one in services.values()
    }
    before, after = ([_comparable(one) for one in some] for some in (written, map(hsds_service, again)))
    by_name = operator.itemgetter("name")
    assert sorted(after, key=by_name) == sorted(before, key=by_name)


def test_there_are_ten_files_for_each_reader():
    for reader, files in EXPECTED.items():
        assert sorted(files) == sorted(path.name for path in (HERE / reader).iterdir()), reader
        assert len(files) == 10 or reader in COMPACT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty, 0 bytes"),
        (b"[]\n", "holds no service: its list is empty"),
        (b"%PDF-1.7\n", "is a PDF, which is not supported"),
        (b"\n<!DOCTYPE html><html>", "is a web page, not a directory"),
        (b"x" * 257 + b"ustar\x0000", r"archive \(tar\) is not supported"),
        (b"x", "is not recognised"),
    ],
)
def test_what_is_no_directory_is_named_with_how_to_mend_it(tmp_path, content, said):
    (tmp_path / "services.json").write_bytes(content)
    with pytest.raises(DirectoryError, match=rf"^services\.json:? .*{said}.*\.$"):
        list(open_path(tmp_path / "services.json", None, ReadOptions()).records)


def _icarol(kind, native, status, **related):
    names = [{"value": f"{kind} {native}", "purpose": "Primary"}]
    links = [{"type": one, "id": key, "name": "Its agency"} for one, key in related.items()]
    return {"id": native, "type": kind, "databaseID": 1, "status": status, "names": names, "related": links}


@pytest.mark.parametrize(
    ("agency", "site", "is_shown", "can_refer"),
    [
        ("Active", "Active", True, True),
        ("Inactive", "Active", False, None),
        ("Active", "Inactive", False, None),
        ("Active, but do not refer", "Active", True, False),
        ("temporarily closed", "Active", True, False),
        ("Active", "on hold", True, False),
    ],
)
def test_the_status_of_agency_and_site_holds_for_their_services(take_in, tmp_path, agency, site, is_shown, can_refer):
    records = [_icarol("Agency", 1, agency), _icarol("Site", 2, site, Agency=1)]
    (tmp_path / "a.json").write_text(json.dumps([*records, _icarol("Program", 3, "Active", Agency=1, Site=2)]))
    _, services, _, _ = take_in(tmp_path / "a.json")
    assert ("Program 3" in services) is is_shown
    if is_shown:
        assert services["Program 3"]["can_refer"] is can_refer


def test_an_agency_that_only_its_programs_name_is_made_from_a_whole_source_alone(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([_icarol("Program", 3, "Active", Agency=1)]))
    kinds = {
        complete: [
            one.kind
            for one in open_path(tmp_path / "a.json", None, ReadOptions(complete=complete)).records
            if isinstance(one, Record)
        ]
        for complete in (True, False)
    }
    assert kinds == {True: ["service", "organization"], False: ["service"]}
