"""Checks a transition table when it is loaded, so that no event meets a table that contradicts itself."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from footbridge.errors import ConfigurationError
from footbridge.model.lifecycle.effects import TABLE_EFFECTS
from footbridge.model.lifecycle.table import ANYONE, Machine

VOID = "entered-in-error"


def check(raw: Mapping[str, Any], machine: Machine, role_names: AbstractSet[str], codes: Mapping[str, Any]) -> None:
    """Raise ConfigurationError with every contradiction found.

    Args:
        raw: the table's JSON, in which a doubled row can still be seen.
        machine: what was compiled from it.
        role_names: the roles that ``actors.json`` names.
        codes: ``codes.json``: the value sets of what follows from a Task's status.
    """
    faults = [
        *_unknown_words(machine, role_names, codes),
        *_doubled(raw),
        *_unreachable(machine),
        *_exits_of_terminal(machine),
        *_order_without_status(machine),
    ]
    if faults:
        raise ConfigurationError(f"The lifecycle table {machine.name!r} is wrong: {'; '.join(faults)}.")


def _unknown_words(machine: Machine, role_names: AbstractSet[str], codes: Mapping[str, Any]) -> Iterator[str]:
    standings = set(codes["standing"]["codes"])
    known = set(machine.statuses)
    keys = set(machine.service_request) | set(machine.follow_up)
    used = {
        "status of its value set": (known, machine.value_set),
        "status": (_statuses_used(machine), known),
        "role": (_roles_used(machine), role_names),
        "standing": ({standing for _, standing in keys} | _standings_used(machine), standings),
        "event": ({row.event for row in machine.arrivals if row.event is not None}, set(machine.targets)),
        "request status": (set(machine.service_request.values()), set(codes["requestStatus"]["codes"])),
        "goal achievement": (set(machine.goal.values()), set(codes["goalAchievement"]["codes"])),
        "effect": (_effects_used(machine), set(TABLE_EFFECTS)),
    }
    for kind, (words, vocabulary) in used.items():
        for word in sorted(words - set(vocabulary)):
            yield f"{word!r} is not a known {kind}"


def _statuses_used(machine: Machine) -> set[str]:
    used = {machine.starts, *machine.initial, *machine.terminal, *machine.unsent, *machine.activity}
    used |= machine.reason_required | machine.needs_parts | set(machine.goal) | set(machine.dialect.values())
    used |= {arrow.before for arrow in machine.transitions} | {arrow.after for arrow in machine.transitions}
    used |= {row.status for row in machine.arrivals}
    used |= {status for row in machine.orders for status in row.statuses}
    return used | {status for status, _ in (*machine.service_request, *machine.follow_up)}


def _roles_used(machine: Machine) -> set[str]:
    rows = [arrow.by for arrow in machine.transitions] + [row.by for row in machine.orders]
    rows += [row.by for row in machine.arrivals if row.by is not None]
    return {role for row in rows for role in row}


def _effects_used(machine: Machine) -> set[str]:
    rows = [row.effects for row in machine.arrivals] + [row.effects for row in machine.orders]
    return {effect for effects in rows for effect in effects}


def _standings_used(machine: Machine) -> set[str]:
    used = {row.standing for row in machine.arrivals}
    used |= {standing for arrow in machine.transitions for standing in arrow.standings or ()}
    return used | {row.to for row in machine.orders if row.to is not None}


def _doubled(raw: Mapping[str, Any]) -> Iterator[str]:
    seen: set[tuple[str, ...]] = set()
    for key in _keys(raw):
        if key in seen:
            yield f"two rows for {' '.join(key)}"
        seen.add(key)


def _keys(raw: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    for row in raw["transitions"]:
        for before in row["from"]:
            yield "event", row["event"], "from", before
            if not row.get("named"):  # which no report means, so that nothing is in doubt
                yield "arrow", before, "to", row["to"]
    for member in ("serviceRequest", "followUp"):
        for row in raw[member]:
            for status in row["status"]:
                for standing in row["standing"]:
                    yield member, status, standing


def _unreachable(machine: Machine) -> Iterator[str]:
    reached = set(machine.initial)
    for status in machine.initial:
        reached |= set(machine.paths[ANYONE, status])
    for status in sorted(set(machine.statuses) - reached):
        yield f"{status!r} is never reached"
    if machine.starts not in machine.initial:
        yield f"it starts in {machine.starts!r}, which is not initial"


def _exits_of_terminal(machine: Machine) -> Iterator[str]:
    for arrow in machine.transitions:
        if arrow.before in machine.terminal and arrow.after != VOID:
            yield f"terminal {arrow.before!r} leads to {arrow.after!r}"
        if arrow.before == VOID:
            yield f"{VOID!r} leads to {arrow.after!r}"


def _order_without_status(machine: Machine) -> Iterator[str]:
    if not machine.service_request:
        return
    needed = {(status, "as-task") for status in machine.statuses}
    needed |= {(row.status, row.standing) for row in machine.arrivals}
    needed |= {(status, row.to) for row in machine.orders if row.to for status in row.statuses}
    if machine.needs_parts:
        needed |= {(status, "parts") for status in machine.statuses if status not in machine.terminal | machine.unsent}
    for status, standing in sorted(needed - set(machine.service_request)):
        yield f"no ServiceRequest.status for {status} {standing}"
