"""Every member of every form that is JSON, from files and from APIs: what became of each value."""

import gzip
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
from directory.fields.cells import Cells
from directory.fields.objects import CHANGES, Objects, canada, dumped, hsds, icarol, ndp, text_changed
from directory.fields.test_fields import take_in
from directory.fields.trace import Trace
from support.directory_api import DirectoryApi, Says

from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.partners.directories.opening import open_api
from footbridge.store.tenants import add_tenant

HERE = Path(__file__).parent
FATES = json.loads((HERE / "fates.json").read_text("utf-8"))


def _page(items):
    ends = {"total_items": len(items), "total_pages": 1, "page_number": 1, "size": len(items), "first_page": True}
    return {**ends, "last_page": True, "empty": False, "contents": items}


def _spring(items):
    ends = {"totalElements": len(items), "totalPages": 1, "number": 1, "size": len(items), "first": True}
    return {**ends, "last": True, "empty": False, "content": items}


def _shapes(items):
    """Ways to put the services of HSDS into a file."""
    yield "one.json", dumped(items[0]).encode()
    yield "list.json", b"\xef\xbb\xbf" + json.dumps(items, indent=1, ensure_ascii=False).replace("\n", "\r\n").encode()
    yield "page.json", dumped(_page(items)).encode()
    yield "spring.json", dumped(_spring(items)).encode()
    yield "named.json", dumped({"services": items}).encode("utf-16")
    yield "lines.ndjson", b"".join(dumped(one).encode() + b"\n" for one in items)
    yield "lines.json.gz", gzip.compress(dumped(items).encode())


FILES = {
    "hsds-json": lambda objects: [hsds(objects)],
    "hsds-uk-json": lambda objects: [hsds(objects, uk=True)],
    "icarol-json": icarol,
}


@pytest.fixture
def opened(sqlite_database, clock):
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    return sqlite_database


PRIVATE = re.compile(
    r"(previous_value|replacement_value|updated_by)$|^\w+\.(secret|notes): |InternalNotes|LastVerifiedBy"
)


def _fates(services, stored, lines, cells):
    """By member: what became of its values; an empty text for one that is nowhere."""
    trace, fates = Trace(services, lines, stored), defaultdict(set)
    for cell in cells.made:
        name = f"{cell.table}: {cell.column}"
        if cell.sought is not None and PRIVATE.search(name):
            assert not trace.stands(cell), f"{name} is private, and stands somewhere"
            fates[name].add("private" if any(one.rule.startswith("privacy.") for one in lines) else "")
        elif cell.sought is not None:
            fates[name].add(trace.of(cell))
    return {name: sorted(found) for name, found in fates.items()}


def _documents(make):
    """The document in each way of its texts, with its cells."""
    for name, change in CHANGES.items():
        cells = Cells()
        yield name, text_changed(make(Objects(cells)), change), cells


@pytest.mark.parametrize("form", FILES)
def test_of_each_member_of_a_file_every_value_is_kept_or_a_finding_says_why_not(opened, clock, tmp_path, form):
    all_fates = {}
    for way, items, cells in _documents(FILES[form]):
        shapes = list(_shapes(items)) if form != "icarol-json" else [("records.json", dumped(items).encode())]
        for name, content in shapes if way == "plain" else shapes[:1]:
            (tmp_path / name).write_bytes(content)
            source = open_path(tmp_path / name, None, ReadOptions())
            summary, services, stored, lines = take_in(opened, clock, f"{way}-{name}".replace(".", "-"), source)
            assert summary.kept == len(services) == 1, name
            all_fates[f"{way} {name}"] = _fates(services, stored, lines, cells)
    _check(form, all_fates)


def _check(form, all_fates):
    unexplained = {
        f"{way}: {name}": found for way, fates in all_fates.items() for name, found in fates.items() if "" in found
    }
    assert unexplained == {}
    first = next(iter(all_fates.values()))
    assert {name: found for name, found in first.items() if found != ["kept"]} == FATES[form]


def _platform(document):
    def play(asked):
        if asked.path != "/search/keyword":
            return document
        found = {"count": 1, "results": [{"id": "x", "idOrganization": "org1"}]}
        return found if asked.query["skip"] == "0" else Says(204)

    return play


def _canada(document):
    return lambda asked: {"RecordCount": 1, "Records": [document] if asked.body["PageIndex"] == 0 else []}


def _hsds_api(document):
    def play(asked):
        if asked.path in {"", "/"}:
            return {"version": "3.1", "profile": "https://x.test/p", "openapi_url": "https://x.test/o"}
        if asked.path.startswith("/services/"):
            return document[0]
        return _page(document) if asked.path == "/services" else Says(404)

    return play


APIS = {
    "211-ndp": (ndp, _platform),
    "211-canada": (canada, _canada),
    "hsds-api": (lambda objects: [hsds(objects)], _hsds_api),
}


@pytest.mark.parametrize("form", APIS)
def test_of_each_member_of_an_api_every_value_is_kept_or_a_finding_says_why_not(opened, clock, monkeypatch, form):
    monkeypatch.setenv("KEY_OF_API", "k")
    all_fates = {}
    make, plays = APIS[form]
    for way, document, cells in _documents(make):
        with DirectoryApi(plays(document)) as api:
            url = api.url + ("?dataset=on&Communities=Guelph" if form == "211-canada" else "")
            source = open_api(url, form, "env:KEY_OF_API")
            summary, services, stored, lines = take_in(opened, clock, way, source)
        assert summary.kept == len(services) == 1, way
        all_fates[way] = _fates(services, stored, lines, cells)
    _check(form, all_fates)
