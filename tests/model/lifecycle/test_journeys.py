"""The lifecycle told as journeys: each test is one referral from its beginning to its end."""

from datetime import UTC, datetime, timedelta

import pytest

from footbridge.errors import LifecycleError
from footbridge.model.lifecycle import (
    Act,
    Answered,
    Applied,
    CancelParts,
    FollowUpDue,
    GoalChanged,
    Ignored,
    NeedsPerson,
    OwnerChanged,
    Refused,
    Reported,
    RolledUp,
    ServiceRequestStatusChanged,
    Step,
    TaskStatusChanged,
    TellPartner,
    TryAnotherPartner,
    apply,
    begin,
    next_try,
    reason_missing,
    roll_up,
    split,
)
from footbridge.model.principals import Principal

MORNING = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
HUB = Principal("recipient", "hub", channel="network")
EMR = Principal("requester", "emr", channel="network")
NAVIGATOR = Principal("navigator")
TIMER = Principal("system")


def hours(number):
    return MORNING + timedelta(hours=number)


def warm_connection(**facts):
    return begin("warm-connection", **{"requester": "emr", "owner": "hub", "goals": ["company"], **facts})


def take(state, event, actor):
    result = apply(state, event, actor)
    assert isinstance(result, Applied), result
    return result


def refused(state, event, actor):
    result = apply(state, event, actor)
    assert isinstance(result, Refused), result
    assert result.state == state
    return result.code


def test_accepted_worked_on_completed_and_asked_about():
    state = warm_connection(follow_up=True)
    assert (state.task.status, state.service_request, state.goals[0].achievement) == ("requested", "active", None)

    accepted = take(state, Reported("accepted", hours(1), version="2"), HUB)
    assert accepted.steps == (Step("main", "accept", "requested", "accepted", inferred=False),)
    assert TellPartner("emr") in accepted.effects
    assert TellPartner("hub") not in accepted.effects

    started = take(accepted.state, Reported("in-progress", hours(2), version="3"), HUB)
    assert GoalChanged("company", "active", "in-progress") in started.effects

    done = take(started.state, Reported("completed", hours(3), version="4"), HUB)
    assert ServiceRequestStatusChanged("active", "completed") in done.effects
    assert done.state.goals[0].achievement == "in-progress", "work done is not yet the goal reached"

    due = take(done.state, Act("due", hours(4), which="follow-up"), TIMER)
    assert due.effects == (FollowUpDue(),)

    answered = take(due.state, Answered(hours(5), "yes", goal="achieved"), NAVIGATOR)
    assert answered.state.goals[0].lifecycle == "completed"
    assert answered.state.goals[0].achievement == "achieved"
    assert answered.state.follow_up.status == "completed"
    assert not answered.state.follow_up_due
    assert answered.state.task.status == "completed"


def test_a_jump_from_requested_to_completed_is_applied_as_the_steps_that_it_implies():
    done = take(warm_connection(), Reported("completed", hours(1)), HUB)
    assert [(step.event, step.inferred) for step in done.steps] == [
        ("accept", True),
        ("start", True),
        ("complete", False),
    ]


def test_accepted_to_completed_is_one_step_of_the_guide_and_nothing_is_inferred():
    accepted = take(warm_connection(), Reported("accepted", hours(1)), HUB).state
    done = take(accepted, Reported("completed", hours(2)), HUB)
    assert done.steps == (Step("main", "complete", "accepted", "completed", inferred=False),)


@pytest.mark.parametrize("status", ["on-hold", "in-progress"])
def test_what_the_guide_does_not_draw_from_requested_goes_through_accepted(status):
    result = take(warm_connection(), Reported(status, hours(1), "Waiting list."), HUB)
    assert result.steps[0] == Step("main", "accept", "requested", "accepted", inferred=True)
    assert result.state.task.status == status
    assert refused(warm_connection(), Act("hold", hours(1), "Waiting list."), HUB) == "not-allowed-from-here"


