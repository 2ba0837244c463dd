"""A file that ends too soon is an error wherever it ends, in each form: it never looks as if the rest had been removed.

Lines of text are the exception that no reader can see: where such a file ends with a whole line, it is whole.
"""

import json
import zipfile
from pathlib import Path

import pytest

from footbridge.directory.errors import DirectoryError
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions

QUIRKS = Path(__file__).resolve().parents[1] / "quirks"
SERVICES = [{"id": str(n), "name": f"Épicerie {n}", "organization": {"id": "o", "name": "Org"}} for n in range(40)]
PARTS = 20


def airs():
    return "a.xml", "airs", (QUIRKS / "airs" / "02-icarol-gates.xml").read_bytes().rstrip()


def icarol():
    return "i.json", "icarol-json", (QUIRKS / "icarol_json" / "01-agency-program-site.json").read_bytes().rstrip()


def hsds_list():
    return "h.json", "hsds-json", json.dumps(SERVICES, ensure_ascii=False).encode()


def hsds_page():
    page = {"total_items": 40, "contents": SERVICES, "last_page": True}
    return "p.json", "hsds-json", json.dumps(page, indent=1).encode("utf-16")


def hsds_lines():
    return "l.ndjson", "hsds-json", "\n".join(json.dumps(one) for one in SERVICES).encode()


def table():
    rows = ["id,organization_id,name,description", *(f'{n},o,"Name {n}","Long\ntext {n}"' for n in range(40))]
    return "services.csv", "hsds-tabular", "\n".join(rows).encode()


def packed(folder):
    with zipfile.ZipFile(folder / "whole.zip", "w", zipfile.ZIP_DEFLATED) as target:
        for form in (hsds_list, hsds_lines):
            name, _, content = form()
            target.writestr(name, content)
    return "h.zip", "hsds-json", (folder / "whole.zip").read_bytes()


FORMS = [airs, icarol, hsds_list, hsds_page, hsds_lines, table]


def cuts(content):
    return [len(content) * part // PARTS for part in range(1, PARTS)]


@pytest.mark.parametrize("form", [*FORMS, packed], ids=lambda form: form.__name__)
def test_a_half_file_is_an_error_wherever_it_ends(tmp_path, form):
    name, kind, content = form(tmp_path) if form is packed else form()
    place = tmp_path / name
    place.write_bytes(content)
    assert list(open_path(place, kind, ReadOptions()).records)
    looked_whole = []
    for end in cuts(content):
        if form in {hsds_lines, table} and content[:end].endswith((b"\n", b'"', b"}")):
            continue
        place.write_bytes(content[:end])
        try:
            list(open_path(place, kind, ReadOptions()).records)
        except DirectoryError as error:
            assert name in str(error)  # noqa: PT017 - every error is looked at
        else:
            looked_whole.append(end)
    assert looked_whole == []
