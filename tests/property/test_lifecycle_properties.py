"""Rules that hold for every referral, whoever says what and in whatever order it arrives."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footbridge.model.lifecycle import (
    Act,
    Answered,
    Applied,
    Ignored,
    LastAnswer,
    Refused,
    Reported,
    RolledUp,
    TaskStatusChanged,
    TellPartner,
    allowed,
    apply,
    begin,
    from_dict,
    next_try,
    split,
    to_dict,
)
from footbridge.model.lifecycle.answer_table import answer_table
from footbridge.model.lifecycle.table import ANYONE
from footbridge.model.lifecycle.tables import machine, machines, roles
from footbridge.model.principals import Principal

START = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
STATUSES = sorted({status for table in machines().values() for status in table.value_set} | {"no-such-status"})
NAMES = sorted(
    {arrow.event for table in machines().values() for arrow in table.transitions}
    | {row.event for table in machines().values() for row in table.orders}
    | {"no-such-event"}
)
STANDINGS = ["as-task", "another-try", "parts", "withdrawn"]
PARTNERS = [None, "emr", "hub", "stranger"]

times = st.integers(0, 8).map(lambda hours: START + timedelta(hours=hours, microseconds=hours))
reasons = st.sampled_from([None, "", "At capacity.", "Moved away."])
which = st.sampled_from(["main", "main", "follow-up"])
channels = st.sampled_from(["api", "network"])
parties = st.sampled_from(PARTNERS)
anyone = st.builds(Principal, st.sampled_from([*sorted(roles()), "no-such-role"]), parties, channel=channels)
PARTIES = [
    Principal("recipient", "hub"),
    Principal("recipient"),
    Principal("requester", "emr"),
    Principal("requester"),
    Principal("navigator"),
    Principal("person"),
    Principal("system"),
    Principal("admin"),
]
parties = st.sampled_from(PARTIES)
actors = st.one_of(parties, parties, anyone)
acts = st.builds(Act, st.sampled_from(NAMES), times, reasons, st.sampled_from([None, "hub", "other"]), which)
reports = st.builds(
    Reported,
    st.sampled_from(STATUSES),
    times,
    reasons,
    st.sampled_from([None, None, "1", "2", "3"]),
    st.booleans(),
    which,
)
answers = st.builds(
    Answered,
    times,
    st.sampled_from([None, "yes", "no", "partly", "perhaps"]),
    st.sampled_from([None, *sorted(answer_table().goal), "no-such-code"]),
    st.sampled_from([(), (("g1", "achieved"),), (("no-such-goal", "achieved"),)]),
    reasons,
)
roll_ups = st.builds(RolledUp, st.sampled_from(STATUSES), times, reasons)
events = st.one_of(acts, acts, reports, reports, answers, roll_ups)
beginnings = st.builds(
    begin,
    st.sampled_from(["signpost", "warm-connection", "navigator"]),
    requester=st.sampled_from([None, "emr"]),
    owner=st.sampled_from([None, "hub"]),
    goals=st.sampled_from([(), ("g1",), ("g1", "g2")]),
    follow_up=st.booleans(),
    service_request=st.booleans(),
)


@st.composite
def states(draw):
    """A state that some history led to: mostly events that apply, some that do not, splits, other tries."""
    state = draw(beginnings)
    if state.task.machine == "referral" and draw(st.integers(0, 3)) == 0:
        state = split(state, ["hub", None]).parent
    for _ in range(draw(st.integers(0, 7))):
        state = apply(state, *draw(st.one_of(likely(state), likely(state), likely(state), anything))).state
        if state.standing == "another-try" and draw(st.booleans()):
            tried = next_try(state, "hub")
            state = draw(st.sampled_from([tried.previous, tried.current]))
    return state


anything = st.tuples(events, parties)


def likely(state):
    """An event that applies now, by somebody who may send it."""
    options = [
        (Act(name, START, "Reason.", "hub", chosen), actor)
        for actor in PARTIES
        for chosen in ("main", "follow-up")
        for name in allowed(state, actor, chosen)
        if name not in {"answer", "enter-in-error"}
    ]
    return st.sampled_from(options) if options else anything


def tasks(state):
    return [state.task] if state.follow_up is None else [state.task, state.follow_up]


def holds_together(state):
    """The state is legal in every status that it holds, and the order goes as the table says."""
    for task in tasks(state):
        assert task.status in machine(task.machine).value_set
        assert task.status in machine(task.machine).statuses
    table = machine(state.task.machine)
    if state.standing == "superseded":
        assert (state.service_request, state.goals, state.follow_up) == (None, (), None)
    if state.service_request is not None:
        assert state.service_request == table.service_request[state.task.status, state.standing]
    for goal in state.goals:
        assert goal.achievement is None or goal.achievement in answer_table().goal


EVERY_EVENT = [
    *(Act(name, START, "Reason.", "hub", chosen) for name in NAMES for chosen in ("main", "follow-up")),
    *(Reported(status, START, which=chosen) for status in STATUSES for chosen in ("main", "follow-up")),
    *(Answered(START, happened, "achieved") for happened in (None, "yes", "no", "partly")),
    *(RolledUp(status, START) for status in STATUSES),
]


@pytest.mark.parametrize(("kind", "standing"), [("signpost", "as-task"), *(("navigator", s) for s in STANDINGS)])
def test_from_every_status_every_event_by_every_actor_keeps_the_rules(kind, standing):
    first = begin(kind, requester="emr", owner="hub", goals=["g1"], follow_up=True)
    table = machine(first.task.machine)
    for status, key in sorted(table.service_request):
        if key != standing:
            continue
        task = replace(first.task, status=status, started=status in table.activity)
        order = table.service_request[status, standing]
        state = replace(first, task=task, standing=standing, service_request=order)
        for event, actor in itertools.product(EVERY_EVENT, [*PARTIES, Principal("recipient", "stranger")]):
            after = apply(state, event, actor).state
            holds_together(after)
            if status in table.terminal:
                assert after.task.status in {status, "entered-in-error"}
            assert apply(after, event, actor).state == after


@given(states(), events, actors)
@settings(max_examples=400)
def test_no_event_makes_an_illegal_state(state, event, actor):
    holds_together(state)
    holds_together(apply(state, event, actor).state)


@given(states(), events, actors)
@settings(max_examples=400)
def test_terminal_stays_terminal_but_for_entered_in_error(state, event, actor):
    after = apply(state, event, actor).state
    for before, now in zip(tasks(state), tasks(after), strict=True):
        if before.status in machine(before.machine).terminal:
            assert now.status in {before.status, "entered-in-error"}
        if before.status == "entered-in-error":
            assert now.status == "entered-in-error"


@given(states(), events, actors)
@settings(max_examples=400)
def test_a_replay_changes_nothing(state, event, actor):
    once = apply(state, event, actor).state
    again = apply(once, event, actor)
    assert again.state == once
    assert not isinstance(again, Applied)


@given(states(), reports, actors)
@settings(max_examples=300)
def test_a_stale_report_changes_nothing(state, report, actor):
    for task in tasks(state):
        last = task.last_report(actor.reporter)
        chosen = "main" if task is state.task else "follow-up"
        if last is not None:
            stale = replace(report, at=last.at - timedelta(seconds=1), which=chosen)
            result = apply(state, stale, actor)
            assert result.state == state
            assert not isinstance(result, Applied)


@given(states(), answers, actors)
@settings(max_examples=200)
def test_a_stale_answer_changes_nothing(state, answer, actor):
    state = replace(state, answer=LastAnswer(answer.at + timedelta(seconds=1), "yes", ()))
    assert apply(state, answer, actor).state == state


@given(states(), events, actors)
@settings(max_examples=300)
def test_only_an_applied_event_shows_and_a_refused_one_leaves_no_trace(state, event, actor):
    result = apply(state, event, actor)
    if isinstance(result, Refused):
        assert result.state == state
        assert result.message.endswith(".")
    if isinstance(result, Ignored):
        seen = [(task.status, task.reason, task.owner, task.started) for task in tasks(state)]
        assert seen == [(t.status, t.reason, t.owner, t.started) for t in tasks(result.state)]
        assert replace(result.state, task=state.task, follow_up=state.follow_up) == state


@given(states(), events, actors)
@settings(max_examples=300)
def test_the_steps_lead_from_the_old_status_to_the_new_along_the_table(state, event, actor):
    result = apply(state, event, actor)
    if not isinstance(result, Applied):
        return
    for number, task in enumerate(tasks(state)):
        name = ("main", "follow-up")[number]
        at = task.status
        for step in (step for step in result.steps if step.which == name):
            assert step.before == at
            assert machine(task.machine).moves[step.event, at].after == step.after
            at = step.after
        assert at == tasks(result.state)[number].status


@given(states(), events, actors)
@settings(max_examples=300)
def test_news_goes_to_the_parties_and_never_back_where_it_came_from(state, event, actor):
    result = apply(state, event, actor)
    if isinstance(result, Applied):
        told = {effect.partner for effect in result.effects if isinstance(effect, TellPartner)}
        parties = {result.state.requester, *(task.owner for task in tasks(result.state))}
        assert told <= parties - {None, actor.origin}


@given(states(), events, st.sampled_from(sorted(roles())))
@settings(max_examples=200)
def test_a_stranger_changes_nothing(state, event, role):
    result = apply(state, event, Principal(role, "stranger"))
    assert not isinstance(result, Applied)
    assert result.state == state


@given(states(), actors, which)
@settings(max_examples=300)
def test_allowed_names_exactly_the_acts_that_apply(state, actor, chosen):
    names = allowed(state, actor, chosen)
    assert len(names) == len(set(names))
    for name in NAMES:
        result = apply(state, Act(name, START, "Reason.", "other", chosen), actor)
        assert isinstance(result, Applied) == (name in names), name


@given(states(), actors)
@settings(max_examples=200)
def test_allowed_names_an_answer_exactly_when_one_applies(state, actor):
    later = START + timedelta(days=30)
    result = apply(state, Answered(later, "yes", "improving"), actor)
    assert isinstance(result, Applied) == ("answer" in allowed(state, actor))


@given(states())
@settings(max_examples=300)
def test_a_state_survives_its_journey_through_json(state):
    assert from_dict(to_dict(state)) == state


@st.composite
def partner_histories(draw):
    """What one partner's Task really went through: statuses that follow from each other, hour by hour."""
    table = machine("referral")
    at, history = "requested", []
    for hour in range(draw(st.integers(1, 5))):
        onward = sorted(table.paths["recipient", at])
        if not onward:
            break
        at = draw(st.sampled_from(onward))
        history.append(Reported(at, START + timedelta(hours=hour), draw(reasons), f"v{hour}"))
    return history


