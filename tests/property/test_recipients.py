"""What a recipient's token reads is what was disclosed to its partner at that moment, whatever happened before."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.recipients import CATEGORIES, RECORDS, SCOPES, SERVICES, Admin, Oracle, Prescribed, Town
from support.soak import SOAK, count, ran

from footbridge.model.clock import ManualClock
from footbridge.store.engine import open_database
from footbridge.validation import Validator

EXAMPLES = count(quick=6, soak=10_000)

which = st.integers(0, 11)
contents = {
    "needs": st.lists(st.sampled_from(CATEGORIES), min_size=1, max_size=3, unique=True),
    "scope": st.sampled_from([None, None, SCOPES, ()]) | st.lists(st.sampled_from(SCOPES), unique=True),
    "safe": st.sampled_from([None, None, True, False]),
    "service": st.sampled_from([None, *SERVICES]),
}
submissions = st.fixed_dictionaries(
    {
        "requester": st.sampled_from(RECORDS),
        "person": st.integers(0, 1),
        "kind": st.sampled_from(["warm-connection", "warm-connection", "navigator", "signpost"]),
        "late": st.sampled_from([0, 0, 3]),
        **contents,
    }
)
parts = st.lists(st.tuples(st.sampled_from(CATEGORIES), st.sampled_from(list(SERVICES))), min_size=1, max_size=3)
steps = (
    submissions
    | st.tuples(st.just("amend"), which, st.fixed_dictionaries(contents))
    | st.tuples(st.just("split"), which, parts)
    | st.tuples(st.just("route"), which, st.sampled_from(list(SERVICES)))
    | st.tuples(
        st.just("service"),
        which,
        which,
        st.sampled_from(["accept", "start", "complete", "reject", "reject", "fail", "hold", "cancel"]),
    )
    | st.tuples(
        st.just("ours"),
        which,
        st.sampled_from(["owner", "navigator"]),
        st.sampled_from(
            ["cancel", "reopen", "withdraw", "enter-in-error", "prohibit-contact", "allow-contact", "withdraw-consent"]
        ),
    )
    | st.tuples(
        st.just("report"), which, which, st.sampled_from(["message", "appointment", "on-hold", "failed"]), st.booleans()
    )
    | st.tuples(st.just("answer"), which, st.sampled_from(["yes", "no"]))
    | st.tuples(st.just("later"), st.sampled_from([1, 1, 50 * 24, 100 * 24]))
)
journeys = st.tuples(submissions, st.lists(steps, min_size=1, max_size=9)).map(lambda drawn: [drawn[0], *drawn[1]])


@pytest.fixture(scope="session")
def town(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Any]:
    """Opens a tenant in a database of its own."""
    place = tmp_path_factory.mktemp("recipients") / "footbridge.sqlite3"
    validator = Validator()

    @contextmanager
    def opened() -> Iterator[Town]:
        for old in place.parent.iterdir():
            old.unlink()
        shutil.copyfile(_sqlite_template, place)
        database = open_database(f"sqlite:///{place}")
        try:
            yield Town(database, ManualClock(datetime(2026, 3, 3, 12, tzinfo=UTC)), validator)
        finally:
            database.dispose()

    return opened


def take(town: Town, step: Any, edition: int) -> None:
    """One step of a journey."""
    town.clock.advance(timedelta(minutes=1))
    if isinstance(step, dict):
        town.submit(step)
        return
    name, *rest = step
    if name == "later":
        town.clock.advance(timedelta(hours=rest[0]))
        return
    one = town.taken[rest[0] % len(town.taken)]
    match name:
        case "amend":
            town.amend(one, rest[1], edition)
        case "split":
            wanted = [
                {"category": category, "partner": partner, "description": town.mark(town.next_word())}
                for category, partner in rest[1]
            ]
            town.decide("navigator", one, "split", parts=wanted, reason=town.mark(town.next_word()))
        case "route":
            town.decide("navigator", one, "route", partner=rest[1], reason=town.mark(town.next_word()))
        case "service":
            act(town, one, rest[1], rest[2])
        case "ours":
            who = one.requester if rest[1] == "owner" else "navigator"
            town.decide(who, one, rest[2], reason=town.mark(town.next_word()))
        case "answer":
            town.decide(one.requester, one, "answer", happened=rest[1], reason=town.mark(town.next_word()))
        case _:
            row = pick(town, one, rest[1])
            if row is not None:
                who = row["partner"] if rest[3] else one.requester
                town.report(who, town.tasks(one)[row["id"]], rest[2])


def pick(town: Town, one: Prescribed, number: int) -> Any:
    """One of the referrals that somebody is asked to do."""
    rows = [row for row in town.see("admin", f"prescriptions/{one.id}")["referrals"] if row["partner"]]
    return rows[number % len(rows)] if rows else None


def act(town: Town, one: Prescribed, number: int, event: str) -> None:
    row = pick(town, one, number)
    if row is not None:
        reason = town.mark(town.next_word())
        town.decide(row["partner"], one, event, referral=row["id"], reason=reason)


@pytest.mark.soak
@settings(max_examples=EXAMPLES, derandomize=not SOAK, suppress_health_check=list(HealthCheck))
@given(journeys)
def test_a_recipient_reads_what_is_disclosed_to_it_and_nothing_else(town, journey):
    ran()
    with town() as here:
        for edition, step in enumerate(journey):
            take(here, step, edition % 10)
        admin = Admin(here)
        for one in here.taken:
            here.marks |= {row["id"] for row in admin.seen[one.id]["referrals"]} | set(here.tasks(one).values())
        for service in SERVICES:
            views = [Oracle(here, service, one, admin) for one in here.taken]
            check_lists(here, service, views)
            check_every_route(here, service, views)


# What each route shows

OPEN = {
    "/api/v1/openapi.yaml",
    "/api/v1/prescription.schema.json",
    "/healthz",
    "/readyz",
    "/.well-known/jwks.json",
    "/fhir/.well-known/smart-configuration",
    "/fhir/token",
}
"""Say nothing of any prescription."""

ELSEWHERE = ("/portal", "/ocean/")
"""For people who signed in, and for sites of Ocean: a token of the API opens nothing there."""

STATELESS = {"/fhir/$validate", "/fhir/<type_name>/$validate", "/fhir/metadata"}
"""Answer of what is in the request."""

DIRECTORY = {"/api/v1/services", "/api/v1/services/<id>"}
"""Holds nothing of a client."""

LISTS = {"/api/v1/prescriptions", "/api/v1/changes"}
WORKLIST = "/api/v1/worklist"
"""Held to what each may see by ``check_lists``."""

CLOSED = {"/api/v1/waiting", "/metrics"}
REFUSED = {"/api/v1/prescriptions/<uuid:identity>/bundle", "/api/v1/prescriptions/<uuid:identity>/cancel"}
"""Not for recipients, whatever is there."""

ONE = "/api/v1/prescriptions/<uuid:identity>"
NEVER: list[dict[str, Any]] = [
    {"event": "route", "partner": "kitchenrow"},
    {"event": "route", "partner": "nobody"},
    {"event": "split", "parts": [{"description": "x", "category": "stress", "partner": "nobody"}]},
    {"event": "split", "parts": [{"description": "x", "category": "stress"}]},
    {"event": "reopen", "reason": "x"},
    {"event": "submit"},
    {"event": "withdraw", "reason": "x"},
    {"event": "answer", "happened": "yes", "goals": [{"goal": 9, "achievement": "achieved"}]},
    {"event": "complete", "which": "follow-up"},
    {"event": "allow-contact", "reason": "x"},
    {"event": "prohibit-contact"},
    {"event": "withdraw-consent"},
]
"""Events that no recipient may send; the answer depends on nothing but its own referral."""


def fhir_requests(rule: Any) -> list[tuple[str, str]]:
    """Methods and addresses of a rule under ``/fhir``: only a hosted partner has anything there."""
    path = rule.rule.replace("<type_name>", "Task").replace("<id>", "1").replace("<vid>", "1")
    return [(method, path) for method in rule.methods - {"OPTIONS", "HEAD"}]


def check_elsewhere(call: Callable[..., Any], rule: Any) -> None:
    """A door that a token of the API does not open: it shows who may come in, or refuses."""
    if "<" not in rule.rule and "POST" not in rule.methods:
        answer = call("GET", rule.rule)
        assert answer.status_code in {200, 302, 303, 400, 401, 403, 404, 405}
        assert "Okafor" not in answer.text


def check_every_route(town: Town, service: str, views: list[Oracle]) -> None:
    nowhere = str(uuid.UUID(int=7))
    for rule in town.app.url_map.iter_rules():
        if rule.rule in OPEN | STATELESS | LISTS | DIRECTORY:
            continue
        if rule.rule.startswith(ELSEWHERE):
            check_elsewhere(lambda *one: town.call(service, *one), rule)
            continue
        if rule.rule == WORKLIST:
            shown = town.call(service, "GET", WORKLIST)
            assert [view.one.id for view in views if not view.own and view.one.id in shown.text] == []
            continue
        if rule.rule in CLOSED:
            assert town.call(service, "GET", rule.rule).status_code == 403
            continue
        if rule.rule.startswith("/fhir"):
            assert {town.call(service, *one).status_code for one in fhir_requests(rule)} == {403}
            continue
        assert rule.rule.startswith(ONE), f"{rule.rule} is new: say in this test what a recipient reads there"
        for view in views:
            for method in rule.methods - {"OPTIONS", "HEAD"}:
                for body in some_of_never(view) if rule.rule.endswith("/events") else [{"reason": "x"}]:
                    more = {"json": body} if method == "POST" else {}
                    answer = town.call(service, method, rule.rule.replace("<uuid:identity>", view.one.id), **more)
                    check_answer(town, view, rule.rule, answer)
                    if not view.own:
                        missing = town.call(service, method, rule.rule.replace("<uuid:identity>", nowhere), **more)
                        assert told(answer) == told(missing)


def told(answer: Any) -> tuple[int, dict[str, Any]]:
    """Status and body of a refusal, without the request's own name."""
    return answer.status_code, answer.json | {"request": None}


