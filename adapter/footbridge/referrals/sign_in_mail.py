"""Sends sign-in links by e-mail, as jobs of the queue: when the mail server is down, the link comes when it is back.

The link is made when it is sent, so that what signs somebody in is stored nowhere. A job for nobody, which an unknown
address leaves behind, does nothing.
"""

import sys
from typing import Final

from sqlalchemy import Connection

from footbridge.i18n import _, in_language, language_of_tag
from footbridge.jobs.job import Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import Clock
from footbridge.partners import mail
from footbridge.security.people import who_may
from footbridge.security.sign_in import LINK, make_link
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.store.users import user_of

SIGN_IN: Final = "sign-in-mail"
WELCOME: Final = "welcome"
"""In a job, in the place of a page of the portal, which begins with a slash: the link is for a new user."""


def queue_link(
    connection: Connection, clock: Clock, tenant: str, user: str, language: str, leads_to: str | None = None
) -> None:
    """Queue a sign-in link for the user of an id, which may be nobody's; it leads to a page of the portal.

    With ``WELCOME`` in place of a page, the user is new and did not ask for it.
    """
    cursor = language if leads_to is None else f"{language} {leads_to}"
    JobQueue(connection).plan(tenant=tenant, kind=SIGN_IN, subject=user, due=clock.now(), cursor=cursor)


def link_address(secret: str, listening: str | None = None) -> str:
    """Where a link leads: at the setting ``public_url``, never at what a request says of itself.

    ``listening`` is where the server listens, for whom that setting is unset; by the settings when None.
    """
    base = settings().own_url if settings().public_url or listening is None else listening.rstrip("/")
    return f"{base}/portal/link/{secret}"


class SignInMail:
    """The handler of these jobs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def send(self, job: Job) -> Result:
        """Make a link and send it. Raises PartnerUnavailable; the job is repeated later."""
        with self._database.write() as connection:
            user = who_may(user_of(connection, job.subject or ""))
            if user is None:
                return Result()
            tag, _blank, leads_to = (job.cursor or "").partition(" ")
            is_new = leads_to == WELCOME
            secret = make_link(connection, user, self._clock.now(), None if is_new else leads_to or None)
        address, language = link_address(secret), language_of_tag(tag or "en") or "en"
        subject, text = _welcome(address) if is_new else _asked_for(address)
        mail.send(user.email, in_language(subject, language), in_language(text, language), language=language)
        if not mail.is_configured():
            print(address, file=sys.stderr, flush=True)  # noqa: T201 - for development, as asked
        return Result()


def _asked_for(address: str) -> tuple[str, str]:
    subject = _("Sign in to Footbridge")
    text = _(
        "Open this link to sign in:\n\n{address}\n\nIt works once, for {minutes} minutes. If you did not ask for "
        "it, ignore this message.\n",
        address=address,
        minutes=_minutes(),
    )
    return subject, text


def _welcome(address: str) -> tuple[str, str]:
    subject = _("You can sign in to Footbridge now")
    text = _(
        "An administrator added you as a user. Open this link to sign in:\n\n{address}\n\nIt works once, for "
        "{minutes} minutes. After that, ask for another link at {page} with this e-mail address. You need no "
        "password.\n",
        address=address,
        minutes=_minutes(),
        page=f"{settings().own_url}/portal/sign-in",
    )
    return subject, text


def _minutes() -> int:
    return int(LINK.total_seconds() // 60)
