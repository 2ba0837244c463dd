"""Messages of a site, from the table where they were stored as they came to values for the workflow.

Each poll reads what is new, then takes of every referral the oldest message by its own time; the next one of the same
referral waits until that is settled. So the order is that of the messages' times as far as they are here, whatever the
order in which they came; one that comes after a newer one of its referral changes nothing.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from footbridge.errors import ConfigurationError
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.partners.inbound import Inbound, NewPrescription, Outcome, Poll
from footbridge.partners.ocean.message import OceanMessage, UnreadableMessage, read_message
from footbridge.partners.ocean.site import OceanSite
from footbridge.partners.ocean.told import Told
from footbridge.partners.ocean.values import FIRST, Known, Settled, values_of
from footbridge.settings import settings
from footbridge.store import inbox, ocean_messages
from footbridge.store.engine import Database
from footbridge.store.network_context import WHOLE, contexts_of
from footbridge.store.ocean_messages import Label, Received
from footbridge.store.prescriptions import find_prescription

BATCH: Final = 50
"""Messages that one poll reads, and referrals of which it takes one."""

REST: Final = timedelta(seconds=1)
"""Between two polls while messages keep coming: to receive them goes before to process them."""

WINDOW: Final = 2000
"""Messages among which the oldest of each referral is looked for."""

_TAKEN: Final = ("applied", "repeat", "echo", "no-change", "ended", "unknown-referral")
"""Outcomes of messages that say how the referral is in Ocean."""

_BY_OUTCOME: Final = {"known": "repeat", "ignored": "no-change"}

_log = get_logger(__name__)


class OceanInbox:
    """The messages of one site; safe to share between threads."""

    def __init__(self, database: Database, site: OceanSite, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._site = site

    def poll(self) -> Poll:
        """What is next, at most one value of each referral; what needs no value is settled here."""
        self._read_new()
        taken: set[int] = set()
        values: list[Inbound] = []
        for row in self._next(BATCH):
            taken.add(row.number)
            try:
                value = self._value(row)
            except (ConfigurationError, SQLAlchemyError):
                raise
            except Exception as error:  # noqa: BLE001 - whatever a site wrote, its other messages count
                _log.error("ocean.message-failed", number=row.number, exception=type(error).__name__)
                self._settle(row.number, "failed", "not-processed")
                continue
            if value is not None:
                values.append(value)
        failing = {int(one.cursor or 0) for one in values}
        return Poll(tuple(values), None, more=lambda connection: self._due_again(connection, failing))

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """Write what became of a value, and so of its message."""
        number = int(inbound.cursor or 0)
        if inbound.message_id.endswith(FIRST) and outcome.code in {"applied", "known"}:
            return  # the referral of a message in words: the message itself is next
        if isinstance(inbound, NewPrescription) and outcome.code == "refused":
            self._settle(number, "failed", "refused")
        elif outcome.code in {"failed", "not-ours"}:
            self._settle(number, "failed", "not-processed")
        elif outcome.code == "refused":
            self._settle(number, "done", "ended")
        else:
            self._settle(number, "done", _BY_OUTCOME.get(outcome.code, outcome.code))

    def newest(self, connection: Connection, referral: str) -> OceanMessage | None:
        """The newest message that says how a referral is in Ocean; None where none is left."""
        place = (connection, self._site.tenant, self._site.partner.name, referral)
        found = ocean_messages.newest_taken(*place, _TAKEN) or ocean_messages.newest_of(*place, self._site.state_events)
        return None if found is None else read_message(found.body, limit=settings().ocean_message_bytes)

    def _read_new(self) -> None:
        """Write what each new message is about; one that cannot be read waits for a person."""
        with self._database.read() as connection:
            rows = ocean_messages.unread(connection, self._site.tenant, self._site.partner.name, BATCH)
        if not rows:
            return
        found = [(row, *_labelled(row)) for row in rows]
        with self._database.write() as connection:
            for row, label, why in found:
                if why is not None:
                    _log.warning("ocean.message-failed", number=row.number, why=why)
                ocean_messages.mark_read(connection, row.number, label, "read" if why is None else "failed", why)

    def _next(self, most: int) -> list[Row[*tuple[Any, ...]]]:
        with self._database.read() as connection:
            return self._heads(connection)[:most]

    def _heads(self, connection: Connection) -> list[Row[*tuple[Any, ...]]]:
        """The oldest waiting message of each referral."""
        place = (connection, self._site.tenant, self._site.partner.name)
        heads: dict[str, Row[*tuple[Any, ...]]] = {}
        for row in ocean_messages.waiting_for_turn(*place, WINDOW):
            heads.setdefault(row.referral or f"#{row.number}", row)
        return list(heads.values())

    def _due_again(self, connection: Connection, failing: set[int]) -> datetime | None:
        """When to poll again, because there is more than what has just failed, and waits for the next poll."""
        place = (connection, self._site.tenant, self._site.partner.name)
        if not any(row.number not in failing for row in self._heads(connection)) and not ocean_messages.unread(
            *place, 1
        ):
            return None
        now, newest = self._clock.now(), ocean_messages.newest_received(*place)
        return now + REST if newest is not None and newest > now - REST else now

    def _value(self, row: Row[*tuple[Any, ...]]) -> Inbound | None:
        """What a message says, for the workflow; None where it is settled here."""
        with self._database.read() as connection:
            received = ocean_messages.get_message(connection, self._site.tenant, row.number)
            message = read_message(received.body, limit=settings().ocean_message_bytes)
            known = self._known(connection, received)
            if self._is_set_aside(connection, received):
                made: Inbound | Settled = Settled("failed", "not-processed")
            else:
                made = values_of(self._site.at(connection), received, message, known)
        if isinstance(made, Settled):
            self._settle(row.number, made.state, made.why, known.prescription)
            return None
        return made

    def _known(self, connection: Connection, received: Received) -> Known:
        tenant, partner, label = self._site.tenant, self._site.partner.name, received.label
        if label.referral is None:
            return Known()
        found = find_prescription(connection, tenant, partner, self._site.identifier(label.referral))
        about = self._site.state_events
        before = ocean_messages.newest_taken(connection, tenant, partner, label.referral, _TAKEN, events=about)
        if before is not None and before.number == received.number:
            before = None
        context = None if found is None else contexts_of(connection, tenant, partner, found.id).get(WHOLE)
        return Known(
            prescription=None if found is None else found.id,
            status=None if found is None else found.status,
            document=None if found is None else found.document,
            before=None if before is None else read_message(before.body, limit=settings().ocean_message_bytes),
            before_at=None if before is None else before.label.at,
            told=Told.read(context),
        )

    def _is_set_aside(self, connection: Connection, received: Received) -> bool:
        """Whether the workflow has tried the message so often that it waits for a person."""
        tenant, partner, name = self._site.tenant, self._site.partner.name, received.label.message or ""
        ids = (name, f"{name}{FIRST}")
        return any(inbox.outcome_of(connection, tenant, partner, one) == "failed" for one in ids)

    def _settle(
        self, number: int, state: ocean_messages.State, why: str | None, prescription: str | None = None
    ) -> None:
        with self._database.write() as connection:
            ocean_messages.settle(connection, number, state, why, prescription)


def _labelled(row: Received) -> tuple[Label, str | None]:
    """What a message is about, and why it cannot be read."""
    try:
        message = read_message(row.body, limit=settings().ocean_message_bytes)
    except UnreadableMessage as error:
        return Label(None, None, None, row.received), error.reason
    label = Label(message.event, message_name(message), message.referral, _time(message, row.received))
    return label, "no-referral" if message.referral is None else None


def message_name(message: OceanMessage) -> str:
    """By what a repeat of a message is recognized: its ids, and its content, since ids may be used again."""
    return f"{message.bundle_id or message.header_id or ''}/{message.digest[:32]}"[:200]


def _time(message: OceanMessage, received: datetime) -> datetime:
    """The time of a message. A clock that is ahead counts no further than to the moment when the message came."""
    return received if message.at is None else min(message.at, received)
