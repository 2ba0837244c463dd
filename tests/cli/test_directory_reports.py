"""The reports of a directory as files: whole or not there, safe in a spreadsheet, what is grave first."""

import csv
import io
import json
import zipfile

import pytest
from python_calamine import CalamineWorkbook

from footbridge.directory import report as reports
from footbridge.directory.findings import FindingLine

FORMULA = '=HYPERLINK("http://evil.test";"x")'
SERVICES = [
    {"id": "s1", "name": FORMULA, "status": "active", "url": "@SUM(A1)", "phones": [{"number": "=1+1"}]},
    {"id": "s2", "name": "  Food bank", "status": "active", "description": "Food for all"},
    {"id": "s2", "name": "Food bank", "status": "active", "description": "Food"},
]


@pytest.fixture
def imported(run, tenant, tmp_path):
    file = tmp_path / "services.json"
    file.write_text(json.dumps(SERVICES))
    assert run("directory", "import", file, "--source", "north", "--country", "CA").code == 0
    return tmp_path


def lines(count, severity="information"):
    rule = {"information": "text.spaces", "warning": "phone.not-parsed"}[severity]
    for number in range(count):
        yield FindingLine(
            severity, rule, "What", "Done", "service", str(number), "-79.5", "name", "x" * 40_000, None, "f", 1
        )


def test_a_spreadsheet_holds_texts_and_no_formula(run, imported):
    file = imported / "findings.xlsx"
    assert run("directory", "report", "--xlsx", file).code == 0
    (sheet,) = CalamineWorkbook.from_path(str(file)).sheet_names
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name(sheet).to_python()
    assert FORMULA in {row[6] for row in rows}
    with zipfile.ZipFile(file) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in page
    assert 'state="frozen"' in page
    assert f'<autoFilter ref="A1:L{len(rows)}"/>' in page


def test_a_row_for_a_cell_that_is_too_long_is_cut_and_what_does_not_fit_is_counted(monkeypatch):
    monkeypatch.setattr(reports, "SHEET_ROWS", 5)
    target = io.BytesIO()
    assert reports.write_xlsx(lines(6), target) == 6
    target.seek(0)
    rows = CalamineWorkbook.from_filelike(target).get_sheet_by_index(0).to_python()
    assert [len(row[8]) for row in rows[1:4]] == [reports.CELL_SIGNS] * 3
    assert rows[4][0] == "3 more do not fit into a sheet: write CSV to see them all."


def test_csv_goes_to_the_output_and_quotes_formulas_but_no_numbers(run, imported):
    (row, *_more) = [
        row for row in csv.DictReader(io.StringIO(run("directory", "report", "--csv", "-").out)) if row["member"] == "url"
    ]  # fmt: skip
    assert (row["name"], row["found"]) == (f"'{FORMULA}", "'@SUM(A1)")
    signed = ["-79.5", "+1", "-1-2", "\n=1", "\uff1d1", "=1"]
    assert [reports.safe_cell(one) for one in signed] == ["-79.5", "+1", "'-1-2", "'\n=1", "'\uff1d1", "'=1"]


def test_a_page_shows_the_gravest_findings_first_and_drops_the_others(monkeypatch):
    monkeypatch.setattr(reports, "MOST_SHOWN", 3)
    target = io.StringIO()
    assert reports.write_html([*lines(3), *lines(2, "warning")], target, "Title") == 5
    each = target.getvalue().split("<h2>Each finding</h2>")[1]
    assert (each.count("<td>warning</td>"), each.count("<td>information</td>")) == (2, 1)
    assert each.index("<td>warning</td>") < each.index("<td>information</td>")


def test_what_a_reader_found_has_the_name_of_its_record(run, imported):
    found = json.loads(run("directory", "report", "--json").out)
    (name,) = {row["name"] for row in found if row["rule"].startswith("hsds.") and row["nativeId"] == "s2"}
    assert name == "Food bank"


