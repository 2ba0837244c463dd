"""``footbridge tenant``."""

import pytest

from footbridge.settings import settings
from footbridge.store.engine import open_database
from footbridge.store.tenants import Caller, find_caller


def caller(token):
    database = open_database(settings().database_url.get_secret_value())
    with database.read() as connection:
        found = find_caller(connection, token)
    database.dispose()
    return found


def test_the_token_stands_alone_on_standard_output(run):
    ran = run("tenant", "add", "riverside", "--jurisdiction", "ca", "--actor", "emr")
    assert ran.code == 0
    assert caller(ran.out.strip()) == Caller("riverside", "emr", "requester", None)
    assert "riverside (ca)" in ran.err
    assert ran.out.strip() not in ran.err


def test_for_machines(run):
    made = run("tenant", "add", "riverside", "--json").json
    assert list(made) == ["tenant", "jurisdiction", "actor", "role", "token"]
    assert caller(made["token"]).actor == "admin"
    (listed,) = run("tenant", "list", "--json").json
    assert (listed["tenant"], listed["jurisdiction"]) == ("riverside", "us")


def test_a_name_that_is_taken_is_refused(run, tenant):
    ran = run("tenant", "add", tenant)
    assert (ran.code, ran.out) == (1, "")
    assert "already" in ran.err


@pytest.mark.parametrize("name", ["", "River", "a b", "-x", "x" * 65, "é"])
def test_a_name_that_is_none_is_refused(run, name):
    ran = run("tenant", "add", "--", name)
    assert (ran.code, ran.out) == (2, "")
    assert "small letters" in ran.err


def test_no_tenants(run):
    ran = run("tenant", "list")
    assert (ran.code, ran.out) == (0, "")
    assert "tenant add NAME" in ran.err
    assert run("tenant", "list", "--json").json == []


def test_a_token_of_a_recipient_speaks_for_its_partner(run, hub, tenant):
    words = ("tenant", "token", tenant, "--actor", "intake", "--role", "recipient")
    assert caller(run(*words, "--partner", "north-end-hub").out.strip()).partner == "north-end-hub"
    misspelt = run(*words, "--partner", "north-end")
    assert misspelt.code == 1
    assert "Did you mean 'north-end-hub'?" in misspelt.err
    assert run(*words).code == 2
    assert run("tenant", "token", tenant, "--actor", "x", "--role", "admin", "--partner", "north-end-hub").code == 2


def test_a_token_of_an_unknown_tenant_is_refused(run, tenant):
    ran = run("tenant", "token", "rivreside", "--actor", "kit", "--role", "navigator")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean 'riverside'?" in ran.err
