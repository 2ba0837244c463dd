"""The table of what becomes of each column is whole, and says what the code does."""

import pytest

from footbridge.data import read_json
from footbridge.model.events import event_kind, names
from footbridge.store.person_erasure import kept_detail
from footbridge.store.reclaim import TABLES
from footbridge.store.tables import metadata

TABLE = read_json("mappings", "erasure.json")


def columns() -> dict[str, set[str]]:
    return {name: {str(column.name) for column in table.columns} for name, table in metadata.tables.items()}


def test_every_column_of_every_table_is_there_and_no_other():
    """A new column fails here until somebody says what an erasure makes of it, and makes it so."""
    assert {name: set(rows) for name, rows in TABLE["tables"].items()} == columns()


def test_each_says_what_becomes_of_it_and_why():
    for name, rows in TABLE["tables"].items():
        for column, said in rows.items():
            what, _, why = said.partition(": ")
            assert what in {"erase", "keep", "pseudonym"}, f"{name}.{column}"
            assert why, f"{name}.{column}"


def test_what_is_erased_is_vacuumed():
    changed = {
        name for name, rows in TABLE["tables"].items() if any(said.startswith("erase") for said in rows.values())
    }
    assert set(TABLES) == changed | {"inbox"}


def test_only_columns_that_exist_are_left_out_of_an_export():
    for name, rows in TABLE["notExported"].items():
        assert set(rows) <= columns()[name], name


@pytest.mark.parametrize("name", names())
def test_no_free_text_of_an_event_stays(name: str):
    kept = set(TABLE["eventDetail"]["keep"])
    detail = {member: f"said {member}" for member in event_kind(name).detail}
    assert kept_detail(name, detail).keys() <= kept | {
        member for member, one in event_kind(name).detail.items() if one.codes is not None
    }
    free = {"description", "text", "message", "title", "location", "error", "mediaType", "start", "end"}
    assert kept_detail(name, detail).keys() & free == set()


def test_an_event_of_an_unknown_name_keeps_nothing_that_was_said():
    assert kept_detail("of-another-release", {"text": "x", "partner": "hub", "code": "y"}) == {"partner": "hub"}
