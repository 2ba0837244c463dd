"""One-time links, sessions, attempts and the portal's secret, as rows that every process sees.

A link or a cookie is 256 bits of chance, so a plain digest is enough: there is nothing to guess.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from footbridge.store.dialect import insert as insert_on
from footbridge.store.dialect import unless_there
from footbridge.store.tables import portal_secret, sign_in_attempt, sign_in_link, user_session

FORM_KEY, FIRST_LINK = "form-key", "first-link"
_SECRET = unless_there(portal_secret)


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link; ``user`` None: it makes the first administrator. ``leads_to``: the page asked for first."""

    user: str | None
    expires: datetime
    used: datetime | None
    leads_to: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session: of whom, when it was used last, and when it ends however often it is used."""

    user: str
    seen: datetime
    expires: datetime


def new_secret() -> str:
    """What a link or a cookie holds."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Under what a link or a cookie is stored: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def put_link(
    connection: Connection, user: str | None, now: datetime, life: timedelta, leads_to: str | None = None
) -> str:
    """Make a one-time link; returns what it holds, which is stored nowhere."""
    secret = new_secret()
    row = {"digest": digest_of(secret), "user": user, "created": now, "expires": now + life, "leads_to": leads_to}
    connection.execute(insert(sign_in_link).values(**row))
    return secret


def link_of(connection: Connection, secret: str) -> Link | None:
    """The link that holds this; None when there is none."""
    row = connection.execute(select(sign_in_link).where(sign_in_link.c.digest == digest_of(secret))).one_or_none()
    return None if row is None else Link(row.user, row.expires, row.used, row.leads_to)


def use_link(connection: Connection, secret: str, now: datetime) -> bool:
    """Use a link up; False when it was used before, has expired, or is unknown. Of two at once one gets True."""
    mine = (sign_in_link.c.digest == digest_of(secret), sign_in_link.c.used.is_(None), sign_in_link.c.expires > now)
    return connection.execute(update(sign_in_link).where(*mine).values(used=now)).rowcount == 1


def put_session(connection: Connection, user: str, now: datetime, life: timedelta) -> str:
    """Begin a session; returns what its cookie holds, which is stored nowhere."""
    secret = new_secret()
    row = {"digest": digest_of(secret), "user": user, "created": now, "seen": now, "expires": now + life}
    connection.execute(insert(user_session).values(**row))
    return secret


def session_of(connection: Connection, secret: str) -> Session | None:
    """The session of a cookie, ended ones too that are not yet purged."""
    row = connection.execute(select(user_session).where(user_session.c.digest == digest_of(secret))).one_or_none()
    return None if row is None else Session(row.user, row.seen, row.expires)


def touch_session(connection: Connection, secret: str, now: datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(user_session).where(user_session.c.digest == digest_of(secret)).values(seen=now))


def end_session(connection: Connection, secret: str) -> None:
    """End a session."""
    connection.execute(delete(user_session).where(user_session.c.digest == digest_of(secret)))


def count_attempt(connection: Connection, digest: str, now: datetime) -> int:
    """Count one attempt; returns how many there were within the hour of the clock, this one too."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    statement = insert_on(connection, sign_in_attempt).values(digest=digest, hour=hour, count=1)
    counted = statement.on_conflict_do_update(
        index_elements=["digest", "hour"], set_={"count": sign_in_attempt.c.count + 1}
    ).returning(sign_in_attempt.c.count)
    return int(connection.execute(counted).scalar_one())


def purge(connection: Connection, now: datetime, idle: timedelta) -> None:
    """Forget links, sessions and attempts that are over for a day."""
    before = now - timedelta(days=1)
    connection.execute(delete(sign_in_link).where(sign_in_link.c.expires < before))
    over = or_(user_session.c.expires < before, user_session.c.seen < before - idle)
    connection.execute(delete(user_session).where(over))
    connection.execute(delete(sign_in_attempt).where(sign_in_attempt.c.hour < before))


def find_secret(connection: Connection, name: str) -> str | None:
    """A secret of the portal; None when nobody has made it yet."""
    found: str | None = connection.scalar(select(portal_secret.c.value).where(portal_secret.c.name == name))
    return found


def put_secret(connection: Connection, name: str, value: str, now: datetime) -> bool:
    """Store a secret of the portal unless it is there; whether this one counts."""
    row = {"name": name, "value": value, "created": now}
    return connection.execute(_SECRET[connection.dialect.name], row).rowcount == 1


def drop_secret(connection: Connection, name: str) -> None:
    """Forget a secret of the portal."""
    connection.execute(delete(portal_secret).where(portal_secret.c.name == name))


def drop_first_links(connection: Connection) -> None:
    """Forget the links that would make the first administrator."""
    connection.execute(delete(sign_in_link).where(sign_in_link.c.user.is_(None)))