def test_declined_then_a_second_partner_takes_it():
    state = warm_connection(follow_up=True)
    declined = take(state, Reported("rejected", hours(1), "At capacity."), HUB)
    assert TryAnotherPartner("hub") in declined.effects
    assert declined.state.service_request == "active", "the order stands while another try is awaited"

    tried = next_try(declined.state, "seniors-centre")
    assert tried.previous.task.status == "rejected"
    assert tried.previous.service_request is None, "the new try moves the order now"
    assert tried.current.task.status == "requested"
    assert tried.current.task.owner == "seniors-centre"
    assert tried.current.goals == declined.state.goals
    assert tried.current.follow_up == declined.state.follow_up
    assert tried.effects == (TellPartner("emr"), TellPartner("seniors-centre"))

    late = Reported("accepted", hours(2))
    assert refused(tried.previous, late, HUB) == "terminal", "the first partner changes its mind too late"
    assert refused(tried.current, late, HUB) == "not-this-actor"
    void = take(tried.previous, Act("enter-in-error", hours(2)), EMR)
    assert (void.state.standing, void.state.service_request) == ("superseded", None)
    done = take(tried.current, Reported("completed", hours(3)), Principal("recipient", "seniors-centre"))
    assert done.state.service_request == "completed"


def test_declined_and_nobody_else_to_ask_rests_until_a_person_decides():
    untried = Act("no-other-partner", hours(1))
    assert refused(warm_connection(), untried, TIMER) == "not-allowed-from-here"
    declined = take(warm_connection(follow_up=True), Reported("rejected", hours(1)), HUB).state
    alone = take(declined, Act("no-other-partner", hours(1)), TIMER)
    assert NeedsPerson("no-other-partner") in alone.effects
    assert alone.state.service_request == "on-hold"
    with pytest.raises(LifecycleError) as error:
        next_try(alone.state, "other")
    assert error.value.reason == "no-try-asked"

    again = take(alone.state, Act("reopen", hours(2), "A new service has opened."), NAVIGATOR)
    assert again.state.service_request == "active"
    assert again.state.task.status == "rejected", "a terminal Task stays as it is"
    assert next_try(again.state, "new-service").current.task.status == "requested"

    given_up = take(alone.state, Act("withdraw", hours(2), "She found company herself."), EMR)
    assert given_up.state.service_request == "revoked"
    assert given_up.state.follow_up.status == "cancelled"
    assert given_up.state.goals[0].lifecycle == "active", "the goal is hers, not the referral's"
    reopen = Act("reopen", hours(3), "Changed plans.")
    assert refused(given_up.state, reopen, NAVIGATOR) == "terminal", "revoked: it takes a new prescription"


def test_the_emr_cancels_while_the_partner_completes():
    working = take(warm_connection(follow_up=True), Reported("in-progress", hours(1)), HUB).state

    cancelled = take(working, Reported("cancelled", hours(2)), EMR)
    assert cancelled.state.service_request == "revoked"
    assert cancelled.state.follow_up.status == "cancelled"
    assert TellPartner("hub") in cancelled.effects
    assert refused(cancelled.state, Reported("completed", hours(3)), HUB) == "terminal"

    completed = take(working, Reported("completed", hours(2)), HUB).state
    late = apply(completed, Reported("cancelled", hours(3)), EMR)
    assert isinstance(late, Refused)
    assert late.code == "terminal"


def test_a_service_that_gives_up_cannot_withdraw_the_prescribers_order():
    working = take(warm_connection(), Reported("in-progress", hours(1)), HUB).state
    gave_up = take(working, Reported("cancelled", hours(2), "Programme closed."), HUB)
    assert gave_up.state.service_request == "on-hold"
    assert NeedsPerson("cancelled") in gave_up.effects


def test_the_emrs_copy_that_lags_behind_is_not_taken_for_a_wish():
    working = take(warm_connection(), Reported("in-progress", hours(1)), HUB).state
    result = apply(working, Reported("requested", hours(2)), EMR)
    assert isinstance(result, Ignored)
    assert result.reason == "behind"
    older = apply(result.state, Reported("cancelled", hours(1)), EMR)
    assert isinstance(older, Ignored)
    assert older.reason == "stale"
    assert refused(working, Reported("completed", hours(3)), EMR) == "not-this-actor"


@pytest.mark.parametrize(
    ("happened", "task", "order"),
    [("yes", "completed", "completed"), ("partly", "completed", "completed"), ("no", "failed", "revoked")],
)
def test_a_signpost_waits_for_nobody_and_is_closed_by_the_follow_up(happened, task, order):
    state = begin("signpost", requester="emr", goals=["walk"], follow_up=True)
    assert (state.task.status, state.service_request) == ("ready", "active")
    answered = take(state, Answered(hours(1), happened, goal="improving"), NAVIGATOR)
    assert answered.state.task.status == task
    assert answered.state.service_request == order
    assert answered.state.follow_up.status == "completed"
    assert answered.state.goals[0].achievement == "improving"
    assert answered.state.goals[0].lifecycle == "active"


