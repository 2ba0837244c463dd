"""An HSDS API with its quirks: pages, details, NDJSON, changes while it is read, lists without an end."""

import json
import re

import pytest
from support.directory_api import DirectoryApi, Says

from footbridge.directory.errors import DirectoryError
from footbridge.directory.records import Record
from footbridge.partners.directories.hsds_api import HsdsApi
from footbridge.partners.directories.opening import open_api
from footbridge.partners.directories.paging import Page, Walk


def service(number, **members):
    return {"id": f"s{number}", "name": f"Service {number}", "status": "active", **members}


def full(number):
    return service(number, phones=[{"id": "p", "number": "211"}])


class Pages:
    """A well-behaved list: HSDS 3.x, or (``spring``) Open Referral UK 1.0."""

    def __init__(self, items, *, spring=False, first=1, size=None):
        self.items, self.spring, self.first, self.size = items, spring, first, size

    def __call__(self, asked):
        if asked.path in {"", "/"}:
            return {
                "version": "3.1",
                "profile": "https://example.test/profile",
                "openapi_url": "https://example.test/x",
            }
        if asked.path.startswith("/services/"):
            native = asked.path.rpartition("/")[2]
            return next((full(int(native[1:])) for one in self.items if one["id"] == native), Says(404))
        if asked.path != "/services":
            return Says(404)
        return self.page(asked, self.items)

    def page(self, asked, items, total=None):
        number = int(asked.query.get("page", self.first)) - self.first
        size = self.size or int(asked.query.get("per_page", 10))
        part = items[number * size : (number + 1) * size]
        total = len(items) if total is None else total
        pages = -(-len(items) // size)
        if self.spring:
            return {"totalElements": total, "totalPages": pages, "number": number + self.first, "size": len(part),
                    "first": number == 0, "last": number >= pages - 1, "empty": not part, "content": part}  # fmt: skip
        return {"total_items": total, "total_pages": pages, "page_number": number + 1, "size": len(part),
                "first_page": number == 0, "last_page": number >= pages - 1, "empty": not part, "contents": part}  # fmt: skip


def ids(found):
    return [one["id"] for one in found]


def expected(count):
    return [f"s{number}" for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
@pytest.mark.parametrize(("spring", "first"), [(False, 1), (True, 1), (True, 0)])
def test_all_pages(connect, count, spring, first):
    with DirectoryApi(Pages([full(n) for n in range(count)], spring=spring, first=first)) as api:
        client = HsdsApi(connect(api), per_page=10)
        assert ids(client.pages()) == expected(count)
        assert client.findings == []


def test_about(connect):
    with DirectoryApi(Pages([])) as api:
        assert HsdsApi(connect(api)).about()["version"] == "3.1"
    with DirectoryApi(lambda _: Says(404)) as api:
        assert HsdsApi(connect(api)).about() == {}


def test_a_list_without_details_is_completed(connect):
    items = [service(n) for n in range(3)]
    with DirectoryApi(Pages(items)) as api:
        found = list(HsdsApi(connect(api)).pages())
    assert found == [full(n) for n in range(3)]
    assert api.paths().count("/services/s1") == 1


def test_details_that_are_there_are_not_asked_for(connect):
    with DirectoryApi(Pages([full(1)])) as api:
        list(HsdsApi(connect(api)).pages())
    assert "/services/s1" not in api.paths()


def test_a_list_that_is_whole_is_not_read_one_by_one(connect):
    """Either one service shows its details, or the first few have nothing more at their own address."""
    rich = service(0, phones=[], languages=[], service_at_locations=[])
    with DirectoryApi(Pages([rich, *(service(n) for n in range(1, 12))])) as api:
        assert ids(HsdsApi(connect(api)).pages()) == expected(12)
    assert not [path for path in api.paths() if path.startswith("/services/")]
    plain = [service(n) for n in range(40)]

    def play(asked):
        native = asked.path.rpartition("/")[2]
        return service(int(native[1:])) if asked.path.startswith("/services/") else Pages(plain)(asked)

    with DirectoryApi(play) as api:
        assert ids(HsdsApi(connect(api)).pages()) == expected(40)
    assert len([path for path in api.paths() if path.startswith("/services/")]) == 5


@pytest.mark.parametrize("root", [Says(404), Says(500), Says(body="<html>"), Says(401)])
def test_the_declared_version_is_in_the_report_and_an_api_without_it_is_read(connect, root):
    with DirectoryApi(Pages([full(1)])) as api:
        found = [one for one in open_api(api.url, None, None).records if not isinstance(one, Record)]
        assert [one.found for one in found if one.rule == "api.version"] == ["3.1, https://example.test/profile"]
        pages = api.play
        api.play = lambda asked: root if asked.path in {"", "/"} else pages(asked)
        found = list(open_api(api.url, None, None).records)
        assert [one.native_id for one in found if isinstance(one, Record) and one.kind == "service"] == ["s1"]
        assert "api.version" not in {one.rule for one in found if not isinstance(one, Record)}


def test_ids_with_signs_are_written_as_one_step(connect):
    odd = "a/../b?c#d é"
    with DirectoryApi(
        lambda asked: (
            {"contents": [{"id": odd, "name": "x"}], "total_items": 1, "last_page": True}
            if asked.path == "/services"
            else full(1)
        )
    ) as api:
        assert len(list(HsdsApi(connect(api)).pages())) == 1
    assert api.paths()[-1] == "/services/a%2F..%2Fb%3Fc%23d%20%C3%A9"


def test_a_service_that_vanishes(connect):
    items = [service(1), service(2)]

    def play(asked):
        return Says(404) if asked.path == "/services/s1" else Pages(items)(asked)

    with DirectoryApi(play) as api:
        client = HsdsApi(connect(api))
        assert ids(client.pages()) == ["s2"]
    assert [(one.rule, one.native_id) for one in client.findings] == [("api.vanished", "s1")]


@pytest.mark.parametrize("answer", [Says(204), Says(404), Pages([])])
def test_nothing_changed_since(connect, answer):
    with DirectoryApi(answer if callable(answer) else lambda _: answer) as api:
        assert list(HsdsApi(connect(api)).pages("2024-05-01")) == []
    assert api.asked[-1].query["modified_after"] == "2024-05-01"


def test_an_empty_directory(connect):
    with DirectoryApi(lambda _: Says(204)) as api:
        assert list(HsdsApi(connect(api)).pages()) == []


def test_a_wrong_url(connect):
    with DirectoryApi(lambda _: Says(404)) as api, pytest.raises(DirectoryError, match="/services"):
        list(HsdsApi(connect(api)).pages())


@pytest.mark.parametrize(
    "body", [{"resourceType": "Bundle"}, "text", 5, None, {"contents": "x"}, {"contents": [1]}, [1]]
)
def test_something_else_than_hsds(connect, body):
    with DirectoryApi(lambda _: Says(body=body)) as api, pytest.raises(DirectoryError, match="HSDS"):
        list(HsdsApi(connect(api)).pages())


def test_a_plain_list(connect):
    """No envelope: one that pages, and one that gives all each time."""
    items = [full(n) for n in range(25)]
    with DirectoryApi(lambda asked: items[(int(asked.query["page"]) - 1) * 10 :][:10]) as api:
        assert ids(HsdsApi(connect(api), per_page=10).pages()) == expected(25)
    with DirectoryApi(lambda _: items) as api:
        assert ids(HsdsApi(connect(api), per_page=10).pages()) == expected(25)


@pytest.mark.parametrize("after", [[], Says(404), Says(400)])
def test_a_plain_list_whose_pages_are_shorter_than_asked_for(connect, after):
    items = [full(n) for n in range(25)]
    with DirectoryApi(lambda asked: items[(int(asked.query["page"]) - 1) * 10 :][:10] or after) as api:
        assert ids(HsdsApi(connect(api), per_page=100).pages()) == expected(25)


def test_a_list_without_an_end_that_does_not_say_how_long_it_is():
    walk = Walk(lambda number: Page([{"id": number}]), lambda item: str(item["id"]), "GET /services")
    with pytest.raises(DirectoryError, match="more than 2000 pages and does not say how many"):
        list(walk.items())


@pytest.mark.parametrize("status", [204, 404, 405, 501])
def test_an_api_without_the_lists_that_are_optional(connect, status):
    with DirectoryApi(Pages([full(n) for n in range(3)])) as api:
        client = HsdsApi(connect(api))
        pages = api.play
        api.play = lambda asked: pages(asked) if asked.path == "/services" else Says(status)
        assert list(client.pages(of="service_at_locations", optional=True)) == []
        opened = open_api(api.url, None, None)
        found = [one.native_id for one in opened.records if isinstance(one, Record) and one.kind == "service"]
        assert found == expected(3)


class Less(Pages):
    """An API of a framework that answers 4xx for parameters, or pages, that it does not know."""

    def __init__(self, items, refuses, status):
        super().__init__(items, size=10)
        self.refuses, self.status = refuses, status

    def __call__(self, asked):
        given = {name for name in asked.query if name != "per_page" or int(asked.query[name]) > 50}
        return Says(self.status, {"detail": "unknown"}) if given & self.refuses else super().__call__(asked)


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("refuses", [{"full"}, {"per_page"}, {"full", "per_page", "format"}])
def test_an_api_that_refuses_what_it_does_not_know_is_asked_for_less(connect, refuses, status):
    with DirectoryApi(Less([service(n) for n in range(25)], refuses, status)) as api:
        client = HsdsApi(connect(api))
        assert ids(client.pages()) == expected(25)
        assert client.findings == []
        assert len([path for path in api.paths() if path == "/services"]) <= 1 + 2 + 3


def test_an_api_that_refuses_everything_says_so(connect):
    with DirectoryApi(lambda _: Says(422)) as api, pytest.raises(DirectoryError, match=r"GET /services .*422"):
        list(HsdsApi(connect(api)).pages())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda part, number: {"items": part, "total": 25, "page": number, "pages": 3},
        lambda part, number: {"data": part, "meta": {"total": 25, "current_page": number}},
        lambda part, number: {"count": 25, "next": "http://x.test/?page=2" if number < 3 else None, "results": part},
    ],
)
def test_pages_as_frameworks_write_them(connect, wrap):
    def play(asked):
        number = int(asked.query.get("page", 1))
        part = [full(n) for n in range(25)][(number - 1) * 10 : number * 10]
        return wrap(part, number) if asked.path == "/services" else Says(404)

    with DirectoryApi(play) as api:
        assert ids(HsdsApi(connect(api), per_page=10).pages()) == expected(25)


