"""Messages of sites that cannot be processed: why, in words, and another try after a person has corrected the cause."""

from datetime import UTC, datetime

from footbridge.data import read_json
from footbridge.i18n import Language
from footbridge.jobs.queue import JobQueue
from footbridge.partners.ocean.message import UnreadableMessage, read_message
from footbridge.store import ocean_messages
from footbridge.store.engine import Database
from footbridge.store.tables import inbox as received


def text_of(why: str | None, language: Language) -> str | None:
    """What a code says of a message; None for none."""
    found = read_json("mappings", "ocean", "inbound.json")["why"].get(why)
    return None if found is None else str(found[language])


def proposal_of(why: str | None, language: Language) -> str:
    """What is proposed for a message that cannot be processed, by the code that says why."""
    table = read_json("mappings", "ocean", "inbound.json")["proposals"]
    return str(table.get(why, table["other"])[language])


def listing_of(database: Database, tenant: str, number: int) -> str | None:
    """The listing that a message is for, as Ocean refers to it; None where it names none, or cannot be read."""
    with database.read() as connection:
        found = ocean_messages.get_message(connection, tenant, number)
    try:
        target = read_message(found.body).target
    except UnreadableMessage:
        return None
    return target.reference or target.external


def read_again(database: Database, tenant: str, number: int, now: datetime | None = None) -> None:
    """Let a failed message be read once more. Raises NotFoundError, ConflictError."""
    with database.write() as connection:
        found = ocean_messages.get_message(connection, tenant, number)
        ocean_messages.decide(connection, tenant, number, "received")
        name = found.label.message or ""
        partner = ocean_messages.partner_of(connection, number)
        here = (received.c.tenant == tenant, received.c.partner == partner, received.c.outcome == "failed")
        connection.execute(received.delete().where(*here, received.c.message.startswith(name, autoescape=True)))
        JobQueue(connection).hasten(tenant=tenant, kind="poll", subject=partner, due=now or datetime.now(UTC))
