"""``footbridge config show``."""

import socket

import pytest

from footbridge.settings import Settings


def test_every_setting_is_shown(run, home):
    found = run("config", "show", "--json", env={"FOOTBRIDGE_PORT": "9000"}).json
    assert list(found) == [f"FOOTBRIDGE_{name.upper()}" for name in Settings.model_fields]
    port = found["FOOTBRIDGE_PORT"]
    assert (port["setting"], port["value"], port["from"]) == ("FOOTBRIDGE_PORT", "9000", "environment")
    assert found["FOOTBRIDGE_HOST"]["from"] == "default"
    assert all(row["meaning"] for row in found.values())
    text = run("config", "show").out
    assert all(f"{name}=" in text for name in found)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://adapter:s3cret@db/footbridge",
        "postgresql://db/footbridge?user=adapter&password=s3cret",
        "postgresql+psycopg://adapter:s3cret@db:port/footbridge",
        "adapter:s3cret@db",
    ],
)
def test_passwords_are_hidden(run, url):
    for words in ((), ("--json",)):
        ran = run("config", "show", *words, env={"FOOTBRIDGE_DATABASE_URL": url})
        assert ran.code == 0
        assert "FOOTBRIDGE_DATABASE_URL" in ran.out
        assert "***" in ran.out
        assert "s3cret" not in ran.out + ran.err


@pytest.mark.parametrize("url", ["adapter:s3cret@db", "mysql://s3cret@db/x", ""])
def test_a_database_url_that_is_none_is_told_without_it(run, url):
    ran = run("tenant", "list", env={"FOOTBRIDGE_DATABASE_URL": url})
    assert ran.code == 2
    assert "FOOTBRIDGE_DATABASE_URL" in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("POLL_SECONDS", "0"),
        ("MAX_BODY_BYTES", "1"),
        ("PARTNER_TIMEOUT_SECONDS", "-1"),
        ("URI_BASE", "https://us.test"),
        ("LOG_FORMAT", "xml"),
        ("ALLOW_HTTP", "perhaps"),
        ("RESPONSE_DAYS", "0"),
        ("RETENTION_DAYS", "7"),
        ("KEEP_DAYS", "7"),
        ("DATABASE_URL", "sqlite:///file:store?uri=true"),
        ("DATABASE_URL", "sqlite+pysqlite:///file:/var/store.db?mode=ro&uri=true"),
    ],
)
def test_a_wrong_value_names_its_variable(run, name, value):
    ran = run("config", "show", env={f"FOOTBRIDGE_{name}": value})
    assert (ran.code, ran.out) == (2, "")
    assert f"FOOTBRIDGE_{name}: " in ran.err


def test_a_former_name_of_a_setting_counts_and_is_not_called_misspelt(run):
    ran = run("config", "show", "--json", env={"FOOTBRIDGE_KEEP_DAYS": "45"})
    shown = ran.json["FOOTBRIDGE_RETENTION_DAYS"]
    assert (shown["value"], shown["from"], ran.err) == ("45", "environment", "")


def test_several_wrong_values_are_told_together(run):
    ran = run("config", "show", env={"FOOTBRIDGE_PORT": "x", "FOOTBRIDGE_POLL_SECONDS": "y"})
    assert "FOOTBRIDGE_PORT" in ran.err
    assert "FOOTBRIDGE_POLL_SECONDS" in ran.err


def test_a_misspelt_setting_is_noticed(run):
    ran = run("config", "show", env={"FOOTBRIDGE_DATABSE_URL": "sqlite://"})
    assert ran.code == 0
    assert ran.err == "Warning: FOOTBRIDGE_DATABSE_URL is not a setting; did you mean FOOTBRIDGE_DATABASE_URL?\n"


def test_a_password_in_any_address_is_hidden(run):
    address = {"FOOTBRIDGE_PACKAGE_REGISTRY": "https://me:s3cret@packages.test/r4"}
    ran = run("config", "show", "--json", env=address)
    assert ran.json["FOOTBRIDGE_PACKAGE_REGISTRY"]["value"] == "https://me:***@packages.test/r4"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+pysqlite:///:memory:", "sqlite:///?timeout=3"]
)
@pytest.mark.parametrize("words", [["tenant", "list"], ["serve", "--port", "0"], ["worker", "--once"]])
def test_a_database_in_memory_is_refused_in_one_line(run, url, words):
    ran = run(*words, env={"FOOTBRIDGE_DATABASE_URL": url})
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert "FOOTBRIDGE_DATABASE_URL: a SQLite database in memory" in ran.err
    assert "sqlite:///PATH" in ran.err


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "Input should be a valid integer, unable to parse string as an integer"),
        ("PORT", "70000", "Input should be less than or equal to 65535"),
        ("POLL_SECONDS", "0", "Input should be greater than or equal to 1"),
        ("PARTNER_TIMEOUT_SECONDS", "soon", "Input should be a valid number, unable to parse string as a number"),
        ("PARTNER_TIMEOUT_SECONDS", "0", "Input should be greater than 0"),
        ("ALLOW_HTTP", "perhaps", "Input should be a valid boolean, unable to interpret input"),
        ("LOG_FORMAT", "xml", "Input should be 'auto', 'json' or 'console'"),
        ("URI_BASE", "https://us.test", "must end with ':' or '/'"),
    ],
)
def test_a_wrong_setting_is_told_in_plain_words(run, name, value, said):
    ran = run("config", "show", env={f"FOOTBRIDGE_{name}": value})
    assert ran.err == f"Error: Invalid setting. FOOTBRIDGE_{name}: {said}.\n"


def test_a_misspelt_setting_is_told_where_it_would_matter(run, home, tenant):
    warning = "Warning: FOOTBRIDGE_PROT is not a setting; did you mean FOOTBRIDGE_PORT?"
    with socket.socket() as taken:  # serve ends when it finds its port taken
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for words in (["worker", "--once"], ["serve", "--port", taken.getsockname()[1]]):
            assert warning in run(*words, env={"FOOTBRIDGE_PROT": "9000"}).err.splitlines()


def test_the_operators_token_is_not_shown(run):
    for token in ("s3cret-token-of-the-operator", "s3cret"):  # the second one is too short
        env = {"FOOTBRIDGE_METRICS_TOKEN": token}
        for words in ("config show", "config show --json", "doctor --json", "tenant list"):
            ran = run(*words.split(), env=env)
            assert "s3cret" not in ran.out + ran.err, words
    assert "FOOTBRIDGE_METRICS_TOKEN" in run("config", "show", env={"FOOTBRIDGE_METRICS_TOKEN": "short"}).err