def test_a_person_closes_a_signpost_without_giving_reasons():
    state = begin("signpost", service_request=False)
    person = Principal("person")
    failed = take(state, Act("fail", hours(1)), person)
    assert failed.state.task.status == "failed"
    assert failed.state.service_request is None
    assert refused(state, Act("cancel", hours(1)), person) == "reason-required"
    assert refused(state, Act("enter-in-error", hours(1)), person) == "not-this-actor"


def test_split_in_three_parts_and_rolled_up():
    whole = warm_connection(owner=None, follow_up=True)
    parts = split(whole, ["food-bank", "bus", None])
    assert parts.effects == (TellPartner("bus"), TellPartner("food-bank"))
    parent, (food, bus, own) = parts.parent, parts.parts
    assert refused(parent, Act("cancel", hours(1)), NAVIGATOR) == "reason-required"
    assert refused(parent, Act("reject", hours(1), "No."), NAVIGATOR) == "parts-open"
    parent = take(parent, Act("accept", hours(1)), NAVIGATOR).state
    assert refused(parent, Act("complete", hours(1)), NAVIGATOR) == "parts-open"
    own_word = apply(parent, Reported("failed", hours(1)), Principal("recipient"))
    assert isinstance(own_word, Refused)
    assert own_word.code == "parts-open"
    assert roll_up([food, bus, own], hours(1)) is None

    food = take(food, Reported("in-progress", hours(2)), Principal("recipient", "food-bank")).state
    parent = take(parent, roll_up([food, bus, own], hours(2)), TIMER).state
    assert (parent.task.status, parent.service_request) == ("in-progress", "active")

    bus = take(bus, Reported("rejected", hours(3), "No bus there."), Principal("recipient", "bus")).state
    own = take(own, Act("cancel", hours(3), "Not wanted any more."), NAVIGATOR).state
    food = take(food, Reported("completed", hours(4)), Principal("recipient", "food-bank")).state
    still = apply(parent, roll_up([food, bus, own], hours(4)), TIMER)
    assert isinstance(still, Ignored), "the declined part awaits another try"

    bus = take(bus, Act("no-other-partner", hours(5)), TIMER).state
    done = take(parent, roll_up([food, bus, own], hours(5)), TIMER)
    assert (done.state.task.status, done.state.service_request) == ("completed", "completed")
    assert TellPartner("emr") in done.effects


def test_a_split_of_which_no_part_helped_fails_with_their_reasons():
    parts = split(warm_connection(owner=None), ["food-bank", "bus"])
    food, bus = parts.parts
    food = take(food, Reported("failed", hours(1), "Nobody answered."), Principal("recipient", "food-bank"))
    food = take(food.state, Act("withdraw", hours(2), "Enough."), NAVIGATOR).state
    bus = take(bus, Reported("rejected", hours(1), "No bus there."), Principal("recipient", "bus")).state
    bus = take(bus, Act("no-other-partner", hours(2)), TIMER).state
    failed = take(parts.parent, roll_up([food, bus], hours(3)), TIMER)
    assert failed.state.task.status == "failed"
    assert failed.state.task.reason == "Nobody answered.; No bus there."
    assert failed.state.service_request == "on-hold"
    assert [step.inferred for step in failed.steps] == [True, False]


def test_a_part_entered_in_error_counts_neither_way():
    food, bus = split(warm_connection(owner=None), ["food-bank", "bus"]).parts
    bus = take(bus, Act("enter-in-error", hours(1)), Principal("admin")).state
    assert roll_up([bus], hours(1)) is None
    food = take(food, Reported("completed", hours(1)), Principal("recipient", "food-bank")).state
    assert roll_up([food, bus], hours(2)).status == "completed"


def test_cancelling_the_whole_calls_its_parts_off():
    parent = split(warm_connection(owner=None), ["food-bank"]).parent
    cancelled = take(parent, Act("cancel", hours(1), "Moved away."), NAVIGATOR)
    assert CancelParts() in cancelled.effects
    assert cancelled.state.service_request == "revoked"


