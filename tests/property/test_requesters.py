"""Two requesters in one tenant are kept apart, whatever they prescribe and whoever acts in whatever order."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.requesters import CARDS, RECORDS, SERVICES, Prescribed, TwoRecords, found_in
from support.soak import SOAK, count, ran
from support.spine import World

from footbridge.model.clock import ManualClock
from footbridge.store.engine import open_database
from footbridge.validation import Validator

HOUR = timedelta(hours=1)

submissions = st.fixed_dictionaries(
    {
        "requester": st.sampled_from(list(RECORDS)),
        "person": st.integers(0, len(CARDS) - 1),
        "service": st.sampled_from([None, *SERVICES]),
        "safe": st.sampled_from([None, None, True, False]),
        "late": st.sampled_from([None, None, HOUR * 3]),
    }
)
EVENTS = (
    "cancel", "route", "accept", "start", "complete", "reject", "reopen", "withdraw", "prohibit-contact",
    "prohibit-contact", "allow-contact", "allow-contact", "withdraw-consent",
)  # fmt: skip
commands = st.tuples(st.sampled_from([*RECORDS, "navigator"]), st.integers(0, 20), st.sampled_from(EVENTS))
reports = st.tuples(
    st.sampled_from(SERVICES), st.integers(0, 20), st.sampled_from(["accepted", "in-progress", "completed", "rejected"])
)
journeys = st.lists(submissions | commands | reports, min_size=2, max_size=9).map(
    lambda steps: [{"requester": "emr", "person": 0, "service": "hub", "safe": None, "late": None}, *steps]
)


@pytest.fixture(scope="session")
def validator() -> Validator:
    return Validator()


@pytest.fixture(scope="session")
def tenant(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, validator: Validator) -> Callable[[], Any]:
    """Opens a tenant of two records, in a database of its own."""
    place = tmp_path_factory.mktemp("requesters") / "footbridge.sqlite3"

    @contextmanager
    def opened() -> Iterator[TwoRecords]:
        for old in place.parent.iterdir():
            old.unlink()
        shutil.copyfile(_sqlite_template, place)
        database = open_database(f"sqlite:///{place}")
        clock = ManualClock(datetime(2026, 3, 3, 12, tzinfo=UTC))
        try:
            with World(database, clock) as world:
                yield TwoRecords(world, database, clock, validator)
        finally:
            database.dispose()

    return opened


def let_work(two: TwoRecords) -> None:
    """Everything that is queued or due is done, and what follows from it."""
    for _ in range(2):
        two.clock.advance(HOUR / 2)
        two.world.work()


def take(two: TwoRecords, step: Any) -> None:
    """One step of a journey."""
    if isinstance(step, dict):
        two.submit(**step)
    elif step[0] in SERVICES:
        report(two, *step)
    else:
        command(two, *step)


def report(two: TwoRecords, service: str, which: int, status: str) -> None:
    tasks = two.world.tasks(service)
    if tasks:
        task = tasks[which % len(tasks)]
        reason = {"statusReason": {"text": "No places."}} if status == "rejected" else {}
        two.world.rewrite(service, task, status=status, lastModified=two.clock.now().isoformat(), **reason)


def command(two: TwoRecords, who: str, which: int, event: str) -> None:
    one = two.taken[which % len(two.taken)]
    members = {"partner": "kitchen"} if event == "route" else {}
    answer = two.decide(who, one, event, reason="A reason.", **members)
    if who in RECORDS and who != one.requester:
        assert answer.status_code == 404, answer.text
    else:
        assert answer.status_code in {200, 409}, answer.text
    if (who, event, answer.status_code) == ("navigator", "allow-contact", 200):
        events = two.call(one.requester, "GET", f"/api/v1/prescriptions/{one.id}/timeline").json["events"]
        assert ("contact-allowed", "kit", "A reason.") in [(e["name"], e["actor"], e["reason"]) for e in events]


@pytest.mark.soak
@settings(max_examples=count(quick=5, soak=500), derandomize=not SOAK)
@given(journeys)
def test_two_requesters_are_kept_apart(tenant, journey):
    ran()
    with tenant() as two:
        for step in journey:
            take(two, step)
            let_work(two)
            two.check_records()
            two.check_services()
        two.check_api_of_services()
        check_every_route(two)
        check_lists(two)


# What each sees of the API

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

CLOSED = {"/metrics"}
"""Not for requesters."""

STATELESS = {"/fhir/$validate", "/fhir/<type_name>/$validate", "/fhir/metadata"}
"""Answer of what is in the request."""

DIRECTORY = {"/api/v1/services", "/api/v1/services/<id>"}
"""Holds nothing of a client."""

LISTS = {"/api/v1/prescriptions", "/api/v1/changes", "/api/v1/waiting"}
WORKLIST = "/api/v1/worklist"
"""Held to what each may see by ``check_lists``."""

BODIES: dict[str, Any] = {
    "/api/v1/prescriptions/<uuid:identity>/cancel": {"reason": "Moved away."},
    "/api/v1/prescriptions/<uuid:identity>/events": {"event": "prohibit-contact"},
}


def fhir_requests(rule: Any) -> list[tuple[str, str]]:
    """Methods and addresses of a rule under ``/fhir``: only a hosted partner has anything there."""
    path = rule.rule.replace("<type_name>", "Task").replace("<id>", "1").replace("<vid>", "1")
    return [(method, path) for method in rule.methods - {"OPTIONS", "HEAD"}]


def check_every_route(two: TwoRecords) -> None:
    """On every route that names a prescription another requester's is not there, whoever's it is."""
    for rule in two.app.url_map.iter_rules():
        if rule.rule in OPEN | STATELESS | LISTS | DIRECTORY:
            continue
        if rule.rule.startswith(ELSEWHERE):
            continue
        if rule.rule == WORKLIST:
            for name in RECORDS:
                shown = two.call(name, "GET", WORKLIST).text
                assert [one.id for one in two.taken if one.requester != name and one.id in shown] == []
            continue
        if rule.rule in CLOSED:
            assert [two.call(name, "GET", rule.rule).status_code for name in RECORDS] == [403] * len(RECORDS)
            continue
        if rule.rule.startswith("/fhir"):
            assert {two.call(name, *one).status_code for one in fhir_requests(rule) for name in RECORDS} == {403}
            continue
        assert "<uuid:identity>" in rule.rule, f"{rule.rule} is new: say in this test whose data it shows"
        for one in two.taken:
            other = next(name for name in RECORDS if name != one.requester)
            path = rule.rule.replace("<uuid:identity>", one.id)
            for method in rule.methods - {"OPTIONS"}:
                body = {"json": BODIES[rule.rule]} if method == "POST" else {}
                refused = two.call(other, method, path, **body)
                assert refused.status_code == 404, f"{method} {path}: {refused.status_code}"
                assert found_in([RECORDS[one.requester]], refused.text) == []
                if method != "POST":
                    assert two.call(one.requester, method, path).status_code == 200


def check_lists(two: TwoRecords) -> None:
    """Every list holds a requester's own, all of them, with whatever filter."""
    for name in RECORDS:
        mine = {one.id for one in two.of(name)}
        whole = listed(two, name)
        assert {one["id"] for one in whole} == mine
        for field in ("status", "kind"):
            for value in {one[field] for one in whole} | {"active", "navigator"} - (
                {"navigator"} if field == "status" else {"active"}
            ):
                found = listed(two, name, **{field: value})
                assert {one["id"] for one in found} == {one["id"] for one in whole if one[field] == value}
        assert {one["id"] for one in listed(two, name, category="food-insecurity")} == mine
        assert {one["id"] for one in listed(two, name, since="2026-03-03T00:00:00Z")} == mine
        assert listed(two, name, until="2026-03-03T00:00:00Z") == []
        for one in whole:
            key = f"{one['identifier']['system']}|{one['identifier']['value']}"
            assert [found["id"] for found in listed(two, name, identifier=key)] == [one["id"]]
        check_changes(two, name, mine)
        waiting = two.call(name, "GET", "/api/v1/waiting").json["waiting"]
        assert {one["prescription"]["id"] for one in waiting} <= mine