def test_people_read_how_grave_it_is_in_their_language_and_programs_a_code(run, imported):
    french = ("--lang", "fr", "directory", "report")
    assert run(*french, "--xlsx", imported / "r.xlsx", "--html", imported / "r.html").code == 0
    rows = CalamineWorkbook.from_path(str(imported / "r.xlsx")).get_sheet_by_index(0).to_python()
    assert {row[0] for row in rows[1:]} == {"avertissement", "information"}
    assert "<td>warning</td>" not in (imported / "r.html").read_text("utf-8")
    assert {line.split()[0] for line in run(*french).out.splitlines()[1:]} == {"avertissement", "information"}
    assert {row["severity"] for row in json.loads(run(*french, "--json").out)} == {"warning", "information"}


@pytest.mark.parametrize("form", ["xlsx", "csv", "html"])
def test_a_report_that_cannot_be_written_is_told_in_a_line_and_leaves_the_one_before(run, imported, form):
    missing = run("directory", "report", f"--{form}", imported / "none" / f"r.{form}")
    assert (missing.code, "its folder is missing" in missing.err) == (2, True)
    full = run("directory", "report", f"--{form}", "/dev/full")
    assert (full.code, full.err) == (2, "Error: No space left on device.\n")
    before = imported / f"r.{form}"
    before.write_text("before")
    before.chmod(0o640)
    assert run("directory", "report", f"--{form}", before).code == 0
    assert before.read_bytes() != b"before"
    assert before.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in imported.iterdir() if one.name.endswith(".part")] == []


def test_only_one_form_is_the_output(run, imported):
    for command, options, told in (
        ("report", ("--csv", "-", "--json"), "Only one of"),
        ("report", ("--csv", "f", "--html", "f"), "a file of its own"),
        ("corrections", ("--csv", "-", "--hsds", "-"), "the same file"),
        ("corrections", ("--csv", "-", "--json"), "Only one of"),
    ):
        refused = run("directory", command, *options)
        assert (refused.code, told in refused.err) == (2, True), options


@pytest.mark.parametrize(
    ("options", "told"),
    [(("--report", "r.pdf"), "ends in .xlsx"), (("--report", "none/r.csv"), "its folder is missing"),
     (("--format", "hsds-api"), "hsds-api is for a URL"), (("--key", "env:KEY"), "--key is for a URL"), (("--schemas", "none"), "--schemas is for --strict")],
)  # fmt: skip
def test_options_that_can_have_no_effect_stop_an_import_before_it_reads(run, imported, options, told):
    refused = run("directory", "import", imported / "services.json", "--source", "south", *options)
    assert (refused.code, told in refused.err) == (2, True)
    assert [one["name"] for one in json.loads(run("directory", "sources", "--json").out)] == ["north"]


@pytest.mark.parametrize("command", ["report", "diff"])
def test_a_source_that_never_came_in_has_nothing_to_show(run, imported, command):
    (imported / "bad.json").write_text('[{"id": "s1", "na')
    assert run("directory", "import", imported / "bad.json", "--source", "south", "--format", "hsds-json").code == 2
    refused = run("directory", command, "--source", "south")
    assert (refused.code, "No import of south has ended well yet" in refused.err) == (2, True)


def test_an_empty_path_is_not_the_folder_where_one_is(run, imported):
    refused = run("directory", "import", "", "--source", "south")
    assert (refused.code, "PATH is empty" in refused.err) == (2, True)


def test_a_long_correction_is_a_line_in_the_table_and_whole_in_json(run, imported):
    text = "first line\nsecond line " + "x" * 100
    assert run("directory", "correct", "north:s2", "description", text, "--by", "A. Roy").code == 0
    assert len(run("directory", "corrections").out.splitlines()) == 2
    assert json.loads(run("directory", "corrections", "--json").out)[0]["new"] == text


def test_a_search_of_a_source_that_is_not_there_is_an_error_and_no_unmet_need(run, imported):
    refused = run("directory", "search", "food", "--source", "nort")
    assert (refused.code, "Did you mean 'north'?" in refused.err) == (2, True)
    assert json.loads(run("directory", "gaps", "--json").out) == []
    past = run("directory", "search", "food", "--offset", "50")
    assert (past.code, "--offset 50 is past the last" in past.err) == (0, True)