def test_only_an_open_referral_is_split():
    completed = take(warm_connection(), Reported("completed", hours(1)), HUB).state
    for state in (completed, warm_connection(status="draft"), begin("signpost")):
        with pytest.raises(LifecycleError, match="split"):
            split(state, ["food-bank"])


def test_a_draft_waits_for_a_partner_is_given_one_and_sent():
    draft = warm_connection(owner=None, status="draft")
    assert draft.service_request == "draft"
    assert refused(draft, Act("assign", hours(1)), NAVIGATOR) == "owner-required"
    assigned = take(draft, Act("assign", hours(1), owner="hub"), NAVIGATOR)
    assert assigned.effects == (OwnerChanged("main", "hub"), TellPartner("emr"))
    assert refused(assigned.state, Act("assign", hours(1), owner="other"), NAVIGATOR) == "has-owner"
    sent = take(assigned.state, Act("submit", hours(2)), TIMER)
    assert sent.state.service_request == "active"
    assert TellPartner("hub") in sent.effects


def test_a_draft_is_cancelled_without_a_word_to_the_partner_that_never_saw_it():
    draft = warm_connection(status="draft")
    cancelled = take(draft, Act("cancel", hours(1), "Written twice."), NAVIGATOR)
    assert TellPartner("hub") not in cancelled.effects
    assert refused(draft, Act("cancel", hours(1), "Written twice."), HUB) == "not-this-actor"


def test_entered_in_error_voids_the_order_only_if_nothing_was_done():
    void = Act("enter-in-error", hours(9))
    untouched = take(warm_connection(follow_up=True), void, EMR).state
    assert untouched.service_request == "entered-in-error"
    assert untouched.follow_up.status == "cancelled"
    assert untouched.goals[0].lifecycle == "active"

    worked = take(warm_connection(), Reported("completed", hours(1)), HUB).state
    assert take(worked, void, EMR).state.service_request == "revoked"


def test_our_own_users_give_a_reason_and_partners_may_leave_it_out():
    state = warm_connection()
    assert refused(state, Act("reject", hours(1), "  "), NAVIGATOR) == "reason-required"
    declined = take(state, Reported("rejected", hours(1)), HUB)
    assert declined.effects[0] == TaskStatusChanged("main", "requested", "rejected", None, reason_missing=True)
    assert reason_missing(declined.state.task)
    explained = take(declined.state, Reported("rejected", hours(2), "At capacity."), HUB)
    assert explained.effects[0] == TaskStatusChanged(
        "main", "rejected", "rejected", "At capacity.", reason_missing=False
    )
    assert TryAnotherPartner("hub") not in explained.effects


def test_reports_are_ordered_by_their_source_and_not_by_arrival():
    state = take(warm_connection(), Reported("in-progress", hours(2), version="b"), HUB).state

    def ignored(report):
        result = apply(state, report, HUB)
        assert isinstance(result, Ignored), result
        assert result.state == state
        return result

    assert ignored(Reported("rejected", hours(1), version="a")).reason == "stale"
    assert ignored(Reported("completed", hours(3), version="b")).reason == "duplicate"
    assert ignored(Reported("in-progress", hours(2), version="c")).reason == "duplicate"
    tie = ignored(Reported("completed", hours(2), version="c"))
    assert tie.reason == "tie"
    assert tie.read_again
    read = Reported("completed", hours(2), version="c", confirmed=True)
    assert take(state, read, HUB).state.task.status == "completed"


def test_no_change_is_remembered_so_that_older_reports_stay_old():
    state = take(warm_connection(), Reported("accepted", hours(1), version="1"), HUB).state
    touched = apply(state, Reported("accepted", hours(5), version="2"), HUB)
    assert isinstance(touched, Ignored)
    assert touched.reason == "no-change"
    late = apply(touched.state, Reported("in-progress", hours(3), version="x"), HUB)
    assert isinstance(late, Ignored)
    assert late.reason == "stale"


def test_a_partner_that_works_on_our_pages_overtakes_its_own_older_reports():
    accepted = take(warm_connection(), Act("accept", hours(3)), HUB).state
    started = take(accepted, Act("start", hours(1)), HUB).state
    assert started.task.last_report(HUB.reporter).at == hours(3), "a slow clock turns nothing back"
    late = apply(accepted, Reported("rejected", hours(2)), HUB)
    assert isinstance(late, Ignored)
    assert late.reason == "stale"


