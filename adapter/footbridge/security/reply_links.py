"""The link of a letter: whether it still opens, and the code that opens it; a wrong code counts.

Nothing about a person is known before the code. A GET neither answers nor counts.
"""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from footbridge.model.principals import Principal
from footbridge.store import letters
from footbridge.store.engine import Database
from footbridge.store.letters import MOST_TRIES, Letter

State = Literal["open", "locked", "expired", "unknown"]


def state_of_link(connection: Connection, secret: str, now: datetime) -> tuple[State, Letter | None]:
    """What a link is good for, without using anything of it up."""
    found = letters.find_letter(connection, secret)
    if found is None:
        return "unknown", None
    if found.expires <= now:
        return "expired", found
    return ("locked" if found.tries >= MOST_TRIES else "open"), found


def open_letter(database: Database, letter: Letter, code: str) -> bool:
    """Whether the code opens the letter; counts a wrong one. Of many tries at once each counts."""
    with database.write() as connection:
        if not letters.take_try(connection, letter):
            return False
        setting = letters.setting_of(connection, letter.tenant, letter.partner)
    known = letter.code or setting.code
    if known is None or not letters.is_code(code, known):
        return False
    with database.write() as connection:
        letters.give_tries_back(connection, letter)
    return True


def is_last_try(letter: Letter) -> bool:
    """Whether one more wrong code locks the letter."""
    return letter.tries + 1 >= MOST_TRIES


def reader_of(letter: Letter, title: str) -> Principal:
    """As whom somebody acts who has opened a letter: the service, and nothing but this referral is shown."""
    return Principal("recipient", letter.partner, name=title, tenant=letter.tenant, channel="portal")
