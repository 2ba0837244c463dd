"""A text is English wherever it is stored, and says itself in French where it is shown."""

import copy
import json
import pickle
import threading

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.errors import NotFoundError
from footbridge.i18n import Text, _, _n, current, eager, in_language, joined, language_of_tag, speaking, spoken
from footbridge.i18n.accept_language import wanted_language
from footbridge.logs import get_logger

NBSP = "\u00a0"


def test_it_is_english_for_json_and_logs_and_copies():
    text = _("Unknown tenant {tenant}.", tenant="north")
    assert isinstance(text, str)
    assert text == "Unknown tenant north."
    assert (
        json.loads(json.dumps({"a": text})) == orjson.loads(orjson.dumps({"a": text})) == {"a": "Unknown tenant north."}
    )
    with speaking("fr"):
        assert f"{text}" == "Unknown tenant north."
        for again in (copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
            assert spoken(again) == f"Locataire inconnu{NBSP}: north."


def test_an_exception_keeps_it():
    error = NotFoundError(_("Unknown tenant."))
    assert isinstance(str(error), Text)
    assert in_language(str(error), "fr") == "Locataire inconnu."


def test_fields_that_are_texts_are_said_too():
    inner = _("Unknown tenant.")
    assert in_language(_("{who}: {problem}", who="x", problem=inner), "fr") == f"x{NBSP}: Locataire inconnu."
    assert in_language(joined([inner, _("Unknown partner.")]), "fr") == "Locataire inconnu. Partenaire inconnu."


@pytest.mark.parametrize(("count", "french"), [(0, "0 erreur"), (1, "1 erreur"), (2, "2 erreurs")])
def test_plurals_are_those_of_french(count, french):
    text = _n("The prescription has {count} error.", "The prescription has {count} errors.", count)
    assert in_language(text, "fr") == f"La prescription a {french}."
    assert text == f"The prescription has {count} error{'' if count == 1 else 's'}."


def test_numbers_are_written_as_in_french():
    text = _("{room:,} MB are free; the database has {size:,} MB.", room=12_345, size=7)
    assert text == "12,345 MB are free; the database has 7 MB."
    assert in_language(text, "fr") == f"12{NBSP}345 Mo sont libres; la base de données occupe 7 Mo."


@given(st.text())
def test_braces_in_a_field_are_no_fields(value):
    assert value in in_language(_("Unknown tenant {tenant}.", tenant=value), "fr")


def test_english_is_never_looked_up(monkeypatch):
    from footbridge.i18n import catalogue

    monkeypatch.setattr(catalogue, "catalogue", None)
    assert spoken(_("Unknown tenant.")) == eager._("Unknown tenant.") == "Unknown tenant."


def test_a_language_ends_with_its_block_and_stays_in_its_thread():
    seen = []
    with speaking("fr"):
        thread = threading.Thread(target=lambda: seen.append(current()))
        thread.start()
        thread.join()
        assert current() == "fr"
    assert (seen, current()) == (["en"], "en")


def test_a_log_line_is_english(capsys):
    with speaking("fr"):
        get_logger("test").warning("x", detail=_("Unknown tenant."))
    assert "inconnu" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("FR_ca.UTF-8", "fr"),
        ("en-US", "en"),
        ("C.UTF-8", None),
        ("frr", None),
        ("", None),
    ],
)
def test_a_tag_means_one_of_our_languages(tag, language):
    assert language_of_tag(tag) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA, en;q=0.5", "fr"),
        ("en;q=0.5, fr-CA;q=0.4", "en"),
        ("en-CA,fr-CA;q=0.9", "en"),
        ("fr-CA;q=0.8,en-CA;q=0.9", "en"),
        ("de, fr;q=0.2", "fr"),
        ("de", "en"),
        ("*", "en"),
        ("fr;q=0, *", "en"),
        ("en;q=0, *;q=0.5", "fr"),
        ("en;q=0", "en"),
        ("fr;q=0", "en"),
        ("fr;q=1.000", "fr"),
        ("fr ; Q=0.5 , en ; q=0.1", "fr"),
        ("fr;q=2", "en"),
        ("fr;level=1", "en"),
        ("FR-ca", "fr"),
        ("fr,en", "fr"),
        ("en,fr", "en"),
        ("\x00", "en"),
    ],
)
def test_accept_language(header, language):
    assert wanted_language(header) == language


@given(
    st.one_of(
        st.none(), st.text(), st.lists(st.sampled_from(["fr", "en", "*", ";q=0.1", ",", " ", "q=", "-CA"])).map("".join)
    )
)
def test_no_header_is_refused(header):
    assert wanted_language(header) in {"en", "fr"}
