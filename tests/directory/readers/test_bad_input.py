"""Sources that are wrong, cut or hostile: a clear error, bounded memory, nothing that is half read as if it were whole."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from support.directory_readers import READERS, read, read_json
from support.soak import SOAK

from footbridge.directory.errors import DirectoryError
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_json import HsdsJsonReader
from footbridge.directory.readers.icarol_json import ICarolReader
from footbridge.directory.records import Finding, Record
from footbridge.directory.source_files import open_source

SERVICE = {"id": "s1", "name": "Épicerie — “été”", "status": "active", "phones": [{"number": "211"}]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("name", ["feed.json", "feed.ndjson"])
def test_encodings_of_json(tmp_path, encoding, name):
    text = json.dumps(SERVICE, ensure_ascii=False)
    (tmp_path / name).write_bytes((text + "\r\n" + (text if name.endswith("ndjson") else "")).encode(encoding))
    found = read("json", tmp_path / name)
    assert found.one("service")["name"] == SERVICE["name"]
    expected = {"cp1252": "windows-1252", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be"}.get(encoding)
    assert [finding.done for finding in found.found("text.encoding")] == ([expected] if expected else [])
    assert HsdsJsonReader().recognises(open_source(tmp_path / name).files) or encoding.startswith("utf-32")


def test_lines_in_different_encodings(tmp_path):
    lines = [
        json.dumps({**SERVICE, "id": str(n)}, ensure_ascii=False).encode("cp1252" if n % 3 == 1 else "utf-8")
        for n in range(9)
    ]
    (tmp_path / "feed.ndjson").write_bytes(b"\n".join(lines))
    found = read("json", tmp_path / "feed.ndjson")
    assert {data["name"] for data in found.of("service").values()} == {SERVICE["name"]}
    (mixed,) = found.found("text.mixed-encoding")
    assert (mixed.found, mixed.line) == ("lines: 3", 2)


def test_a_latin_1_file_that_is_one_long_line(tmp_path):
    text = json.dumps([{**SERVICE, "id": str(n), "name": "é" * 50} for n in range(6_000)], ensure_ascii=False)
    (tmp_path / "feed.json").write_bytes(text.encode("cp1252"))
    names = {data["name"] for data in read("json", tmp_path / "feed.json").of("service").values()}
    assert names == {"é" * 50}


def test_a_short_file_of_one_line_in_another_encoding_is_recognised(tmp_path):
    (tmp_path / "feed.json").write_bytes(json.dumps([SERVICE], ensure_ascii=False).encode("cp1252"))
    assert HsdsJsonReader().recognises(open_source(tmp_path / "feed.json").files)
    (tmp_path / "services.csv").write_bytes("id,name,organization_id\n1,Épicerie,2".encode("cp1252"))
    assert read("tabular", tmp_path / "services.csv").one("service")["name"] == "Épicerie"


def test_control_characters_raw_and_escaped_are_removed(tmp_path):
    place = tmp_path / "feed.ndjson"
    place.write_text(
        '{"id": "s1", "name": "A\x00B\x1f", "status": "active"}\n{"id": "s\\u00002", "name": "C\\u0000\\u001f\\ud800D", "status": "active"}\n'
    )
    found = read("json", place)
    assert {own: data["name"] for own, data in found.of("service").items()} == {"s1": "AB", "s2": "CD"}
    assert [finding.found for finding in found.found("text.control-characters")] == ["characters: 2"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "{",
        "[1,",
        '{"services": [{"id": "1"}',
        '[{"id": "1", "name": "x"}, {"id": "2", "na',
        "<html>404</html>",
        "null",
        "not json",
        "[[[",
        '{"a":}',
        "\x00\x01\x02",
    ],
)
def test_what_is_no_json_or_is_cut_gives_an_error_or_nothing(tmp_path, text, monkeypatch):
    (tmp_path / "feed.json").write_text(text)
    for whole in (8 * 1024**2, 1):
        monkeypatch.setattr("footbridge.directory.readers.hsds_documents.WHOLE", whole)
        try:
            found = read("json", tmp_path / "feed.json")
        except DirectoryError as error:
            assert "feed.json" in str(error)  # noqa: PT017
        else:
            assert text == "null"
            assert found.records == []


def test_a_cut_list_never_looks_whole(tmp_path, monkeypatch):
    whole = json.dumps([{**SERVICE, "id": str(n)} for n in range(30)])
    monkeypatch.setattr("footbridge.directory.readers.hsds_documents.WHOLE", 10)
    for size in range(1, len(whole) - 1, 23):
        (tmp_path / "feed.json").write_text(whole[:size])
        with pytest.raises(DirectoryError):
            read("json", tmp_path / "feed.json")


def test_a_cut_last_line_is_an_error_and_a_bad_one_inside_a_finding(tmp_path):
    lines = [json.dumps({**SERVICE, "id": str(n)}) for n in range(5)]
    place = tmp_path / "feed.ndjson"
    place.write_text("\n".join([*lines[:2], '{"id": broken', *lines[2:]]) + "\n")
    found = read("json", place)
    assert found.count()["service"] == 5
    assert [(finding.line, finding.path) for finding in found.found("hsds.line-not-json")] == [(3, "feed.ndjson")]
    place.write_text("\n".join(lines)[:-20])
    with pytest.raises(DirectoryError, match="line 5, its last"):
        read("json", place)


@pytest.mark.parametrize("depth", [50, 900, 5_000, 100_000])
def test_deep_nesting(tmp_path, depth):
    deep = (
        '{"id": "1", "name": "x", "status": "active", "phones": '
        + '[{"languages": ' * depth
        + "[]"
        + "}]" * depth
        + "}"
    )
    (tmp_path / "feed.ndjson").write_text(deep + "\n" + json.dumps({**SERVICE, "id": "2"}) + "\n")
    found = read("json", tmp_path / "feed.ndjson")
    assert "2" in found.of("service")
    places = '{"id": "1", "name": "o", "parent_organization": ' * depth + "{}" + "}" * depth
    (tmp_path / "feed.ndjson").write_text(
        '{"organizations": [' + places + "]}\n" + json.dumps({**SERVICE, "id": "2"}) + "\n"
    )
    assert "2" in read("json", tmp_path / "feed.ndjson").of("service")


@pytest.mark.parametrize(
    "deep",
    [
        "[" * 900 + "]" * 900,
        '{"data": ' * 900 + "[]" + "}" * 900,
        '{"id": "1", "name": "x", "status": "active", "description": ' + "[" * 900 + '"a"' + "]" * 900 + "}",
        '{"id": "1", "name": "x", "status": "active", "unknown": ' + "[" * 900 + "]" * 900 + "}",
        '{"id": "1", "name": "x", "status": "active", "schedules": ' + '[{"times": ' * 300 + "[]" + "}]" * 300 + "}",
        '{"id": "1", "name": "x", "status": "active", "eligibility": '
        + '{"description": ' * 900
        + '"a"'
        + "}" * 900
        + "}",
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_deep_values_of_any_member(test_data, tmp_path, deep, strict):
    service = {"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "x", "status": "active"}
    (tmp_path / "feed.ndjson").write_text(deep + "\n" + json.dumps(service) + "\n")
    options = ReadOptions(strict=strict, schemas=test_data / "reference/facts/hsds_3_1_objects.json")
    assert service["id"] in read("json", tmp_path / "feed.ndjson", options).of("service")


def test_numbers_beyond_any_size(tmp_path):
    (tmp_path / "feed.json").write_text(
        '[{"id": 123456789012345678901234567890, "name": "x", "status": "active", "minimum_age": 1e400, "latitude": NaN}]'
    )
    assert set(read("json", tmp_path / "feed.json").of("service")) == {"123456789012345678901234567890"}


def test_archives_with_a_source_in_them(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("../services.json", json.dumps([SERVICE]))
    with pytest.raises(DirectoryError, match="unsafe"):
        read("json", tmp_path / "x.zip")


def test_the_temporary_file_is_private_and_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "feed.json").write_text(json.dumps([{**SERVICE, "id": str(n)} for n in range(50)]))
    records = HsdsJsonReader().read(open_source(tmp_path / "in").files, ReadOptions())
    next(item for item in records if not isinstance(item, Finding))
    (staged,) = tmp_path.glob("footbridge-directory-*")
    assert oct(staged.stat().st_mode)[-3:] == "600"
    records.close()
    assert list(tmp_path.glob("footbridge-directory-*")) == []


@pytest.mark.soak
def test_reading_is_deterministic(test_data, tmp_path):
    for name, reader in (
        ("haarrrvest-cc0", "json"),
        ("oruk-mocks", "json"),
        ("ohana-csv", "tabular"),
        ("hsds-3.1-examples/csv", "tabular"),
    ):
        place = test_data / "samples/hsds" / name
        if name == "haarrrvest-cc0" and not SOAK:
            lines = (place / "processed_results.ndjson").read_text("utf-8").splitlines()[:150]
            place = tmp_path / "feed.ndjson"
            place.write_text("\n".join(lines) + "\n", "utf-8")
        first, second = read(reader, place), read(reader, place)
        assert first.records == second.records
        assert first.findings == second.findings


def test_no_text_of_a_withheld_object_is_in_a_finding(tmp_path):
    uuid = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"
    copies = [
        {"id": uuid, "name": f"canary{n}", "confidential": True, "description": "x" * n, "location_type": "physical"}
        for n in (1, 2)
    ]
    found = read_json(tmp_path, {"locations": copies})
    assert found.found("hsds.copies-differ")
    assert "canary" not in json.dumps([finding.found for finding in found.findings])


@pytest.mark.parametrize("reader", sorted(READERS))
def test_files_that_are_something_else(tmp_path, reader):
    for number, data in enumerate(
        [os.urandom(3000), b"%PDF-1.7\n" + os.urandom(500), b"\x00" * 5000, b"{}", b"\xff\xfe", b'"', b"a,b\n"]
    ):
        place = tmp_path / f"{number}.csv"
        place.write_bytes(data)
        try:
            assert read(reader, place).records == []
        except DirectoryError as error:
            assert str(tmp_path) not in str(error)  # noqa: PT017


MEMORY = """
import sys
from pathlib import Path
from footbridge.directory.source_files import open_source
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_json import HsdsJsonReader
from footbridge.directory.readers.icarol_json import ICarolReader
from footbridge.directory.readers.hsds_tabular import HsdsTabularReader
from footbridge.directory.records import Record
reader = HsdsTabularReader() if sys.argv[2] == "tabular" else HsdsJsonReader()
def peak(): return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])  # KiB, of this program only
before = peak()
count = sum(isinstance(item, Record) and item.kind == "service" for item in reader.read(open_source(Path(sys.argv[1])).files, ReadOptions()))
print(count, peak() - before)  # noqa: T201 - the figure of the run
"""


def _measured(place: Path, reader: str) -> tuple[int, int]:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(place), reader], capture_output=True, text=True, check=True
    )
    count, grown = map(int, done.stdout.split())
    print(f"{place.name}: {count} services, {grown / 1024:.0f} MiB more")  # noqa: T201 - the figure of the run
    return count, grown


@pytest.mark.soak
@pytest.mark.parametrize("shape", ["ndjson", "list", "page"])
def test_a_large_feed_is_read_in_bounded_memory(tmp_path, shape):
    megabytes = 200 if SOAK else 24
    text = json.dumps(
        {
            "name": "Food",
            "status": "active",
            "description": "long text " * 900,
            "organization": {"id": "o", "name": "Hub"},
            "phones": [{"number": "211"}] * 3,
        }
    )
    count = megabytes * 1_000_000 // len(text)
    place = tmp_path / ("feed.ndjson" if shape == "ndjson" else "feed.json")
    with place.open("w") as out:
        out.write({"ndjson": "", "list": "[", "page": '{"total_items": 1, "contents": ['}[shape])
        for number in range(count):
            between = "" if number == 0 else "\n" if shape == "ndjson" else ","
            out.write(f'{between}{{"id": "s{number}", {text[1:]}')
        out.write({"ndjson": "\n", "list": "]", "page": "]}"}[shape])
    found, grown = _measured(place, "json")
    assert found == count
    assert grown < 60 * 1024  # KiB, and the same for a larger file


@pytest.mark.soak
def test_a_large_package_of_tables_is_read_in_bounded_memory(tmp_path):
    count = 100_000 if SOAK else 6_000
    folder = tmp_path / "feed"
    folder.mkdir()
    with (folder / "services.csv").open("w") as out:
        out.write("id,organization_id,name,status,description\n")
        out.writelines(f"{n},{n % 500},Food {n},active,{'text ' * 60}\n" for n in range(count))
    (folder / "organizations.csv").write_text("id,name\n" + "\n".join(f"{n},Hub {n}" for n in range(500)) + "\n")
    with (folder / "phones.csv").open("w") as out:
        out.write("id,service_id,number\n")
        out.writelines(f"p{n},{n % count},{n}\n" for n in range(2 * count))
    with (folder / "schedules.csv").open("w") as out:
        out.write("id,service_id,byday,opens_at\n")
        out.writelines(f"h{n},{n % count},MO,09:00\n" for n in range(3 * count))
    found, grown = _measured(folder, "tabular")
    assert found == count
    assert grown < 60 * 1024


@pytest.mark.parametrize(
    "start", [b"", b"[", b'[{"id":"1","name":"A","status":"active"},', b"id,name\n1,", b"<Source>"]
)
def test_a_file_of_which_a_part_was_never_written_is_refused_at_once(tmp_path, start):
    place = tmp_path / "feed.json"
    with place.open("wb") as file:
        file.write(start)
        file.truncate(8 * 1024**3)  # takes no place on the disk
    with pytest.raises(DirectoryError, match="a part of it is empty"):
        read_a_little(place)


def read_a_little(place):
    with open_source(place).files[0].open() as stream:
        for _ in range(16):
            assert stream.read(65_536)


@pytest.mark.parametrize(
    ("name", "head", "part", "tail"),
    [
        ("value.json", '[{"id": "1", "name": "', "a" * 1000, '"}]'),
        ("children.json", '[{"id": "1", "name": "a", "phones": [', '{"number": "211"},' * 60, '{"number": "1"}]}]'),
        ("spaces.json", '[{"id": "1", "name": "a"}', " " * 1000, "]"),
        ("parts.json", '{"id": "1", "name": "a"', ', "b": 1' * 125, "}"),
        ("page.json", '{"contents": [{"id": "1", "name": "', "a" * 1000, '"}]}'),
        ("value.ndjson", '{"id": "1", "name": "', "a" * 1000, '"}'),
    ],
)
def test_one_record_without_bounds_is_an_error_before_it_is_in_memory(tmp_path, name, head, part, tail):
    with (tmp_path / name).open("w") as file:
        file.write(head)
        for _ in range(9_000):
            file.write(part)
        file.write(tail)
    with pytest.raises(DirectoryError, match=rf"{name}.* (belong to one record|is longer than 8,000,000)"):
        read("json", tmp_path / name)


def test_many_records_that_are_large_together_are_read(tmp_path):
    rows = [{**SERVICE, "id": str(n), "description": "a" * 100_000} for n in range(120)]
    (tmp_path / "feed.json").write_text(json.dumps({"contents": rows}))
    assert len(read("json", tmp_path / "feed.json").of("service")) == 120


def test_a_table_of_a_hundred_thousand_columns(tmp_path):
    names = ",".join(f"c{n}" for n in range(100_000))
    (tmp_path / "services.csv").write_text(f"id,name,{names}\n1,a,{names}\n")
    with pytest.raises(DirectoryError, match=r"line 1 has 100,002 cells\. A table of a directory has at most 5,000"):
        read("tabular", tmp_path / "services.csv")


@pytest.mark.parametrize("name", ["feed.json", "feed.ndjson"])
def test_a_number_of_thousands_of_digits_is_text(tmp_path, name):
    (tmp_path / name).write_text(f'{{"id": "1", "name": "Food", "status": "active", "minimum_age": {"9" * 10_000}}}\n')
    found = read("json", tmp_path / name).one("service")
    assert (found["name"], found["minimum_age"]) == ("Food", "9" * 10_000)


def test_a_number_of_thousands_of_digits_in_icarol_is_text(tmp_path):
    row = '[{"id": 1, "type": "Agency", "names": [{"value": "Org", "purpose": "Primary"}], "yearIncorporated": %s}]'
    (tmp_path / "i.json").write_text(row % ("9" * 10_000))
    found = list(ICarolReader().read(open_source(tmp_path / "i.json").files, ReadOptions()))
    assert [one.data["name"] for one in found if isinstance(one, Record)] == ["Org"]


def test_an_object_with_thousands_of_members_is_not_read_and_the_next_one_is(tmp_path):
    wide = {**SERVICE, **{f"member{n}": n for n in range(3_000)}}
    found = read_json(tmp_path, [wide, {**SERVICE, "id": "s2"}])
    assert list(found.of("service")) == ["s2"]
    assert len(found.found("hsds.too-many-members")) == 1


@pytest.mark.parametrize(
    ("rows", "named"), [([{"id": "1", "name": "A"}], "id, name"), ([{"Nom": "A", "No": 1}], "Nom, No")]
)
def test_json_whose_members_nobody_knows_is_told_by_them(tmp_path, rows, named):
    (tmp_path / "feed.json").write_text(json.dumps(rows))
    with pytest.raises(DirectoryError, match=rf"Seen: feed\.json, JSON with the members {named}\. Looked for"):
        open_path(tmp_path / "feed.json", None, ReadOptions())


def test_a_service_with_its_organization_in_it_is_recognised(tmp_path):
    row = {"id": "1", "name": "A", "organization": {"id": "o", "name": "O"}, "phones": [{"number": "211"}]}
    (tmp_path / "feed.json").write_text(json.dumps([row]))
    assert open_path(tmp_path / "feed.json", None, ReadOptions()).format == "hsds-json"
