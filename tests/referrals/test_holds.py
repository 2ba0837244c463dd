"""A prescription on hold: nothing leaves before a person decided; then it goes where it would have gone."""

import orjson
import pytest
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, everything, prescribed
from support.spine import WARM as SAMPLE

from footbridge.errors import LifecycleError, NotFoundError, PrescriptionError
from footbridge.model.holds import Hold, hold_kinds
from footbridge.model.prescription import Consent
from footbridge.model.principals import Principal
from footbridge.partners.ports import Amendment
from footbridge.referrals.amendment import amend
from footbridge.referrals.command import NewPart
from footbridge.referrals.events_offered import events_now
from footbridge.referrals.unit import newest_tries, read_unit
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import prescription
from footbridge.store.worklist import waiting_referrals

ADMIN = Principal("admin", name="ada", tenant=TENANT)
GUESS = Hold("needs", {"needs": [{"need": 1, "category": "social-connection", "confidence": 0.4, "words": ["alone"]}]})
CONSENT = frozenset({"consent"})


@pytest.fixture
def world(database, clock):
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("hub", "recipient")
        yield world


def said(**members):
    return Consent.model_validate_json(orjson.dumps(members))


def held(world, number=1, **changes):
    """One that came without consent."""
    return world.submit(prescribed(number, **{"consent": None, **changes}), may_hold=CONSENT)


def waits(world):
    with world.database.read() as connection:
        return [row.why for row in waiting_referrals(connection, prescription.c.tenant == TENANT)]


def can_send(world, receipt, principal=LINK_WORKER):
    with world.database.read() as connection:
        unit = read_unit(Scope(connection, TENANT, world.clock.now()), receipt.id)
        return set(events_now(unit, newest_tries(unit.rows, None)[0], principal))


def amended(world, document, **more):
    with world.database.write() as connection:
        scope = Scope(connection, TENANT, world.clock.now())
        said = Amendment(message_id="m", document=orjson.dumps(document), **more)
        return amend(scope, world.intake, Principal("requester", "emr", name="emr", tenant=TENANT), said)


def stored(world, receipt):
    with world.database.read() as connection:
        return read_unit(Scope(connection, TENANT, world.clock.now()), receipt.id).prescription.document


def test_the_api_refuses_what_another_channel_holds(world):
    with pytest.raises(PrescriptionError) as refused:
        world.submit(prescribed(consent=None))
    assert [one.rule for one in refused.value.issues if one.is_error] == ["prescription.consent-missing"]
    receipt = held(world)
    assert receipt.status == "waiting"
    assert "prescription.consent-missing" in [one.rule for one in receipt.warnings]


def test_nothing_leaves_for_a_service_and_a_person_sees_why(world):
    receipt = held(world)
    world.pass_time(days=3)
    assert list(everything(world.servers["hub"])) == []
    assert waits(world) == ["consent-unclear"]
    assert world.our_task(receipt.id)["status"] == "draft"
    assert {"confirm-consent", "refuse-consent"} <= can_send(world, receipt)
    assert not {"confirm-needs", "confirm-service"} & can_send(world, receipt)


@pytest.mark.parametrize("kind", ["warm-connection", "navigator"])
def test_consent_confirmed_lets_it_go_with_that_consent(world, kind):
    receipt = held(world, kind=kind)
    world.pass_time(days=2)
    consent = said(status="given", basis="express", how="verbal", given="2026-03-04", scope=("contact", "needs"))
    world.command(receipt.id, "confirm-consent", LINK_WORKER, consent=consent, reason="By phone")
    world.pass_time()
    task = world.task("hub")
    assert task["status"] == "requested"
    assert waits(world) == []
    (there,) = [one for one in everything(world.servers["hub"]) if one["resourceType"] == "Consent"]
    assert (there["status"], there["dateTime"]) == ("active", "2026-03-04")
    goals = [one for one in everything(world.servers["hub"]) if one["resourceType"] == "Goal"]
    assert goals == [], "the scope that was confirmed does not cover goals"
    assert stored(world, receipt).consent == consent


def test_consent_without_details_is_express_and_of_that_day(world):
    receipt = held(world)
    world.pass_time(days=2)
    world.command(receipt.id, "confirm-consent", ADMIN)
    world.pass_time()
    assert world.task("hub")["status"] == "requested"
    consent = stored(world, receipt).consent
    assert (consent.basis, str(consent.given)) == ("express", "2026-03-04")


def test_consent_refused_cancels_it_and_nothing_ever_leaves(world):
    receipt = held(world)
    assert world.command(receipt.id, "refuse-consent", reason="She does not want it.") == "cancelled"
    world.pass_time(days=1)
    assert list(everything(world.servers["hub"])) == []
    assert waits(world) == []
    with pytest.raises(LifecycleError):
        world.command(receipt.id, "confirm-consent")