def some_of_never(view: Oracle) -> list[dict[str, Any]]:
    """Two of them, others each time; tests/web/test_recipients.py sends them all."""
    first = view.one.number + len(view.events) + len(view.service)
    return [NEVER[(first + step) % len(NEVER)] for step in (0, 5)]


def check_answer(town: Town, view: Oracle, rule: str, answer: Any) -> None:
    check_bytes(town, view.may_read | {view.one.id}, answer)
    if rule in REFUSED:
        assert answer.status_code == 403
    elif not view.own:
        assert answer.status_code == 404
    elif answer.request.method == "POST":
        assert answer.status_code in {404, 409}
        assert answer.status_code == 404 or answer.json["reason"] == "not-this-actor"
    elif rule == ONE:
        check_one(view, answer.json, answer.text)
    else:
        assert [event["number"] for event in answer.json["events"]] == [event["number"] for event in view.visible]


def check_one(view: Oracle, seen: Any, text: str) -> None:
    """It sees what it may know, not less: what it is asked for, and how to reach the client."""
    assert {row["id"] for row in seen["referrals"]} == {row["id"] for row in view.own}
    assert (seen["goals"], seen["followUp"]) == ([], None)
    may = view.may_read
    kinds = ("zq-need-", "zq-goal-", "zq-name-", "zq-street-", "zq-support-", "zq-remark-", "+1 416")
    wanted = {mark for mark in may if mark.startswith(kinds)}
    assert {mark for mark in wanted if mark not in text} == set()
    for row in seen["referrals"]:
        if row["id"] not in view.known:
            assert row["task"] == {"status": row["task"]["status"], "statusReason": None, "businessStatus": None}
            assert (row["ended"] is not None, row["category"], row["serviceRequest"]) == (True, None, None)


