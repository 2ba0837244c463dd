"""``footbridge client``: everything that is held on a client, to hand out or to erase."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.errors import ConflictError, LifecycleError, NotFoundError
from footbridge.i18n import spoken
from footbridge.i18n.eager import _, _n, translated

if TYPE_CHECKING:
    from datetime import datetime

    from footbridge.referrals.client_data import Standing
    from footbridge.store.engine import Database

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _who(command: Decorated) -> Decorated:
    """The options that say which client."""
    for option in (
        tenant_option,
        click.option(
            "--person",
            metavar="ID",
            help="A pseudonymous id: of the person, of their Patient at a requester, or of a prescription, as the "
            "timeline and the API show it.",
        ),
        click.option(
            "--identifier",
            metavar="SYSTEM|VALUE",
            help="An identifier of the client, as prescriptions give it; - reads it from standard input, so that it is "
            "not in the shell's history.",
        ),
    ):
        command = option(command)
    return command


@click.group("client")
def command() -> None:
    """Export or erase everything that is held on a client.

    \b
    Example:
      footbridge client export client.json --identifier - < identifier.txt
    """


@command.command("export")
@click.argument("file", metavar="FILE.json")
@_who
@json_option("one JSON object: file, counts")
def export(file: str, identifier: str | None, person: str | None, tenant: str | None, as_json: bool) -> None:
    """Write everything that is held on a client to FILE.json, - for standard output.

    That is prescriptions, FHIR resources in every version and in every partner's compartment, the timeline with who did
    what, what was sent to whom and when, decisions about contact, and what partners call our records. The file is for
    its owner only (mode 0600); one that is there is not overwritten. Exit code 1 for an unknown client.

    \b
    Example:
      footbridge client export client.json --identifier - < identifier.txt
      footbridge client export - --identifier - < identifier.txt > client.json
    """
    from datetime import UTC, datetime

    from footbridge.private_files import write_file
    from footbridge.store.exact_json import dumps
    from footbridge.store.person_data import held_on
    from footbridge.store.person_export import export_held

    found, owner, whom = _client(identifier, person, tenant)
    with found.read() as connection:
        exported = export_held(connection, held_on(connection, owner, whom), datetime.now(UTC))
    content = f"{dumps(exported)}\n".encode()
    if file == "-":
        click.echo(content, nl=False)
    else:
        try:
            write_file(Path(file), content)
        except FileExistsError:
            raise ConflictError(_("{file} is there already: choose another name.", file=file)) from None
    if as_json and file != "-":
        print_json({"file": file, "counts": exported["counts"]})
    else:
        click.echo(_("Written: {counted}.", counted=_counted(exported["counts"])), err=True)


@command.command("erase")
@_who
@click.option("--cancel-open", is_flag=True, help="First cancel what is open, and inform its partners.")
@click.option("--drop-messages", is_flag=True, help="Erase although partners have not got every message.")
@click.option("--reason", help="Why, for the audit; without the client's name.")
@click.option("--by", help="Who has it erased, for the audit; the user of this machine by default.")
@click.option("--vacuum/--no-vacuum", default=True, show_default=True, help="Rewrite the file of a SQLite database.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option("one JSON object: prescriptions, referrals, resources, messages, events, copies, bytes")
def erase(  # noqa: PLR0913, PLR0917 - one parameter an option
    identifier: str | None,
    person: str | None,
    tenant: str | None,
    cancel_open: bool,
    drop_messages: bool,
    reason: str | None,
    by: str | None,
    vacuum: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Erase everything that is held on a client. It cannot be undone.

    Names, documents, identifiers, FHIR resources in every version, partners' compartments, messages and reasons go.
    The timeline keeps names of events, times and pseudonymous ids, for the audit and for counts. Exit code 1 for an
    unknown client, and while a prescription is open or a partner has not got a message. Copies on partners' own servers
    stay: the command lists who has some. Backups are yours to delete.

    \b
    Example:
      footbridge client erase --identifier - --cancel-open --yes < identifier.txt
      footbridge client erase --person 4f1c8f0e-6a3b-4d0a-9f57-0c2f5a1f7a11 --reason "Request 14"
    """
    from footbridge.model.clock import SystemClock
    from footbridge.referrals.client_data import cancel_open as cancel
    from footbridge.referrals.client_data import erase_client
    from footbridge.store.person_erasure import Order
    from footbridge.store.reclaim import reclaim

    clock, actor = SystemClock(), by or _user()
    found, owner, whom = _client(identifier, person, tenant)
    standing = _standing(found, owner, whom)
    _must_not_name(found, owner, standing, reason, actor)
    if standing.open and not cancel_open:
        message = _n(
            "{count} of the client's prescriptions is open: end it, or use --cancel-open.",
            "{count} of the client's prescriptions are open: end them, or use --cancel-open.",
            len(standing.open),
        )
        raise LifecycleError(message, reason="open")
    if not yes:
        click.confirm(
            _("{question} It cannot be undone. Erase it?", question=_question(standing)), abort=True, err=True
        )
    if standing.open:
        cancel(found, clock, owner, standing.open, actor)
        _send(found)
        standing = _standing(found, owner, whom)
    if standing.waiting and not drop_messages:
        raise LifecycleError(_undelivered(standing), reason="undelivered")
    erased = erase_client(found, clock, owner, whom, Order("request", actor, reason), drop=drop_messages)
    copies = _copies(found, owner, standing)
    bytes_left = reclaim(found, rewrite=vacuum)
    counts = {name: getattr(erased, name) for name in erased.__slots__}
    if as_json:
        note = {"complete": bytes_left.complete, "note": spoken(bytes_left.note)}
        print_json({**counts, "copies": copies, "bytes": note})
        return
    click.echo(_("Erased: {counted}.", counted=_counted(counts)))
    click.echo(spoken(bytes_left.note))
    click.echo(_("No partner has copies on a server of its own.") if not copies else _("Copies remain at; ask them:"))
    for one in copies:
        sent = one["sent"] or _("at an unknown time")
        click.echo(_("  {title} ({partner}), last sent {sent}", title=one["title"], partner=one["partner"], sent=sent))


