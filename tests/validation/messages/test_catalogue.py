"""The catalogue of messages: what is in scope, and that each file of it fits the others."""

import subprocess
import sys
from pathlib import Path

from support.hl7_messages import FOLDER, SIDES, catalogue, differs, shown_by, witnesses

SCRIPT = Path(__file__).parents[3] / "scripts" / "validation_messages_page.py"
REASONS = {"StructureMap", "Liquid", "IG publishing", "terminology server", "other FHIR versions", "the tool itself"}


def test_each_id_is_there_once_and_has_a_scope():
    rows = catalogue()
    assert len(rows) == len({row["id"] for row in rows}) == 1582
    assert {row["scope"] for row in rows} == {"in", "out"}
    assert {row["reason"] for row in rows if row["scope"] == "out"} == REASONS
    assert not [row["id"] for row in rows if row["scope"] == "in" and row["reason"]]


def test_what_is_uttered_on_published_resources_is_in_scope():
    assert [row["id"] for row in catalogue() if row["uttered"] and row["scope"] == "out"] == []


def test_the_catalogue_names_a_witness_of_each_id_that_has_one():
    shown = {message: {one.key for one in rows} for message, rows in shown_by().items()}
    wrong = [row["id"] for row in catalogue() if (row["witness"] or None) not in shown.get(row["id"], {None})]
    assert wrong == []


def test_every_witness_has_verdicts_and_shows_what_it_is_made_for():
    for witness in witnesses():
        assert set(witness.verdicts) == set(SIDES), witness.key
        assert witness.content["message"] in witness.shown, witness.key


def test_the_reasons_for_differences_are_of_ids_with_a_witness():
    assert [one for one in differs() if one not in shown_by()] == []


def test_no_text_of_the_hl7_validator_is_stored():
    for path in sorted((FOLDER / "verdicts").glob("*.json")):
        assert " is not " not in path.read_text(), path.name


def test_the_page_is_up_to_date():
    ran = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
