"""``footbridge event``: a person decides on the command line what the API takes as events."""

import json

import orjson
import pytest
from sqlalchemy import select
from support.spine import prescribed

from footbridge.model.clock import SystemClock
from footbridge.model.holds import Hold
from footbridge.model.principals import Principal
from footbridge.referrals.intake import Intake
from footbridge.settings import settings
from footbridge.store.engine import open_database
from footbridge.store.tables import event

GUESS = Hold("needs", {"needs": [{"need": 0, "category": "food-insecurity", "confidence": 0.4, "words": ["food"]}]})


@pytest.fixture
def held(run, hub, examples):
    """A prescription that came without consent, with a guess; returns its id."""
    document = json.loads((examples / "01-good-food-box.json").read_text(encoding="utf-8"))
    document["identifier"]["value"] = "RX-H1"
    del document["consent"]
    assert run("waiting").code == 0
    database = open_database(settings().database_url.get_secret_value())
    intake = Intake(database, SystemClock())
    who = Principal("requester", name="test", tenant="riverside")
    receipt = intake.submit(orjson.dumps(document), who, may_hold={"consent"}, holds=[GUESS])
    database.dispose()
    return receipt.id


def why(run):
    return [row["why"] for row in run("waiting", "--json").json]


def test_consent_and_needs_are_confirmed_by_identifier_or_id(run, held):
    assert why(run) == ["consent-unclear"]
    done = run("event", "RX-H1", "confirm-consent", "--how", "verbal", "--scope", "contact", "--scope", "needs")
    assert (done.code, done.out) == (0, f"{held}: waiting\n")
    assert why(run) == ["needs-unsure"]
    done = run("event", held, "confirm-needs", "--need", "0=material-hardship", "--json")
    assert (done.code, done.json) == (0, {"prescription": held, "event": "confirm-needs", "status": "active"})
    assert why(run) == []


def test_what_is_not_allowed_names_what_is(run, held):
    refused = run("event", "RX-H1", "route", "--partner", "north-end-hub")
    assert refused.code == 1
    assert "confirm-consent / refuse-consent" in refused.err
    unknown = run("event", "RX-H1", "confirm")
    assert unknown.code == 2
    assert "confirm-consent" in unknown.err
    nobody = run("event", "RX-H2", "confirm-consent")
    assert nobody.code == 1
    assert "footbridge waiting --json" in nobody.err
    scope = run("event", "RX-H1", "confirm-consent", "--scope", "everything")
    assert (scope.code, "own-words" in scope.err) == (1, True)
    need = run("event", "RX-H1", "confirm-needs", "--need", "food")
    assert (need.code, "N=CATEGORY" in need.err) == (2, True)
    assert why(run) == ["consent-unclear"]


def test_who_the_client_is_comes_from_a_file(run, tenant, tmp_path):
    run("partner", "add", "north-end-hub", "https://hub.test/fhir")
    document = prescribed(client={"languages": [{"code": "en"}]}, service={"partner": "north-end-hub"})
    database = open_database(settings().database_url.get_secret_value())
    who = Principal("requester", name="test", tenant="riverside")
    receipt = Intake(database, SystemClock()).submit(orjson.dumps(document), who, may_hold={"records"})
    database.dispose()
    assert why(run) == ["records-missing"]
    client = tmp_path / "client.json"
    client.write_text('{"name": "Ana Roy"}')
    wrong = run("event", receipt.id, "confirm-records", "--client", str(client))
    assert (wrong.code, "/client/name" in wrong.err) == (1, True)
    client.write_text('{"name": {"family": "Roy", "given": ["Ana"]}}')
    unknown = run("event", receipt.id, "confirm-records", "--client", str(client))
    assert (unknown.code, "birth date" in unknown.err) == (1, True)
    client.write_text('{"name": {"family": "Roy", "given": ["Ana"]}, "birthDate": "1950-01-02"}')
    assert run("event", receipt.id, "confirm-records", "--client", str(client)).code == 0
    assert why(run) == []


def test_a_follow_up_is_recorded_with_all_that_was_said(run, held):
    run("event", "RX-H1", "confirm-consent", "--how", "verbal")
    run("event", "RX-H1", "confirm-needs")
    for options, said in ((["--barrier", "weather"], "economic"), (["--satisfaction", "great"], "not-right")):
        wrong = run("event", "RX-H1", "answer", "--happened", "no", *options)
        assert (wrong.code, said in wrong.err) == (1, True)
    assert run("event", "RX-H1", "not-reached", "--reason", "Rang twice").code == 0
    assert run("event", "RX-H1", "record-unmet-need").code == 1
    assert run("event", "RX-H1", "record-unmet-need", "--reason", "Nothing opens late").code == 0
    asked = ["--goal", "0=no-progress", "--barrier", "economic", "--barrier", "other", "--satisfaction", "not-right"]
    done = run("event", "RX-H1", "answer", "--happened", "no", *asked, "--more", "Too far")
    assert done.code == 0, done.err
    other = run(
        "event", "RX-H1", "replace", "--partner", "north-end-hub", "--reason", "Too far", "--description", "Bus"
    )
    assert other.code == 0, other.err
    database = open_database(settings().database_url.get_secret_value())
    with database.read() as connection:
        names = list(connection.scalars(select(event.c.name).where(event.c.prescription == held)))
    database.dispose()
    assert {"not-reached", "unmet-need", "replaced"} <= set(names)