@pytest.mark.parametrize(("word", "status"), [("received", "requested"), ("ready", "accepted")])
def test_words_of_other_dialects_are_understood(word, status):
    assert apply(warm_connection(), Reported(word, hours(1)), HUB).state.task.status == status


def test_words_of_no_dialect_are_refused():
    assert refused(warm_connection(), Reported("finished", hours(1)), HUB) == "unknown-status"
    assert refused(warm_connection(), Act("finish", hours(1)), HUB) == "unknown-event"
    assert refused(warm_connection(), Answered(hours(1), "maybe"), NAVIGATOR) == "unknown-answer"
    assert refused(warm_connection(), Answered(hours(1), goals=(("x", "achieved"),)), NAVIGATOR) == "unknown-goal"
    assert refused(warm_connection(), Act("due", hours(1), which="follow-up"), TIMER) == "no-follow-up"


def test_an_answer_that_contradicts_the_task_goes_to_a_person_and_changes_no_status():
    done = take(warm_connection(), Reported("completed", hours(1)), HUB).state
    answered = take(done, Answered(hours(2), "no", goal="no-progress"), NAVIGATOR)
    assert NeedsPerson("answer-contradicts") in answered.effects
    assert answered.state.task.status == "completed"
    assert answered.state.goals[0].achievement == "no-progress"


def test_a_later_answer_corrects_an_earlier_one_goal_by_goal():
    state = begin("navigator", goals=["eat", "sing"])
    first = take(state, Answered(hours(1), "yes", "improving", (("sing", "achieved"),)), NAVIGATOR).state
    assert [goal.achievement for goal in first.goals] == ["improving", "achieved"]
    second = take(first, Answered(hours(2), goals=(("sing", "worsening"),)), NAVIGATOR).state
    assert [(goal.achievement, goal.lifecycle) for goal in second.goals] == [
        ("improving", "active"),
        ("worsening", "active"),
    ]
    old = apply(second, Answered(hours(1), "no", "no-change"), NAVIGATOR)
    assert isinstance(old, Ignored)
    assert old.reason == "stale"


def test_a_refusal_says_what_is_possible_instead():
    result = apply(warm_connection(), Act("start", hours(1)), HUB)
    assert (
        result.message
        == "A recipient cannot start a referral that is requested; allowed: accept, reject, cancel, hand-back."
    )


def test_the_practice_works_on_its_own_follow_up():
    state = warm_connection(follow_up=True)
    called = take(state, Act("start", hours(1), which="follow-up"), Principal("requester"))
    assert called.state.task == state.task
    missed = take(called.state, Act("fail", hours(2), "Not reached.", which="follow-up"), Principal("requester"))
    assert missed.state.follow_up.status == "failed"
    assert missed.state.service_request == "active"
    assert refused(state, Act("start", hours(1), which="follow-up"), HUB) == "not-this-actor"


def test_events_need_a_time_with_an_offset():
    for make in (lambda at: Act("accept", at), lambda at: Reported("accepted", at), Answered):
        with pytest.raises(ValueError, match="offset"):
            make(datetime(2026, 11, 3))  # noqa: DTZ001 - the missing offset is the point


def test_only_the_owner_of_the_follow_up_answers_among_services():
    planned = warm_connection(follow_up=True, follow_up_owner="hub")
    assert take(planned, Answered(hours(1), "yes"), HUB).state.follow_up.status == "completed"
    assert refused(warm_connection(follow_up=True), Answered(hours(1), "yes"), HUB) == "not-this-actor"
    assert refused(warm_connection(), Answered(hours(1), "yes"), HUB) == "not-this-actor"


def test_roll_ups_are_the_systems_alone_and_need_parts():
    news = RolledUp("completed", hours(1))
    assert refused(warm_connection(), news, NAVIGATOR) == "not-this-actor"
    assert refused(warm_connection(), news, TIMER) == "no-parts"
    parent = split(warm_connection(), ["bus"]).parent
    assert refused(parent, RolledUp("ended", hours(1)), TIMER) == "unknown-status"
    working = take(parent, RolledUp("in-progress", hours(1)), TIMER).state
    again = apply(working, RolledUp("accepted", hours(2)), TIMER)
    assert isinstance(again, Ignored)
    assert again.reason == "behind"


def test_a_referral_begins_in_an_initial_status_of_its_kind():
    with pytest.raises(ValueError, match="does not begin"):
        begin("navigator", status="accepted")
    with pytest.raises(KeyError):
        begin("no-such-kind")