def check_lists(town: Town, service: str, views: list[Oracle]) -> None:
    """Each list holds its own and shows what it may know; no condition matches on anything else."""
    own = {view.one.id: view for view in views if view.own}
    everything = set().union(*(view.may_read for view in own.values()), {service})
    seen = listed(town, service, everything)
    assert set(seen) == set(own)
    for identity, one in seen.items():
        view = own[identity]
        assert (one["status"], set(one["categories"])) == (view.status, view.categories)
        assert one["updated"] == view.updated
        assert set(listed(town, service, everything, since=one["updated"])) == {
            other for other, row in seen.items() if row["updated"] >= one["updated"]
        }
        assert identity not in listed(town, service, everything, until=one["updated"])
    for category in CATEGORIES:
        found = {identity for identity, view in own.items() if category in view.categories}
        assert set(listed(town, service, everything, category=category)) == found
    for status in ("requested", "accepted", "in-progress", "on-hold", "completed", "rejected", "failed", "cancelled"):
        found = {identity for identity, view in own.items() if view.status == status}
        assert set(listed(town, service, everything, status=status)) == found
    for kind in ("signpost", "warm-connection", "navigator"):
        found = {identity for identity, view in own.items() if view.one.document["kind"] == kind}
        assert set(listed(town, service, everything, kind=kind)) == found
    for partner in (*SERVICES, *RECORDS):
        assert set(listed(town, service, everything, partner=partner)) == (set(own) if partner == service else set())
    for view in views:
        key = "{system}|{value}".format(**view.one.document["identifier"])
        assert set(listed(town, service, everything, identifier=key)) == ({view.one.id} if view.own else set())
    check_changes(town, service, own, everything)


def listed(town: Town, service: str, may_read: set[str], **query: str) -> dict[str, Any]:
    answer = town.call(service, "GET", "/api/v1/prescriptions", query_string={**query, "sort": "-created"})
    assert answer.status_code == 200, answer.text
    check_bytes(town, may_read, answer)
    return {one["id"]: one for one in answer.json["prescriptions"]}


def check_changes(town: Town, service: str, own: dict[str, Oracle], may_read: set[str]) -> None:
    answer = town.call(service, "GET", "/api/v1/changes?limit=1000")
    check_bytes(town, may_read, answer)
    wanted = sorted(event["number"] for view in own.values() for event in view.visible)
    assert [change["number"] for change in answer.json["changes"]] == wanted
    for change in answer.json["changes"]:
        assert change["prescription"]["status"] == own[change["prescription"]["id"]].status


def check_bytes(town: Town, may_read: set[str], answer: Any) -> None:
    text = answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers)
    found = {mark for mark in town.marks if mark in text}
    assert found <= may_read, found - may_read
