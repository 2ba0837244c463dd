"""Writes docs/reference/events.md, and the events in docs/openapi.yaml, from mappings/events.json.

Run ``python scripts/events_page.py`` after the table has changed; ``--check`` only says whether both are up to date
(exit code 1 when not).
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from footbridge.data import read_json
from footbridge.model.events import DetailMember, EventKind, event_kind, names

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, OPENAPI = DOCS / "reference" / "events.md", DOCS / "openapi.yaml"
BEGIN, END = "    # events: made by scripts/events_page.py from mappings/events.json\n", "    # events end\n"

INTRO = """# The events of the timeline

This page is made from the table `mappings/events.json` by `scripts/events_page.py`; change it there.

`GET /api/v1/prescriptions/{id}/timeline` and `GET /api/v1/changes` show what happened to a prescription and its
referrals, each with one of these names. `reason` is a reason that somebody gave, in their words; everything else
is in `detail`. A recipient sees the events of the referrals that it is asked to do, and of these only
those that the table shows to it: a reason where it gave it itself or where it went out with its Task, and no name of
another partner. Of a referral that it may know no longer it sees the first event and the one that ended it, without
reason, detail and who acted ([What leaves, and to whom](../explanation/privacy.md)).
"""


def page() -> str:
    """The whole page as Markdown."""
    kinds = [event_kind(name) for name in names()]
    parts = [INTRO, _overview(kinds), "## What each holds\n", *map(_section, kinds), *_codes()]
    return "\n".join(parts)


def openapi() -> str:
    """docs/openapi.yaml with the names and the detail of events as the table has them."""
    before, rest = OPENAPI.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + "".join(f"    {line}\n" for line in _schemas()) + END + after


def _overview(kinds: Iterable[EventKind]) -> str:
    rows = (
        f"| [`{kind.name}`](#{kind.name}) | {kind.meaning['en']} | {_roles(kind.seen_by)} | "
        f"{_roles(kind.written_by)} | {'yes' if kind.counted else 'no'} |"
        for kind in kinds
    )
    head = [
        "| name | what happened | who sees it | written for | counted in measures |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _roles(roles: Iterable[str]) -> str:
    return ", ".join(sorted(roles))


def _section(kind: EventKind) -> str:
    lines = [f"### {kind.name}\n", f"{kind.meaning['en']} *{kind.meaning['fr']}*\n"]
    if kind.step is not None:
        which, event = kind.step
        task = "the follow-up's Task" if which == "follow-up" else "the referral's Task"
        lines.append(f"Event `{event}` of {task} in [the lifecycle](lifecycle.md).\n")
    if kind.detail:
        rows = (_member(name, row) for name, row in kind.detail.items())
        head = ["| detail | type | meaning | codes |", "| --- | --- | --- | --- |"]
        lines.append("\n".join([*head, *rows]) + "\n")
    return "\n".join(lines)


def _member(name: str, row: DetailMember) -> str:
    kind = f"list of {row.type}" if row.many else row.type
    needed = ", required" if row.required else ""
    table = f"`{row.table}`" if row.table else ""
    return f"| `{name}` | {kind}{needed} | {row.meaning['en']} *{row.meaning['fr']}* | {table} |"


def _codes() -> Iterator[str]:
    yield "## Codes\n"
    for name, codes in read_json("mappings", "events.json")["codes"].items():
        rows = (f"| `{code}` | {meaning['en']} | {meaning['fr']} |" for code, meaning in codes.items())
        yield (
            "\n".join([f"### codes/{name}\n", "| code | meaning | *en français* |", "| --- | --- | --- |", *rows])
            + "\n"
        )


def _schemas() -> Iterator[str]:
    yield "TimelineEventName:"
    yield "  enum:"
    yield from (f"    - {name}" for name in names())
    yield "EventDetail:"
    yield "  type: object"
    yield "  additionalProperties: false"
    yield "  properties:"
    for name, schema in sorted(_properties().items()):
        yield f"    {name}:"
        yield from (f"      {member}: {json.dumps(value)}" for member, value in schema.items())


def _properties() -> Mapping[str, Mapping[str, Any]]:
    """One schema a member; raises ValueError where two events give a name two types."""
    found: dict[str, Mapping[str, Any]] = {}
    for kind in map(event_kind, names()):
        for name, row in kind.detail.items():
            one = {"type": "string", "format": "date-time"} if row.type == "instant" else {"type": "string"}
            schema = {"type": "array", "items": one} if row.many else one
            if found.setdefault(name, schema) != schema:
                raise ValueError(f"The member {name} of {kind.name} has another type elsewhere.")
    return found


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page(), OPENAPI: openapi()}))
