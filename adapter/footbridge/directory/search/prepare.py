"""A service becomes what is written of it: words by where they are, values of facets, points, what a page shows.

``prepare`` is pure and its result can be pickled, so that the processes that clean an import can do it too. Texts are
folded and stemmed here (``words``); the databases do nothing of the kind.
"""

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.directory.model import DirectoryLocation, ServiceDocument
from footbridge.directory.packed_json import as_json
from footbridge.directory.search.geography import is_on_earth
from footbridge.directory.search.hours import rules_of
from footbridge.directory.search.sites import (
    areas,
    areas_said,
    clean,
    region_of_sites,
    remote,
    sites_of,
    withheld_region,
)
from footbridge.directory.search.values import capacity_of, cost_of, language_codes, languages_in
from footbridge.directory.search.words import content_words, fold, language_of, plain, stems, stop_words, words
from footbridge.directory.taxonomy.codes import ancestors, normalised
from footbridge.directory.twins import core

EXACT, NAME, TERM, ORGANIZATION, TEXT = "x", "n", "c", "o", "d"
"""Where a word is, the first letter of a token: words of the name as they are, and stems by the best place."""

CODE, PHONE = "k", "t"
"""A 211 code or one above it, in letters and digits alone; the last ten and seven digits of a phone number."""

HINT = "search-hint"
"""The label of an attribute in which a source wrote words to find the service by."""

MOST_TOKENS = 1500  # of a service; its longest texts are cut there
MOST_LOCATIONS = 1000
SORT_LENGTH = 80
_LANGUAGE_OF = 400  # characters that tell the language
_SHORT = 100  # characters of a text whose words are remembered
_TEXTS = ("description", "eligibility_description", "application_process", "alert", "interpretation_services")


@dataclass(frozen=True, slots=True)
class PreparedService:
    """What is written of one service.

    Attributes:
        id: of the service document.
        sort: its folded name, for ties.
        tokens: each a letter for the place and a word or stem; without repeats.
        words: folded words as they are, for misspellings.
        points: (latitude, longitude) of its located sites.
        data: JSON: facets, and what a page shows.
    """

    id: str
    sort: str
    tokens: tuple[str, ...]
    words: frozenset[str]
    points: tuple[tuple[float, float], ...]
    data: bytes


def prepare(document: ServiceDocument) -> PreparedService:
    """Make a service ready for the index."""
    locations = (document.get("locations") or [])[:MOST_LOCATIONS]
    points = tuple(
        (float(one["latitude"]), float(one["longitude"]))
        for one in locations
        if is_on_earth(one.get("latitude"), one.get("longitude")) and not one.get("address_withheld")
    )
    tokens, found = _tokens(document, locations)
    return PreparedService(
        id=document["id"],
        sort=clean(plain(document["name"]))[:SORT_LENGTH],
        tokens=tokens,
        words=found,
        points=points,
        data=as_json(_data(document, locations, points)),
    )


def words_of(document: ServiceDocument) -> frozenset[str]:
    """The words of a service, as ``prepare`` gives them."""
    return _tokens(document, (document.get("locations") or [])[:MOST_LOCATIONS])[1]


def _tokens(
    document: ServiceDocument, locations: Sequence[DirectoryLocation]
) -> tuple[tuple[str, ...], frozenset[str]]:
    organization = document.get("organization") or {}
    names = [document["name"], document.get("alternate_name")]
    attributes, translated = document.get("attributes") or (), document.get("translations") or ()
    names += [one.get("name") for one in translated]
    terms = [(one.get("taxonomy_term") or {}).get("name") for one in attributes]
    terms += [one.get("value") for one in attributes if one.get("label") == HINT]
    around = [organization.get("name"), organization.get("alternate_name"), (document.get("program") or {}).get("name")]
    around += [address.get("city") for one in locations for address in one.get("addresses") or ()]
    around += [area.get("name") for area in document.get("service_areas") or ()]
    texts: list[Any] = [document.get(name) for name in _TEXTS]
    texts.append((document.get("program") or {}).get("description"))
    texts += [one.get(name) for one in translated for name in _TEXTS]
    if not document.get("description"):
        texts.append(organization.get("description"))
    places: dict[str, str] = {}
    found: set[str] = set()
    exact: dict[str, None] = {}
    for letter, some in ((NAME, names), (TERM, terms), (ORGANIZATION, around), (TEXT, texts)):
        for text in some:
            if text:
                _collect(str(text), letter, places, found)
    for text in names:
        exact.update(dict.fromkeys(content_words(clean(str(text)), joined=True) if text else ()))
    tokens = [*_codes(document), *_phones(document, locations)]
    tokens += [f"{EXACT}{word}" for word in exact]
    tokens += [f"{letter}{stem}" for stem, letter in places.items()]
    return tuple(tokens[:MOST_TOKENS]), frozenset(found)


def code_token(code: str) -> str:
    """The token of a 211 code in its plain form."""
    return CODE + "".join([sign for sign in code.lower() if sign.isalnum()])


def _codes(document: ServiceDocument) -> list[str]:
    """The codes of a service, with those above them that have digits."""
    found: dict[str, None] = {}
    for one in document.get("attributes") or ():
        for text in ((one.get("taxonomy_term") or {}).get("code"), *(one.get("linked") or ())):
            if text:
                found.update(_code_tokens(str(text)))
    return list(found)


@functools.lru_cache(maxsize=8_192)
def _code_tokens(text: str) -> dict[str, None]:
    """The tokens of a 211 code and of those above it that have digits; none of other words."""
    code = normalised(text)
    every = () if code is None else (code, *ancestors(code))
    return dict.fromkeys([code_token(one) for one in every if "-" in one])