def listed(two: TwoRecords, name: str, **query: str) -> list[Any]:
    """All pages of a requester's list, two at a time; nobody else can go on from its cursor."""
    other = next(one for one in RECORDS if one != name)
    found: list[Any] = []
    more: dict[str, str] = {}
    while True:
        answer = two.call(name, "GET", "/api/v1/prescriptions", query_string={"limit": "2", **query, **more})
        assert answer.status_code == 200, answer.text
        found += answer.json["prescriptions"]
        if answer.json["next"] is None:
            return found
        more = {"cursor": answer.json["next"]}
        refused = two.call(other, "GET", "/api/v1/prescriptions", query_string=more)
        assert refused.status_code == 400


def check_changes(two: TwoRecords, name: str, mine: set[str]) -> None:
    other = next(one for one in RECORDS if one != name)
    answer = two.call(name, "GET", "/api/v1/changes?limit=1000")
    assert {one["prescription"]["id"] for one in answer.json["changes"]} == mine
    assert found_in(two.marks_of_others(name), answer.text) == []
    since = quote(answer.json["next"])
    assert two.call(name, "GET", f"/api/v1/changes?since={since}").json["changes"] == []
    assert two.call(other, "GET", f"/api/v1/changes?since={since}").status_code == 400


def test_the_same_key_is_another_request_of_another_requester(tenant):
    with tenant() as two:
        made = {}
        for name in RECORDS:
            document = two.document("emr", 0, two.clock.now())
            answer = two.call(
                name, "POST", "/api/v1/prescriptions", json=document, headers={"Idempotency-Key": "order-1"}
            )
            assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, None)
            made[name] = answer.json["id"]
        assert len(set(made.values())) == 2


def prescribed_by(two: TwoRecords, requester: str, **more: Any) -> Prescribed:
    one = two.submit(requester, 0, service="hub", **more)
    let_work(two)
    return one


def contact_at_hub(two: TwoRecords, one: Prescribed) -> bool:
    copy = two.copy_of("hub", two.world.referrals(one.id)[-1].task)
    assert copy is not None
    return one.phone in copy


def test_only_who_said_it_or_a_person_lifts_a_prohibition(tenant):
    with tenant() as two:
        first, second = prescribed_by(two, "emr"), prescribed_by(two, "second-emr", safe=False)
        assert not contact_at_hub(two, first)
        assert not contact_at_hub(two, second)
        for requester, safe in (("emr", True), ("second-emr", None)):
            assert not contact_at_hub(two, prescribed_by(two, requester, safe=safe))
        lifted = prescribed_by(two, "second-emr", safe=True)
        assert contact_at_hub(two, lifted)
        two.check_services()
