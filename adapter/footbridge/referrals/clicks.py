"""A form of our own pages that is sent twice is done once: its key is noted in the inbox, in the same transaction.

The key names the form and the user who has it open. So a second click finds the first, whoever else has the same name
and role; and what a transaction that failed had noted is gone with it, so that the form can be sent again.
"""

from datetime import datetime

from sqlalchemy import Connection

from footbridge.store import inbox

OWN = ":portal"
"""The name under which the keys of forms are noted in the inbox; no partner can have it, for the colon."""


def is_first(connection: Connection, tenant: str, key: str, now: datetime, *, prescription: str) -> bool:
    """Note that a form was sent; False when it was before. What was noted is undone with the transaction."""
    if not inbox.receive(connection, tenant, OWN, key, now, prescription=prescription):
        return False
    inbox.record(connection, tenant, OWN, key, "applied")
    return True


def was_done(connection: Connection, tenant: str, key: str) -> bool:
    """Whether a form was sent before, and done."""
    return inbox.outcome_of(connection, tenant, OWN, key) is not None
