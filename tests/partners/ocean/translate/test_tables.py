"""The tables of Ocean: each names its source, its codes exist, and the status map says what the public table says."""

import json
from typing import Any

import pytest

from footbridge.data import folder, read_json
from footbridge.partners.ocean.translate import status_map
from footbridge.partners.ocean.translate.tables import folded
from footbridge.terminology import category
from footbridge.validation import Validator

TABLES = sorted(file.name for file in folder("mappings").joinpath("ocean").iterdir() if file.name.endswith(".json"))
FORMS = sorted(file.name for file in folder("mappings").joinpath("ocean", "forms").iterdir())
KINDS = {
    "reason", "interest", "need", "own-words", "goal", "barrier", "strength", "support", "note", "contact-note",
    "client-name", "client-phone", "client-email", "language", "interpreter", "requester-organization",
    "requester-name", "requester-role", "requester-phone", "requester-email", "safe-to-contact", "consent", "chart",
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_each_table_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    table = read_json("mappings", "ocean", name)
    assert table.get("about") or table.get("description")
    assert "http" in (table.get("source") or table.get("purpose")) or "project" in table["source"]


@pytest.mark.parametrize("name", FORMS)
def test_each_form_names_fields_that_are_known_and_categories_that_exist(name: str) -> None:
    form = read_json("mappings", "ocean", "forms", name)
    assert form["source"]
    assert name == f"{form['name']}.json"
    seen: set[str] = set()
    for field in form["fields"]:
        assert field["is"] in KINDS
        for own in field["linkId"]:
            assert own.casefold() not in seen
            seen.add(own.casefold())
        for words, code in field.get("options", {}).items():
            assert words == folded(words)
            assert category(code)


def test_words_of_the_tables_are_written_as_they_are_compared() -> None:
    for name, members in (("consent", ("yes", "no")), ("chart", ("headings",)), ("note-headings", ("reason",))):
        for member in members:
            for word in read_json("mappings", "ocean", f"{name}.json")[member]:
                assert word == folded(word), word
    assert all(own == own.casefold() for own in read_json("mappings", "ocean", "chart.json")["linkIds"])
    assert not set(read_json("mappings", "ocean", "consent.json")["yes"]) & set(
        read_json("mappings", "ocean", "consent.json")["no"]
    )


def test_service_types_lead_to_categories_that_exist() -> None:
    for row in read_json("mappings", "ocean", "service-types.json")["types"]:
        assert all(category(code) for code in row["categories"])
        assert 0 <= row["confidence"] <= 1


def test_the_status_map_is_a_concept_map() -> None:
    found = read_json("mappings", "ocean", "status.json") | {"url": "http://test.invalid/status"}
    for group in found["group"]:
        for name in ("source", "target"):
            group[name] = group[name].replace("CodeSystem/", "http://test.invalid/")
    wrong = [issue for issue in Validator().check(found).issues if issue.is_error]
    assert not wrong


def test_the_status_map_says_what_the_public_table_says(test_data: Any) -> None:
    facts = json.loads((test_data / "reference" / "facts" / "ocean_status_map.json").read_text())
    for row in facts["rows"]:
        for status in row.get("task_status_in", []):
            name = row["ocean_received_folder"].casefold().replace(" ", "-")
            assert status_map.folder_of_task(status) == name, status
            ours = row["sdohcc_task_status"]
            expected = (ours[status] if isinstance(ours, dict) else ours).split(" ")[0]
            assert status_map.our_status(status) == expected, status
    statuses = {status for row in facts["rows"] for status in row.get("task_status_in", [])}
    sent = {
        status_map.task_status(ours)
        for ours in (
            "draft",
            "requested",
            "accepted",
            "in-progress",
            "on-hold",
            "completed",
            "rejected",
            "failed",
            "cancelled",
        )
    }
    assert sent <= statuses  # Task statuses that the Playbook does not list are not supported by Ocean
    assert status_map.task_status("entered-in-error") is None


def test_every_status_of_the_referral_has_a_cell(test_data: Any) -> None:
    ours = read_json("mappings", "lifecycle", "referral.json")["statuses"]
    for status in ours:
        assert status_map.cell(status_map.OURS, status_map.TASK, status), status
        assert status_map.cell(status_map.OURS, status_map.FOLDER, status), status
    for status in ("accepted", "in-progress", "on-hold", "failed", "cancelled", "entered-in-error"):
        assert status_map.lost(status), status
    for status in ("requested", "rejected", "completed"):
        assert status_map.lost(status) is None, status
