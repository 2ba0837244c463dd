"""Letters that were sent, the links that answer them, and how each service gets its letters.

A link has 60 bits of chance, so a plain digest is enough. A code is short, so that it is stored as salted scrypt
(https://www.rfc-editor.org/rfc/rfc7914), and a wrong one counts: after ``MOST_TRIES`` the link opens no more.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from footbridge.i18n import Language
from footbridge.store.tables import letter, letter_setting

Kind = Literal["referral", "changed", "withdrawn", "message"]
MOST_TRIES: Final = 5
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no character that is read as another
_SCRYPT: Final[dict[str, int]] = {"n": 2**14, "r": 8, "p": 1}
_GONE = timedelta(days=30)  # after its end a link is forgotten


@dataclass(frozen=True, slots=True)
class LetterSetting:
    """How a service gets its letters.

    Attributes:
        language: None for that of the tenant, or of the prescription.
        code: digest of the code that opens every letter; None: each letter has a code of its own.
        attach: whether the PDF goes with the e-mail.
    """

    language: Language | None = None
    code: str | None = None
    attach: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: to whom, about which referral, and how long its link works."""

    tenant: str
    digest: str
    partner: str
    prescription: str
    referral: str
    kind: Kind
    fingerprint: str
    code: str | None
    tries: int
    expires: datetime
    sent: datetime | None


def setting_of(connection: Connection, tenant: str, partner: str) -> LetterSetting:
    """How a service gets its letters; what is usual where nothing was set."""
    mine = (letter_setting.c.tenant == tenant, letter_setting.c.partner == partner)
    row = connection.execute(select(letter_setting).where(*mine)).one_or_none()
    return LetterSetting() if row is None else LetterSetting(row.language, row.code, row.attach)


def put_setting(connection: Connection, tenant: str, partner: str, setting: LetterSetting) -> None:
    """Say how a service gets its letters from now on."""
    mine = (letter_setting.c.tenant == tenant, letter_setting.c.partner == partner)
    connection.execute(delete(letter_setting).where(*mine))
    values = {"language": setting.language, "code": setting.code, "attach": setting.attach}
    connection.execute(insert(letter_setting).values(tenant=tenant, partner=partner, **values))


def forget_partner(connection: Connection, tenant: str, partner: str) -> None:
    """A partner is removed: its letters open no more."""
    for table in (letter_setting, letter):
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c.partner == partner))


def new_code(length: int = 8) -> str:
    """A code to be said by phone: groups of four characters."""
    made = "".join(secrets.choice(_ALPHABET) for _ in range(length))
    return "-".join(made[start : start + 4] for start in range(0, length, 4))


def code_from(secret: str, length: int = 8) -> str:
    """A code that follows from a secret, as ``new_code`` makes one by chance."""
    number, made = int.from_bytes(hashlib.sha256(secret.encode()).digest()), ""
    for _place in range(length):
        number, place = divmod(number, len(_ALPHABET))
        made += _ALPHABET[place]
    return "-".join(made[start : start + 4] for start in range(0, length, 4))


def normal(text: str) -> str:
    """What was typed, as it counts: capital letters and digits, whatever is between them."""
    return "".join(one for one in text.upper() if one in _ALPHABET)


def digest_of_link(secret: str) -> str:
    """Under what a link is stored."""
    return hashlib.sha256(normal(secret).encode()).hexdigest()


def digest_of_code(code: str) -> str:
    """What is stored of a code."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${hashlib.scrypt(normal(code).encode(), salt=salt, **_SCRYPT).hex()}"


def is_code(code: str, stored: str) -> bool:
    """Whether a code is the one that a digest was made of."""
    salt, _sep, known = stored.partition("$")
    made = hashlib.scrypt(normal(code).encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
    return hmac.compare_digest(made, known)


def put_letter(connection: Connection, made: Letter, now: datetime, *, about: str | None = None) -> None:
    """Write that a letter is about to be sent; what ended long ago is forgotten on the way."""
    connection.execute(delete(letter).where(letter.c.tenant == made.tenant, letter.c.expires < now - _GONE))
    values: dict[str, Any] = {name: getattr(made, name) for name in Letter.__slots__}
    connection.execute(insert(letter).values(**values, about=about, created=now))


def mark_sent(connection: Connection, tenant: str, digest: str, now: datetime) -> None:
    """A letter has left."""
    mine = (letter.c.tenant == tenant, letter.c.digest == digest)
    connection.execute(update(letter).where(*mine).values(sent=now))


def letters_of(connection: Connection, tenant: str, prescription: str, referral: str) -> list[Letter]:
    """The letters about a referral that have left, the newest first."""
    query = select(letter).where(letter.c.tenant == tenant, letter.c.prescription == prescription)
    mine = query.where(letter.c.referral == referral, letter.c.sent.is_not(None))
    return [_letter(row) for row in connection.execute(mine.order_by(letter.c.created.desc(), letter.c.digest))]


def is_message_sent(connection: Connection, tenant: str, prescription: str, message: str) -> bool:
    """Whether a message has left as a letter."""
    mine = (letter.c.tenant == tenant, letter.c.prescription == prescription, letter.c.about == message)
    return connection.execute(select(letter.c.digest).where(*mine, letter.c.sent.is_not(None))).first() is not None


def find_letter(connection: Connection, secret: str) -> Letter | None:
    """The letter of a link; None where there is none."""
    row = connection.execute(select(letter).where(letter.c.digest == digest_of_link(secret))).first()
    return None if row is None else _letter(row)


def take_try(connection: Connection, one: Letter) -> bool:
    """Count a try before the code is looked at; False where none is left. Of two at once each counts."""
    mine = (letter.c.tenant == one.tenant, letter.c.digest == one.digest, letter.c.tries < MOST_TRIES)
    return connection.execute(update(letter).where(*mine).values(tries=letter.c.tries + 1)).rowcount == 1


def give_tries_back(connection: Connection, one: Letter) -> None:
    """The code was right: the wrong ones before it count no more."""
    mine = (letter.c.tenant == one.tenant, letter.c.digest == one.digest)
    connection.execute(update(letter).where(*mine).values(tries=0))


def give_code(connection: Connection, tenant: str, prescription: str, referral: str, code: str) -> bool:
    """Let a new code open the letters about a referral; False where none has left."""
    mine = (letter.c.tenant == tenant, letter.c.prescription == prescription, letter.c.referral == referral)
    values = {"code": digest_of_code(code), "tries": 0}
    return connection.execute(update(letter).where(*mine, letter.c.sent.is_not(None)).values(**values)).rowcount > 0


def _letter(row: Row[*tuple[Any, ...]]) -> Letter:
    return Letter(**{name: getattr(row, name) for name in Letter.__slots__})