def test_a_page_that_says_it_is_the_last_before_all_have_come(connect):
    """Of such an API half of the directory would seem to be deleted."""
    pages = Pages([full(n) for n in range(25)])
    with DirectoryApi(lambda asked: {**pages(asked), "last_page": True}) as api:
        client = HsdsApi(connect(api), per_page=10)
        assert ids(client.pages()) == expected(25)
        assert client.findings == []


def test_links_to_the_next_page(connect):
    items = [full(n) for n in range(25)]

    def play(asked):
        start = int(asked.query.get("from", 0))
        link = f'<http://{asked.headers["Host"]}/api/v1/services?from={start + 10}>; rel="next"' if start < 20 else ""
        return Says(body=items[start : start + 10], headers={"Link": link} if link else {})

    with DirectoryApi(play) as api:
        assert ids(HsdsApi(connect(api), per_page=10).pages()) == expected(25)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:9/services?page=2", "//evil.test/services", "http://169.254.169.254/", "/api/v1/../../x"],
)
def test_links_to_elsewhere_are_not_followed(connect, target):
    page = Says(body=[full(n) for n in range(10)], headers={"Link": f'<{target}>; rel="next"'})
    with DirectoryApi(lambda _: page) as api, pytest.raises(DirectoryError, match="not followed"):
        list(HsdsApi(connect(api), per_page=10).pages())


