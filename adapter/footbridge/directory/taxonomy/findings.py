"""What a directory's manager is told about the codes of a service, and about a guess from its words.

The rules are in ``mappings/directory/rules/taxonomy.json``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.model import CategoryMatch
from footbridge.directory.records import FOUND_LENGTH, Finding, Record
from footbridge.directory.taxonomy.attributes import Place, code_places, population_codes, service_codes
from footbridge.directory.taxonomy.categories import by_codes, by_words, deciding_row
from footbridge.directory.taxonomy.codes import is_known_section, replacement
from footbridge.directory.taxonomy.crosswalk import Crosswalk, crosswalk


def taxonomy_findings(
    record: Record,
    service: Mapping[str, Any],
    matches: tuple[CategoryMatch, ...] | None = None,
    places: tuple[Place, ...] | None = None,
) -> Iterator[Finding]:
    """The findings on the codes of a service.

    Args:
        record: the record that it comes from, for its place.
        service: the service as it is cleaned: a ``ServiceDocument``, or an object of HSDS.
        matches: its categories, where they are known already.
        places: its places for codes, where they are known already.

    Raises:
        ConfigurationError: the user's crosswalk cannot be used.
    """
    table = crosswalk()
    places = code_places(service) if places is None else places
    for place in places:
        for rule, found, done in _of_place(place, table):
            yield _finding(record, rule, place.member, found, done)
    codes, populations = service_codes(places), population_codes(places)
    decided = by_codes(codes, table)
    guess = () if decided is not None else by_words(service, places) if matches is None else matches
    if populations and not codes:
        yield _finding(record, "taxonomy.population-only", "attributes", ", ".join(populations), None)
    elif not codes:
        yield _finding(record, "taxonomy.no-code", "attributes", None, None)
    if decided is None:
        rule = "taxonomy.keyword-guess" if guess else "taxonomy.no-category"
        yield _finding(record, rule, "categories", _words(guess), ", ".join(match["code"] for match in guess) or None)


def _of_place(place: Place, table: Crosswalk) -> Iterator[tuple[str, str, str | None]]:
    """Rule, what was found and what stands there now, for one place for codes."""
    for words in place.field.words:
        yield "taxonomy.words-for-code", words, None
    codes = [code for term in place.field.terms for code in (*term.services, *term.populations)]
    if place.field.tidied:
        yield "taxonomy.code-tidied", place.text, " * ".join(codes)
    for code in codes:
        if not is_known_section(code):
            yield "taxonomy.code-unknown", code, None
        elif new := replacement(code):
            yield "taxonomy.code-deleted", code, new
        elif code in service_codes((place,)) and deciding_row(code, table) is None:
            yield "taxonomy.code-not-mapped", code, None


def _words(guess: tuple[CategoryMatch, ...]) -> str | None:
    return "; ".join(f"{match['code']}: {', '.join(match['evidence'])}" for match in guess) or None


def _finding(record: Record, rule: str, member: str, found: str | None, done: str | None) -> Finding:
    short = None if found is None else found[:FOUND_LENGTH]
    return Finding(rule, record.path, record.line, record.kind, record.native_id, member, short, done)
