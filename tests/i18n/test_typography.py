"""French has its spaces, in the catalogue and in the tables that people read."""

import json

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from footbridge.data import folder, read_json
from footbridge.directory.search.reasons import reason
from footbridge.i18n.catalogue import catalogue
from footbridge.i18n.typography import french

TABLES = ("portal", "waiting", "prescribing", "delivery", "events", "access")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Qui aide?", "Qui aide\u202f?"),
        ("Qui aide ? (facultatif)", "Qui aide\u202f? (facultatif)"),
        ("Demandeur : {name}", "Demandeur\u00a0: {name}"),
        ("« Format »", "«\u00a0Format\u00a0»"),
        ("l'ancienne compte ; l'autre non", "l'ancienne compte; l'autre non"),
        ("Écrire `a; b ?`; puis attendre", "Écrire `a; b ?`; puis attendre"),
        ("https://care.example/a?b=c", "https://care.example/a?b=c"),
        ("14:30, SOURCE:ID, ::", "14:30, SOURCE:ID, ::"),
        ("Vraiment ?!", "Vraiment\u202f?!"),
        ("", ""),
    ],
)
def test_a_text_gets_the_spaces_of_french(typed, read):
    assert french(typed) == read


def test_a_distance_has_a_comma_in_french():
    assert reason("near", distance="0.6", place="Loon Bay") == {
        "code": "near",
        "en": "0.6 km from Loon Bay",
        "fr": "À 0,6 km de Loon Bay",
        "distance": "0.6",
        "place": "Loon Bay",
    }


@given(st.text(alphabet="aé ?!;:«»`\u00a0\u202f()/", max_size=30))
def test_what_has_its_spaces_stays(text):
    assert french(french(text)) == french(text)


def test_every_message_has_them_however_it_was_typed():
    said = catalogue("fr")
    with folder("locale").joinpath("fr", "LC_MESSAGES", "footbridge.po").open("rb") as file:
        messages = [one for one in read_po(file) if one.id and isinstance(one.id, str)]
    wrong = [one.id for one in messages if said.gettext(one.id) != french(said.gettext(one.id))]
    assert len(messages) > 1000
    assert wrong == []
    assert not [one.id for one in messages if said.gettext(one.id).endswith((" ?", " !", " :", " ;"))]


def texts_of(value):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from [one] if name == "fr" and isinstance(one, str) else texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_them(name):
    texts = list(texts_of(read_json("mappings", f"{name}.json")))
    assert texts
    assert [text for text in texts if french(text) != text] == [], json.dumps(name)
