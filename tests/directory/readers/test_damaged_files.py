"""A file of any form, damaged in any way, is read or refused: one line that names it, and nothing else is raised.

Each form is cut, has bytes changed, lost and doubled, says a wrong encoding, and has what must not be in it.
"""

import gzip
import io
import json
import random
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from support.soak import some

from footbridge.directory.errors import DirectoryError
from footbridge.directory.opening import open_path
from footbridge.directory.preparation import prepare
from footbridge.directory.readers import ReadOptions
from footbridge.directory.records import Record

QUIRKS = Path(__file__).resolve().parents[1] / "quirks"
SERVICES = [
    {
        "id": str(number),
        "name": f"Épicerie {number}",
        "status": "active",
        "organization": {"id": "o", "name": "Org é"},
        "phones": [{"number": "705-555-0100"}],
    }
    for number in range(12)
]
ROWS = [["id", "organization_id", "name"], *([str(n), "o", f"Épicerie {n}"] for n in range(12))]
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp1252", "utf-7", "cp037")


def as_json(value):
    return json.dumps(value, ensure_ascii=False).encode()


def book():
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        sheet = workbook.add_worksheet("services")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
    return target.getvalue()


def packed():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("services.csv", table())
        archive.writestr("organizations.csv", "id,name\no,Org\n")
    return target.getvalue()


def table():
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS)


def features():
    rows = [{"id": one["id"], "name": one["name"], "organization_id": "o", "status": "active"} for one in SERVICES]
    point = {"type": "Point", "coordinates": [-81, 46]}
    made = [{"type": "Feature", "geometry": point, "properties": row} for row in rows]
    return {"type": "FeatureCollection", "features": made}


FORMS = {
    "icarol.xml": (QUIRKS / "airs" / "02-icarol-gates.xml").read_bytes,
    "cioc.xml": (QUIRKS / "airs" / "07-cioc-notes.xml").read_bytes,
    "icarol.json": (QUIRKS / "icarol_json" / "01-agency-program-site.json").read_bytes,
    "icarol.csv": (QUIRKS / "icarol_csv" / "03-2014-notes.csv").read_bytes,
    "list.json": lambda: as_json(SERVICES),
    "page.json": lambda: as_json({"total_items": 12, "contents": SERVICES}),
    "lines.ndjson": lambda: b"\n".join(as_json(one) for one in SERVICES),
    "services.geojson": lambda: as_json(features()),
    "services.csv": lambda: table().encode(),
    "book.xlsx": book,
    "list.json.gz": lambda: gzip.compress(as_json(SERVICES)),
    "tables.zip": packed,
}


def damaged(data, *, binary, seed):
    dice = random.Random(seed)
    made = [data[: len(data) * part // 20] for part in range(1, 20)]
    for _ in range(20):
        changed = bytearray(data)
        for _ in range(dice.randrange(1, 6)):
            changed[dice.randrange(len(data))] = dice.randrange(256)
        made.append(bytes(changed))
        start = dice.randrange(len(data))
        end = min(len(data), start + dice.randrange(1, 200))
        made += [data[:start] + data[end:], data[:end] + data[start:]]
    made += [data + data, data + b"\x00" * 100, data + b"garbage{<", b"\n\n  " + data, b"\xef\xbb\xbf" * 2 + data]
    if binary:
        return made
    text = data.decode("utf-8-sig")
    made += [text.encode(encoding, "replace") for encoding in ENCODINGS]
    made += [
        re.sub(r"<\?xml[^>]*\?>", f'<?xml version="1.0" encoding="{said}"?>', text).encode("cp1252", "replace")
        for said in ("utf-16", "utf-8", "windows-1252", "klingon", "utf-7")
    ]
    made += [text.replace("\n", end).encode() for end in ("\r\n", "\r")]
    made += [char.join(text[at : at + 40] for at in range(0, len(text), 40)).encode() for char in "\x00\x07\x1f"]
    made += [text.encode().replace("É".encode(), b"\xed\xa0\x80"), text.replace("name", "na\\u0000me").encode()]
    return made


@pytest.mark.soak
@pytest.mark.parametrize("name", FORMS)
def test_a_damaged_file_is_read_or_refused_in_one_line(tmp_path, name):
    data = FORMS[name]()
    place = tmp_path / name
    place.write_bytes(data)
    assert sum(isinstance(one, Record) for one in open_path(place, None, ReadOptions()).records) > 0
    seen = {"read": 0, "refused": 0}
    binary = name.endswith((".xlsx", ".gz", ".zip"))
    for content in some(damaged(data, binary=binary, seed=name), quick=8 if binary else 24, seed=name):
        place.write_bytes(content)
        try:
            for one in open_path(place, None, ReadOptions()).records:
                if isinstance(one, Record):
                    prepare(one)
            seen["read"] += 1
        except DirectoryError as error:
            said = str(error)
            seen["refused"] += 1
            assert name in said or name.removesuffix(".gz") in said or place.suffix in said, said
            assert "\n" not in said, said
            assert len(said) < 500, said
    assert seen["refused"] > 0
