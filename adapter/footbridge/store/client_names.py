"""The words of a client's name, by which people find prescriptions: without case, accents and signs.

They are those of the document as it is now; a prescription of a client without a name has none.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, bindparam, delete, literal_column, select

from footbridge.store.dialect import unless_there
from footbridge.store.exact_json import loads
from footbridge.store.indexing import plain
from footbridge.store.tables import client, prescription
from footbridge.store.tables import client_name as table

LONGEST = 64  # characters of a word that count
MOST_PEOPLE = 100
MOST = 20  # words of a name that count
_ADD = unless_there(table)
_SIGNS = re.compile(r"[\W_]+")
_UNSAFE = (  # built once: every intake of somebody new asks
    select(prescription.c.document)
    .select_from(client)
    .join(prescription, and_(prescription.c.tenant == client.c.tenant, prescription.c.person == client.c.person))
    .join(table, and_(table.c.tenant == prescription.c.tenant, table.c.prescription == prescription.c.id))
    .where(
        client.c.tenant == bindparam("of"),
        client.c.contact == literal_column("'prohibited'"),
        table.c.word == bindparam("word"),
    )
    .limit(MOST_PEOPLE)
)


def words_of(text: str) -> list[str]:
    """A text as words to be found by, in their order: ``O'Neil-Côté`` is o, neil and cote."""
    found = dict.fromkeys(word[:LONGEST] for word in _SIGNS.split(plain(text)) if word)
    return list(found)[:MOST]


def name_words(document: str) -> list[str]:
    """The words of the name of the client of a prescription (JSON text)."""
    name = loads(document).get("client", {}).get("name") or {}
    return words_of_name(name.get("family"), name.get("preferred"), name.get("given", ()))


def words_of_name(family: str | None, preferred: str | None, given: Iterable[str]) -> list[str]:
    """The words of a name, by whichever of its parts there are."""
    return words_of(" ".join(part for part in (family, preferred, *given) if part))


def replace_names(connection: Connection, tenant: str, prescription: str, document: str) -> None:
    """Store the words of a prescription, in the place of what was there."""
    mine = (table.c.tenant == tenant, table.c.prescription == prescription)
    connection.execute(delete(table).where(*mine))
    add_names(connection, tenant, prescription, document)


def add_names(connection: Connection, tenant: str, prescription: str, document: str) -> None:
    """Store the words of a prescription that has none there."""
    rows = [{"tenant": tenant, "word": word, "prescription": prescription} for word in name_words(document)]
    if rows:
        connection.execute(_ADD[connection.dialect.name], rows)


def prescriptions_named(
    tenant: str,
    words: Sequence[str],
    limit: int,
    among: Callable[[ColumnElement[str]], ColumnElement[bool]] | None = None,
) -> Select[tuple[str]]:
    """The ids of prescriptions whose client has a name with words that begin so, all of these words.

    ``among``: a condition on the id, held before the limit cuts; None: all of the tenant.
    """
    first, *rest = words
    query = select(table.c.prescription).where(table.c.tenant == tenant, _begins(table, first))
    for word in rest:
        other = table.alias()
        same = (other.c.tenant == tenant, other.c.prescription == table.c.prescription)
        query = query.where(select(other.c.word).where(*same, _begins(other, word)).exists())
    if among is not None:
        query = query.where(among(table.c.prescription))
    return query.distinct().limit(limit)


def unsafe_people_named(connection: Connection, tenant: str, words: Sequence[str]) -> list[str]:
    """Documents (JSON text) of people whom nobody may contact, with the longest of these words; a hundred at most."""
    longest = max(words, key=len)
    return list(connection.scalars(_UNSAFE, {"of": tenant, "word": longest}))


def _begins(rows: FromClause, word: str) -> ColumnElement[bool]:
    """As a range, which an index serves on both databases."""
    return and_(rows.c.word >= word, rows.c.word < word + "\U0010ffff")
