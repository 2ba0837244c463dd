"""Repeats, crashes, broken files and faults of a prescription: nothing counts twice, nothing blocks what is good."""

import ast
import shutil
from pathlib import Path

import pytest
from partners.spool import network
from sqlalchemy import select
from support.spine import TENANT, prescribed

from footbridge.errors import ConfigurationError
from footbridge.jobs.queue import JobQueue
from footbridge.partners.networks import register_network
from footbridge.partners.ports import Report
from footbridge.referrals.inbound import receive
from footbridge.store.partners import get_partner
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import job

RX = prescribed()["identifier"]


@pytest.fixture
def desk(town):
    town.add("desk", "requester", "spool")
    town.add("hub", "recipient", "spool")
    return town.folders["desk"]


def shown(town, found):
    """All that a repeat could double: events, resources of messages, prescriptions, what partners hold."""
    return town.names(found), town.text_at("hub"), town.folders["desk"].text(), len(town.referrals(found))


def test_the_same_files_twice_change_nothing(town, desk):
    found = town.prescribe()
    hub = town.folders["hub"]
    key = hub.referral()["state"]["referral"]
    hub.put("status", referral=key, status="accepted")
    hub.put("message", referral=key, text="Come at ten.")
    hub.put("appointment", referral=key, start="2026-03-09T10:00:00-04:00")
    newer = prescribed()
    newer["needs"][0]["statement"] = "Has had nothing since Friday."
    desk.put("amendment", document=newer)
    town.turn(3)
    before = shown(town, found)
    for folder in (hub, desk):
        for name in folder.names("done"):
            shutil.copy(folder.path / "done" / name, folder.path / "in" / name)
    town.turn(3)
    assert shown(town, found) == before
    assert hub.names("in") == desk.names("in") == hub.names("failed") == desk.names("failed") == []


def test_the_same_prescription_in_another_file_is_known(town, desk):
    found = town.prescribe()
    desk.put("prescription", document=prescribed(), context="thread 8")
    desk.put("cancellation", prescription=RX, reason="Enough")
    town.turn()
    assert desk.names("failed") == []
    assert town.names(found).count("submitted") == 1
    assert desk.referral()["context"] == "thread 8"


def test_a_crash_before_the_acknowledgement_repeats_nothing(town, desk):
    found = town.prescribe()
    hub = town.folders["hub"]
    key = hub.referral()["state"]["referral"]
    shutil.rmtree(hub.path / "done")  # the file cannot be moved there
    (hub.path / "done").write_text("")
    hub.put("message", referral=key, text="Come at ten.")
    hub.put("status", referral=key, status="rejected", reason="Full")
    town.turn(1)
    assert town.referrals(found)[0].status == "requested"  # the folder is not there, as its network sees it
    (hub.path / "done").unlink()
    (hub.path / "done").mkdir()
    for name in hub.names("in"):
        (hub.path / "done" / name).mkdir()  # processed, but not acknowledged
    town.turn()
    assert hub.names("in") == ["000-message.json", "001-status.json"]
    assert town.referrals(found)[0].status == "rejected"
    before = shown(town, found)
    for name in hub.names("in"):
        (hub.path / "done" / name).rmdir()
    town.turn()
    assert hub.names("in") == []
    assert shown(town, found) == before
    assert len(desk.messages()) == 1


def test_a_refusal_that_was_not_acknowledged_is_given_again_with_its_reasons(town, desk):
    desk.put("prescription", document=prescribed(needs=[{"category": "fod", "statement": "Hungry."}]))
    (desk.path / "failed" / "000-prescription.json").mkdir()
    town.turn()
    assert desk.names("in") == ["000-prescription.json"]
    (desk.path / "failed" / "000-prescription.json").rmdir()
    (desk.path / "failed" / "000-prescription.why.json").unlink()
    town.turn()
    assert desk.names("in") == []
    assert "/needs/0/category" in desk.read("000-prescription.why.json", "failed")["message"]