@given(partner_histories(), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_in_any_order_of_arrival_the_newest_report_stands(history, random):
    arriving = list(history) * 2
    random.shuffle(arriving)
    state = begin("warm-connection", requester="emr", owner="hub", goals=["g1"])
    for report in arriving:
        state = apply(state, report, Principal("recipient", "hub")).state
    assert state.task.status == history[-1].status
    if history[-1].reason:
        assert state.task.reason == history[-1].reason
    holds_together(state)


@given(states(), st.sampled_from(STATUSES))
@settings(max_examples=200)
def test_a_status_that_lacks_its_reason_says_so(state, status):
    result = apply(state, Reported(status, START + timedelta(days=9), which="main"), Principal("recipient", "hub"))
    if isinstance(result, Applied):
        table = machine(state.task.machine)
        change = next(effect for effect in result.effects if isinstance(effect, TaskStatusChanged))
        assert change.reason_missing == (change.after in table.reason_required)


@pytest.mark.parametrize("name", sorted(machines()))
@pytest.mark.parametrize("role", [*sorted(roles()), ANYONE])
def test_every_way_that_a_role_can_go_consists_of_its_own_steps(name, role):
    table = machine(name)
    for before in table.statuses:
        for after, way in table.paths[role, before].items():
            assert way[0].before == before
            assert way[-1].after == after
            assert all(one.after == two.before for one, two in itertools.pairwise(way))
            assert role == ANYONE or all(role in arrow.by for arrow in way)
