"""How people get in: a one-time link, then a session that ends when it is idle and at the latest after some hours.

``request_link`` answers the same, and costs the same, whether the address belongs to a user or not. ``sign_in`` uses a
link up; ``current_user`` says whose session a cookie is. The very first user is made by a link that the first process
prints (``first_link``); whoever writes it first decides, and it is of no use once there is a user.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.security.access import users_principal
from footbridge.security.openid import links_are_sent
from footbridge.security.people import who_may
from footbridge.settings import settings
from footbridge.store import sessions
from footbridge.store.engine import Database
from footbridge.store.users import User, find_user, has_users, user_of

LINK = timedelta(minutes=20)
FIRST = timedelta(hours=1)
MOST_LINKS = 5
"""That one address is sent within an hour of the clock."""
_TOUCH = timedelta(minutes=1)  # between two notes that a session is in use

State = Literal["open", "used", "expired", "unknown"]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in: the user, and the principal that they act as."""

    user: User
    principal: Principal


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has begun: what its cookie holds, whose it is, and the page that was asked for first."""

    cookie: str
    user: User
    leads_to: str | None


def form_key(database: Database, now: datetime) -> bytes:
    """The secret behind the tokens of forms and the digests of attempts; made by the first who asks."""
    with database.read() as connection:
        found = sessions.find_secret(connection, sessions.FORM_KEY)
    if found is None:
        with database.write() as connection:
            sessions.put_secret(connection, sessions.FORM_KEY, sessions.new_secret(), now)
            found = sessions.find_secret(connection, sessions.FORM_KEY)
    return (found or "").encode()


def form_token(key: bytes, browser: str) -> str:
    """The token that a form of this browser has to send: nobody else's page can know it."""
    return hmac.new(key, f"form/{browser}".encode(), hashlib.sha256).hexdigest()


def is_form_token(key: bytes, browser: str, token: str) -> bool:
    """Whether a form came from a page that we gave to this browser."""
    return bool(browser) and hmac.compare_digest(form_token(key, browser).encode(), token.encode())


def may_be_sent(connection: Connection, key: bytes, email: str, now: datetime) -> bool:
    """Count that a link was asked for with this address; whether that is within the limit."""
    digest = hmac.new(key, f"email/{email}".encode(), hashlib.sha256).hexdigest()
    return sessions.count_attempt(connection, digest, now) <= MOST_LINKS


def who_asks(connection: Connection, email: str) -> User | None:
    """The user of an address in the stored form; None for one who may not sign in."""
    return who_may(find_user(connection, email))


def make_link(connection: Connection, user: User, now: datetime, leads_to: str | None = None) -> str:
    """A one-time link that signs this user in, and leads to a page; what is over is purged on the way."""
    sessions.purge(connection, now, idle_life())
    return sessions.put_link(connection, user.id, now, LINK, leads_to)


def state_of_link(connection: Connection, secret: str, now: datetime) -> tuple[State, User | None]:
    """What a link is good for, without using it; and whom it signs in: None for the first administrator's."""
    found = sessions.link_of(connection, secret)
    if found is None:
        return "unknown", None
    if found.user is None:
        gone = has_users(connection) or found.used is not None
        return ("used" if gone else "expired" if found.expires <= now else "open"), None
    user = who_may(user_of(connection, found.user))
    if user is None or not links_are_sent():
        return "unknown", None
    return ("used" if found.used is not None else "expired" if found.expires <= now else "open"), user


def sign_in(connection: Connection, secret: str, now: datetime, *, before: str = "") -> Begun | None:
    """Use a link up and begin a session; None when the link is not good any more.

    ``before``: the cookie that the browser had; that session ends, since no cookie is left that anybody should have.
    """
    found = sessions.link_of(connection, secret)
    user = None if found is None or found.user is None else who_may(user_of(connection, found.user))
    if user is None or not links_are_sent() or not sessions.use_link(connection, secret, now):
        return None
    sessions.end_session(connection, before)
    return Begun(begin_session(connection, user, now), user, None if found is None else found.leads_to)


def begin_session(connection: Connection, user: User, now: datetime) -> str:
    """A new session of a user whom somebody else has identified; returns what its cookie holds."""
    return sessions.put_session(connection, user.id, now, timedelta(hours=settings().portal_session_hours))


def sign_out(connection: Connection, cookie: str) -> None:
    """End the session of a cookie."""
    sessions.end_session(connection, cookie)


def current_user(database: Database, cookie: str, now: datetime, *, touch: bool = True) -> SignedIn | None:
    """Who is signed in with this cookie; None when the session has ended or the user was removed.

    ``touch`` False for what a page asks for by itself: it does not make an idle session last.
    """
    with database.read() as connection:
        found = sessions.session_of(connection, cookie)
        user = None if found is None else who_may(user_of(connection, found.user))
    if found is None or user is None or found.expires <= now or found.seen + idle_life() <= now:
        return None
    if touch and found.seen + _TOUCH <= now:
        with database.write_in_passing() as connection:
            sessions.touch_session(connection, cookie, now)
    return SignedIn(user, users_principal(user.role, user.partner, name=user.name, tenant=user.tenant))


def idle_life() -> timedelta:
    """How long a session lasts without a request."""
    return timedelta(minutes=settings().portal_idle_minutes)


def first_link(connection: Connection, now: datetime) -> str | None:
    """What the link holds that makes the first administrator; None when there is a user, or it was made before."""
    if has_users(connection) or not sessions.put_secret(connection, sessions.FIRST_LINK, "made", now):
        return None
    return sessions.put_link(connection, None, now, FIRST)


def another_first_link(connection: Connection, now: datetime) -> str:
    """Another such link; the older one ends. Raises ConflictError when there is a user."""
    if has_users(connection):
        raise ConflictError(_("There are users already; an administrator adds others: `footbridge user add`."))
    sessions.drop_first_links(connection)
    sessions.drop_secret(connection, sessions.FIRST_LINK)
    sessions.put_secret(connection, sessions.FIRST_LINK, "made", now)
    return sessions.put_link(connection, None, now, FIRST)
