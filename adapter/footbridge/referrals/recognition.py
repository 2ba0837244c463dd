"""Whom an identifier does not name: somebody known by the same number, with another name and another date of birth.

A number that was typed wrongly is somebody else's. By it alone two people would become one: each would get the other's
name and telephone, also at services that are at work for them. So a client whose name shares no word with that of the
person, and whose date of birth is another, is taken for somebody else; the number stays the person's who had it first.
That nobody may contact the one says nothing of the other. A person reads the warning, and mends the number.
"""

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Client
from footbridge.store.card_numbers import plain_number
from footbridge.store.client_names import unsafe_people_named, words_of_name
from footbridge.store.patient_ids import known_persons
from footbridge.store.prescriptions import newest_document
from footbridge.store.resource_rows import Scope

RULE = "client.identifier-of-another"
UNSAFE = "client.maybe-prohibited"


def identifiers_of(client: Client) -> list[tuple[str, str]]:
    """System and value of each identifier of a client; the number of a health card also as it is plain."""
    pairs = [
        (identifier.system, value)
        for identifier in client.identifiers
        for value in (identifier.value, plain_number(identifier.system, identifier.value))
    ]
    return list(dict.fromkeys(pairs))


class Recognised(NamedTuple):
    """Who a client is by the identifiers: the person, None when nobody is known, and whom one of them names wrongly."""

    person: str | None
    others: frozenset[str]


def recognise(scope: Scope, client: Client, same: str | None = None) -> Recognised:
    """Find the person with any identifier of a client, the first that is known.

    ``same`` is the id of a person that the client is known to be, whatever has changed of name and date of birth.
    """
    pairs = identifiers_of(client)
    known = known_persons(scope.connection, scope.tenant, pairs)
    others = frozenset(one for one in set(known.values()) - {same} if _is_another(scope, client, one))
    person = next((known[pair] for pair in pairs if pair in known and known[pair] not in others), None)
    return Recognised(person, others)


def warnings_of(scope: Scope, client: Client, others: frozenset[str]) -> Iterator[Issue]:
    """A warning at each identifier that is somebody else's."""
    known = known_persons(scope.connection, scope.tenant, identifiers_of(client)) if others else {}
    for place, one in enumerate(client.identifiers):
        if {known.get((one.system, value)) for value in (one.value, plain_number(one.system, one.value))} & others:
            message = _(
                "Somebody with another name and another date of birth is known by this number: check it. "
                "This client is recorded as another person."
            )
            yield Issue(RULE, "warning", "business-rule", message, pointer=f"/client/identifiers/{place}/value")


def warnings_of_contact(scope: Scope, client: Client) -> Iterator[Issue]:
    """A warning where somebody of this name and date of birth must not be contacted; of one whom no number names."""
    words = sorted(_name_words(client))
    if not words or client.birth_date is None or not client.safe_to_contact:
        return
    for text in unsafe_people_named(scope.connection, scope.tenant, words):
        theirs = _client_of(text)
        if theirs.birth_date == client.birth_date and _name_words(theirs) == _name_words(client):
            message = _(
                "Nobody may contact somebody who is known here by this name and date of birth. Is it the same person? "
                "Then add the number of their health card, or say that nobody may contact them."
            )
            yield Issue(UNSAFE, "warning", "business-rule", message, pointer="/client/safeToContact")
            return


def _is_another(scope: Scope, client: Client, person: str) -> bool:
    text = newest_document(scope.connection, scope.tenant, person)
    if text is None or client.birth_date is None:
        return False
    theirs = _client_of(text)
    if theirs.birth_date is None or theirs.birth_date == client.birth_date:
        return False
    mine, other = _name_words(client), _name_words(theirs)
    return bool(mine) and bool(other) and mine.isdisjoint(other)


def _client_of(text: str) -> Client:
    """The client alone of a stored prescription."""
    return Client.model_validate_json(orjson.dumps(orjson.loads(text)["client"]))


def _name_words(client: Client) -> set[str]:
    name = client.name
    return set() if name is None else set(words_of_name(name.family, name.preferred, name.given or ()))
