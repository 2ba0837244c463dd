"""Values that may not be shown, as secrets: short texts ``KIND:VALUE`` that are compared without regard to form.

``phone:6045550100``   digits, without a country's prefix
``street:12 hope st``  words of a street line in lower case, without accents; types of streets in their first form
``street:hope st``     the same without its number
``postal:v2y0a2``      a postal code
``person:ada lopez``   words of a person's name, in any order
``words:...``          any other distinctive value
``literal:...``        an e-mail or web address, a coordinate
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.privacy.table import pattern, table

_WORD = re.compile(r"[^\W_]+")
_POSTAL = re.compile(r"[A-Za-z]\d[A-Za-z][\s-]?\d[A-Za-z]\d|\d{5}(-\d{4})?|[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2}")

# Members that say what a value is, or what thousands share: alone they give nobody away.
_COMMON = frozenset(
    [
        "withheld",
        "type",
        "address_type",
        "location_type",
        "link_type",
        "link_entity",
        "country",
        "state_province",
        "city",
        "region",
        "code",
        "language",
        "freq",
        "byday",
        "id",
        "taxonomy_term_id",
        "taxonomy",
        "extent_type",
        "location_id",
        "organization_id",
        "service_id",
        "contact_id",
        "phone_id",
        "service_at_location_id",
        "opens_at",
        "closes_at",
        "valid_from",
        "valid_to",
        "title",
        "department",
        "label",
    ]
)
_AREAS = ("city", "region", "state_province", "country")
_PERSON = frozenset({"contacts", "contact"})
# Whose words are those of many: of these a number, a link or a place is a secret, "Toll free, weekdays" is none.
_PLAIN_WORDS = frozenset(
    [
        "phones",
        "schedules",
        "service_areas",
        "languages",
        "cost_options",
        "required_documents",
        "taxonomy_term",
        "accessibility",
    ]
)


def fold(text: str) -> str:
    """Lower case without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return _WORD.findall(fold(text))


@functools.cache
def street_types() -> dict[str, str]:
    """Each form of a type of street, and the form that stands for all: ``{"avenue": "avenue", "ave": "avenue"}``."""
    forms: dict[str, str] = {}
    for row in table()["street_types"]:
        for form in row:
            forms.setdefault(form, row[0])
    return forms


@functools.cache
def skipped_words() -> frozenset[str]:
    """Directions, which stand in a street line or not."""
    return frozenset(table()["directions"])


@functools.cache
def unit_words() -> frozenset[str]:
    """Words that begin the unit in a street line."""
    return frozenset(table()["units"])


def phone_secret(text: str) -> str | None:
    """The secret of a phone number, or None where there are fewer than seven digits."""
    digits = re.sub(r"\D", "", _keypad(re.split(r"(?i)\b(?:ext|x|poste|local)", text, maxsplit=1)[0]))
    for prefix in ("011", "00"):
        digits = digits.removeprefix(prefix)
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    digits = digits.lstrip("0")
    if len(digits) > 10:
        digits = digits[-9:] if len(digits) < 16 else digits[:10]
    return f"phone:{digits}" if len(digits) >= 7 else None


def _keypad(text: str) -> str:
    if not re.search(r"\d{3}", text):
        return text
    rows = {
        letter: str(digit)
        for digit, row in enumerate(["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"], 2)
        for letter in row
    }
    return "".join(rows.get(char, char) for char in text.casefold())


def street_secrets(line: str) -> Iterator[str]:
    """The secrets of a street line: with its number, and the name of the street alone."""
    for match in street_line().finditer(line):
        if match.group() != line:
            yield from street_secrets(match.group())
    tokens = words(line)
    box = pattern("po_box").match(line) is not None
    kept: list[str] = []
    for index, token in enumerate(tokens):
        if not box and token in unit_words() and index > 1:
            break
        kept.append(token)
    if len(kept) < 2 and not any(char.isdigit() for token in kept if len(token) >= 3 for char in token):
        return
    yield "street:" + " ".join(kept)
    if box:
        return
    name = [token for token in kept if not token[0].isdigit()]
    if len(name) >= 2 and any(token in street_types() for token in name):
        yield "street:" + " ".join(name)
    lead = next((index for index, token in enumerate(kept) if token[0].isdigit()), None)
    if lead:  # "Hope House, 12 Hope Street": the number and the street alone
        yield "street:" + " ".join(kept[lead:])


