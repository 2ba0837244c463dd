"""``footbridge partner webhook``: set, shown, changed, removed, and refused where nothing may be sent."""

import pytest

URL = "https://emr.test/hooks/footbridge"
SECRET = "a-secret-that-is-long-enough"


@pytest.fixture
def emr(run, tenant, monkeypatch):
    monkeypatch.setenv("HOOK", SECRET)
    assert run("partner", "add", "emr", "https://emr.test/fhir", "--role", "requester").code == 0
    assert run("partner", "add", "hub", "https://hub.test/fhir").code == 0


def test_it_is_set_shown_changed_and_removed(run, emr):
    made = run("partner", "webhook", "emr", URL, "--secret", "env:HOOK", "--json")
    wanted = {"partner": "emr", "url": URL, "secret": "env:HOOK", "old_secret": None, "last_sent": 0}
    assert made.json == wanted
    assert run("partner", "webhook", "emr", "--json").json == wanted
    changed = run("partner", "webhook", "emr", URL, "--secret", "env:NEW", "--old-secret", "env:HOOK")
    assert changed.code == 0
    assert "env:NEW" in changed.err  # it is not to be found from here
    assert "env:NEW, and env:HOOK" in changed.out
    assert SECRET not in changed.out + changed.err
    removed = run("partner", "webhook", "emr", "--off")
    assert removed.code == 0
    shown = run("partner", "webhook", "emr")
    assert shown.code == 1
    assert "no webhook" in shown.err
    again = run("partner", "webhook", "emr", "--off")
    assert (again.code, again.out) == (0, "Partner emr has no webhook.\n")


@pytest.mark.parametrize(
    "url",
    [
        "http://emr.test/hook",
        "https://169.254.169.254/latest",
        "https://2852039166/latest",
        "https://emr:word@emr.test/hook",
        "https://emr.test/hook?key=1",
        "emr.test/hook",
    ],
)
def test_an_address_where_nothing_may_be_sent_is_refused(run, emr, url, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_ALLOW_HTTP", "true")  # for partners in a closed network, not for webhooks
    refused = run("partner", "webhook", "emr", url, "--secret", "env:HOOK")
    assert refused.code in {1, 2}
    assert "The webhook's URL" in refused.err
    assert run("partner", "webhook", "emr").code == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("hub", URL, "--secret", "env:HOOK"), "not a requester"),
        (("nobody", URL, "--secret", "env:HOOK"), "nobody"),
        (("emr", URL), "--secret"),
        (("emr", "--secret", "env:HOOK"), "URL"),
        (("emr", URL, "--secret", "env:HOOK", "--off"), "--off"),
        (("emr", URL, "--secret", SECRET), "env:NAME or file:PATH"),
        (("emr", URL, "--secret", "env:SHORT"), "24 characters"),
    ],
)
def test_what_cannot_be_is_refused(run, emr, monkeypatch, arguments, words):
    monkeypatch.setenv("SHORT", "too-short")
    refused = run("partner", "webhook", *arguments)
    assert refused.code != 0
    assert words in refused.err


def test_a_requester_with_a_webhook_is_removed_whole(run, emr):
    run("partner", "webhook", "emr", URL, "--secret", "env:HOOK")
    assert run("partner", "remove", "emr", "--yes").code == 0
    assert run("partner", "add", "emr", "https://emr.test/fhir", "--role", "requester").code == 0
    assert run("partner", "webhook", "emr").code == 1
