"""The French catalogue has every message, with the same fields, and is compiled."""

import ast
import gettext
import importlib.util
import re
import sys
from pathlib import Path
from string import Formatter

import pytest

from footbridge.error_kinds import KINDS
from footbridge.i18n import Text, _, in_language

ROOT = Path(__file__).resolve().parents[2]
SAME = {"OPTIONS", "ACTION", "CODES", "GUIDE", "MESSAGE", "URL", "VERSION", "CAUSE", "Conflict", "Canada", "error"}
"""Messages that are the same word in French, or a code."""


def _script():
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "scripts" / "catalogue.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["catalogue"] = module
    spec.loader.exec_module(module)
    return module


script = _script()
NBSP = "\u00a0"
# A colon without a space belongs to a header, an address, a type or an example of output.
CODE_COLONS = re.compile(
    r"Content-Type: |Authorization: |https?:(?=,| ou)|urn:\.|`[^`]*`|'[^']*'|\w+:\w|\w:\"|https?://\S+"
)


@pytest.fixture(scope="module")
def messages():
    return script.messages()


@pytest.fixture(scope="module")
def stored():
    return {one.id: one for one in script.stored() if one.id}


def forms(value):
    return (value,) if isinstance(value, str) else tuple(value)


def fields(template):
    return {name for _text, name, _spec, _conversion in Formatter().parse(template) if name is not None}


def test_every_message_of_the_code_has_french(messages, stored):
    assert len(messages) > 900
    assert [one for one in messages if one not in stored or not all(forms(stored[one].string))] == [], (
        "run `python scripts/catalogue.py update`, write the French, then `python scripts/catalogue.py compile`"
    )


def test_every_call_is_extracted(messages):
    """The extraction sees no call within an f-string; such a message would stay English."""
    known = {form for message in messages for form in forms(message)}
    calls = [
        (str(file.relative_to(script.CODE)), call.lineno, call.args[0].value)
        for file in script.CODE.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"_", "_n"}
        and isinstance(call.args[0], ast.Constant)
    ]
    assert len(calls) > 900
    assert [one for one in calls if one[2] not in known] == []


def test_nothing_in_the_catalogue_is_obsolete_or_fuzzy(messages, stored):
    assert [one for one in stored if one not in messages] == []
    assert [one.id for one in stored.values() if one.fuzzy] == []
    text = script.PO.read_text("utf-8")
    assert "\n#~ " not in text
    assert "#, fuzzy" not in text


def test_the_fields_are_the_same(messages, stored):
    for message, places in messages.items():
        english = set().union(*map(fields, forms(message)))
        for french in forms(stored[message].string):
            if all(place.startswith("click/") for place in places):  # its kinds of things are English words
                assert fields(french) <= english, message
            else:
                assert fields(french) == english, message


def test_the_spaces_are_those_of_canadian_french(stored):
    for message, one in stored.items():
        for french in forms(one.string):
            plain = CODE_COLONS.sub("x", french)
            assert not re.search(rf"[ {NBSP}][;!?]", plain), french
            assert not re.search(rf"(?<!{NBSP}):(?=\s|$)", plain), french
            assert not re.search(" :|« | »", french), french
            english = forms(message)[0]
            if message not in {"Options", "Commands"}:  # click puts the colon after these
                assert (english[:1].isspace(), english[-1:].isspace()) == (french[:1].isspace(), french[-1:].isspace())


def test_a_sentence_ends_as_in_english(stored):
    for message, one in stored.items():
        for english, french in zip(forms(message), forms(one.string), strict=True):
            if english.endswith("."):
                assert french.endswith("."), french


def without_fields(text):
    """A message without its fields and what is typed."""
    return re.sub(r"\{[^}]*\}|`[^`]*`", "", text)


def test_french_is_another_text(stored):
    """A copied English sentence would pass for French otherwise."""
    same = {
        message
        for message, one in stored.items()
        if one.string == message and re.search(r"[A-Za-z]{3}.* [A-Za-z]{3}", without_fields(forms(message)[0]))
    }
    assert same == {"Footbridge {version}, Python {python}, SQLite {sqlite}"}


def test_commands_and_options_stay_as_they_are_typed(stored):
    for message, one in stored.items():
        for english, french in zip(forms(message), forms(one.string), strict=True):
            for typed in re.findall(r"`[^`]+`|(?<![\w-])--[a-z][a-z-]+|FOOTBRIDGE_[A-Z_]+", english):
                assert typed in french, (typed, french)


def test_the_compiled_catalogue_is_that_of_the_file(stored):
    with script.MO.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message, one in stored.items():
        if isinstance(message, str):
            assert compiled.gettext(message) == one.string
        else:
            assert [compiled.ngettext(*message, n) for n in (0, 1, 2)] == [one.string[place] for place in (0, 0, 1)]
    assert len(compiled._catalog) == sum(len(forms(one.string)) for one in stored.values()) + 1  # and the header


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_problem_has_french(name):
    title = KINDS[name].title
    assert isinstance(title, Text)
    assert in_language(title, "fr") != title or title in SAME


def test_a_run_of_update_changes_nothing():
    assert script.written(script.updated()) == script.PO.read_bytes()


def test_a_message_without_french_is_found():
    made = script.template()
    assert len(script.without_french(made)) == len([one for one in made if one.id])


def test_the_texts_of_the_tables_are_in_both_languages():
    """Where a table has words beside a code, it has them in English and in French."""

    def lacking(value):
        if isinstance(value, dict):
            if "en" in value and not isinstance(value["en"], dict) and not value.get("fr"):
                yield value
            for item in value.values():
                yield from lacking(item)
        elif isinstance(value, list):
            for item in value:
                yield from lacking(item)

    for name in ("access", "delivery", "events", "labels", "portal", "waiting"):
        assert list(lacking(script.json.loads((ROOT / "mappings" / f"{name}.json").read_bytes()))) == []


def test_an_unknown_message_is_said_in_english():
    assert in_language(_("No such sentence, {name}.", name="x"), "fr") == "No such sentence, x."  # i18n: not extracted
