"""``footbridge directory capacity``: what a person heard of a service's free places."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import moment, service_of
from footbridge.cli.output import json_option, print_json
from footbridge.data import read_json
from footbridge.i18n.eager import _

LONGEST_NAME = 64  # characters of who says it
LONGEST_NOTES = 2_000
STATES = (*read_json("mappings", "directory", "fhir.json")["capacity"]["codes"], "unknown")


@click.command("capacity")
@click.argument("service", metavar="ID|SOURCE:ID")
@click.argument("state", metavar="STATE", type=click.Choice(STATES))
@click.option("--by", "who", required=True, metavar="NAME", help="Who says it: a name of your staff, never a client's.")
@click.option("--notes", default="", help="What else is known, such as how long the wait is.")
@tenant_option
@json_option("one JSON object: service, state, by, at")
def command(service: str, state: str, who: str, notes: str, tenant: str | None, as_json: bool) -> None:
    """Record whether a service has free places, from a call or a visit.

    STATE is capacity, no-capacity, waitlist or additional-assessment-required, the codes of SDOHCC; unknown takes back
    what was said. It is shown with the name and the day, also to partners on /fhir, until the service or its source
    says something later.

    \b
    Example:
      footbridge directory capacity north-211:4711 waitlist --by "A. Roy" --notes "About two weeks"
    """
    from footbridge.directory.capacity import Stated, forget
    from footbridge.directory.capacity import state as record
    from footbridge.model.clock import SystemClock

    who, notes = " ".join(who.split()), " ".join(notes.split())
    if not 0 < len(who) <= LONGEST_NAME:
        raise click.UsageError(_("--by: write who says it, in {count} signs at most.", count=LONGEST_NAME))
    if len(notes) > LONGEST_NOTES:
        raise click.UsageError(_("--notes: write {count:,} signs at most.", count=LONGEST_NOTES))
    found = database()
    owner = tenant_of(found, tenant)
    now = SystemClock().now()
    with found.write() as connection:
        one = service_of(connection, owner, service)
        if state == "unknown":
            forget(connection, owner, one["source"], one["id"])
        else:
            record(connection, owner, Stated(one["source"], one["id"], who, now, state, notes))
    if as_json:
        print_json({"service": one["id"], "state": state, "by": who, "at": moment(now, as_json=True)})
    else:
        click.echo(_("{name}: {state}, said by {who}.", name=one["name"], state=state, who=who))
