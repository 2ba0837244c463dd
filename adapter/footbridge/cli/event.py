"""``footbridge event``: what happened to a referral, or what a person decided about it, as the API takes it."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_line
from footbridge.errors import NotFoundError, PrescriptionError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from footbridge.model.prescription import Client, Consent

_IN_PARTS = frozenset({"split", "report-back"})
"""Events that say more than options can: by the API and in the portal."""


@click.command("event")
@click.argument("prescription")
@click.argument("event")
@click.option("--reason", help="Why, in words. A rejection, a hold, a failure and a cancellation require it.")
@click.option("--partner", help="For route, forward: the partner that is asked.")
@click.option("--to", metavar="PLACE", help="For forward: a listing in the requester's directory.")
@click.option("--referral", help="Id of the referral that it is about; the newest try of the whole by default.")
@click.option(
    "--need", "needs", multiple=True, metavar="N=CATEGORY", help="For confirm-needs: the right category, or none."
)
@click.option(
    "--client",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="For confirm-records: JSON, as in a prescription.",
)
@click.option("--basis", type=click.Choice(["express", "implied"]), help="For confirm-consent.")
@click.option("--how", type=click.Choice(["verbal", "written", "electronic"]), help="For confirm-consent.")
@click.option("--given", type=click.DateTime(["%Y-%m-%d"]), help="For confirm-consent: the day of the consent.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="For confirm-consent: its last day.")
@click.option(
    "--scope", "scopes", multiple=True, metavar="PART", help="For confirm-consent: what it covers, such as contact."
)
@click.option("--happened", type=click.Choice(["yes", "partly", "no"]), help="For answer: whether it happened.")
@click.option("--goal", "goals", multiple=True, metavar="N=CODE", help="For answer: how far a goal is, as 0=improving.")
@click.option("--barrier", "barriers", multiple=True, metavar="KIND", help="For answer: what got in the way.")
@click.option("--satisfaction", help="For answer: right, partly-right or not-right.")
@click.option("--more", help="For answer: what else the person said.")
@click.option("--description", help="For replace: what is asked for instead; --partner for whom.")
@click.option("--actor", default="command line", show_default=True, help="Who says it, for the timeline.")
@tenant_option
@json_option("one JSON object: prescription, event, status")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    prescription: str,
    event: str,
    reason: str | None,
    partner: str | None,
    to: str | None,
    referral: str | None,
    needs: tuple[str, ...],
    client: Path | None,
    basis: str | None,
    how: str | None,
    given: datetime | None,
    until: datetime | None,
    scopes: tuple[str, ...],
    happened: str | None,
    goals: tuple[str, ...],
    barriers: tuple[str, ...],
    satisfaction: str | None,
    more: str | None,
    description: str | None,
    actor: str,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Let EVENT happen to PRESCRIPTION, its id or the value of its identifier, as a navigator says it.

    `footbridge waiting` lists what waits for a person, and why. A prescription on hold goes on after confirm-consent,
    confirm-needs, confirm-records or confirm-service; refuse-consent cancels it. Other events are, for example, accept,
    reject, start, complete, cancel, route, answer and withdraw-consent. An event that is not allowed is refused with
    those that are.

    \b
    Example:
      footbridge event RX-1 confirm-consent --how verbal --scope contact --scope needs
      footbridge event RX-2 confirm-needs --need 0=housing-instability
      footbridge event RX-4 confirm-records --client client.json
      footbridge event RX-3 route --partner food-bank
      footbridge event RX-7 forward --partner pantry --reason "Shorter way"
      footbridge event RX-6 answer --happened partly --goal 0=improving --barrier economic
      footbridge event RX-5 replace --partner food-bank --reason "The evenings were too late"
    """
    from footbridge.model.clock import SystemClock
    from footbridge.model.principals import Principal
    from footbridge.referrals.command import Command
    from footbridge.referrals.commands import carry_out
    from footbridge.referrals.events_offered import event_names
    from footbridge.referrals.follow_ups import FollowUpSaid
    from footbridge.referrals.forwarding import FORWARD
    from footbridge.referrals.intake import Intake
    from footbridge.terminology import open_store

    if event not in event_names() or event in _IN_PARTS:
        names = ", ".join(name for name in event_names() if name not in _IN_PARTS)
        raise click.UsageError(_("The events are {names}.", names=names))
    if event == FORWARD and (to is None) == (partner is None):
        raise click.UsageError(_("The event forward needs --partner, or --to, and not both."))
    if event != FORWARD and to is not None:
        raise click.UsageError(_("--to is for the event forward."))
    said = {"basis": basis, "how": how, "given": _day(given), "until": _day(until), "scope": list(scopes)}
    wanted = Command(
        event,
        referral=referral,
        reason=reason,
        partner=partner,
        to=to or "",
        consent=_consent(said),
        needs=[_numbered(one, "--need") for one in needs],
        happened=happened,
        goals=[_numbered(one, "--goal") for one in goals],
        said=FollowUpSaid(happened, barriers, satisfaction, more) if event == "answer" else None,
        description=description,
        client=None if client is None else _client(client),
    )
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        identity = _prescription(connection, owner, prescription)
    who = Principal("navigator", name=actor, tenant=owner, channel="command")
    intake = Intake(found, SystemClock(), loaded=open_store())
    status = carry_out(found, SystemClock(), who, identity, wanted, intake=intake)
    if as_json:
        print_line({"prescription": identity, "event": event, "status": status})
        return
    click.echo(f"{identity}: {status}")