def address_secrets(address: Mapping[str, Any]) -> Iterator[str]:
    """The secrets of an address."""
    common = {word for member in _AREAS for word in words(str(address.get(member) or ""))}
    for member, value in address.items():
        if not isinstance(value, str) or member in _COMMON or set(words(value)) <= common:
            continue  # a line that only names the town would take the town out of all texts
        if member == "postal_code" or _POSTAL.fullmatch(value.strip()):
            if compact := "".join(words(value)):
                yield f"postal:{compact}"
        elif member == "address_2":
            if len(words(value)) >= 3 or re.search(r"\d\s+\w{3}", value):
                yield from street_secrets(value)
        else:
            yield from street_secrets(value)


def object_secrets(value: Any, member: str) -> Iterator[str]:  # noqa: ANN401 - JSON is any value
    """The secrets of an object that may not be shown; ``member`` is the one that it stands in."""
    if isinstance(value, list):
        for entry in value:
            yield from object_secrets(entry, member)
    elif isinstance(value, Mapping):
        if "address_1" in value or member == "addresses":
            yield from address_secrets(value)
            value = {key: entry for key, entry in value.items() if isinstance(entry, (list, dict))}
        for key, entry in value.items():
            if isinstance(entry, (list, dict)):
                yield from object_secrets(entry, key)
            elif key not in _COMMON:
                yield from _value_secrets(entry, key, member)
    elif member not in _COMMON:
        yield from _value_secrets(value, member, member)


def _value_secrets(value: Any, key: str, member: str) -> Iterator[str]:  # noqa: ANN401 - JSON is any value
    text = str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""
    if not text:
        return
    if key in {"number", "phone", "fax"}:
        if secret := phone_secret(text):
            yield secret
    elif key in {"latitude", "longitude"}:
        if re.fullmatch(r"[+-]?\d+[.,]\d{3,}", text):
            yield "literal:" + text.lstrip("+-")
    elif "@" in text or "://" in text or text.lower().startswith("www."):
        yield "literal:" + re.sub(r"^\w+://", "", text.casefold()).rstrip("/")
    elif key == "name" and member in _PERSON:
        yield from _person(text)
    elif member not in _PLAIN_WORDS:
        yield from _distinctive(text, key)


def _person(text: str) -> Iterator[str]:
    name = words(text)
    if len(name) >= 2 and not _roles().issuperset(name):
        yield "person:" + " ".join(name)


@functools.cache
def _roles() -> frozenset[str]:
    return frozenset(table()["roles"]["words"])


def _distinctive(text: str, key: str) -> Iterator[str]:
    tokens = words(text)
    long = key in {"description", "text", "note", "notes", "transportation", "details"}
    single = len(tokens) == 1 and len(tokens[0]) >= 5 and any(char.isdigit() for char in tokens[0])
    if len(tokens) > (3 if long else 1) or (single and not long):
        yield "words:" + " ".join(tokens[:30])


@functools.cache
def street_line() -> re.Pattern[str]:
    """What looks like a street line with its number, in English or French."""
    # Types that are words of their own ("24 hour crisis line") are no sign of a street.
    forms = "|".join(sorted(table()["certain_types"], key=len, reverse=True))
    accented = forms.replace("montee", "mont[ée]e").replace("cote", "c[ôo]te").replace("allee", "all[ée]e")
    small = r"(?:de|du|des|la|le|les|aux?)\s{1,4}|[ld]['’]"
    return re.compile(
        rf"\b\d{{1,6}}[\w-]{{0,8}},?\s{{1,4}}(?:rue|boul(?:evard)?|av(?:enue)?|chemin|ch|rang|mont[ée]e)\b\.?"
        rf"\s{{1,4}}(?:{small}){{0,3}}[\w'’-]{{1,30}}(?:[ -](?:{small}){{0,2}}(?-i:[A-ZÀ-Þ])[\w'’-]{{1,30}}){{0,4}}"
        rf"|\b\d{{1,6}}[\w-]{{0,8}},?\s{{1,4}}(?:[\w'’.-]{{1,30}}\s{{1,4}}){{0,4}}?(?:{accented})\b\.?(?:\s+(?-i:[NSEWO]{{1,2}})\b)?",
        re.IGNORECASE,
    )
