"""Code systems with a grammar or a register in place of a list: languages, media types, units, countries, currencies.

Registers are small tables in ``profiles/registers.json`` and ``terminology/language-subtags.json``. A code that a
register has is known; one that no register or grammar allows is not; where only a part of a register is at hand the
answer is undecided.
"""

import functools
import re
import zoneinfo
from collections.abc import Callable

from footbridge.data import read_json
from footbridge.terminology import languages
from footbridge.validation.fhirpath.ucum import unit
from footbridge.validation.valuesets.answers import Answer, Why

UCUM = "http://unitsofmeasure.org"

# RFC 5646, section 2.2.8: tags that IANA registered before there were subtags; all of this form are let be.
_REGISTERED_WHOLE = re.compile(r"i(?:-[a-z\d]{1,8})+", re.ASCII | re.IGNORECASE)
# RFC 6838, section 4.2, and RFC 2045 for parameters.
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+\-]{0,126}"
_MEDIA_TYPE = re.compile(rf'{_NAME}/{_NAME}(?:\s*;\s*{_NAME}=(?:[^\s;,"]+|"[^"]*"))*', re.ASCII)
_CURRENCY_FORM = re.compile(r"[A-Z]{3}", re.ASCII)
_UCUM_NOTE = re.compile(r"\{[ -z|~]*\}")  # a note may hold blanks, as published examples have them
_UCUM_CHARACTERS = re.compile(r"[!-~]+", re.ASCII)


def known(system: str, code: str) -> Answer | None:
    """Whether such a system has a code; None when the system is not one of these."""
    check = _SYSTEMS.get(system)
    return check(code) if check else None


def commensurable(code: str, other: str) -> Answer:
    """Whether two UCUM units measure the same kind of thing (the ``canonical`` property of UCUM)."""
    left, right = unit(code), unit(other)
    if left is None or right is None:
        return Why(f"the unit {other if right is None else 'given'} is not in the table of units")
    return left.dimensions == right.dimensions


@functools.cache
def _register(name: str) -> frozenset[str]:
    return frozenset(read_json("profiles", "registers.json")[name])


def _language(code: str) -> Answer:
    if languages.is_whole_tag(code) or _REGISTERED_WHOLE.fullmatch(code):
        return True
    parts = languages.parts_of(code)
    if parts is None or not all(languages.is_registered("languages", one) for one in parts["languages"]):
        return False
    known = all(region.isdigit() or region.upper() in _register("countries") for region in parts["regions"])
    return True if known and not parts["extended"] else Why("the tag has a region that is no country, or a dialect")


def _media_type(code: str) -> Answer:
    return _MEDIA_TYPE.fullmatch(code) is not None


def _ucum(code: str) -> Answer:
    if not _UCUM_CHARACTERS.fullmatch(_UCUM_NOTE.sub("{}", code)):
        return False
    return True if unit(code) is not None else Why("the table of UCUM units at hand is not whole")


def _currency(code: str) -> Answer:
    if code in _register("currencies"):
        return True
    return Why("it may be a currency of the past") if _CURRENCY_FORM.fullmatch(code) else False


def _country(code: str) -> Answer:
    return code in _register("countries")


def _subdivision(code: str) -> Answer:
    country, _, rest = code.partition("-")
    if country not in _register("countries") or not (rest.isalnum() and 1 <= len(rest) <= 3):
        return False
    return Why("the register of subdivisions is not at hand")


@functools.cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _time_zone(code: str) -> Answer:
    return True if code in _time_zones() else Why("the register of time zones at hand may be older")


_SYSTEMS: dict[str, Callable[[str], Answer]] = {
    "urn:ietf:bcp:47": _language,
    "urn:ietf:bcp:13": _media_type,
    UCUM: _ucum,
    "urn:iso:std:iso:4217": _currency,
    "urn:iso:std:iso:3166": _country,
    "urn:iso:std:iso:3166:-2": _subdivision,
    "https://www.iana.org/time-zones": _time_zone,
}
