"""``footbridge directory search`` that finds nothing says for lack of what."""

import json

import pytest

SERVICE = {
    "id": "s1",
    "name": "Food bank",
    "status": "active",
    "languages": [{"code": "en"}],
    "schedules": [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00"}],
    "locations": [{"id": "l1", "location_type": "physical", "latitude": 46.49, "longitude": -81.0}],
}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("food", "--language", "fr"), "No service was found in this language. Without --language there are some."),
        (
            ("food", "--open-at", "2026-12-01 12:00"),
            "No service was found that is known to be open then. Without that there are some.",
        ),
        (("food", "--near", "45,-75", "--within", "5"), "No service was found that near. A wider --within finds some."),
        (("acrobatics",), "No service was found. Fewer words, or a wider --within, find more."),
    ],
)
def test_for_lack_of_what_nothing_is_found(run, tenant, tmp_path, asked, said):
    file = tmp_path / "services.json"
    file.write_text(json.dumps([SERVICE]))
    imported = run("directory", "import", file, "--source", "north", "--country", "CA")
    assert imported.code == 0
    assert "\n1 finding:\n" in imported.out or " findings:\n" in imported.out
    found = run("directory", "search", *asked)
    assert (found.code, found.out, found.err.splitlines()[-1]) == (0, "", said)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("--within", "5"), "--within needs a place: give --near too."),
        (("--near", "91,200"), "--near 91,200: no coordinates: latitude -90 to 90, longitude -180 to 180."),
    ],
)
def test_a_place_that_is_none_is_an_error(run, tenant, asked, said):
    found = run("directory", "search", "--need", "food-insecurity", *asked)
    assert (found.code, found.out) == (2, "")
    assert said in found.err
