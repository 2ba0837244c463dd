"""Ten ways in which one table comes: separators and encodings, dirty texts, odd headers, spreadsheets, archives."""

import csv
import gzip
import io
import re
import zipfile
from pathlib import Path

import xlsxwriter
from directory.fields.tables import rows_of

PHONE = re.compile(r"705-4\d\d-\d{4}")
WORDS = re.compile(r"^The [a-z ]+ \w+x$")


def _csv(columns, rows, delimiter=",", end="\n", quoting=csv.QUOTE_MINIMAL):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(columns)
    writer.writerows([row.get(one, "") for one in columns] for row in rows)
    return out.getvalue()


def _texts(rows, change):
    """The rows with each free text changed."""
    return [{name: change(text) if WORDS.match(text) else text for name, text in row.items()} for row in rows]


def _plain(folder, name, columns, rows):
    (folder / name).write_text(_csv(columns, rows), "utf-8")


def _semicolons(folder, name, columns, rows):
    rows = _texts(rows, lambda text: f"{text} à l’été")
    (folder / name).write_bytes(_csv(columns, rows, ";").encode("cp1252"))


def _utf16(folder, name, columns, rows):
    (folder / name.replace(".csv", ".txt")).write_bytes(_csv(columns, rows, "\t").encode("utf-16"))


def _lines(folder, name, columns, rows):
    rows = _texts(rows, lambda text: text.replace(" ", "\n", 1) + '; "so it is"')
    (folder / name).write_bytes(_csv(columns, rows, ",", "\r\n", csv.QUOTE_ALL).encode("utf-8-sig"))


def _padded(folder, name, columns, rows):
    rows = [{one: f"  {text}\u00a0 " if text else "   " for one, text in row.items()} for row in rows]
    wide = {one: f" {one}  " for one in columns}
    rows = [{wide[one]: text for one, text in row.items()} for row in rows]
    (folder / name).write_text(_csv(list(wide.values()), rows, "|"), "utf-8")


def _marked(folder, name, columns, rows):
    rows = _texts(rows, lambda text: "###NOTE###" + text.replace(" ", r"\n", 1) + r"\n\n")
    (folder / name).write_text(_csv(columns, rows), "utf-8")


def _html(folder, name, columns, rows):
    rows = _texts(rows, lambda text: f"&amp;lt;p&amp;gt;&lt;b&gt;{text}&lt;/b&gt;&amp;amp;nbsp;&amp;lt;/p&amp;gt;")
    (folder / name).write_text(_csv(columns, rows), "utf-8")


def _headers(folder, name, columns, rows):
    text = _csv(columns, rows).splitlines()[1:]
    comma = ",,,"
    total = f"Total,{len(rows)}" + "," * (len(columns) - 2) if len(columns) > 1 else "Total"
    head = ",".join(one.upper() for one in columns)
    (folder / name).write_text("\n".join(line + comma for line in [head, *text, head, total]) + "\n", "utf-8")


def _sheet(folder, name, columns, rows):
    with xlsxwriter.Workbook(str(folder / name.replace(".csv", ".xlsx"))) as book:
        notes = book.add_worksheet("Read me")
        notes.write(0, 0, "How this file was made: by an export, each month.")
        sheet = book.add_worksheet(name.removesuffix(".csv"))
        hidden = book.add_worksheet("old")
        hidden.write_row(0, 0, ["x", "y"])
        hidden.hide()
        sheet.merge_range(0, 0, 0, max(1, len(columns) - 1), "Our list of services")
        sheet.write_row(2, 0, columns)
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows, 3):
            for place, one in enumerate(columns):
                _write(sheet, number, place, row.get(one, ""), date)


def _write(sheet, number, place, text, date):
    if PHONE.fullmatch(text):
        sheet.write_number(number, place, float(text.replace("-", "")))
    elif re.fullmatch(r"-?\d+\.\d{5}|\d{1,6}", text):
        sheet.write_number(number, place, float(text))
    elif re.fullmatch(r"20\d\d-\d\d-\d\d", text):
        import datetime as dt

        sheet.write_datetime(number, place, dt.datetime.fromisoformat(text), date)
    elif WORDS.match(text) and place % 3 == 0:
        sheet.write_formula(number, place, '="a"', None, text)
    else:
        sheet.write_string(number, place, text)


def _packed(folder, name, columns, rows):
    (folder / f"{name}.gz").write_bytes(gzip.compress(_csv(columns, rows, ";").encode("cp1252", "replace")))


WAYS = {
    "01-plain": _plain, "02-semicolons-cp1252": _semicolons, "03-tabs-utf16": _utf16, "04-lines-in-cells": _lines,
    "05-padded-bars": _padded, "06-markers": _marked, "07-html-twice": _html, "08-headers-and-totals": _headers,
    "09-spreadsheet": _sheet, "10-packed": _packed,
}  # fmt: skip


def write(folder: Path, form: str, way: str, cells) -> Path:
    """Writes the files of a form in one of the ways; gives the file, folder or zip to import."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = rows_of(form, cells)
    for name, (columns, rows) in tables.items():
        WAYS[way](folder, name, columns, rows)
    (folder / "README.txt").write_text("Made by an export.\n")
    made = [one for one in folder.iterdir() if one.name != "README.txt"]
    if way == "10-packed" and len(made) > 1:
        with zipfile.ZipFile(folder / "export.zip", "w") as archive:
            for name, (columns, rows) in tables.items():
                archive.writestr(f"export/{name}", _csv(columns, rows))
        for one in made:
            one.unlink()
        return folder / "export.zip"
    return made[0] if len(made) == 1 else folder