def _phones(document: ServiceDocument, locations: Sequence[DirectoryLocation]) -> list[str]:
    phones = [*(document.get("phones") or ()), *(one for each in locations for one in each.get("phones") or ())]
    numbers = {digits for one in phones if len(digits := _digits(one)) >= 7 and digits.isascii()}
    return sorted({f"{PHONE}{digits[-length:]}" for digits in numbers for length in (7, 10) if len(digits) >= length})


def _collect(text: str, letter: str, places: dict[str, str], found: set[str]) -> None:
    known = _short_stems(text, letter == TEXT) if len(text) <= _SHORT else _stems(text, letter == TEXT)
    found.update(known[0])
    for stem in known[1]:
        if stem not in places:
            places[stem] = letter


def _stems(text: str, whole: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a text that say something, and their stems, each once.

    A name is short, and French names stand in English records: both stems, unless it is a ``whole`` text.
    """
    all_words = dict.fromkeys(words(clean(text), joined=True))
    language = language_of(all_words) if whole else None
    stop = stop_words()
    content = tuple([word for word in all_words if word not in stop])
    return content, tuple(dict.fromkeys([stem for word in content for stem in stems(word, language)]))


# Names of towns, organizations and terms come again and again.
_short_stems = functools.lru_cache(maxsize=2_048)(_stems)


def _data(
    document: ServiceDocument, locations: Sequence[DirectoryLocation], points: Sequence[tuple[float, float]]
) -> dict[str, Any]:
    """Members of one or two letters: there are a hundred thousand of these. Empty ones are left out."""
    organization = document.get("organization") or {}
    schedules = document.get("schedules") or [one for each in locations for one in each.get("schedules") or ()]
    capacity, capacity_date = capacity_of(document.get("capacities") or ())
    interpretation = languages_in(str(document.get("interpretation_services") or ""))
    languages = language_codes(document.get("languages") or ())
    sites = sites_of(locations)
    rules, complete = rules_of(schedules, "-".join(region_of_sites(sites)))
    data: dict[str, Any] = {
        "n": clean(document["name"]),
        "i": clean(document["native_id"]),
        "o": clean(str(organization.get("name") or "")),
        "c": [[one["code"], one["basis"], one["evidence"]] for one in document.get("categories") or ()],
        "l": languages,
        "t": [code for code in interpretation if code not in languages],
        "f": cost_of(document.get("cost_options") or (), str(document.get("fees_description") or "")),
        "r": 1 if document["can_refer"] else 0,
        "k": capacity,
        "kd": capacity_date,
        "h": rules,
        "hx": 0 if complete or not rules else 1,
        "v": str(document.get("assured_date") or "")[:10],
        "a": _ages(document),
        "p": _populations(document),
        "s": sites,
        "m": remote(document, locations, sites),
        "e": _written_in(document),
        "w": 1 if any(one.get("address_withheld") for one in locations) else 0,
        "wr": withheld_region(locations),
        "z": areas(document) or areas_said(document, sites),
        "g": _group_keys(document, locations, points),
        "q": [list(point) for point in points],
    }
    return {name: value for name, value in data.items() if value}


def _ages(document: ServiceDocument) -> list[float | None] | None:
    youngest, oldest = document.get("minimum_age"), document.get("maximum_age")
    return None if youngest is None and oldest is None else [youngest, oldest]


def _populations(document: ServiceDocument) -> list[list[str]]:
    """Target populations with the words that their source has for them."""
    labels: dict[str, str] = {}
    for one in document.get("attributes") or ():
        term = one.get("taxonomy_term") or {}
        labels[str(term.get("code") or "")] = str(term.get("name") or "")
    return [[code, clean(labels.get(code) or code)] for code in document.get("target_populations") or ()]


def _written_in(document: ServiceDocument) -> str:
    """The language of its texts, ``en`` or ``fr``; empty where that is not certain."""
    told = (document["name"], document.get("description"), document.get("eligibility_description"))
    return language_of(words(" ".join(clean(str(text)) for text in told if text)[:_LANGUAGE_OF])) or ""


def _group_keys(
    document: ServiceDocument, locations: Sequence[DirectoryLocation], points: Sequence[tuple[float, float]]
) -> list[int]:
    """Keys that the same service has in another source: name and place, with the organization or a phone number.

    Conservative: without a postal code or a point, name, organization and a phone number must all agree.
    """
    name = " ".join(core(document["name"]))
    organization = " ".join(core(str((document.get("organization") or {}).get("name") or "")))
    phones = sorted({digits[-10:] for one in document.get("phones") or () if len(digits := _digits(one)) >= 7})
    places = sorted(
        {str(address.get("postal_code") or "").replace(" ", "").lower() for one in locations
         for address in one.get("addresses") or () if address.get("postal_code")}
        or {f"{latitude:.3f} {longitude:.3f}" for latitude, longitude in points}
    )  # fmt: skip
    if not name:
        return []
    found: list[tuple[str, ...]] = []
    if places:
        where = " ".join(places)
        found += [("organization", name, organization, where)] if organization else []
        found += [("phone", name, phone, where) for phone in phones]
    elif organization:
        found += [("both", name, organization, phone) for phone in phones]
    return [int.from_bytes(hashlib.blake2b("\0".join(one).encode(), digest_size=8).digest(), "big") for one in found]


def _digits(phone: Mapping[str, Any]) -> str:
    return "".join(filter(str.isdigit, fold(str(phone.get("number") or ""))))
