"""Whatever is done to a resource, every version of it stays readable."""

import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.interaction_errors import Gone, NotFound, PreconditionFailed
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import tenant

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["update", "update-matching", "update-stale", "delete", "create-conditionally"]),
        st.sampled_from(["one", "two"]),
        st.integers(0, 99),
    ),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_every_version_stays_readable(database: Database, clock: ManualClock, steps: list[tuple[str, str, int]]):
    name = uuid.uuid4().hex
    with database.write() as connection:
        connection.execute(tenant.insert().values(name=name, jurisdiction="us", created=clock.now()))
    store = ResourceStore(database, name, clock)
    expected: dict[str, list[int | None]] = {"one": [], "two": []}
    for step, identity, number in steps:
        _take(store, expected[identity], step, identity, number)
    for identity, versions in expected.items():
        for place, number in enumerate(versions, start=1):
            assert _number(store, identity, str(place)) == number
        present = bool(versions) and versions[-1] is not None
        assert [one.id for one in store.search("Task", [("_id", identity)]).matches] == [identity] * present
        found = store.search("Task", [("identifier", f"urn:{identity}|{versions[-1]}")]).total if present else 0
        assert found == int(present)


def _take(store: ResourceStore, versions: list[int | None], step: str, identity: str, number: int) -> None:
    body = {"resourceType": "Task", "id": identity, "identifier": [{"system": f"urn:{identity}", "value": str(number)}]}
    present = bool(versions) and versions[-1] is not None
    match step:
        case "update":
            store.update("Task", identity, body)
            versions.append(number)
        case "update-matching" if present:
            store.update("Task", identity, body, if_match=f'W/"{len(versions)}"')
            versions.append(number)
        case "update-stale":
            try:
                store.update("Task", identity, body, if_match=f'W/"{len(versions) + 1}"')
            except PreconditionFailed:
                return
            raise AssertionError("a stale version was accepted")
        case "delete":
            store.delete("Task", identity)
            if present:
                versions.append(None)
        case "create-conditionally" if present:
            store.create("Task", body, if_none_exist=f"_id={identity}")


def _number(store: ResourceStore, identity: str, version: str) -> int | None:
    try:
        return int(store.vread("Task", identity, version).resource["identifier"][0]["value"])
    except Gone:
        return None
    except NotFound:
        raise AssertionError("a version is lost") from None
