"""How messages are delivered: at least once, tried for 96 hours, out of order, twice, and with mail when they fail."""

import itertools
import json
from datetime import timedelta

import pytest
from support.ocean_answers import START, Box, event_of, header_of, ocean_with, post, say, sent, task

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.model.clock import ManualClock
from footbridge.simulators.ocean import OceanSimulator, Rates, ShiftedClock

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Refuses(Box):
    """Answers every message with this status."""

    def __init__(self, status):
        super().__init__()
        self.status = status

    def __call__(self, body):
        super().__call__(body)
        return self.status


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_20x_is_a_success(status):
    box = Refuses(status)
    ocean = ocean_with(box)
    sent(ocean)
    ocean.advance(5 * DAY)
    assert len(box.bodies) == 1
    assert [one.state for one in ocean.messages()] == ["delivered"]
    assert ocean.mails() == []


@pytest.mark.parametrize("status", [None, 301, 400, 401, 404, 422, 429, 500, 503])
def test_anything_else_is_tried_several_times_in_the_first_hour_then_hourly_and_aborted_at_96_hours(status):
    box = Refuses(status)
    ocean = ocean_with(box)
    start = ocean.now()
    sent(ocean)
    ocean.advance(10 * DAY)
    (message,) = ocean.messages()
    waits = [one.time - start for one in message.tries]
    assert len(set(box.bodies)) == 1
    assert len(box.bodies) == len(waits)
    assert 4 <= sum(wait <= HOUR for wait in waits) <= 10
    later = [wait for wait in waits if wait >= HOUR]
    assert {after - before for before, after in itertools.pairwise(later)} == {HOUR}
    assert max(waits) == 96 * HOUR
    assert (message.state, message.due) == ("aborted", None)
    assert {one.status for one in message.tries} == {status}


def test_the_administrator_gets_mail_at_the_first_failure_then_daily_until_one_message_is_delivered():
    box = Refuses(503)
    ocean = ocean_with(box)
    start = ocean.now()
    sent(ocean)
    sent(ocean)
    ocean.advance(6 * DAY)
    mails = ocean.mails()
    assert [(one.time - start, one.kind) for one in mails] == [
        (number * DAY, "daily" if number else "first") for number in range(7)
    ]
    assert {one.to for one in mails} == {"admin@site-1234.test"}
    box.status = 200
    sent(ocean)
    ocean.advance(3 * DAY)
    assert len(ocean.mails()) == 7


def test_saving_the_settings_again_ends_the_mails_and_tries_at_once():
    box = Refuses(500)
    ocean = ocean_with(box)
    ref = sent(ocean)
    ocean.advance(2 * DAY)
    count, good = len(ocean.mails()), Box()
    ocean.add_site("1234", receiver=good)
    ocean.run_due()
    assert good.events == ["add-service-request"]
    ocean.advance(3 * DAY)
    assert len(ocean.mails()) == count
    assert [one.state for one in ocean.messages(ref)] == ["delivered"]


def test_each_message_is_tried_on_its_own_so_an_older_one_may_come_after_a_newer():
    box = Box([503])
    ocean = ocean_with(box)
    ref = sent(ocean)
    ocean.users.change(ref, "Changed")
    ocean.run_due()
    ocean.advance(HOUR)
    assert box.events == ["add-service-request", "notify-update-service-request", "add-service-request"]
    times = [bundle["timestamp"] for bundle in box.bundles]
    assert times[0] == times[2] < times[1]
    assert box.bodies[0] == box.bodies[2]


def test_messages_of_one_referral_have_rising_times_even_when_the_clock_does_not_move(ocean, box):
    ref = sent(ocean)
    for number in range(5):
        ocean.users.change(ref, f"Change {number}")
    ocean.run_due()
    times = [bundle["timestamp"] for bundle in box.bundles]
    assert times == sorted(set(times))


def test_by_another_habit_a_message_that_is_tried_again_has_other_ids():
    box = Box([500])
    ocean = ocean_with(box)
    ocean.habits.retry_ids = "new"
    sent(ocean)
    ocean.advance(HOUR)
    first, second = box.bundles
    assert first["id"] != second["id"]
    assert header_of(first)["id"] != header_of(second)["id"]
    assert second["entry"][0]["fullUrl"] == header_of(second)["id"]
    assert (first["entry"][1:], first["timestamp"]) == (second["entry"][1:], second["timestamp"])


def test_duplicates_are_the_same_message_twice():
    box = Box()
    ocean = ocean_with(box, seed=3)
    ocean.faults.rates = Rates(duplicate=0.2)
    refs = [ocean.refer() for _number in range(500)]
    ocean.advance(HOUR)
    extra = len(box.bodies) - len(refs)
    assert 60 < extra < 140
    assert len(set(box.bodies)) == len(refs)
    assert all(one.state == "delivered" for one in ocean.messages())


def test_reordered_messages_come_after_later_ones_and_none_is_lost():
    box = Box()
    ocean = ocean_with(box, seed=3)
    ocean.faults.rates = Rates(reorder=0.2)
    refs = [sent(ocean) for _number in range(100)]
    for ref in refs:
        ocean.users.change(ref, "Changed")
    ocean.run_due()
    ocean.advance(2 * HOUR)
    order = {ref: [] for ref in refs}
    for bundle in box.bundles:
        order[header_of(bundle)["extension"][0]["valueIdentifier"]["value"]].append(event_of(bundle))
    turned = sum(events[0] == "notify-update-service-request" for events in order.values())
    assert 5 < turned < 40
    assert all(len(events) == 2 for events in order.values())


