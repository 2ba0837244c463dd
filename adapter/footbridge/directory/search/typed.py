"""What people type among the words that is no word: a 211 code, a phone number, a postal code, a town.

``read`` needs no database: it takes codes, numbers and postal codes out of the text. ``town_in`` finds a town that the
directory or a gazetteer knows. The town stays among the words, which need not have it: it may be part of a name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from sqlalchemy import Connection, select

from footbridge.directory.search.concepts import is_phrase
from footbridge.directory.search.filters import usable
from footbridge.directory.search.geography import key_of, postal_code, region_of
from footbridge.directory.search.levels import in_names, services_of
from footbridge.directory.search.places import FoundPlace, find_place
from footbridge.directory.search.query import Query
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.words import content_words, is_stop_word, is_weak, prepositions, words
from footbridge.directory.taxonomy.codes import normalised
from footbridge.store.tables.directory_search import directory_place

_DASH = r"[-\u2010-\u2015\u2212]"
_CODE = re.compile(
    rf"(?<![\w.]) [A-Za-z]{{1,2}} \s?{_DASH}\s? \d{{4}} (\.\d{{4}} ({_DASH}\d{{3}} (\.\d{{2}})? )? )? (?!\w)",
    re.VERBOSE,
)
_PHONE = re.compile(
    r"""(?<![\w.]) (?: (\+?1[ .-]*)? \(?\d{3}\)?[ .-]* ( \d{3}[ .-]*\d{4} | [A-Za-z]{7} ) | \d{3}-\d{4} ) (?!\w)""",
    re.VERBOSE,
)
_POSTAL = re.compile(
    r"""(?<!\w) (?: [A-Za-z][\dOoIil][A-Za-z][ -]?[\dOoIil][A-Za-z]\d | [A-Za-z]{1,2}\d[A-Za-z\d]?[ ]\d[A-Za-z]{2} )
    (?!\w)""",
    re.VERBOSE,
)
_LOCAL, _WHOLE = 7, 10  # digits of a phone number of North America, without and with its area
_MOST_WORDS = 4  # of a town's name
_LOOKED_AT = 24  # words of a question in which a town is looked for


@dataclass(frozen=True, slots=True)
class Typed:
    """A question in its parts.

    Attributes:
        text: the words that are left.
        codes: 211 codes in their plain form.
        phones: phone numbers, their last seven or ten digits.
        postal: the first postal code; empty: none.
    """

    text: str
    codes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    postal: str = ""


def read(text: str) -> Typed:
    """Take codes, numbers and postal codes out of a text."""
    codes: list[str] = []
    phones: list[str] = []
    postal: list[str] = []

    def code(match: re.Match[str]) -> str:
        found = normalised(match[0])
        codes.extend([found] if found else [])
        return " " if found else match[0]

    def phone(match: re.Match[str]) -> str:
        digits = "".join(filter(str.isdigit, phonenumbers.convert_alpha_characters_in_number(match[0])))
        phones.append(digits[-_WHOLE:] if len(digits) >= _WHOLE else digits[-_LOCAL:])
        return " "

    def post(match: re.Match[str]) -> str:
        if postal_code(match[0]) is None:
            return match[0]
        postal.append(match[0])
        return " "

    left = _POSTAL.sub(post, _PHONE.sub(phone, _CODE.sub(code, text)))
    return Typed(left, tuple(dict.fromkeys(codes)), tuple(dict.fromkeys(phones)), postal[0] if postal else "")


@dataclass(frozen=True, slots=True)
class TypedTown:
    """A town among the words: the place, and its words, folded."""

    place: FoundPlace
    words: frozenset[str]


def town_in(connection: Connection, tenant: str, snapshot: Snapshot, query: Query, text: str) -> TypedTown | None:
    """The town that a question names: ``food bank Sudbury``, ``food bank in Sault Ste. Marie, ON``.

    A question that has nothing but the town asks for it as a word. A name of a service that is elsewhere is a name.
    """
    spoken = words(text)[:_LOOKED_AT]
    if len(set(content_words(text))) < 2:
        return None
    known = _known(connection, tenant, snapshot, {key for *_, key in _parts(spoken)})
    for start, end, key in _parts(spoken):
        said = start > 0 and spoken[start - 1] in prepositions()
        if key not in known or not (said or _is_no_other_word(connection, snapshot, spoken[start:end], key)):
            continue
        region = next((last for last in spoken[end : end + 2] if region_of(last)), "")
        place = find_place(
            connection, tenant, snapshot, " ".join(spoken[start:end]) + (f", {region}" if region else "")
        )
        if place.how not in ("town", "town-unlocated"):
            continue
        named = in_names(connection, snapshot, content_words(text))
        if not named or usable(connection, snapshot, place, query, named):
            return TypedTown(place, frozenset([*spoken[start:end], region]))
    return None


def _parts(spoken: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Where a town may stand, with its key: long names before short ones, the last before the first."""
    for length in range(min(_MOST_WORDS, len(spoken)), 0, -1):
        for start in range(len(spoken) - length, -1, -1):
            part = spoken[start : start + length]
            if any(is_stop_word(word) for word in (part[0], part[-1])) or all(map(_is_common, part)):
                continue
            key = key_of(" ".join(part))
            if key and not region_of(key) and (length > 1 or len(key) > 2):
                yield start, start + length, key


def _is_common(word: str) -> bool:
    return is_stop_word(word) or is_weak(word) or is_phrase(word)


def _known(connection: Connection, tenant: str, snapshot: Snapshot, keys: set[str]) -> set[str]:
    own = keys & _town_keys(connection, snapshot)
    place = directory_place.c
    left = sorted(keys - own)
    if left:
        rows = select(place.key).where(place.tenant == tenant, place.kind == "town", place.key.in_(left))
        own |= set(connection.scalars(rows))
    return own


def _is_no_other_word(connection: Connection, snapshot: Snapshot, part: Sequence[str], key: str) -> bool:
    """Whether a town that no preposition leads to is meant as one: more have it as their place than in their texts."""
    there, elsewhere = services_of(connection, snapshot, part)
    if key in _town_keys(connection, snapshot):
        return there >= elsewhere
    return not there and not elsewhere


def _town_keys(connection: Connection, snapshot: Snapshot) -> frozenset[str]:
    """The keys of all towns that the directory's own records name."""

    def make() -> frozenset[str]:
        return frozenset(town[0] for part in snapshot.parts for town in part.part(connection, "places")["town"])

    found: frozenset[str] = snapshot.made("towns", make)
    return found