def _client(identifier: str | None, person: str | None, tenant: str | None) -> "tuple[Database, str, str]":
    """The database, the tenant and the person meant. Raises NotFoundError without repeating an identifier."""
    from footbridge.store.person_data import find_by_id, find_by_identifier

    if (identifier is None) == (person is None):
        raise click.UsageError(_("Specify one of --identifier and --person."))
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        if identifier is not None:
            system, bar, value = (sys.stdin.readline() if identifier == "-" else identifier).strip().partition("|")
            if not (system and bar and value):
                raise click.UsageError(_("An identifier is written SYSTEM|VALUE."))
            whom = find_by_identifier(connection, owner, system, value)
        else:
            whom = find_by_id(connection, owner, person or "")
    if whom is None:
        raise NotFoundError(_("Nothing is held on such a client."))
    return found, owner, whom


def _standing(found: "Database", tenant: str, person: str) -> "Standing":
    from datetime import UTC, datetime

    from footbridge.referrals.client_data import standing_of

    with found.read() as connection:
        return standing_of(connection, tenant, person, datetime.now(UTC))


def _must_not_name(found: "Database", tenant: str, standing: "Standing", *texts: str | None) -> None:
    from footbridge.referrals.client_data import names_the_client

    with found.read() as connection:
        if any(text and names_the_client(connection, tenant, standing.held, text) for text in texts):
            raise click.UsageError(_("What stays for the audit must not name the client: change --reason or --by."))


def _send(found: "Database") -> None:
    """Send what is due now, so that partners learn that their referral is cancelled."""
    from footbridge.model.clock import SystemClock
    from footbridge.referrals.build import build_worker

    build_worker(found, SystemClock()).step()


def _question(standing: "Standing") -> str:
    held = standing.held
    counts = {"prescriptions": len(held.prescriptions), "open": len(standing.open), "referrals": len(held.referrals)}
    return _("Held on the client: {counted}.", counted=_counted({**counts, "resources": len(held.places)}))


def _undelivered(standing: "Standing") -> str:
    who = ", ".join(f"{name} ({count})" for name, count in sorted(standing.waiting.items()))
    return _(
        "Messages that partners have not got: {who}. Nothing is erased: let `footbridge worker` "
        "send them and run this again, or use --drop-messages.",
        who=who,
    )


def _copies(found: "Database", tenant: str, standing: "Standing") -> list[dict[str, Any]]:
    """Partners with servers of their own that have copies: name, title, when each got something last."""
    from footbridge.store.partners import list_partners

    with found.read() as connection:
        known = {one.name: one for one in list_partners(connection, tenant)}
    return [
        {"partner": name, "title": known[name].title if name in known else name, "sent": _moment(at)}
        for name, at in sorted(standing.sent.items())
        if name not in known or known[name].network != "hosted"
    ]


def _moment(at: "datetime | None") -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {translated(_spaced(name))}" for name, count in counts.items())


def _spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "command line"
