"""A directory is imported in the portal, by a file or a URL: a job with its progress, its report and what changed."""

import gzip
import html
import io
import json
import re
import uuid

import pytest
from support.browser import CHROMIUM, check, window
from support.directory_api import DirectoryApi, Says
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from footbridge.data import folder
from footbridge.directory.importing import told_of
from footbridge.directory.importing.generation import Terms, begin
from footbridge.directory.sources import list_imports, list_sources
from footbridge.settings import settings

PLACE = "/portal/admin/directory"


@pytest.fixture
def lines():
    return folder("examples").joinpath("directory", "loon-bay.ndjson").read_bytes().splitlines(keepends=True)


@pytest.fixture(autouse=True)
def uploaded(tmp_path, monkeypatch):
    """Where files are until their import has ended."""
    monkeypatch.setenv("FOOTBRIDGE_UPLOAD_FOLDER", str(tmp_path / "uploads"))
    settings.cache_clear()
    yield lambda: [one for one in (tmp_path / "uploads").rglob("*") if one.is_file()]
    settings.cache_clear()


def text_of(answer):
    return html.unescape(answer.text)


def send(browser, content=None, name="export.ndjson", **typed):
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get("/portal/account").text).group(1)
    data = {"form_token": token, "source": "north-211", **typed}
    if content is not None:
        data["file"] = FileStorage(io.BytesIO(content), name)
    boundary, body = encode_multipart(data)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser.client.post(f"{PLACE}/import", data=body, content_type=kind)


def imports(house):
    with house.database.read() as connection:
        return list_imports(connection, "north", "north-211")


def current(house):
    with house.database.read() as connection:
        return {one.name: one.current for one in list_sources(connection, "north")}


def test_a_file_is_imported_and_removed_and_what_it_changed_is_shown(both, lines, uploaded):
    dee = both.browser("dee")
    assert send(dee, b"".join(lines), "C:\\exports\\../loon bay.ndjson").status_code == 303
    assert both.woken
    assert "The import of north-211 is waiting to be done." in text_of(dee.get(PLACE))
    (kept,) = uploaded()
    assert kept.name == "loon_bay.ndjson"
    assert kept.stat().st_mode & 0o077 == 0
    assert current(both) == {}
    both.work()
    assert uploaded() == []
    assert current(both) == {"north-211": 1}
    page = text_of(dee.get(PLACE))
    assert "In use" in page
    assert "loon bay.ndjson" in page
    assert str(kept.parent) not in page
    both.clock_step()
    changed = [json.loads(one) for one in [lines[0], *lines[2:]]]
    changed[0]["name"] = "Bread & <Butter>"
    assert send(dee, "\n".join(map(json.dumps, changed)).encode(), allow_removal="yes").status_code == 303
    both.work()
    assert [one.state for one in imports(both)] == ["current", "superseded"]
    shown = dee.get(f"{PLACE}/north-211/changes")
    assert "Added: 0. Changed: 1. Removed: 1." in text_of(shown)
    assert "Bread &amp; &lt;Butter&gt;" in shown.text
    found = dee.get(f"{PLACE}/north-211/findings")
    assert found.status_code == 200
    count = imports(both)[0].summary["findings"]
    rows = dee.get(f"{PLACE}/north-211/findings.csv").text.strip().split("\r\n")
    assert len(rows) == count + 1


@pytest.mark.parametrize(
    ("content", "name", "typed"),
    [
        (b"%PDF-1.7 nothing to import", "export.ndjson", {}),
        (b"", "export.csv", {}),
        (b"PK\x03\x04 broken", "export.zip", {}),
        (b"\x7fELF\x02\x01\x01", "export.csv", {}),
        (None, "", {}),
        (b"{}", "a.json", {"url": "https://data.test"}),
        (None, "", {"url": "ftp://data.test"}),
        (None, "", {"url": "http://127.0.0.1:9/"}),
        (None, "", {"url": "https://169.254.169.254/latest"}),
        (b"{}", "a.json", {"source": "no good/name"}),
        (b"{}", "a.json", {"timezone": "../../etc/passwd"}),
        (b"{}", "a.json", {"form": "nothing"}),
    ],
)
def test_what_cannot_be_imported_is_refused_and_leaves_nothing(house, uploaded, content, name, typed):
    dee = house.browser("dee")
    answer = send(dee, content, name, **typed)
    assert answer.status_code == 422, answer.text
    assert "There is a problem" in answer.text
    assert (
        "--" not in re.search(r'<div class="summary".*?</div>', answer.text, re.DOTALL).group()
    )  # no word of a command
    assert uploaded() == []
    assert "is waiting to be done" not in text_of(dee.get(PLACE))
    house.work()
    assert current(house) == {}


