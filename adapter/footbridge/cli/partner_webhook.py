"""``footbridge partner webhook``: where a requester is notified of what happens to its prescriptions."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.store.webhooks import Webhook

REFERENCE = "env:NAME or file:PATH, never the secret itself."


@click.command("webhook")
@click.argument("name")
@click.argument("url", required=False)
@click.option("--secret", help=f"Where the secret is that requests are signed with: {REFERENCE}")
@click.option("--old-secret", help=f"Sign with this one as well, while the receiver may know no other: {REFERENCE}")
@click.option("--off", is_flag=True, help="Remove the webhook.")
@tenant_option
@json_option("one JSON object: partner, url, secret, old_secret, last_sent")
def webhook(  # noqa: PLR0913, PLR0917 - one parameter an option
    name: str,
    url: str | None,
    secret: str | None,
    old_secret: str | None,
    off: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Set, show or remove the webhook of the requester NAME.

    Signed requests to URL report the number and the name of each event and the identifiers of the prescription, from
    now on. URL is https, or http to this machine. Without URL the command shows the webhook. What is not specified is
    removed: to change the secret, set --secret and --old-secret, and later --secret only.

    \b
    Example:
      footbridge partner webhook emr https://emr.test/hook --secret file:/run/secrets/hook
      footbridge partner webhook emr --off
    """
    if url is None and (secret or old_secret):
        raise click.UsageError(_("Specify the URL with the secret."))
    if url is not None and (off or not secret):
        raise click.UsageError(_("With a URL specify --secret, and not --off."))
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        role = partner_of(connection, owner, name).role
    if off:
        _remove(owner, name, as_json=as_json)
        return
    if url is None:
        from footbridge.store.webhooks import get_webhook

        with found.read() as connection:
            _tell(get_webhook(connection, owner, name), as_json=as_json)
        return
    if role != "requester":
        raise click.UsageError(
            _("{name} is not a requester: only a requester has prescriptions of its own.", name=name)
        )
    _tell(_set(owner, name, url, str(secret), old_secret), as_json=as_json)


def _set(owner: str, name: str, url: str, secret: str, old_secret: str | None) -> "Webhook":
    from footbridge.cli.partner_notes import note_missing
    from footbridge.errors import ConfigurationError
    from footbridge.partners.webhooks import check_secret, checked_url
    from footbridge.referrals.webhooks import LONGEST_NAME
    from footbridge.store.credentials import check_reference, resolve_credential
    from footbridge.store.webhooks import Webhook, set_webhook

    if len(name) > LONGEST_NAME:
        raise ConfigurationError(
            _(
                "A partner with a webhook must have a name of at most {most} characters.",
                most=LONGEST_NAME,
            )
        )
    for reference in filter(None, (secret, old_secret)):
        check_reference(reference)
        try:
            value = resolve_credential(reference)
        except ConfigurationError:
            note_missing(reference)  # the worker may well see it
        else:
            check_secret(value)
    hook = Webhook(name, checked_url(url), secret, old_secret)
    with database().write() as connection:
        return set_webhook(connection, owner, hook, datetime.now(UTC))


def _remove(owner: str, name: str, *, as_json: bool) -> None:
    from footbridge.store.webhooks import remove_webhook

    with database().write() as connection:
        was_there = remove_webhook(connection, owner, name)
    if as_json:
        print_json({"partner": name, "url": None, "secret": None, "old_secret": None, "last_sent": None})
    else:
        click.echo(
            _("The webhook of {name} is removed.", name=name)
            if was_there
            else _("Partner {name} has no webhook.", name=name)
        )


def _tell(hook: "Webhook", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(hook))
        return
    signed = (
        hook.secret
        if hook.old_secret is None
        else _("{secret}, and {old_secret}", secret=hook.secret, old_secret=hook.old_secret)
    )
    click.echo(
        _(
            "Webhook of {partner}: {url}, signed with {signed}. Number of the last event sent: {last_sent}.",
            partner=hook.partner,
            url=hook.url,
            signed=signed,
            last_sent=hook.last_sent,
        )
    )
