"""``footbridge user``: the people who sign in to the portal."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from datetime import UTC, datetime

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json, show
from footbridge.i18n.eager import _

ROLES = ("prescriber", "navigator", "service-worker", "directory-manager", "administrator")
"""Those of ``users`` in mappings/access.json; a test holds the two together, so that help reads no table."""

ASKS_AS = ("clinician", "social-worker", "navigator", "community-worker")
"""Those of ``store.users.ASKS_AS``; the same test holds the two together."""


@click.group("user")
def command() -> None:
    """Add users of the portal, list them, change roles and how letters name them.

    \b
    Example:
      footbridge user list
    """


@command.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Name of the person, for the timeline.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the person may do.")
@click.option("--partner", help="Of a service worker: the partner that they work for.")
@tenant_option
@json_option("one JSON object: id, email, name, role, partner, tenant")
def add(email: str, name: str, role: str, partner: str | None, tenant: str | None, as_json: bool) -> None:
    """Add a user, who signs in with a link that is sent to EMAIL.

    Exit code 1 when there is a user with this address already.

    \b
    Example:
      footbridge user add kit@riverside.example --name "Kit Moreau" --role navigator
      footbridge user add ana@hub.example --name Ana --role service-worker --partner north-end-hub
    """
    from footbridge.security.people import works_for
    from footbridge.store.users import add_user, new_user

    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        its_partner = works_for(connection, owner, role, partner)
        user = new_user(owner, email, name, role, its_partner, datetime.now(UTC))
        add_user(connection, user)
    if as_json:
        print_json({"id": user.id, "email": user.email, "name": user.name, "role": role, "partner": its_partner,
                    "tenant": owner})  # fmt: skip
        return
    click.echo(_("{email} is a user now: {role}.", email=user.email, role=role))


@command.command("list")
@tenant_option
@json_option("a list of JSON objects: email, name, role, partner, signs_in, created")
def list_(tenant: str | None, as_json: bool) -> None:
    """List the users.

    A service worker whose partner was removed does not sign in until `footbridge user role` names another partner.

    \b
    Example:
      footbridge user list
    """
    from footbridge.security.people import may_sign_in
    from footbridge.store.users import list_users

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        rows = [
            {
                "email": one.email,
                "name": one.name,
                "role": one.role,
                "partner": one.partner,
                "signs_in": may_sign_in(one),
                "created": one.created.isoformat(timespec="seconds"),
            }
            for one in list_users(connection, owner)
        ]
    show(rows, _("No users yet: `footbridge user add` adds one."), as_json=as_json)


@command.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--partner", help="Of a service worker: the partner that they work for.")
@tenant_option
def role_(email: str, role: str, partner: str | None, tenant: str | None) -> None:
    """Give the user EMAIL another role; it applies from their next click.

    \b
    Example:
      footbridge user role kit@riverside.example administrator
    """
    from footbridge.security.people import works_for
    from footbridge.store.users import get_user, set_role

    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        user = get_user(connection, owner, email)
        set_role(connection, user, role, works_for(connection, owner, role, partner))
    click.echo(_("{email} is a user now: {role}.", email=user.email, role=role))


@command.command("set")
@click.argument("email")
@click.option("--profession", help='In own words, such as "nurse practitioner"; an empty text removes it.')
@click.option("--phone", help="Phone number at which services ask; an empty text removes it.")
@click.option("--asks-as", type=click.Choice(ASKS_AS), help="In what role they prescribe; at first by their role.")
@tenant_option
@json_option("one JSON object: email, name, profession, phone, asks_as")
def set_(
    email: str, profession: str | None, phone: str | None, asks_as: str | None, tenant: str | None, as_json: bool
) -> None:
    """Say how prescriptions and letters present the user EMAIL: profession, phone, role as a requester.

    It holds for what they write from now on. Name, phone and address of the organization: `footbridge tenant set`.

    \b
    Example:
      footbridge user set pat@riverside.example --profession "nurse practitioner" --phone 807-555-0101
    """
    from footbridge.store.users import get_user, set_presented

    said = {"profession": profession, "phone": phone, "asks_as": asks_as}
    given = {name: text for name, text in said.items() if text is not None}
    if not given:
        raise click.UsageError(_("Specify --profession, --phone or --asks-as."))
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        user = set_presented(connection, get_user(connection, owner, email), **given)
    kept = {name: getattr(user, name) for name in said}
    if as_json:
        print_json({"email": user.email, "name": user.name} | kept)
        return
    shown = ", ".join(filter(None, (user.name, user.profession, user.phone)))
    click.echo(_("Prescriptions of {email} say: {shown}.", email=user.email, shown=shown))


@command.command("remove")
@click.argument("email")
@tenant_option
def remove(email: str, tenant: str | None) -> None:
    """Remove the user EMAIL; their sessions end at once. What they did stays in the timelines, with their name.

    \b
    Example:
      footbridge user remove kit@riverside.example
    """
    from footbridge.store.users import get_user, remove_user

    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        user = get_user(connection, owner, email)
        remove_user(connection, user)
    click.echo(_("Removed {email}; their sessions have ended.", email=user.email))


@command.command("first-link")
def first_link() -> None:
    """Print another link that makes the first administrator; the older one ends.

    `footbridge serve` prints the first one when there is no user. The link lasts an hour. Exit code 1 when there are
    users.

    \b
    Example:
      footbridge user first-link
    """
    from footbridge.referrals.sign_in_mail import link_address
    from footbridge.security.sign_in import another_first_link

    with database(create=True).write() as connection:
        secret = another_first_link(connection, datetime.now(UTC))
    click.echo(link_address(secret))