def test_a_file_that_is_too_large_is_refused(house, lines, uploaded, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_UPLOAD_BYTES", "2000000")
    settings.cache_clear()
    assert send(house.browser("dee"), b"".join(lines) + b"\n" * 1_500_000).status_code == 303, (
        "larger than other bodies"
    )
    assert send(house.browser("dee"), b" " * 2_100_000, source="other").status_code == 413
    assert send(house.browser("kit"), b" " * 1_500_000).status_code == 413, "of others no such body is read"
    assert len(uploaded()) == 1


def test_a_failed_import_says_why_and_the_directory_stays(both, lines, uploaded):
    dee = both.browser("dee")
    send(dee, b"".join(lines))
    both.work()
    before = current(both)
    both.clock_step()
    many = [json.loads(lines[0]) | {"id": str(uuid.UUID(int=number))} for number in range(2000)]
    whole = gzip.compress("\n".join(json.dumps(one) for one in many).encode(), 1, mtime=0)
    assert send(dee, whole[:-2000], "export.ndjson.gz").status_code == 303  # its beginning is all right
    both.work()
    assert current(both) == before
    assert uploaded() == []
    failed = imports(both)[0]
    assert failed.state == "failed"
    page = text_of(dee.get(PLACE))
    assert failed.summary["problem"]["en"] in page
    assert "The directory is as it was before." in page
    both.clock_step()
    assert send(dee, lines[0], allow_removal="yes").status_code == 303
    both.work()
    assert imports(both)[0].state == "current"


def test_one_at_a_time_and_how_far_it_is(house, lines, uploaded):
    dee = house.browser("dee")
    with house.database.write() as connection:
        terms = Terms("hsds-json", "another way", "CA", "America/Toronto")
        begin(connection, "north", "north-211", terms, house.clock.now(), complete=True)
        told_of.note_progress(connection, "north", "north-211", "read", 1250)
    assert "1250 services: read" in text_of(dee.get(PLACE)).replace("1,250", "1250")
    assert send(dee, b"".join(lines)).status_code == 303
    house.work()
    assert len(uploaded()) == 1, "it waits for the end of the other one"
    again = send(dee, b"".join(lines))
    assert again.status_code == 422
    assert len(uploaded()) == 1
    house.clock_step(200)  # the other one was killed
    house.work()
    assert uploaded() == []
    assert imports(house)[0].state == "current"


def test_an_upload_that_is_gone_is_said_after_a_while(house, lines, uploaded):
    dee = house.browser("dee")
    send(dee, b"".join(lines))
    uploaded()[0].unlink()
    house.work()
    assert imports(house) == []
    house.clock_step(2 * 3600)
    house.work()
    assert "send it again" in text_of(house.browser("dee").get(PLACE))
    assert imports(house)[0].state == "failed"


def test_an_api_is_imported_by_its_url(house, lines, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_ALLOW_HTTP", "true")
    settings.cache_clear()
    services = [json.loads(one) for one in lines]

    def play(asked):
        if asked.path == "/services":
            mine = services if asked.query.get("page", "1") == "1" else []
            page = {"page_number": 1, "total_pages": 1, "total_items": len(services), "size": len(services)}
            return {**page, "contents": [{"id": one["id"], "name": one["name"]} for one in mine]}
        return next((one for one in services if asked.path == f"/services/{one['id']}"), Says(404))

    with DirectoryApi(play) as api:
        dee = house.browser("dee")
        assert send(dee, url=api.url).status_code == 303
        house.work()
    assert imports(house)[0].state == "current", imports(house)[0].summary
    assert imports(house)[0].summary["read"] == len(services)


@pytest.mark.parametrize("name", ["doctor", "kit", "ana"])
def test_nobody_else_imports_or_looks(house, lines, uploaded, name):
    browser = house.browser(name)
    assert send(browser, lines[0]).status_code == 403
    assert uploaded() == []
    for path in ("changes", "findings", "findings.csv"):
        assert browser.get(f"{PLACE}/north-211/{path}").status_code == 403
    dee = house.browser("dee")
    assert dee.get(f"{PLACE}/elsewhere/changes").status_code == 404


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium")
def test_a_browser_sends_a_file_and_each_page_can_be_used(house, base, chromium, axe, lines, tmp_path):
    export = tmp_path / "export.ndjson"
    export.write_bytes(b"".join(lines))
    look = {"locale": "fr-CA", "color_scheme": "dark", "viewport": {"width": 320, "height": 800}}
    with window(chromium, house, base, "dee", **look) as page:
        page.goto(f"{base}{PLACE}")
        page.fill("#source", "north-211")
        page.set_input_files("#file", export)
        page.click("#main button.primary, main button.primary")
        page.wait_for_url(f"{base}{PLACE}?done=yes")
        check(page, axe)
        house.work()
        page.locator("#source-1").wait_for()  # the page looks again by itself
        check(page, axe)
        for path in ("changes", "findings"):
            page.goto(f"{base}{PLACE}/north-211/{path}")
            check(page, axe)
