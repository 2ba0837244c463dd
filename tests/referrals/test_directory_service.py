"""A prescription that names a service of the directory: who gets it, what is said of it, whether it is still offered."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from support.spine import DOCTOR, LINK_WORKER, TENANT, World, everything, prescribed

from footbridge.directory.corrections import VERIFIED, Suggestion, as_metadata, confirmed_on, corrections, suggest
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.removal import remove
from footbridge.directory.importing.run import run_import
from footbridge.directory.lookup import find_service
from footbridge.directory.partners import link, unlink
from footbridge.directory.records import Record
from footbridge.errors import LifecycleError, NotFoundError, PrescriptionError
from footbridge.store.tables import prescription
from footbridge.store.tables.directory import directory_correction
from footbridge.store.worklist import waiting_referrals


def records(**more):
    return [
        Record("organization", "7", {"name": "Elm Kitchen Society", "description": "Meals."}, "f"),
        Record(
            "service",
            "42",
            {
                "organization_id": "7",
                "name": "Elm community kitchen",
                "status": "active",
                "phones": [{"number": "705-555-0142", "type": "voice"}, {"number": "705-555-0143", "type": "fax"}],
                "assured_date": "2026-02-01",
                **more,
            },
            "f",
        ),
    ]


@pytest.fixture
def world(database, clock):
    with World(database, clock) as world:
        world.partner("emr", "requester")
        world.partner("elm", "recipient")
        world.partner("hub", "recipient")
        yield world


@pytest.fixture
def listed(world):
    """Put the directory as it is said there, and link the partner elm."""

    def listed(*, linked=True, **more):
        run_import(
            world.database,
            world.clock,
            Plan(TENANT, "two11", Terms("t", "f", "CA", "UTC"), processes=0),
            records(**more),
        )
        if linked:
            with world.database.write() as connection:
                link(connection, TENANT, "elm", "two11:7")
        with world.database.read() as connection:
            return find_service(connection, TENANT, "two11:42")

    return listed


def with_service(number=1, named="two11:42", **more):
    return prescribed(number, service={"directoryId": named, **more})


def waiting(world):
    with world.database.read() as connection:
        return [(row.partner, row.why) for row in waiting_referrals(connection, prescription.c.tenant == TENANT)]


def asked(world, receipt):
    return [row.partner for row in world.referrals(receipt.id)]


def test_it_goes_to_the_partner_of_its_organization_by_either_id(world, listed):
    service = listed()
    for number, named in enumerate(["two11:42", service["id"], service["id"].upper()], 1):
        receipt = world.submit(with_service(number, named))
        assert asked(world, receipt) == ["elm"]
    world.pass_time()
    assert len(world.tasks("elm")) == 3
    assert world.tasks("hub") == []


def test_all_copies_say_what_the_directory_says(world, listed):
    listed()
    receipt = world.submit(with_service())
    world.pass_time()
    for partner in ("elm", "emr"):
        (service,) = healthcare_services(world, partner)
        assert service["name"] == "Elm community kitchen"
        assert [point["value"] for point in service["telecom"]] == ["705-555-0142"]
    listed(name="Another name", linked=False)
    world.command(receipt.id, "prohibit-contact", DOCTOR, reason="Unsafe")
    world.pass_time()
    (service,) = healthcare_services(world, "elm")
    assert service["name"] == "Elm community kitchen"


def healthcare_services(world, partner):
    return [one for one in everything(world.servers[partner]) if one["resourceType"] == "HealthcareService"]


def test_the_named_partner_comes_first_and_the_route_after_the_directorys(world, listed):
    listed()
    assert asked(world, world.submit(with_service(1, partner="hub"))) == ["hub"]
    with world.database.write() as connection:
        unlink(connection, TENANT, "elm")
    lost = world.submit(with_service(2))
    assert asked(world, lost) == [None]
    (warning,) = [one for one in lost.warnings if one.rule == "routing.waits"]
    assert warning.pointer == "/service/directoryId"
    assert "Elm community kitchen; 705-555-0142" in warning.message
    world.route("*", "hub")
    routed = world.submit(with_service(3))
    assert asked(world, routed) == ["hub"]
    assert "routing.by-route" in [one.rule for one in routed.warnings]


def test_what_the_directory_lacks_is_refused_and_nothing_stored(world, listed):
    listed()
    for named in ("two11:43", "other:42", "nothing"):
        with pytest.raises(PrescriptionError) as refused:
            world.submit(with_service(1, named))
        (issue,) = refused.value.issues
        assert (issue.rule, issue.pointer) == ("directory.unknown-service", "/service/directoryId")
    assert world.counts()["ready"] == 0


def test_a_tenant_without_a_directory_keeps_the_id_as_it_is(world):
    receipt = world.submit(with_service())
    assert asked(world, receipt) == [None]


def test_a_service_that_takes_no_referrals_is_for_signposts_alone(world, listed):
    listed(restrictions=["no-referral"])
    with pytest.raises(PrescriptionError) as refused:
        world.submit(with_service())
    assert [one.rule for one in refused.value.issues] == ["directory.no-referrals"]
    assert world.submit(prescribed(2, kind="signpost", service={"directoryId": "two11:42"})).created


def test_a_repeat_is_harmless_when_the_service_is_gone(world, listed):
    listed()
    first = world.submit(with_service())
    listed(linked=False, status="inactive")
    again = world.submit(with_service())
    assert (again.id, again.created) == (first.id, False)


def test_an_old_record_is_asked_about_before_anything_is_sent(world, listed):
    listed(assured_date="2024-05-01")
    receipt = world.submit(with_service())
    assert "directory.not-verified" in [one.rule for one in receipt.warnings]
    world.pass_time()
    assert (asked(world, receipt), world.tasks("elm"), waiting(world)) == ([None], [], [(None, "not-verified")])
    world.command(receipt.id, "confirm-service", LINK_WORKER, reason="Spoke with Ann")
    assert waiting(world) == []
    world.pass_time()
    assert len(world.tasks("elm")) == 1
    assert "service-confirmed" in world.names(receipt.id)
    with world.database.read() as connection:
        (said,) = corrections(connection, TENANT)
        assert (said.source, said.service, said.field, said.old) == ("two11", "42", "assured_date", "2024-05-01")
        assert said.new == world.clock.now().date().isoformat() or said.new < world.clock.now().date().isoformat()
        (row,) = as_metadata([said])
        assert (row["resource_id"], row["field_name"], row["previous_value"]) == ("42", "assured_date", "2024-05-01")
    assert asked(world, world.submit(with_service(2))) == ["elm"], "what was confirmed is not asked about again"


def test_what_is_no_longer_offered_waits_for_another_service(world, listed):
    listed(assured_date="2024-05-01")
    receipt = world.submit(with_service())
    world.command(receipt.id, "refute-service", LINK_WORKER, reason="Closed in May")
    assert waiting(world) == [(None, "nobody-asked")]
    world.command(receipt.id, "route", LINK_WORKER, partner="hub")
    world.pass_time()
    assert len(world.tasks("hub")) == 1
    with world.database.read() as connection:
        assert [(one.field, one.new, one.note) for one in corrections(connection, TENANT)] == [
            ("status", "inactive", "Closed in May")
        ]


def test_nobody_confirms_what_is_not_asked(world, listed):
    listed()
    receipt = world.submit(with_service())
    with pytest.raises(LifecycleError):
        world.command(receipt.id, "confirm-service", LINK_WORKER)


def test_only_an_organization_of_the_directory_can_be_linked(world, listed):
    listed(linked=False)
    with world.database.write() as connection, pytest.raises(NotFoundError, match="no organization 'two11:8'"):
        link(connection, TENANT, "elm", "two11:8")


PLACE = {"addresses": [{"address_1": "1 Elm St", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 5J1"}]}


@pytest.fixture
def sources(world):
    """Import the same kitchen from a source, as it says it there; None: the source has another service by now."""

    def sources(source, said=None, *, gone=False, organization="7"):
        service = {"organization_id": organization, "name": "Elm community kitchen", **(said or {})}
        some = [
            Record("organization", "7", {"name": "Elm Kitchen Society"}, "f"),
            Record("organization", "8", {"name": "Elm Kitchen Society"}, "f"),
            Record("location", "1", {**PLACE, "organization_id": "7"}, "f"),
            Record("service", "other", {"organization_id": "7", "name": "Dance"}, "f"),
        ]
        if not gone:
            some.append(Record("service", "42", service, "f"))
            some.append(Record("service_at_location", "1", {"service_id": "42", "location_id": "1"}, "f"))
        terms = Terms("t", "f", "CA", "UTC")
        run_import(world.database, world.clock, Plan(TENANT, source, terms, processes=0), some)

    def linked(partner, organization):
        with world.database.write() as connection:
            link(connection, TENANT, partner, organization)

    sources.link = linked
    return sources


def test_a_partner_of_any_of_its_records_receives_a_service_of_two_sources(world, sources):
    sources("one")
    sources.link("elm", "one:7")
    sources("two", {"name": "Elm Community Kitchen"})
    for number, named in enumerate(["one:42", "two:42"], 1):
        assert asked(world, world.submit(with_service(number, named))) == ["elm"]
    sources.link("hub", "two:7")
    assert asked(world, world.submit(with_service(3, "one:42"))) == ["elm"], "of both, the first by name"
    sources("three", {"name": "Another kitchen"})
    assert asked(world, world.submit(with_service(4, "three:42"))) == [None], "what is not the same is not joined"


def test_information_only_in_one_source_holds_for_each_record(world, sources):
    sources("one")
    sources("two", {"restrictions": ["no-referral"]})
    sources.link("elm", "one:7")
    for number, named in enumerate(["one:42", "two:42"], 1):
        with pytest.raises(PrescriptionError) as refused:
            world.submit(with_service(number, named))
        assert [one.rule for one in refused.value.issues] == ["directory.no-referrals"]
    assert world.submit(prescribed(3, kind="signpost", service={"directoryId": "one:42"})).created
    sources("two")
    assert asked(world, world.submit(with_service(4, "one:42"))) == ["elm"]


def test_what_another_source_verified_is_not_asked_about(world, sources):
    sources("one", {"assured_date": "2024-05-01"})
    assert "directory.not-verified" in [one.rule for one in world.submit(with_service(1, "one:42")).warnings]
    sources("two", {"assured_date": "2026-02-01"})
    assert "directory.not-verified" not in [one.rule for one in world.submit(with_service(2, "one:42")).warnings]


@pytest.mark.parametrize("how", ["removed", "hidden", "source removed"])
def test_of_a_record_that_went_the_other_one_lives(world, sources, how):
    sources("one")
    sources("two")
    sources.link("elm", "two:7")
    if how == "source removed":
        remove(world.database, TENANT, "one")
    else:
        sources("one", {"restrictions": ["exclude-website"]}, gone=how == "removed")
    assert asked(world, world.submit(with_service(1, "two:42"))) == ["elm"]
    with pytest.raises(PrescriptionError) as refused:
        world.submit(with_service(2, "one:42"))
    assert [one.rule for one in refused.value.issues] == ["directory.unknown-service"]


def test_another_organization_means_another_partner(world, sources):
    sources("one")
    sources.link("elm", "one:7")
    sources.link("hub", "one:8")
    sources("one", organization="8")
    assert asked(world, world.submit(with_service(1, "one:42"))) == ["hub"]


@pytest.mark.parametrize("how", ["removed", "no-referral"])
def test_what_went_while_it_was_asked_about_is_sent_nowhere(world, sources, how):
    world.route("*", "hub")
    old = {"assured_date": "2024-05-01"}
    sources("one", old)
    sources.link("elm", "one:7")
    receipt = world.submit(with_service(1, "one:42"))
    assert waiting(world) == [(None, "not-verified")]
    sources("one", {**old, "restrictions": [how] if how == "no-referral" else []}, gone=how == "removed")
    world.command(receipt.id, "confirm-service", LINK_WORKER, reason="Spoke with Ann")
    world.pass_time()
    assert asked(world, receipt) == [None]
    assert (world.tasks("elm"), world.tasks("hub")) == ([], [])


def test_of_two_answers_that_contradict_the_later_one_counts(world, sources):
    old = {"assured_date": "2024-05-01"}
    sources("one", old)
    sources.link("elm", "one:7")
    first, second = (world.submit(with_service(number, "one:42")) for number in (1, 2))
    world.command(first.id, "confirm-service", LINK_WORKER)
    world.clock.advance(timedelta(hours=1))
    world.command(second.id, "refute-service", DOCTOR, reason="Closed")
    assert "directory.not-verified" in [one.rule for one in world.submit(with_service(3, "one:42")).warnings]
    with world.database.read() as connection:
        assert [(one.field, one.new) for one in corrections(connection, TENANT)][-1] == ("status", "inactive")
    sources("one", {"assured_date": (world.clock.now() + timedelta(days=1)).date().isoformat()})
    assert asked(world, world.submit(with_service(4, "one:42"))) == ["elm"], "its source has verified it since"


def test_a_stored_suggestion_of_no_day_or_one_to_come_does_not_stop_a_prescription(world, listed):
    service = listed()
    with world.database.write() as connection:
        for day in ("2026-02-20", "2026-02-21", "2099-01-01"):
            suggest(connection, TENANT, service, Suggestion(VERIFIED, day, "A. Roy", world.clock.now()))
            world.clock.advance(timedelta(seconds=1))
        was = directory_correction.c.new == "2026-02-21"
        connection.execute(update(directory_correction).where(was).values(new="yesterday"))  # no version checked it
    with world.database.read() as connection:
        assert confirmed_on(connection, TENANT, service) == date(2026, 2, 20)
    assert asked(world, world.submit(with_service())) == ["elm"]
