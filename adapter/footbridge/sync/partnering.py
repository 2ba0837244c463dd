"""Takes a partner on: its entry, and the first poll of its Tasks."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from footbridge.errors import ConfigurationError
from footbridge.store.partners import Partner, add_partner
from footbridge.sync import schedule
from footbridge.sync.networks import MAKERS

SKEW = timedelta(days=1)
"""How far a partner's clock may be behind ours: its first poll starts so long ago, not at the beginning of time."""


def enlist(connection: Connection, tenant: str, partner: Partner, now: datetime) -> Partner:
    """Add a partner and plan its first poll for now; what it held before that is none of our Tasks.

    Raises:
        ConflictError: the name is taken.
        ConfigurationError: the entry is not usable.
    """
    if partner.network not in MAKERS:
        raise ConfigurationError(f"The network {partner.network!r} is not built in; there is {', '.join(MAKERS)}.")
    added = add_partner(connection, tenant, partner, now)
    since = (now - SKEW).isoformat()
    schedule.plan(connection, tenant=tenant, kind="poll", subject=added.name, due=now, cursor=since)
    return added
