"""``footbridge prescribe``, ``worker --once`` and ``outbox``: in, out, and what waits for a person."""

import json

import pytest

FIRST, SECOND = "01-good-food-box.json", "16-language-cafe.json"


def without_partner(path):
    """A prescription that is routed by its category."""
    document = json.loads(path.read_text(encoding="utf-8"))
    for member in ("partner", "organization"):
        document.get("service", {}).pop(member, None)
    return json.dumps(document)


@pytest.fixture
def order(run, hub, examples):
    """One prescription, taken in and owed to the hub."""
    ran = run("prescribe", "-", "--json", input=without_partner(examples / FIRST))
    assert ran.code == 0, ran.err
    return ran.json


def test_one(run, hub, examples):
    ran = run("prescribe", examples / FIRST)
    assert ran.code == 0
    name, identity, status = ran.out.split(" ")
    assert name == f"{examples / FIRST}:"
    assert len(identity) == 36
    assert status == "active\n"


def test_one_for_machines(run, hub, examples):
    (line,) = run("prescribe", examples / FIRST, "--json").lines
    assert list(line) == ["file", "id", "status", "warnings"]


def test_the_same_twice_is_taken_once(run, hub, examples):
    first, again = (run("prescribe", examples / FIRST) for _ in range(2))
    assert again.code == 0
    assert again.out == first.out.replace("\n", " (already stored)\n")
    assert len(run("outbox", "list", "--json").json) == 1


def test_good_and_refused_and_missing_together(run, hub, examples):
    files = [examples / FIRST, examples / "bad" / "unknown-category.json", "nowhere.json", examples / SECOND]
    ran = run("prescribe", *files, "--json")
    assert ran.code == 2
    assert [line["status"] for line in ran.lines] == ["active", "refused", "active"]
    assert [fault["pointer"] for fault in ran.lines[1]["errors"]] == [
        "/needs/0/category",
        "/needs/1/category",
        "/barriers/0/category",
    ]
    assert ran.err == "Error: nowhere.json: No such file or directory.\n"
    assert run("prescribe", *files[:2]).code == 1
    assert run("prescribe", *files[:1]).code == 0


def test_files_are_looked_at_before_the_tenant(run, home, examples):
    ran = run("prescribe", home / "missing.json")
    assert (ran.code, ran.err) == (2, f"Error: {home / 'missing.json'}: No such file or directory.\n")
    assert "tenant add NAME" in run("prescribe", examples / "01-good-food-box.json", home / "missing.json").err
    assert run("prescribe", home, "a\0b").code == 2


