"""``footbridge directory diff`` as a manager reads it: each field with what it was and is, of the imports that counted."""

import json

import pytest

TEXT = "Every month we hand out groceries to whoever comes, for "
SERVICE = {
    "id": "s1",
    "name": "Food bank",
    "status": "active",
    "description": f"{TEXT}three days. Bring a bag with you, and ask for Ann.",
    "organization": {"id": "o1", "name": "Hub", "description": "Help."},
    "phones": [{"number": "705-555-0100", "type": "voice"}, {"number": "705-555-0101", "type": "fax"}],
    "service_at_locations": [
        {"id": "l1", "location": {"id": "p1", "location_type": "physical", "addresses": [
            {"address_1": "1 Elm Street", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 5J1"}]}}
    ],
}  # fmt: skip
DANCE = {"id": "s2", "name": "Dance", "status": "active"}


@pytest.fixture
def load(run, tenant, tmp_path):
    """Import services, with options; what the command said."""

    def load(*services, options=(), source="north"):
        file = tmp_path / "services.json"
        file.write_text(json.dumps(services))
        return run("directory", "import", file, "--source", source, "--country", "CA", *options)

    return load


@pytest.fixture
def diff(run):
    """What changed, as lines and as JSON by the source's id."""

    def diff(source="north"):
        lines = run("directory", "diff", "--source", source)
        found = [json.loads(line) for line in run("directory", "diff", "--source", source, "--json").out.splitlines()]
        return lines, {one["nativeId"]: one for one in found}

    return diff


def test_each_field_that_changed_has_what_it_was_and_what_it_is(load, diff):
    load(SERVICE, DANCE)
    phones = [{"number": "705-555-0199", "type": "voice"}, SERVICE["phones"][1]]
    owner = {**SERVICE["organization"], "name": "The Hub", "website": "https://hub.test"}
    text = SERVICE["description"].replace("three", "four")
    load({**SERVICE, "description": text, "phones": phones, "organization": owner}, DANCE)
    said, found = diff()
    assert list(found) == ["s1"]
    fields = {one["field"]: (one["was"], one["is"]) for one in found["s1"]["fields"]}
    assert fields == {
        "description": (SERVICE["description"], text),
        "organization.name": ("Hub", "The Hub"),
        "organization.website": (None, "https://hub.test"),
        "phones[0].number": ("705-555-0100", "705-555-0199"),
    }
    head, *lines = said.out.splitlines()
    assert head == "~ Food bank (s1)"
    assert "    organization.website: nothing -> https://hub.test" in lines
    assert "    phones[0].number: 705-555-0100 -> 705-555-0199" in lines
    (line,) = [one for one in lines if "description" in one]
    assert "three days" in line
    assert "four days" in line, "a long text is shown from where it changed"
    assert said.err.splitlines() == [
        "0 added, 1 changed, 0 removed.", "Import 2 of north, compared with import 1."
    ]  # fmt: skip


def test_what_went_and_came_back_and_what_is_another_place(load, diff):
    load(SERVICE, DANCE)
    assert diff()[0].err.splitlines() == ["2 added, 0 changed, 0 removed.", "It was the first import of north."]
    load(SERVICE)
    said, found = diff()
    assert (said.out, found["s2"]["change"]) == ("- Dance (s2)\n", "removed")
    moved = json.loads(json.dumps(SERVICE).replace("1 Elm Street", "9 Oak Street").replace('"p1"', '"p9"'))
    load(moved, DANCE)
    said, found = diff()
    assert (found["s2"]["change"], found["s1"]["change"]) == ("added", "changed")
    assert "    locations[0]: physical, 1 Elm Street, Sudbury, P3E 5J1, ON -> nothing" in said.out
    assert "9 Oak Street" in said.out


def test_an_import_that_failed_and_a_try_leave_it_as_it_was(load, diff, run, tmp_path):
    load(SERVICE, DANCE)
    load(SERVICE)
    before = diff()
    gone = tmp_path / "gone.json"
    gone.write_text(json.dumps([{**SERVICE, "status": "inactive"}])[:-9])
    assert run("directory", "import", gone, "--source", "north", "--format", "hsds-json").code != 0
    assert load({**SERVICE, "name": "Tried"}, options=("--dry-run",)).code == 0
    assert diff() == before
    load({**SERVICE, "name": "Bank of food"})
    said, found = diff()
    assert {"field": "name", "was": "Food bank", "is": "Bank of food"} in found["s1"]["fields"]
    assert said.err.splitlines()[-1].endswith(" of north, compared with import 2.")


def test_a_second_source_has_its_own(load, diff):
    load(SERVICE)
    load({**SERVICE, "description": "Another"}, source="south")
    load({**SERVICE, "description": "Another one"}, source="south")
    assert diff("north")[1]["s1"]["change"] == "added"
    assert [one["field"] for one in diff("south")[1]["s1"]["fields"]] == ["description"]


@pytest.mark.parametrize("source", ["north", "south"])
def test_what_is_withheld_now_is_not_told(load, diff, source):
    load(SERVICE, source="south")
    load(SERVICE)
    secret = [{**SERVICE["phones"][0], "is_confidential": True}, SERVICE["phones"][1]]
    load({**SERVICE, "phones": secret, "description": "Groceries."})
    said, found = diff(source)
    assert "0100" not in said.out + said.err + json.dumps(found)