@pytest.mark.parametrize(
    "consent",
    [
        {"status": "refused"},
        {"status": "given", "scope": ["contact"]},
        {"status": "given", "basis": "implied"},
    ],
)
def test_a_consent_that_does_not_do_holds_too(world, consent):
    receipt = world.submit(prescribed(consent=consent), may_hold=CONSENT)
    world.pass_time()
    assert (receipt.status, waits(world)) == ("waiting", ["consent-unclear"])
    assert list(everything(world.servers["hub"])) == []


@pytest.mark.parametrize(
    ("consent", "pointer"),
    [
        (said(status="refused"), "/consent/status"),
        (said(status="given", scope=("contact",)), "/consent/scope"),
        (said(status="given", basis="implied"), "/consent/basis"),
        (said(status="given", given="2026-03-03"), "/consent/given"),
        (said(status="given", given="2026-03-01", until="2026-02-01"), "/consent/until"),
    ],
)
def test_a_consent_that_does_not_do_cannot_be_confirmed(world, consent, pointer):
    receipt = held(world)
    with pytest.raises(PrescriptionError) as refused:
        world.command(receipt.id, "confirm-consent", consent=consent)
    assert pointer in [one.pointer for one in refused.value.issues]
    world.pass_time()
    assert list(everything(world.servers["hub"])) == []
    assert waits(world) == ["consent-unclear"]


def test_an_implied_consent_reaches_custodians_only(world):
    world.partner("clinic", "recipient", custodian=True)
    implied = {"status": "given", "basis": "implied", "given": "2026-03-02"}
    receipt = world.submit(prescribed(consent=implied, service={"partner": "clinic"}), may_hold=CONSENT)
    world.pass_time()
    assert (receipt.status, world.task("clinic")["status"]) == ("active", "requested")
    world.command(receipt.id, "reject", LINK_WORKER, reason="Full")
    world.route("*", "hub")
    with pytest.raises(LifecycleError) as refused:
        world.command(receipt.id, "route", LINK_WORKER, partner="hub")
    assert refused.value.reason == "consent-implied"
    world.pass_time()
    assert list(everything(world.servers["hub"])) == []


def test_a_decline_of_a_custodian_does_not_go_on_to_one_who_is_none(world):
    world.partner("clinic", "recipient", custodian=True)
    world.route("*", "clinic", "hub")
    implied = {"status": "given", "basis": "implied", "given": "2026-03-02"}
    receipt = world.submit(prescribed(consent=implied, service=None), may_hold=CONSENT)
    world.pass_time()
    world.command(receipt.id, "reject", LINK_WORKER, reason="Full")
    world.pass_time()
    assert list(everything(world.servers["hub"])) == []
    assert waits(world) == ["not-helped"]


def test_a_guess_waits_and_is_corrected_in_every_copy(world):
    receipt = world.submit(prescribed(), holds=[GUESS])
    world.pass_time()
    assert (receipt.status, waits(world)) == ("waiting", ["needs-unsure"])
    assert list(everything(world.servers["hub"])) == []
    world.command(receipt.id, "confirm-needs", LINK_WORKER, needs=[(1, "stress")])
    world.pass_time()
    assert world.task("hub")["status"] == "requested"
    assert [need.category for need in stored(world, receipt).needs] == ["food-insecurity", "stress"]
    for partner in ("hub", "emr"):
        text = orjson.dumps(list(everything(world.servers[partner]))).decode()
        assert "stress" in text
        assert "social-connection" not in text
    event = [one for one in world.timeline(receipt.id) if one.name == "needs-confirmed"][-1]
    assert event.detail == {"members": ["/needs/1/category"]}


def test_a_right_guess_needs_one_word(world):
    receipt = world.submit(prescribed(), holds=[GUESS])
    world.command(receipt.id, "confirm-needs", ADMIN)
    world.pass_time()
    assert world.task("hub")["status"] == "requested"
    assert [need.category for need in stored(world, receipt).needs] == ["food-insecurity", "social-connection"]


@pytest.mark.parametrize(
    ("needs", "pointer"), [([(2, "stress")], "/needs/0/need"), ([(0, "hunger")], "/needs/0/category")]
)
def test_a_correction_must_be_one(world, needs, pointer):
    receipt = world.submit(prescribed(), holds=[GUESS])
    with pytest.raises(PrescriptionError) as refused:
        world.command(receipt.id, "confirm-needs", needs=needs)
    assert [one.pointer for one in refused.value.issues] == [pointer]
    assert waits(world) == ["needs-unsure"]