def test_dropped_and_lost_messages_are_tried_again_until_they_arrive():
    box = Box()
    ocean = ocean_with(box, seed=5)
    ocean.faults.rates = Rates(drop=0.3, lose=0.2)
    for _number in range(200):
        ocean.refer()
    ocean.advance(DAY)
    arrived = {bundle["id"] for bundle in box.bundles}
    assert len(arrived) == 200
    assert len(box.bodies) > 200  # an answer was lost
    assert all(one.state == "delivered" for one in ocean.messages())


def test_in_an_outage_nothing_goes_out_and_nothing_is_taken_and_after_it_all_goes_on(ocean, box):
    ref = sent(ocean)
    ocean.outage(DAY)
    ocean.users.change(ref, "During the outage")
    ocean.run_due()
    assert len(box.bodies) == 1
    assert say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted")) == 503
    assert ocean.folder(ref) == "New"
    ocean.advance(2 * DAY)
    assert len(box.bodies) == 2
    assert say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted")) == 200


def test_ocean_may_refuse_a_message_or_take_it_and_lose_the_answer(ocean, box):
    ref = sent(ocean)
    ocean.faults.rates = Rates(refuse=1)
    assert say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted")) == 503
    assert ocean.folder(ref) == "New"
    ocean.faults.rates = Rates(forget=1)
    assert say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted")) == 500
    assert ocean.folder(ref) == "Pending Booking"


def test_every_change_returns_as_an_update_but_a_create_a_cancel_and_a_communication(ocean, box):
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted"))
    ocean.users.book(ref)
    ocean.users.set_status(ref, "rejected")
    ocean.users.reopen(ref)
    ocean.users.change(ref, "Changed")
    ocean.users.ask(ref, "When?")
    ocean.users.reply(ref, "Tomorrow.")
    ocean.users.cancel(ref)
    ocean.run_due()
    update = "notify-update-service-request"
    assert box.events == ["add-service-request", *[update] * 5, "send-communication", "revoke-service-request"]


def test_without_the_habit_of_echoes_an_own_change_does_not_return(ocean, box):
    ocean.habits.echo = False
    ref = sent(ocean)
    say(ocean, box, ref, "notify-add-process-request", task(ref, "accepted"))
    assert len(box.bodies) == 1


def test_a_receiver_that_answers_each_echo_is_echoed_each_time_and_the_loop_shows():
    """A receiver without the suppression of echoes would go on for ever: here each answer makes one more message."""
    box = Box()
    ocean = ocean_with(box)
    ref = sent(ocean)
    for number in range(4):
        before = len(box.bodies)
        say(ocean, box, ref, "notify-update-process-request", task(ref, "accepted"))
        assert len(box.bodies) == before + 1, number


def test_a_receiver_that_answers_at_once_from_inside_its_own_request_is_served():
    ocean = None
    seen = []

    def eager(body):
        bundle = json.loads(body)
        seen.append(event_of(bundle))
        if seen == ["add-service-request"]:
            (ref,) = ocean.folders()["New"]
            ocean.process("1234", json.dumps(_accepts(bundle, ref)).encode())
            assert ocean.run_due() == 0
        return 200

    ocean = ocean_with(eager)
    ocean.refer()
    ocean.run_due()
    assert seen == ["add-service-request", "notify-update-service-request"]


def _accepts(bundle, ref):
    from support.ocean_answers import answer

    return answer(bundle, "notify-add-process-request", task(ref, "accepted"))


@pytest.mark.parametrize(("as_new", "event"), [(True, "add-service-request"), (False, "notify-update-service-request")])
def test_a_bulk_resend_sends_each_again_at_a_pace(ocean, box, as_new, event):
    refs = [sent(ocean) for _number in range(5)]
    assert ocean.resend(refs, as_new=as_new) == 5
    ocean.run_due()
    assert len(box.bodies) == 6
    ocean.advance(HOUR)
    assert box.events[5:] == [event] * 5
    assert [ocean.folder(ref) for ref in refs] == ["New"] * 5
    assert len({bundle["id"] for bundle in box.bundles}) == 10


def test_a_bulk_resend_takes_1000_at_most_and_knows_each(ocean):
    ref = sent(ocean)
    assert ocean.resend([ref] * 1000) == 1000
    with pytest.raises(ConfigurationError, match="1000"):
        ocean.resend([ref] * 1001)
    count = len(ocean.messages())
    with pytest.raises(NotFoundError):
        ocean.resend([ref, "unknown"])
    assert len(ocean.messages()) == count


def test_a_third_party_is_informed_and_may_change_nothing(ocean, box):
    third = Box()
    ocean.add_site("9999", receiver=third, informed=True)
    ref = sent(ocean)
    assert third.events == ["notify-add-service-request"]
    assert post(ocean, _accepts(box.bundles[0], ref), site="9999").status == 403


def test_a_site_without_an_integration_gets_nothing_and_its_referrals_are_in_their_folder():
    ocean = OceanSimulator()
    ocean.add_site("1")
    ocean.add_listing("1")
    ref = ocean.refer()
    assert ocean.run_due() == 0
    assert (ocean.folder(ref), ocean.messages()) == ("New", [])


def test_a_shifted_clock_runs_and_is_moved_forward_only():
    below = ManualClock(START)
    clock = ShiftedClock(below)
    clock.advance(HOUR)
    below.advance(HOUR)
    clock.advance(-HOUR)
    assert clock.now() - START == 2 * HOUR


def test_the_machines_clock_is_not_moved():
    with pytest.raises(ConfigurationError):
        OceanSimulator().advance(HOUR)
    with pytest.raises(ConfigurationError):
        OceanSimulator().refer()
