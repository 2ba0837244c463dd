"""``footbridge audit``: who read, searched and wrote what, and who logged on."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, our_address, tenant_of, tenant_option
from footbridge.cli.output import json_option, show
from footbridge.errors import NotFoundError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.store.audit import AuditRow, Place

MEMBERS = "recorded, interaction, status, actor, role, partner, address, compartment, type, resource, query, patients"


@click.group("audit")
def command() -> None:
    """Show who read, searched and wrote what, and who logged on.

    \b
    Example:
      footbridge audit show --since 2026-03-01
    """


@command.command("show")
@click.option(
    "--patient",
    metavar="ID|SYSTEM|VALUE",
    help="About this client: a pseudonymous id, or an identifier as prescriptions give it; - reads it from standard "
    "input, so that it is not in the shell's history.",
)
@click.option("--since", type=click.DateTime(), help="Recorded from then on (UTC).")
@click.option("--until", type=click.DateTime(), help="Recorded before then (UTC).")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many, newest first."
)
@click.option("--fhir", is_flag=True, help="Print FHIR AuditEvents (IHE BALP), one JSON object a line.")
@tenant_option
@json_option(f"a list of JSON objects: {MEMBERS}")
def show_(  # noqa: PLR0913, PLR0917 - one parameter an option
    patient: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    fhir: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """List accesses, the newest first. A client's name is in none of them.

    \b
    Example:
      footbridge audit show --limit 20
      footbridge audit show --since 2026-03-01 --fhir
    """
    from footbridge.security.audit_events import audit_events
    from footbridge.store.audit import WantedRows, list_rows
    from footbridge.store.exact_json import dumps

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        places = None if patient is None else _places(connection, owner, patient)
        wanted = WantedRows(
            patients=places,
            since=None if since is None else since.replace(tzinfo=UTC),
            until=None if until is None else until.replace(tzinfo=UTC),
            limit=limit,
        )
        rows = list_rows(connection, owner, wanted)
    if fhir:
        for row in rows:
            for event in audit_events(row, f"{our_address()}/fhir"):
                click.echo(dumps(event))
        return
    shown = [_members(row) if as_json else _shown(row) for row in rows]
    show(shown, _("No access is recorded."), as_json=as_json)


def _places(connection: "Connection", owner: str, said: str) -> "set[Place]":
    from footbridge.store.audit import find_places

    text = sys.stdin.readline().strip() if said == "-" else said
    places = find_places(connection, owner, text)
    if not places:
        raise NotFoundError(_("Nothing is recorded of this client."))
    return places


def _members(row: "AuditRow") -> dict[str, Any]:
    names = MEMBERS.split(", ")
    found = {name: getattr(row, name) for name in names} | {"recorded": row.recorded.isoformat()}
    return found | {"patients": [f"{compartment}/Patient/{one}".lstrip("/") for compartment, one in row.patients]}


def _shown(row: "AuditRow") -> dict[str, Any]:
    what = "/".join(part for part in (row.type, row.resource) if part)
    return {
        "recorded": row.recorded.isoformat(timespec="seconds"),
        "interaction": row.interaction,
        "status": row.status,
        "actor": row.actor,
        "role": row.role,
        "partner": row.partner,
        "what": f"{what}?{row.query}" if row.query is not None else what,
        "count": row.count if row.count is not None else len(row.patients),
    }