# NDJSON


def ndjson(items, **more):
    return Says(
        body="".join(json.dumps(one) + "\n" for one in items).encode(),
        kind="application/x-ndjson; charset=utf-8",
        **more,
    )


def test_ndjson(connect):
    with DirectoryApi(
        lambda asked: ndjson([full(n) for n in range(300)]) if asked.query.get("format") == "ndjson" else Says(500)
    ) as api:
        assert ids(HsdsApi(connect(api)).pages()) == expected(300)
    assert len(api.asked) == 1


def test_ndjson_that_is_not_offered(connect):
    with DirectoryApi(Pages([full(1)])) as api:
        client = HsdsApi(connect(api))
        assert ids(client.pages()) == ["s1"]
        client.ndjson = False
        assert ids(client.pages()) == ["s1"]
    assert [asked.query.get("format") for asked in api.asked] == ["ndjson", None, None]


def test_ndjson_that_breaks_off(connect):
    whole = ndjson([full(n) for n in range(5)]).content()
    for said in (
        Says(body=whole[:-20], kind="application/x-ndjson"),
        Says(body=whole, kind="application/x-ndjson", length=len(whole) + 10),
    ):
        with DirectoryApi(lambda _, said=said: said) as api, pytest.raises(DirectoryError, match="breaks off"):
            list(HsdsApi(connect(api)).pages())


def test_ndjson_with_repeats(connect):
    with DirectoryApi(lambda _: ndjson([full(1), full(1), full(2)])) as api:
        assert ids(HsdsApi(connect(api)).pages()) == ["s1", "s2"]


# Lists that change, or have no end


def test_the_same_page_for_ever(connect):
    page = {"contents": [full(n) for n in range(10)], "total_items": 1000, "last_page": False}
    with DirectoryApi(lambda _: page) as api, pytest.raises(DirectoryError, match="no end"):
        list(HsdsApi(connect(api), per_page=10).pages())
    assert len(api.asked) < 5


