"""Spreadsheets: what Excel can write is read as text, what asks for all memory is refused, whoever runs it goes on."""

import datetime as dt
import zipfile

import pytest
import xlsxwriter
from support.directory_readers import read

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.delimited import tables
from footbridge.directory.readers.tally import Tally
from footbridge.directory.source_files import open_source

HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="xl/workbook.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://'
    'schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="services" sheetId="1" '
    'r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="worksheets/sheet1.xml" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/worksheet"/></Relationships>',
}


def cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def book(place, *rows):
    """A workbook of rows that are XML, as no library would write them."""
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in PARTS.items():
            target.writestr(name, text)
        target.writestr("xl/worksheets/sheet1.xml", f"{HEAD}{''.join(rows)}</sheetData></worksheet>")
    return place


def rows_of(place):
    return [row.cells for table in tables(open_source(place).files[0], Tally()) for row in table.rows]


TOP = f'<row r="1">{cell("A1", "id")}{cell("B1", "name")}</row>'
ONE = f'<row r="2">{cell("A2", "s1")}{cell("B2", "Food")}</row>'


def test_a_cell_far_away_is_refused_and_does_not_end_the_program(tmp_path):
    far = f'<row r="1048576">{cell("XFD1048576", "far")}</row>'
    with pytest.raises(DirectoryError, match="takes more than 256 MB of memory to open") as raised:
        rows_of(book(tmp_path / "far.xlsx", TOP, ONE, far))
    assert "save it as CSV" in str(raised.value)


def test_a_cell_of_millions_of_characters_is_refused_with_its_row(tmp_path):
    long = f'<row r="3">{cell("A3", "s2")}{cell("B3", "x" * 5_000_000)}</row>'
    with pytest.raises(DirectoryError, match="services: row 3 has a cell of more than 4,000,000 characters"):
        rows_of(book(tmp_path / "long.xlsx", TOP, ONE, long))


def test_a_table_of_all_the_columns_that_excel_has_is_refused(tmp_path):
    place = tmp_path / "wide.xlsx"
    with xlsxwriter.Workbook(place) as workbook:
        sheet = workbook.add_worksheet("services")
        for column in range(16_384):
            sheet.write(0, column, f"c{column}")
    with pytest.raises(DirectoryError, match="row 1 has 16,384 cells"):
        rows_of(place)


def test_dates_formulas_links_and_numbers_are_what_excel_shows(tmp_path):
    for system in (False, True):
        place = tmp_path / f"{system}.xlsx"
        with xlsxwriter.Workbook(place, {"date_1904": system}) as workbook:
            sheet = workbook.add_worksheet("services")
            day = workbook.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, ["id", "name", "assured_date", "number", "url"])
            sheet.write_row(1, 0, ["s1", "Food"])
            sheet.write_datetime(1, 2, dt.datetime(2026, 2, 28), day)  # noqa: DTZ001
            sheet.write_formula(1, 3, "='[other.xlsx]Sheet1'!A1", None, 6045550100)
            sheet.write_url(1, 4, "https://x.example/a", string="https://x.example/a")
        expected = {"id": "s1", "name": "Food", "assured_date": "2026-02-28", "number": "6045550100"}
        assert rows_of(place) == [{**expected, "url": "https://x.example/a"}]


def test_a_half_spreadsheet_is_an_error_wherever_it_ends(tmp_path):
    whole = book(tmp_path / "whole.xlsx", TOP, ONE).read_bytes()
    place = tmp_path / "half.xlsx"
    for part in range(0, 20, 4):
        place.write_bytes(whole[: len(whole) * part // 20])
        with pytest.raises(DirectoryError, match=r"half\.xlsx: "):
            rows_of(place)


def test_a_program_of_the_same_name_in_the_working_folder_is_not_run(tmp_path, monkeypatch):
    (tmp_path / "python_calamine.py").write_text("raise SystemExit(9)")
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert rows_of(book(tmp_path / "x.xlsx", TOP, ONE)) == [{"id": "s1", "name": "Food"}]


def test_each_sheet_is_a_table(tmp_path):
    place = tmp_path / "sheets.xlsx"
    with xlsxwriter.Workbook(place) as workbook:
        for name, rows in (
            ("organizations", [["id", "name"], ["o1", "Org"]]),
            ("notes", []),
            ("services", [["id", "organization_id", "name"], ["s1", "o1", "Food"], ["", "", ""], ["s2", "o1", "Beds"]]),
        ):
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    found = read("tabular", place)
    assert [data["name"] for data in found.of("service").values()] == ["Food", "Beds"]
