"""``outbox`` and ``waiting`` name whose message it is, to whom it goes, and what became of it."""

import json

import pytest

from footbridge.model.reasons import action_for

IDENTIFIER = "RX-P1"


@pytest.fixture
def failed(run, hub, examples):
    """The number of a message about RX-P1 that the hub has refused."""
    document = json.loads((examples / "01-good-food-box.json").read_text(encoding="utf-8"))
    document["identifier"]["value"] = IDENTIFIER
    for member in ("partner", "organization"):
        document["service"].pop(member, None)
    assert run("prescribe", "-", input=json.dumps(document)).code == 0
    hub.faults.next(status=422, method="POST")
    run("worker", "--once")
    (row,) = run("outbox", "list", "--json").json
    return row["id"]


def timeline(run, names=("delivery-failed", "delivery-abandoned", "delivery-retried", "delivered")):
    import sqlalchemy as sa

    from footbridge.settings import settings

    engine = sa.create_engine(settings().database_url.get_secret_value())
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT name, actor, source FROM event ORDER BY number")).all()
    engine.dispose()
    return [tuple(row) for row in rows if row.name in names]


def test_a_message_names_its_prescription_and_why_it_failed(run, failed):
    (row,) = run("outbox", "list", "--json").json
    assert (row["identifier"], row["categories"], row["partner"]) == (
        IDENTIFIER,
        ["food-insecurity", "financial-insecurity"],
        "north-end-hub",
    )
    assert (row["kind"], row["state"], row["why"], row["answer"]) == ("deliver", "failed", "refused", 422)
    assert row["prescription"]
    assert row["referral"]
    heads, line = run("outbox", "list").out.splitlines()
    assert "PRESCRIPTION" not in heads
    assert {IDENTIFIER, "north-end-hub", "food-insecurity", "refused"} <= set(line.replace(",", " ").split())


def test_a_message_that_was_sent_shows_no_error(run, failed):
    run("outbox", "retry", failed)
    run("worker", "--once")
    (row,) = run("outbox", "list", "--json").json
    assert (row["state"], row["why"], row["answer"], row["error"]) == ("done", None, None, None)


def test_waiting_says_what_to_do_until_it_is_done(run, failed):
    (row,) = run("waiting", "--json").json
    assert (row["identifier"], row["partner"], row["why"], row["cause"], row["message"]) == (
        IDENTIFIER,
        "north-end-hub",
        "not-delivered",
        "refused",
        failed,
    )
    assert row["action"] == action_for("not-delivered")
    heads, line = run("waiting").out.splitlines()
    assert heads.split() == ["IDENTIFIER", "PARTNER", "STATUS", "WHY", "SINCE", "CAUSE", "MESSAGE"]
    assert {IDENTIFIER, "not-delivered", "refused", str(failed)} <= set(line.replace(",", " ").split())
    run("outbox", "retry", failed)
    assert run("waiting", "--json").json == []


def test_dropping_asks_by_name_and_is_written_down(run, failed):
    asked = run("outbox", "drop", failed, input="n\n")
    for word in (str(failed), IDENTIFIER, "food-insecurity", "north-end-hub", "Abandon it?"):
        assert word in asked.out + asked.err
    assert run("waiting", "--json").json[0]["why"] == "not-delivered"
    assert run("outbox", "drop", failed, "--by", "kit", input="y\n").code == 0
    assert run("waiting", "--json").json[0]["why"] == "given-up"
    run("outbox", "retry", failed, "--by", "ann")
    run("worker", "--once")
    assert timeline(run) == [
        ("delivery-failed", "footbridge", "outbox"),
        ("delivery-abandoned", "kit", "command"),
        ("delivery-retried", "ann", "command"),
        ("delivered", "footbridge", "outbox"),
    ]


def test_dropping_many_writes_each_down(run, failed):
    assert run("outbox", "drop", "--all", "--yes", "--by", "kit").code == 0
    assert timeline(run)[-1] == ("delivery-abandoned", "kit", "command")
    assert run("outbox", "drop", "--all", "--yes").code == 0
    assert len(timeline(run)) == 2, "nothing was changed, nothing is written"
    assert run("outbox", "drop", 4711, input="y\n").code == 1
