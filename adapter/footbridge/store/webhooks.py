"""Webhooks of requesters: where each is notified of what happens to its prescriptions, and how far that is.

The database says where a secret is (``store.credentials``), never what it is.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.store.credentials import check_reference
from footbridge.store.events import newest
from footbridge.store.tables import webhook as table

_HERE = (table.c.tenant == bindparam("of"), table.c.partner == bindparam("whose"))
_GET = select(table).where(*_HERE)
_THERE = select(exists().where(*_HERE))
_SENT = update(table).where(*_HERE, table.c.last_sent < bindparam("number")).values(last_sent=bindparam("number"))


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook.

    Attributes:
        partner: the requester that is notified.
        url: where its receiver is.
        secret: where the secret is that requests are signed with, env:NAME or file:PATH.
        old_secret: where the secret before is, while the receiver may know that one only; None usually.
        last_sent: number of the last event that the receiver has, or that was there before the webhook.
    """

    partner: str
    url: str
    secret: str
    old_secret: str | None = None
    last_sent: int = 0


def set_webhook(connection: Connection, tenant: str, hook: Webhook, now: datetime) -> Webhook:
    """Add a webhook, which is notified of what happens from now on; or change the one that is there.

    Raises ConfigurationError for a secret that is no reference.
    """
    for reference in (hook.secret, hook.old_secret):
        if reference is not None:
            check_reference(reference)
    values = {"url": hook.url, "secret": hook.secret, "old_secret": hook.old_secret}
    here = (table.c.tenant == tenant, table.c.partner == hook.partner)
    if connection.execute(update(table).where(*here).values(**values)).rowcount == 0:
        last_sent = newest(connection, tenant)
        connection.execute(
            insert(table).values(**values, tenant=tenant, partner=hook.partner, last_sent=last_sent, created=now)
        )
    return get_webhook(connection, tenant, hook.partner)


def has_webhook(connection: Connection, tenant: str, partner: str) -> bool:
    """Whether a partner has a webhook."""
    return bool(connection.scalar(_THERE, {"of": tenant, "whose": partner}))


def get_webhook(connection: Connection, tenant: str, partner: str) -> Webhook:
    """The webhook of a partner; raises NotFoundError where it has none."""
    row = connection.execute(_GET, {"of": tenant, "whose": partner}).one_or_none()
    if row is None:
        raise NotFoundError(_("Partner {partner} has no webhook.", partner=partner))
    return Webhook(row.partner, row.url, row.secret, row.old_secret, row.last_sent)


def remove_webhook(connection: Connection, tenant: str, partner: str) -> bool:
    """Notify a partner of nothing more; False where it had no webhook."""
    return connection.execute(delete(table).where(*_HERE), {"of": tenant, "whose": partner}).rowcount == 1


def record_sent(connection: Connection, tenant: str, partner: str, number: int) -> None:
    """The receiver has every event up to this number."""
    connection.execute(_SENT, {"of": tenant, "whose": partner, "number": number})
