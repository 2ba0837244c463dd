"""``footbridge user``: people are added, listed, changed and removed; the first link is printed once."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from footbridge.cli import main
from footbridge.cli.user import ROLES
from footbridge.security.access import user_roles
from footbridge.settings import settings
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.store.partners import Partner, add_partner
from footbridge.store.tenants import add_tenant

EMAIL = "kit@riverside.example"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command on a database with one tenant and one partner of each role."""
    url = f"sqlite:///{tmp_path / 'footbridge.sqlite3'}"
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", url)
    settings.cache_clear()
    database = open_database(url)
    upgrade(database)
    now = datetime.now(UTC)
    with database.write() as connection:
        add_tenant(connection, "riverside", "ca", now)
        for name, role in (("hub", "recipient"), ("emr", "requester")):
            add_partner(connection, "riverside", Partner(name, "fhir", role, name.title(), f"https://{name}.test"), now)
    database.dispose()
    yield lambda *arguments: CliRunner().invoke(main, ["user", *arguments])
    settings.cache_clear()


def test_the_roles_are_those_of_the_table():
    assert user_roles() == ROLES


def test_a_user_is_added_listed_changed_and_removed(run):
    assert run("add", EMAIL.upper(), "--name", "Kit Moreau", "--role", "navigator").exit_code == 0
    assert run("add", EMAIL, "--name", "Other", "--role", "prescriber").exit_code == 1
    (row,) = json.loads(run("list", "--json").output)
    assert (row["email"], row["name"], row["role"], row["partner"]) == (EMAIL, "Kit Moreau", "navigator", None)
    assert run("role", EMAIL, "service-worker", "--partner", "hub").exit_code == 0
    assert json.loads(run("list", "--json").output)[0]["partner"] == "hub"
    assert run("role", EMAIL, "administrator").exit_code == 0
    assert json.loads(run("list", "--json").output)[0]["partner"] is None
    assert run("remove", EMAIL).exit_code == 0
    assert run("remove", EMAIL).exit_code == 1
    assert json.loads(run("list", "--json").output) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("add", "kit", "--name", "Kit", "--role", "navigator"),
        ("add", EMAIL, "--name", " ", "--role", "navigator"),
        ("add", EMAIL, "--name", "Kit", "--role", "boss"),
        ("add", EMAIL, "--name", "Kit", "--role", "service-worker"),
        ("add", EMAIL, "--name", "Kit", "--role", "service-worker", "--partner", "emr"),
        ("add", EMAIL, "--name", "Kit", "--role", "service-worker", "--partner", "nobody"),
        ("add", EMAIL, "--name", "Kit", "--role", "navigator", "--partner", "hub"),
        ("role", EMAIL, "navigator"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(run, arguments):
    answer = run(*arguments)
    assert answer.exit_code in {1, 2}
    assert "Traceback" not in answer.output
    assert json.loads(run("list", "--json").output) == []


def test_another_first_link_is_for_a_house_without_users(run):
    assert "/portal/link/" in run("first-link").output
    run("add", EMAIL, "--name", "Kit", "--role", "administrator")
    assert run("first-link").exit_code == 1


FIRST = """
import sys
from datetime import UTC, datetime
from footbridge.security.sign_in import first_link
from footbridge.store.engine import open_database
with open_database(sys.argv[1]).write() as connection:
    print(first_link(connection, datetime.now(UTC)) or "")
"""


def test_of_two_processes_at_once_one_makes_the_first_link(empty_database_url):
    database = open_database(empty_database_url)
    upgrade(database)
    database.dispose()

    def first(_number):
        done = subprocess.run(
            [sys.executable, "-c", FIRST, empty_database_url], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    with ThreadPoolExecutor(2) as pool:
        assert len([one for one in pool.map(first, range(2)) if one]) == 1