def test_two_questions_are_asked_one_after_the_other_in_any_order(world):
    both = [held(world, number) for number in (1,)]
    second = world.submit(prescribed(2, consent=None), may_hold=CONSENT, holds=[GUESS])
    assert waits(world) == ["consent-unclear", "consent-unclear"]
    world.command(second.id, "confirm-needs")
    world.pass_time()
    assert world.tasks("hub") == []
    world.command(second.id, "confirm-consent")
    world.pass_time()
    assert len(world.tasks("hub")) == 1
    assert world.status(both[0].id) == "waiting"


@pytest.mark.parametrize("event", sorted(hold_kinds()["consent"].blocks))
def test_no_other_way_leads_to_a_service(world, event):
    receipt = held(world)
    more = {"route": {"partner": "hub"}, "split": {"parts": [NewPart("Meals", "food-insecurity", "hub")] * 2}}
    with pytest.raises(LifecycleError) as refused:
        world.command(receipt.id, event, LINK_WORKER, **more.get(event, {}))
    assert refused.value.reason == "on-hold"
    assert "confirm-consent" in str(refused.value)
    world.pass_time()
    assert list(everything(world.servers["hub"])) == []


def test_what_is_on_hold_can_be_cancelled(world):
    receipt = held(world)
    world.command(receipt.id, "cancel", reason="Moved away")
    assert (world.status(receipt.id), waits(world)) == ("cancelled", [])


def test_the_same_document_again_is_a_repeat_before_and_after(world):
    first = held(world)
    assert not held(world).created
    world.command(first.id, "confirm-consent")
    again = held(world)
    assert (again.id, again.created) == (first.id, False)
    world.pass_time()
    assert len(world.tasks("hub")) == 1


def test_an_amended_document_keeps_what_was_decided(world):
    document = prescribed(consent=None)
    receipt = world.submit(document, may_hold=CONSENT, holds=[GUESS])
    world.command(receipt.id, "confirm-consent")
    world.command(receipt.id, "confirm-needs", needs=[(1, "stress")])
    world.pass_time()
    document["barriers"] = [{"kind": "economic", "text": "No bus fare at all."}]
    amended(world, document, may_hold=CONSENT, holds=(GUESS,))
    world.pass_time()
    assert waits(world) == []
    now = stored(world, receipt)
    assert now.consent is not None
    assert [need.category for need in now.needs] == ["food-insecurity", "stress"]
    assert "No bus fare at all." in orjson.dumps(list(everything(world.servers["emr"]))).decode()


def test_an_amended_document_raises_a_new_question_while_nothing_was_decided_about_it(world):
    document = prescribed()
    receipt = world.submit(document)
    world.pass_time()
    document["needs"][1]["statement"] = "Something else altogether."
    amended(world, document, may_hold=CONSENT, holds=(GUESS,))
    assert waits(world) == ["needs-unsure"]
    world.command(receipt.id, "confirm-needs")
    assert waits(world) == []
    world.pass_time()
    assert len(world.tasks("hub")) == 1


def test_an_amended_document_that_refuses_consent_ends_it(world):
    document = prescribed()
    receipt = world.submit(document)
    world.pass_time()
    document["consent"]["status"] = "withdrawn"
    amended(world, document, may_hold=CONSENT)
    world.pass_time()
    assert world.status(receipt.id) == "cancelled"
    assert world.task("hub")["status"] == "cancelled"


def test_an_amendment_brings_the_consent_that_was_missing_to_a_person_all_the_same(world):
    document = prescribed(consent=None)
    receipt = world.submit(document, may_hold=CONSENT)
    amended(world, {**document, "consent": SAMPLE["consent"]}, may_hold=CONSENT)
    world.pass_time()
    assert world.status(receipt.id) == "active"
    assert world.task("hub")["status"] == "requested"


def test_a_signpost_is_never_on_hold_for_consent(world):
    document = prescribed(kind="signpost", consent=None, service={"organization": {"name": "Library"}})
    receipt = world.submit(document, may_hold=CONSENT)
    assert receipt.status == "active"
    assert waits(world) == []


def test_who_may_decide(world):
    receipt = held(world)
    stranger = Principal("recipient", "hub", name="hub", tenant=TENANT)
    with pytest.raises(NotFoundError):  # a service that was not asked does not even see it
        world.command(receipt.id, "confirm-consent", stranger)
    assert waits(world) == ["consent-unclear"]
    world.command(receipt.id, "confirm-consent", DOCTOR)
    world.pass_time()
    assert len(world.tasks("hub")) == 1