def test_faults_are_given_with_their_places_and_block_nothing(town, desk):
    (desk.path / "in" / "000-broken.json").write_bytes(b'{"type": "prescription", "at": "\xff')
    (desk.path / "in" / "001-no-offset.json").write_text('{"type": "cancellation", "at": "2026-03-02T12:00:00"}')
    desk.written = ["", ""]
    client = prescribed()["client"] | {"birthDate": "1951-13-41"}
    desk.put("prescription", document=prescribed(2, client=client, kind="warm-conection"))
    desk.put("amendment", document=prescribed(3))
    desk.put("prescription", document="Grace Okafor")
    desk.put("message", prescription=RX | {"value": "RX-9"}, text="?")
    desk.put("prescription", document=prescribed())
    town.turn()
    assert desk.names("done") == ["006-prescription.json"]
    assert [name for name in desk.names("failed") if "why" not in name] == [
        "000-broken.json",
        "001-no-offset.json",
        "002-prescription.json",
        "003-amendment.json",
        "004-prescription.json",
        "005-message.json",
    ]
    whys = {name[:3]: desk.read(name, "failed") for name in desk.names("failed") if "why" in name}
    assert [why["code"] for why in whys.values()] == ["failed", "failed", "refused", "refused", "refused", "not-ours"]
    assert "/client/birthDate" in whys["002"]["message"]
    assert "/kind" in whys["002"]["message"]
    for value in ("1951", "conection", "Grace", "Okafor"):
        assert not [why for why in whys.values() if value in (why["message"] or "")]
    assert "No prescription has this identifier" in whys["003"]["message"]
    assert desk.referral()["prescription"] == "RX-1"


def test_two_reports_of_one_moment_are_read_again_and_the_later_one_holds(town, desk):
    found = town.prescribe()
    hub = town.folders["hub"]
    key, at = hub.referral()["state"]["referral"], town.clock.now().isoformat()
    hub.put("status", referral=key, status="accepted", at=at)
    hub.put("status", referral=key, status="in-progress", at=at)
    town.turn()
    assert town.referrals(found)[0].status == "in-progress"
    assert hub.names("in") == hub.names("failed") == []


def test_a_report_that_was_to_be_read_again_is_not_lost_by_a_crash(town, desk):
    town.prescribe()
    key, at = town.folders["hub"].referral()["state"]["referral"], town.clock.now()

    def outcome(message_id, status, *, confirmed=False):
        said = Report(message_id=message_id, key=key, at=at, status=status, confirmed=confirmed)
        with town.database.write() as connection:
            partner = get_partner(connection, TENANT, "hub")
            return receive(Scope(connection, TENANT, town.clock.now()), partner, said).code

    assert outcome("1", "accepted") == "applied"
    assert outcome("2", "in-progress") == "read-again"
    assert outcome("2", "in-progress") == "read-again"  # the process died before it read again
    assert outcome("2", "in-progress", confirmed=True) == "applied"
    assert outcome("2", "in-progress") == "known"


def test_a_folder_that_is_gone_is_waited_for(town, desk):
    found = town.prescribe()
    desk.path.rename(desk.path.with_name("away"))
    hub = town.folders["hub"]
    hub.put("status", referral=hub.referral()["state"]["referral"], status="accepted")
    town.turn()
    desk.path.with_name("away").rename(desk.path)
    town.calm()
    assert town.referrals(found)[0].status == "accepted"
    assert desk.referral()["state"]["status"] == "accepted"
    assert town.counts()["failed"] == 0


def test_a_cursor_is_the_networks_own_text_from_the_first_poll_on(town, desk):
    def cursor():
        with town.database.read() as connection:
            return connection.scalar(select(job.c.cursor).where(job.c.kind == "poll", job.c.subject == "desk"))

    assert cursor() is None
    town.prescribe()
    assert cursor() == "files looked through: 1"
    with town.database.read() as connection:
        assert JobQueue(connection).is_planned(tenant=TENANT, kind="poll", subject="desk")


def test_a_name_of_a_network_is_taken_once():
    with pytest.raises(ConfigurationError, match="fhir"):
        register_network("fhir", lambda tenant, partner, around: None)


def test_the_network_knows_the_port_and_nothing_of_fhir_or_of_the_workflow():
    tree = ast.parse(Path(network.__file__).read_text())
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in named if name.startswith("footbridge")} == {
        "footbridge.errors",
        "footbridge.model.prescription",
        "footbridge.partners",
        "footbridge.partners.ports",
    }
