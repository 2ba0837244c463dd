"""The roles of people: each acts as a role of the table, and the page that shows it is up to date."""

import runpy
from pathlib import Path

import pytest

from footbridge.data import read_json
from footbridge.model.principals import Principal
from footbridge.security.access import may, user_roles, users_principal, works_for_partner

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "access_page.py"
TABLE = read_json("mappings", "access.json")


def test_the_page_is_made_of_the_table():
    script = runpy.run_path(str(SCRIPT))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()


@pytest.mark.parametrize("role", user_roles())
def test_each_role_of_people_acts_as_a_role_that_may_something(role):
    found = users_principal(role, "hub", name="x", tenant="north")
    assert found.partner == ("hub" if works_for_partner(role) else None)
    assert found.channel == "portal"
    assert any(may(found, action) for action in TABLE["actions"])


def test_a_role_that_is_unknown_may_nothing():
    found = users_principal("boss", "hub", name="x", tenant="north")
    assert found == Principal("none", None, name="x", tenant="north", channel="portal")
    assert not any(may(found, action) for action in TABLE["actions"])


def test_a_directory_manager_sees_no_prescription():
    found = users_principal("directory-manager", None, name="x", tenant="north")
    assert {action for action in TABLE["actions"] if may(found, action)} == {"directory.search", "directory.manage"}
    assert found.role not in TABLE["whose"]
