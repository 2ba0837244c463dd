"""``footbridge directory correct``: suggest a correction of a service's record."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import service_of
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _


@click.command("correct")
@click.argument("service", metavar="ID|SOURCE:ID")
@click.argument("field")
@click.argument("new", metavar="VALUE")
@click.option("--by", "who", required=True, metavar="NAME", help="Who says it: a name of your staff, never a client's.")
@click.option("--note", help="What else the source should know.")
@tenant_option
@json_option("one JSON object: service, field, old, new")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    service: str, field: str, new: str, who: str, note: str | None, tenant: str | None, as_json: bool
) -> None:
    """Suggest a correction of a service's record to its source; the directory itself stays as it is.

    FIELD is a name of HSDS 3.1, such as phones, description or assured_date, or a path: phones[0].number. An empty
    VALUE says that the record should not have it.

    \b
    Example:
      footbridge directory correct north-211:4711 fees_description "Free since May" --by "A. Roy"
    """
    from footbridge.directory.correction_fields import check_path, check_value, value_at
    from footbridge.directory.corrections import FARTHEST_AHEAD, Suggestion, check_field, suggest
    from footbridge.model.clock import SystemClock

    now = SystemClock().now()
    check_field(field)
    check_value(field, new, (now + FARTHEST_AHEAD).date())
    if not who.strip():
        raise click.UsageError(_("--by: write who says it."))
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        one = service_of(connection, owner, service)
        check_path(one, field)
        suggest(connection, owner, one, Suggestion(field, new, who, now, note))
    if as_json:
        print_json({"service": one["id"], "field": field, "old": value_at(one, field), "new": new})
    else:
        click.echo(_("Kept for {source}: {name}, {field}.", source=one["source"], name=one["name"], field=field))