def _day(value: datetime | None) -> date | None:
    return None if value is None else value.replace(tzinfo=UTC).date()


def _consent(said: dict[str, Any]) -> "Consent | None":
    """The consent as the options say it; None where they say nothing. Raises PrescriptionError as ``_part``."""
    from pydantic import ValidationError

    from footbridge.model.issues import Issue
    from footbridge.model.prescription import Consent
    from footbridge.model.prescription.plan import ConsentScope

    given = {name: value for name, value in said.items() if value not in (None, [])}
    if not given:
        return None
    if "scope" in given:
        given["scope"] = tuple(given["scope"])
    try:
        return Consent(status="given", **given)
    except ValidationError:
        message = _("One of {scopes} was expected.", scopes=", ".join(get_args(ConsentScope)))
        raise PrescriptionError([Issue("consent.scope", "error", "code-invalid", message, pointer="/scope")]) from None


def _numbered(text: str, option: str) -> tuple[int, str]:
    index, _equals, code = text.partition("=")
    if not (index.isascii() and index.isdigit()) or not code:
        goal, need = _("Expected N=CODE, such as 0=improving."), _("Expected N=CATEGORY, such as 0=food-insecurity.")
        message = goal if option == "--goal" else need
        raise click.BadParameter(message, param_hint=option)
    return int(index), code


def _client(path: Path) -> "Client":
    """The client as a file says it. Raises PrescriptionError for what is none."""
    from pydantic import ValidationError

    from footbridge.model.issues import Issue
    from footbridge.model.prescription import Client

    try:
        text = path.read_bytes()
    except OSError as error:
        raise click.FileError(str(path), error.strerror or "") from None
    try:
        return Client.model_validate_json(text)
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False, include_context=False)[0]
        place = "/".join(("/client", *(str(part) for part in first["loc"])))
        message = _("Not a client as a prescription has it: {reason}.", reason=first["msg"])
        raise PrescriptionError([Issue("client.shape", "error", "invalid", message, pointer=place)]) from None


def _prescription(connection: "Connection", tenant: str, named: str) -> str:
    """The id of the prescription of that id or identifier. Raises NotFoundError."""
    from sqlalchemy import or_, select

    from footbridge.store.tables import prescription as table

    query = select(table.c.id).where(
        table.c.tenant == tenant, or_(table.c.id == named, table.c.identifier_value == named)
    )
    rows = connection.scalars(query.limit(2)).all()
    if not rows:
        raise NotFoundError(_("No prescription has this id or identifier: `footbridge waiting --json` shows ids."))
    if len(rows) > 1:
        raise NotFoundError(_("Several prescriptions have this identifier: specify the id."))
    return str(rows[0])
