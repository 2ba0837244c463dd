"""Ages in years: numbers as text, months, "birth to 19", and numbers that stand for no limit."""

import functools
import re
from typing import Any, NamedTuple

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold

_LONGEST = 120  # characters of an eligibility that may be nothing but ages
NO_LIMIT = 99  # a maximum from here on means that there is none
_UNIT = r"(?:\s*-?(years?|yrs?|yo|ans?|months?|mos?|mois|weeks?|wks?|semaines?|y)\b\.?)?(?: old| of age| d'age)?"
_NUMBER = rf"(\d{{1,3}}(?:[.,]\d+)?){_UNIT}"
_FILL = (
    r"(?:ages?|aged|agee?s?|for|pour|de|from|between|entre|les|people|persons|personnes|children|enfants|youth|adults"
    r"|adultes|seniors|clients?|individuals|a partir de)?\s*:?\s*"
)
_TO = r"\s*(?:-|\u2013|to|through|thru|a|and|et|up to|jusqu'a)\s*"
_RANGE = re.compile(rf"{_FILL}(?:{_NUMBER}|(birth|newborns?|naissance|la naissance)){_TO}{_NUMBER}")
_FROM = re.compile(
    rf"{_FILL}{_NUMBER}\s*(?:\+|and (?:over|older|up|above)|or (?:over|older|above|more)|years? and older|plus"
    r"|& (?:over|up|older)|et (?:plus|\+)|ou plus|et au-dessus)"
)
_UP_TO = re.compile(
    rf"(?:up to|under|below|until|younger than|jusqu'a|moins de)(?: age| l'age de)?\s*{_NUMBER}"
    rf"|{_FILL}{_NUMBER}\s*(?:and (?:under|younger)|or (?:under|younger)|et moins|ou moins)"
)
_BELOW = re.compile(r"under|younger than|below|moins de")
_ONE = re.compile(rf"{_NUMBER}")
_LABELLED = re.compile(r"^[ \t]*(?:ages?|âges?)\s*:\s*(\S[^\n]*)$", re.IGNORECASE | re.MULTILINE)
_ALL = re.compile(
    r"(?:all|any|all ages|any age|no age (?:limit|restrictions?)|no (?:limit|restrictions?)|none|tous(?: les ages)?"
    r"|tout age|toutes?|aucune?(?: limite)?|n/?a|all ages welcome)\.?"
)


class Ages(NamedTuple):
    """Limits in years; None where there is none."""

    minimum: float | None
    maximum: float | None


@functools.lru_cache(maxsize=4_096)
def read_ages(text: str) -> Ages | float | None:
    """A range of ages, one number (whose side the member tells), or None where the text is not understood whole."""
    plain = fold(text).strip(" .;")
    if _ALL.fullmatch(plain):
        return Ages(None, None)
    if match := _RANGE.fullmatch(plain):
        low = 0.0 if match[3] else _years(match[1], match[2] or match[5])
        return Ages(low, _years(match[4], match[5]))
    if match := _FROM.fullmatch(plain):
        return Ages(_years(match[1], match[2]), None)
    if match := _UP_TO.fullmatch(plain):
        number, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        years = _years(number, unit)
        # HSDS's maximum is the last age that is served: "under 19" is 18.
        excluded = _BELOW.match(plain) is not None and years > 1 and years.is_integer()
        return Ages(None, years - 1 if excluded else years)
    if plain in {"birth", "newborn", "naissance"}:
        return 0.0
    match = _ONE.fullmatch(plain)
    return _years(match[1], match[2]) if match else None


def _years(number: str, unit: str | None) -> float:
    value = float(number.replace(",", "."))
    unit = unit or "years"
    if unit.startswith("mo"):
        return round(value / 12, 2)
    return round(value / 52, 2) if unit.startswith(("w", "s")) else value


def clean_ages(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """Cleans ``minimum_age`` and ``maximum_age``; a text that is not understood joins the eligibility."""
    if "minimum_age" not in out and "maximum_age" not in out:
        _from_eligibility(out, changes, prefix)
        return
    found: dict[str, float | None] = {"minimum_age": None, "maximum_age": None}
    raw = {member: out.pop(member) for member in found if member in out}
    for member, value in raw.items():
        read: Ages | float | None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            read = float(value) if 0 <= value < 1_000 else None
        else:
            read = read_ages(str(value))
        if isinstance(read, Ages):
            found["minimum_age"] = found["minimum_age"] if read.minimum is None else read.minimum
            found["maximum_age"] = found["maximum_age"] if read.maximum is None else read.maximum
        elif read is not None:
            found[member] = read
        elif isinstance(value, str) and re.search(r"[^\W\d_]{2}", value):
            have = out.get("eligibility_description")
            if not (isinstance(have, str) and value in have):
                out["eligibility_description"] = f"{have}\n{value}" if have else value
            changes.note("age.not-parsed", prefix + member, value, out["eligibility_description"])
        else:
            changes.note("age.not-parsed", prefix + member, value)
    _checked(found, raw, out, changes, prefix)


def _from_eligibility(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """An eligibility that is ages and nothing else ("Adults 18 and over"), or one line "Age: ..." of it.

    Among other words an age may hold for some people only ("Families with children; seniors 60+"): it is not taken.
    """
    text = out.get("eligibility_description")
    if not isinstance(text, str):
        return
    labelled = _LABELLED.findall(text)
    said = labelled[0] if len(labelled) == 1 else text if not labelled else ""
    read = read_ages(said) if len(said) <= _LONGEST else None
    if not isinstance(read, Ages) or read == Ages(None, None):
        return
    limits = {"minimum_age": read.minimum, "maximum_age": read.maximum}
    _checked(limits, {"eligibility_description": said}, out, changes, prefix)


def _checked(
    found: dict[str, float | None], raw: dict[str, Any], out: dict[str, Any], changes: Changes, prefix: str
) -> None:
    low, high = found["minimum_age"], found["maximum_age"]
    shown = ", ".join(str(value) for value in raw.values())
    if high is not None and (high >= NO_LIMIT or high == 0):
        changes.note("age.no-limit", prefix + "maximum_age", shown)
        high = None
    if low is not None and low >= NO_LIMIT:
        changes.note("age.no-limit", prefix + "minimum_age", shown)
        low = None
    if low is not None and high is not None and low > high:
        changes.note("age.crossed", prefix + "minimum_age", shown)
        return
    for member, value in (("minimum_age", low), ("maximum_age", high)):
        if value is None:
            continue
        number: float = int(value) if value == int(value) else value
        out[member] = number
        given = raw.get(member)
        if isinstance(given, bool) or (str(given).strip() != str(number) and given != number):
            changes.note("age.form", prefix + member, given if given is not None else shown, number)
