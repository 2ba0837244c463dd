"""Messages to partners: what is owed, why it waits and until when; send it now, retry, drop. Deliveries over time."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response
from sqlalchemy import func, literal_column, select

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.jobs.next_attempt import next_attempts, try_now
from footbridge.jobs.overview import next_retry
from footbridge.model.reasons import reason_text
from footbridge.referrals import outbox
from footbridge.referrals.sign_in_mail import SIGN_IN
from footbridge.security.access import require
from footbridge.store.partners import list_partners
from footbridge.store.tables import job
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.ocean_messages import how_many
from footbridge.web.portal.pages import page, zone

PATH = "/portal/admin/messages"
DAYS = 14
MOST_SHOWN = 100
_STATES = ("failed", "ready")
_MOVED_ON = _("The message does not wait any more: look at the list again.")

routes = Blueprint("admin_messages", __name__)


@dataclass(frozen=True, slots=True)
class Column:
    """One partner's deliveries, by day, the oldest first; ``most`` is the highest of all partners."""

    title: str
    counts: list[int]
    most: int

    @property
    def total(self) -> int:
        """All of the days."""
        return sum(self.counts)


@routes.get(PATH)
def show() -> Response:
    """What is owed, and what was delivered."""
    require(door.signed_in().principal, "message.read")
    return _page(None)


@routes.post(f"{PATH}/<int:message>/<any(now,retry,drop):what>")
def change(message: int, what: str) -> Response:
    """Try one that waits now, send a failed one again, or give it up."""
    who, here = door.signed_in().principal, app_context()
    require(who, "message.drop" if what == "drop" else "message.retry")
    try:
        with here.database.write() as connection:
            if outbox.entry_of(connection, message).message.tenant != who.tenant:
                raise NotFoundError(_("There is no such message."))
            if what == "now":
                try_now(connection, who.tenant, message, here.clock.now())
            else:
                done = outbox.retry if what == "retry" else outbox.drop
                done(connection, here.clock, who, message, tenant=who.tenant)
    except ConflictError as error:
        return _page(spoken(str(error)) if what == "now" else spoken(_MOVED_ON))
    here.wake()
    return door.see_other(f"{PATH}?done={what}")


def _page(problem: str | None) -> Response:
    tenant, here = door.signed_in().user.tenant, app_context()
    with here.database.read() as connection:
        titles = {one.name: one.title for one in list_partners(connection, tenant)}
        next_mail = next_retry(connection, SIGN_IN, tenant)
        unread = how_many(connection, door.signed_in().principal)
        owed = [
            one for state in _STATES
            for one in outbox.listed(connection, state=state, tenant=tenant, limit=MOST_SHOWN)
        ]  # fmt: skip
        coming = next_attempts(connection, tenant, [one.message for one in owed])
        since = here.clock.now() - timedelta(days=DAYS)
        is_ours = func.coalesce(job.c.tenant, "") == tenant  # as it is said here, the index by time serves
        is_done = job.c.state == literal_column("'done'")
        done = select(job.c.partner, job.c.finished).where(
            is_ours, is_done, job.c.partner.is_not(None), job.c.finished >= since
        )
        rows = connection.execute(done).all()
    today = here.clock.now().astimezone(zone()).date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    return page(
        "admin_messages.html",
        409 if problem else 200,
        owed=[(one, titles.get(one.message.partner, one.message.partner), _why(one)) for one in owed],
        coming={number: moment for number, moment in coming.items() if moment > here.clock.now()},
        unread=unread,
        days=days,
        columns=_columns(Counter((row.partner, row.finished.astimezone(zone()).date()) for row in rows), days, titles),
        problem=problem,
        next_mail=next_mail,
    )


def _why(one: outbox.OutboxEntry) -> str:
    return (reason_text(one.message.why, current()) or "") if one.message.why else ""


def _columns(counts: Counter[tuple[str, date]], days: list[date], titles: dict[str, str]) -> list[Column]:
    most = max(counts.values(), default=1)
    names = sorted({name for name, _day in counts}, key=lambda name: titles.get(name, name))
    return [Column(titles.get(name, name), [counts[name, one] for one in days], most) for name in names]