def test_refused_for_people(run, hub, examples):
    path = examples / "bad" / "unknown-category.json"
    ran = run("prescribe", path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[0].startswith(f"{path}: error: /needs/0/category: ")
    assert run("outbox", "list", "--json").json == []


def test_another_under_the_same_identifier_is_refused(run, hub, examples):
    run("prescribe", examples / FIRST)
    other = json.loads((examples / FIRST).read_text(encoding="utf-8"))
    other["needs"][0]["statement"] = "Something else."
    ran = run("prescribe", "-", input=json.dumps(other))
    assert ran.code == 1
    assert ran.err.startswith("-: error: /identifier: ")
    (line,) = run("prescribe", "-", "--json", input=json.dumps(other)).lines
    assert (line["status"], line["errors"][0]["pointer"]) == ("refused", "/identifier")


def test_what_nobody_can_take_waits_and_says_so(run, tenant, examples):
    ran = run("prescribe", "-", "--json", input=without_partner(examples / FIRST))
    assert ran.code == 0
    assert ("/service", "routing.waits") in [(one["pointer"], one["rule"]) for one in ran.json["warnings"]]


def test_delivered_end_to_end(run, hub, order):
    ran = run("worker", "--once", "--json")
    assert ran.code == 0
    assert ran.json == {"done": 2}  # the delivery, the first poll
    (task,) = hub.all("Task", code="fulfill")
    assert task["status"] == "requested"
    assert hub.all("ServiceRequest")
    (row,) = run("outbox", "list", "--json").json
    assert (row["state"], row["partner"], row["kind"]) == ("done", "north-end-hub", "deliver")
    assert "Jobs attempted: 0." in run("worker", "--once").out


def test_the_same_on_either_database(run, server, examples, empty_database_url):
    own = {"FOOTBRIDGE_DATABASE_URL": empty_database_url}
    for words in (
        ("tenant", "add", "riverside", "--jurisdiction", "ca"),
        ("partner", "add", "north-end-hub", server.base_url),
        ("prescribe", examples / FIRST),
        ("worker", "--once"),
    ):
        assert run(*words, env=own).code == 0
    assert len(server.all("Task", code="fulfill")) == 1
    (row,) = run("outbox", "list", "--json", env=own).json
    assert row["state"] == "done"


def test_a_message_that_failed_is_sent_again(run, hub, order):
    hub.faults.next(status=422, method="POST")
    run("worker", "--once")
    (row,) = run("outbox", "list", "--state", "failed", "--json").json
    assert run("outbox", "list", "--state", "parked", "--json").json == [row]  # its former name
    assert row["answer"] == 422
    assert hub.all("Task") == []
    shown = run("outbox", "list").out.splitlines()
    assert shown[0].split()[:3] == ["ID", "TENANT", "PARTNER"]
    assert "failed" in shown[1]
    assert run("outbox", "retry", row["id"]).out == f"Message {row['id']} is ready to be sent.\n"
    run("worker", "--once")
    assert len(hub.all("Task", code="fulfill")) == 1
    again = run("outbox", "retry", row["id"])
    assert again.code == 1
    assert "is done" in again.err


def test_a_message_that_failed_is_given_up(run, hub, order):
    hub.faults.next(status=422, method="POST")
    run("worker", "--once")
    (row,) = run("outbox", "list", "--json").json
    asked = run("outbox", "drop", row["id"], input="n\n")
    assert asked.code == 1
    assert "Abandon it?" in asked.out + asked.err
    unasked = run("outbox", "drop", row["id"], input="")
    assert unasked.code == 1
    assert run("outbox", "drop", row["id"], "--yes", "--by", "kit", "--json").json == {
        "id": row["id"],
        "state": "abandoned",
    }
    (row,) = run("outbox", "list", "--state", "abandoned", "--json").json
    assert row["error"] == "Dropped by kit."
    assert run("outbox", "retry", row["id"], "--json").json == {"id": row["id"], "state": "ready"}


def test_all_that_failed_is_sent_again_or_given_up(run, hub, order):
    def states():
        return [row["state"] for row in run("outbox", "list", "--json").json]

    def park():
        hub.faults.next(status=422, method="POST")
        run("worker", "--once")
        assert states() == ["failed"]

    park()
    assert run("outbox", "retry", "--partner", "north-end").code == 1
    assert run("outbox", "retry", "--partner", "north-end-hub").out == "Messages that are ready to be sent: 1.\n"
    park()
    assert run("outbox", "retry", "--all", "--json").json == {"state": "ready", "count": 1}
    assert run("outbox", "retry", "--all").out == "Messages that are ready to be sent: 0.\n"
    assert run("outbox", "drop", "--all", "--yes").out == "Messages that are abandoned: 0.\n"  # what is ready stays
    park()
    assert run("outbox", "drop", "--all", input="n\n").code == 1
    assert states() == ["failed"]
    assert run("outbox", "drop", "--partner", "north-end-hub", "--tenant", "riverside", "--yes").code == 0
    assert states() == ["abandoned"]
    assert run("outbox", "retry", "--all", "--json").json["count"] == 0  # somebody gave it up


@pytest.mark.parametrize("words", [[], ["7", "--all"], ["7", "--partner", "north-end-hub"], ["--tenant", "riverside"]])
def test_one_message_or_several_not_both(run, hub, words):
    assert run("outbox", "retry", *words).code == 2
    assert run("outbox", "drop", "--yes", *words).code == 2


def test_no_such_message(run, hub):
    for words in (["retry", 7], ["drop", 7, "--yes"]):
        ran = run("outbox", *words)
        assert ran.code == 1
        assert ran.err == "Error: There is no message 7.\n"
    assert run("outbox", "retry", "x").code == 2
    assert run("outbox", "list").err == "No such messages.\n"
    assert run("outbox", "list", "--tenant", "riversid").code == 2


def persons_data(document):
    """What of a person must not be told: names, contacts, identifiers, address lines."""
    client = document["client"]
    found = [client.get("name", {}).get("family"), *client.get("name", {}).get("given", [])]
    found += [entry["value"] for entry in (*client.get("identifiers", []), *client.get("contacts", []))]
    return {value for value in [*found, *client.get("address", {}).get("line", [])] if value}


def test_nobody_is_named_in_a_log(run, hub, tenant, examples, server):
    run("partner", "add", "lakeside-services", server.base_url)
    files = sorted(examples.glob("[0-9]*.json"))
    secrets = set().union(*(persons_data(json.loads(path.read_text(encoding="utf-8"))) for path in files))
    assert len(secrets) > 50
    hub.faults.next(status=422, method="POST")
    hub.faults.next(truncate=True, method="POST")
    told = [run("prescribe", *files), run("worker", "--once"), run("outbox", "list")]
    told += [run("prescribe", *sorted((examples / "bad").glob("*-*.json"))), run("outbox", "list", "--json")]
    assert told[0].code == 0
    text = "".join(ran.out + ran.err for ran in told)
    assert '"event": "partner.request"' in text
    assert [secret for secret in secrets if secret in text] == []
