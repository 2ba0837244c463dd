"""Mappings of a user's own forms: read from a folder, used before those that ship, and checked when they are read."""

import json
import re
from pathlib import Path

import pytest
from support.ocean import OceanWorld

from footbridge.errors import ConfigurationError
from footbridge.partners.ocean.own_forms import own_forms
from footbridge.settings import settings

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "ocean.md"
MINE = {"name": "mine", "references": ["quickReferral"], "fields": [{"is": "own-words", "linkId": ["rfr"]}]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    place = tmp_path / "forms"
    place.mkdir()
    monkeypatch.setenv("FOOTBRIDGE_OCEAN_FORMS", str(place))
    settings.cache_clear()
    yield place
    monkeypatch.undo()
    settings.cache_clear()


def test_a_form_of_the_users_own_goes_before_those_that_ship(sqlite_database, clock, tmp_path, folder):
    (folder / "mine.json").write_text(json.dumps(MINE))
    (folder / "notes.txt").write_text("no mapping")
    with OceanWorld(sqlite_database, clock, tmp_path) as world:
        world.partner("hub")
        draft = world.ocean.generator.draft(form="quickReferral", need="food", language="en")
        ref = world.ocean.refer(world.with_answers(draft, rfr="I miss my choir."))
        world.settle(0)
        assert world.document_of(ref)["inTheirWords"] == [{"text": "I miss my choir."}]


def test_the_example_of_the_guide_is_a_mapping(folder):
    (example,) = [one for one in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL) if '"fields"' in one]
    (folder / "example.json").write_text(example)
    (form,) = own_forms()
    assert form["fields"][1]["options"] == {"lonely": "social-connection"}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("{", "not JSON"), ("[]", "name"), ({**MINE, "name": " "}, "name"), ({**MINE, "references": "x"}, "references"),
        ({**MINE, "fields": []}, "fields"), ({**MINE, "fields": [{"is": "nothing"}]}, "fields/0/is"),
        ({**MINE, "fields": [{"is": "note", "text": [1]}]}, "fields/0/linkId, text"),
        ({**MINE, "fields": [{"is": "need", "options": {"x": "no-category"}}]}, "fields/0/options"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_file(folder, content, place):
    (folder / "wrong.json").write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(ConfigurationError, match=re.escape(place)) as raised:
        own_forms()
    assert "wrong.json" in str(raised.value)


def test_a_folder_that_is_not_there_is_named(folder):
    folder.rmdir()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        own_forms()
