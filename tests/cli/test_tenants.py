"""``footbridge tenant``."""

import pytest

from footbridge.model.principals import Principal
from footbridge.settings import settings
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tenants import find_principal


def caller(token):
    database = open_database(settings().database_url.get_secret_value())
    with database.read() as connection:
        found = find_principal(connection, token)
    database.dispose()
    return found


def test_the_token_stands_alone_on_standard_output(run):
    ran = run("tenant", "add", "riverside", "--jurisdiction", "ca", "--actor", "emr")
    assert ran.code == 0
    assert caller(ran.out.strip()) == Principal("requester", None, name="emr", tenant="riverside")
    assert "riverside (ca)" in ran.err
    assert ran.out.strip() not in ran.err


def test_for_machines(run):
    made = run("tenant", "add", "riverside", "--json").json
    assert list(made) == ["tenant", "jurisdiction", "actor", "role", "token"]
    assert caller(made["token"]).name == "admin"
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
    assert "lower-case letters" in ran.err


def test_no_tenants(run, home):
    upgrade(open_database(f"sqlite:///{home / 'footbridge.sqlite3'}"))
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


def test_a_token_is_revoked_by_itself_and_never_from_the_command_line(run, tenant):
    token = run("tenant", "token", tenant, "--actor", "kit", "--role", "navigator").out.strip()
    refused = run("tenant", "revoke", tenant, "--digest", token)
    assert (refused.code, token in refused.err) == (2, False)
    assert "standard input" in refused.err
    assert caller(token) is not None
    assert run("tenant", "revoke", tenant, input=token + "\n").out == "The token is revoked.\n"
    assert caller(token) is None
    again = run("tenant", "revoke", tenant, input=token + "\n")
    assert (again.code, again.err) == (1, "Error: The tenant has no such valid token.\n")


def test_a_token_is_revoked_by_the_digest_that_the_list_shows(run, tenant):
    token = run("tenant", "token", tenant, "--actor", "kit", "--role", "navigator").out.strip()
    first, mine = run("tenant", "list", "--tokens", "--json").json
    assert (first["actor"], mine["actor"], mine["role"], mine["revoked"]) == ("admin", "kit", "navigator", None)
    shown = run("tenant", "list", "--tokens").out
    assert mine["digest"] in shown
    assert token not in shown
    assert (
        run("tenant", "revoke", tenant, "--digest", mine["digest"]).out == "The token of kit, navigator, is revoked.\n"
    )
    assert caller(token) is None
    assert run("tenant", "list", "--tokens", "--json").json[1]["revoked"]
    assert run("tenant", "revoke", tenant, "--digest", mine["digest"]).code == 1
    assert run("tenant", "revoke", tenant, "--digest", "xyz").code == 2
    assert run("tenant", "revoke", tenant, input="").code == 1


def test_a_token_of_another_tenant_is_not_revoked(run, tenant):
    token = run("tenant", "add", "lakeside").out.strip()
    assert run("tenant", "revoke", tenant, input=token).code == 1
    (digest,) = [
        one["digest"] for one in run("tenant", "list", "--tokens", "--json").json if one["tenant"] == "lakeside"
    ]
    assert run("tenant", "revoke", tenant, "--digest", digest).code == 1
    assert caller(token) is not None


def test_a_token_of_an_unknown_tenant_is_refused(run, tenant):
    ran = run("tenant", "token", "rivreside", "--actor", "kit", "--role", "navigator")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean 'riverside'?" in ran.err


def default_requester(run):
    (listed,) = run("tenant", "list", "--json").json
    return listed["requester"]


@pytest.fixture
def two_records(run, tenant):
    """A tenant with the requesters ``emr`` and ``second-emr``."""
    assert default_requester(run) is None
    for name in ("emr", "second-emr"):
        assert run("partner", "add", name, f"https://{name}.test/fhir", "--role", "requester").code == 0
    return tenant


def test_the_first_requester_is_the_default_until_another_is_named(run, two_records):
    assert default_requester(run) == "emr"
    ran = run("tenant", "set", two_records, "--requester", "second-emr")
    assert (ran.code, ran.out) == (0, "The default requester of riverside is second-emr.\n")
    assert default_requester(run) == "second-emr"
    assert "second-emr" in run("tenant", "list").out
    again = run("tenant", "set", two_records, "--requester", "emr", "--json").json
    assert set(again.pop("organization").values()) == {""}
    assert again == {
        "tenant": "riverside",
        "jurisdiction": "ca",
        "requester": "emr",
        "retention_days": None,
        "language": None,
        "timezone": None,
    }


def test_a_default_requester_is_a_requester_of_the_tenant(run, hub, two_records):
    assert run("tenant", "set", two_records).code == 2
    service = run("tenant", "set", two_records, "--requester", "north-end-hub")
    assert (service.code, "come from a requester" in service.err) == (2, True)
    misspelt = run("tenant", "set", two_records, "--requester", "second-emir")
    assert misspelt.code == 1
    assert "Did you mean 'second-emr'?" in misspelt.err
    assert run("tenant", "set", "lakeside", "--requester", "emr").code == 2
    assert default_requester(run) == "emr"


def test_a_default_requester_that_is_removed_leaves_none(run, two_records):
    other = run("partner", "remove", "second-emr", "--yes")
    assert (other.code, other.err) == (0, "")
    assert default_requester(run) == "emr"
    ran = run("partner", "remove", "emr", "--yes", "--json")
    assert (ran.code, ran.json) == (0, {"name": "emr", "revoked_tokens": 0})
    assert "`footbridge tenant set riverside --requester PARTNER`" in ran.err
    assert default_requester(run) is None


def test_a_tenant_says_after_how_many_days_ended_prescriptions_are_erased(run, tenant):
    def retention():
        (listed,) = run("tenant", "list", "--json").json
        return listed["retention_days"]

    assert retention() is None
    ran = run("tenant", "set", tenant, "--retention-days", "3650")
    assert (ran.code, ran.out) == (0, "Prescriptions of riverside are erased 3650 days after they ended.\n")
    assert retention() == 3650
    assert "3650" in run("tenant", "list").out
    for none in ("0", "off"):
        assert run("tenant", "set", tenant, "--retention-days", "30", "--json").json["retention_days"] == 30
        assert run("tenant", "set", tenant, "--retention-days", none, "--json").json["retention_days"] is None
        assert retention() is None
    for wrong in ("-1", "x", "1.5", "99999999"):
        assert run("tenant", "set", tenant, "--retention-days", wrong).code == 2
    assert run("tenant", "set", tenant).code == 2


def test_a_tenant_says_in_which_time_zone_its_people_live(run, tenant):
    ran = run("tenant", "set", tenant, "--timezone", "America/Vancouver")
    assert (ran.code, ran.out) == (0, "Time zone of riverside: America/Vancouver.\n")
    assert run("tenant", "list", "--json").json[0]["timezone"] == "America/Vancouver"
    for wrong in ("Mars/Olympus", "../etc/passwd", "", "EST5EDT4"):
        assert run("tenant", "set", tenant, "--timezone", wrong).code == 2
    assert run("tenant", "list", "--json").json[0]["timezone"] == "America/Vancouver"
    assert run("tenant", "set", tenant, "--timezone", "none", "--json").json["timezone"] is None
