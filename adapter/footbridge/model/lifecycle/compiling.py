"""Makes a machine from the JSON of its table (``mappings/lifecycle/referral.json`` and its neighbours)."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any

from footbridge.model.lifecycle.table import ANYONE, Arrival, Machine, OrderEvent, Paths, Transition


def _transitions(rows: Iterable[Mapping[str, Any]]) -> tuple[Transition, ...]:
    return tuple(
        Transition(
            row["event"],
            before,
            row["to"],
            frozenset(row["by"]),
            row.get("shortcut", False),
            row["why"],
            row.get("named", False),
            frozenset(row["standing"]) if "standing" in row else None,
        )
        for row in rows
        for before in row["from"]
    )


def _ways_from(start: str, transitions: Iterable[Transition]) -> dict[str, tuple[Transition, ...]]:
    """Every status reachable from ``start`` with the shortest way; a shortcut counts as a first step only."""
    transitions = tuple(transitions)
    ways: dict[str, tuple[Transition, ...]] = {arrow.after: (arrow,) for arrow in transitions if arrow.before == start}
    queue = deque(ways.items())
    while queue:
        at, way = queue.popleft()
        for arrow in transitions:
            if arrow.before == at and not arrow.shortcut and arrow.after not in ways and arrow.after != start:
                ways[arrow.after] = (*way, arrow)
                queue.append((arrow.after, ways[arrow.after]))
    return ways


def _paths(statuses: Iterable[str], transitions: tuple[Transition, ...], names: Iterable[str]) -> Paths:
    paths = {}
    for name in (*names, ANYONE):
        own = tuple(arrow for arrow in transitions if not arrow.named and (name == ANYONE or name in arrow.by))
        for status in statuses:
            paths[name, status] = _ways_from(status, own)
    return paths


def _by_status_and_standing(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    return {(status, standing): row["to"] for row in rows for status in row["status"] for standing in row["standing"]}


def _arrival(row: Mapping[str, Any]) -> Arrival:
    by = frozenset(row["by"]) if "by" in row else None
    effects = tuple(row["effects"])
    return Arrival(row["status"], by, row.get("started"), row["standing"], effects, row["why"], row.get("event"))


def _order(row: Mapping[str, Any]) -> OrderEvent:
    return OrderEvent(
        event=row["event"],
        does=row["does"],
        statuses=frozenset(row["status"]),
        standings=frozenset(row["standing"]),
        to=row.get("to"),
        by=frozenset(row["by"]),
        needs_reason=row.get("reason", False),
        effects=tuple(row.get("effects", ())),
        why=row["why"],
    )


def compile_machine(raw: Mapping[str, Any], dialect: Mapping[str, Any], role_names: Iterable[str]) -> Machine:
    """A machine from the JSON of its table, of its dialect, and the names of the roles. Checks nothing."""
    transitions = _transitions(raw["transitions"])
    events = {arrow.event for arrow in transitions}
    return Machine(
        name=raw["machine"],
        title=raw["title"],
        kinds=tuple(raw["kinds"]),
        value_set=frozenset(raw["valueSet"]["codes"]),
        statuses=tuple(raw["statuses"]),
        initial=tuple(raw["initial"]),
        starts=raw["starts"],
        terminal=frozenset(raw["terminal"]),
        unsent=frozenset(raw["unsent"]),
        activity=frozenset(raw["activity"]),
        reason_required=frozenset(raw["reasonRequired"]),
        needs_parts=frozenset(raw["needsParts"]),
        transitions=transitions,
        arrivals=tuple(_arrival(row) for row in raw["arrivals"]),
        orders=tuple(_order(row) for row in raw["orders"]),
        moves={(arrow.event, arrow.before): arrow for arrow in transitions},
        targets={event: frozenset(arrow.after for arrow in transitions if arrow.event == event) for event in events},
        paths=_paths(raw["statuses"], transitions, role_names),
        service_request=_by_status_and_standing(raw["serviceRequest"]),
        goal={status: row["achievement"] for row in raw["goal"] for status in row["status"]},
        follow_up=_by_status_and_standing(raw["followUp"]),
        dialect={word: row["to"] for word, row in dialect.items()},
    )