def test_two_pages_in_turn_for_ever(connect):
    def play(asked):
        odd = int(asked.query["page"]) % 2
        return {"contents": [full(n + 10 * odd) for n in range(10)], "last_page": False}

    with DirectoryApi(play) as api, pytest.raises(DirectoryError, match="no end"):
        list(HsdsApi(connect(api), per_page=10, ndjson=False).pages())
    assert len(api.asked) < 6


def test_new_pages_for_ever(connect):
    def play(asked):
        start = int(asked.query["page"]) * 500
        return {"contents": [full(start + n) for n in range(500)], "total_items": 20, "last_page": False}

    with DirectoryApi(play) as api, pytest.raises(DirectoryError, match="without an end"):
        list(HsdsApi(connect(api), per_page=500, ndjson=False).pages())


class Changing(Pages):
    """Removes or adds records after so many requests, as people do who edit the directory."""

    def __init__(self, items, edits, **more):
        super().__init__(items, **more)
        self.edits, self.count = dict(edits), 0

    def __call__(self, asked):
        if asked.path == "/services":
            self.items = self.edits.pop(self.count, self.items)
            self.count += 1
        return super().__call__(asked)


def test_a_record_is_removed_while_it_is_read(connect):
    """The second page then begins one later, and a record would be missed."""
    items = [full(n) for n in range(25)]
    without = [one for one in items if one["id"] != "s3"]
    with DirectoryApi(Changing(items, {1: without})) as api:
        client = HsdsApi(connect(api), per_page=10, ndjson=False)
        found = ids(client.pages())
    assert sorted(found) == sorted(expected(25))
    assert [one.rule for one in client.findings] == ["api.changed-while-read"]
    assert len(found) == len(set(found))


def test_a_record_is_added_while_it_is_read(connect):
    items = [full(n) for n in range(25)]
    with DirectoryApi(Changing(items, {1: [full(99), *items]})) as api:
        client = HsdsApi(connect(api), per_page=10, ndjson=False)
        assert sorted(ids(client.pages())) == sorted([*expected(25), "s99"])


def test_records_change_places_while_they_are_read(connect):
    """The total stays: one record comes twice, another not at all."""
    items = [full(n) for n in range(20)]
    turned = [items[15], *items[:15], *items[16:]]
    with DirectoryApi(Changing(items, {1: turned})) as api:
        found = ids(HsdsApi(connect(api), per_page=10, ndjson=False).pages())
    assert sorted(found) == sorted(expected(20))


def test_a_list_that_changes_each_time(connect):
    items = [full(n) for n in range(25)]
    edits = {n: [full(100 + n), *items] if n % 2 else items for n in range(1, 40)}
    with DirectoryApi(Changing(items, edits)) as api, pytest.raises(DirectoryError, match="changed"):
        list(HsdsApi(connect(api), per_page=10, ndjson=False).pages())


def test_a_list_that_ends_too_early(connect):
    """An empty page in the middle is no end while records are missing."""

    def play(asked):
        if int(asked.query["page"]) > 2:
            return {"contents": [], "total_items": 40, "empty": True}
        return Pages([full(n) for n in range(40)]).page(asked, [full(n) for n in range(40)])

    with DirectoryApi(play) as api, pytest.raises(DirectoryError, match="ended too early"):
        list(HsdsApi(connect(api), per_page=10, ndjson=False).pages())


def test_an_api_that_counts_wrongly(connect):
    """It always says 30 and gives 25, to the page that it calls the last: said, and not an error."""
    items = [full(n) for n in range(25)]
    pages = Pages(items)
    with DirectoryApi(lambda asked: pages.page(asked, items, total=30)) as api:
        client = HsdsApi(connect(api), per_page=10, ndjson=False)
        assert ids(client.pages()) == expected(25)
    assert [(one.rule, one.found) for one in client.findings] == [("api.total-differs", "30 / 25")]


def test_an_error_in_the_middle(connect):
    """Nothing half: the error comes out of the iteration, and says which page."""

    def play(asked):
        return Says(400) if asked.query["page"] == "2" else Pages([full(n) for n in range(30)])(asked)

    with DirectoryApi(play) as api, pytest.raises(DirectoryError, match=re.escape("GET /services (page 2)")):
        list(HsdsApi(connect(api), per_page=10, ndjson=False).pages())


def test_the_mocks_of_the_uk(connect, test_data):
    folder = test_data / "samples" / "hsds" / "oruk-mocks" / "V3.0-UK-Default"

    def play(asked):
        name = {"": "api_details", "/": "api_details", "/services": "service_list"}.get(asked.path, "service_full")
        return json.loads((folder / f"{name}.json").read_text())

    with DirectoryApi(play) as api:
        client = HsdsApi(connect(api))
        assert client.about()["version"] == "HSDS-UK-3.0"
        (found,) = client.pages()
    assert found == json.loads((folder / "service_full.json").read_text())
