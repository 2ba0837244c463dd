"""How a service gets its SDOH categories: by its 211 codes, else by a guess from its words.

A service is a ``ServiceDocument`` or an object of HSDS. Codes come first: where one decides, also where it says that
the service serves no category, no word is looked at. Codes under Y say whom a service is for, never what it is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.model import CategoryMatch
from footbridge.directory.taxonomy.attributes import Place, code_places, service_codes, term_words, text_of
from footbridge.directory.taxonomy.codes import replacement
from footbridge.directory.taxonomy.crosswalk import Crosswalk, Row, crosswalk
from footbridge.directory.taxonomy.keywords import keyword_table


def categories(service: Mapping[str, Any]) -> tuple[CategoryMatch, ...]:
    """The categories of a service: by its codes (``taxonomy``), else guessed from its words (``keyword``), or none.

    ``evidence`` is the codes that decided, or the words that were found.

    Raises:
        ConfigurationError: the user's crosswalk cannot be used.
    """
    return categories_of(service, code_places(service))


def categories_of(service: Mapping[str, Any], places: tuple[Place, ...]) -> tuple[CategoryMatch, ...]:
    """``categories`` of a service whose places for codes are known. Raises as it."""
    decided = by_codes(service_codes(places), crosswalk())
    return by_words(service, places) if decided is None else decided


def by_codes(codes: tuple[str, ...], table: Crosswalk) -> tuple[CategoryMatch, ...] | None:
    """What 211 codes in their plain form decide; None where the table has no row for any of them."""
    rows = [(code, row) for code in codes if (row := deciding_row(code, table))]
    found: dict[str, list[str]] = {}
    for code, row in rows:
        for category in row.categories:
            found.setdefault(category, []).append(code)
    if not rows:
        return None
    return tuple(CategoryMatch(code=name, basis="taxonomy", evidence=there) for name, there in found.items())


def deciding_row(code: str, table: Crosswalk) -> Row | None:
    """The row that decides on a code; on one that was deleted and has none, that of what took its place."""
    row = table.row(code)
    new = replacement(code) if row is None else None
    return table.row(new) if new else row


def by_words(service: Mapping[str, Any], places: tuple[Place, ...] = ()) -> tuple[CategoryMatch, ...]:
    """What the words of a service speak for, whatever codes it has."""
    return keyword_table().guess({name: text for name, text in _texts(service, places) if text})


def _texts(service: Mapping[str, Any], places: tuple[Place, ...]) -> Iterator[tuple[str, str]]:
    yield "name", text_of(service.get("name"))
    yield "alternate_name", text_of(service.get("alternate_name"))
    yield "terms", term_words(service, places) if service.get("attributes") else ""
    yield "description", text_of(service.get("description"))
    organization = service.get("organization")
    yield "organization", text_of(organization.get("name")) if isinstance(organization, Mapping) else ""
