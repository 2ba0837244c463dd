"""What free text says about cost, capacity and languages; tables: ``mappings/directory/search/values.json``."""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from footbridge.data import read_json
from footbridge.directory.cleaning.languages import language_code as code_of_name
from footbridge.directory.search.words import fold, plain, words

_CODE = re.compile(r"[a-z]{2,3}(?: [a-z]{4})?(?: (?:[a-z]{2}|\d{3}))?")  # language, script, region


@functools.cache
def _table() -> dict[str, Any]:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "values.json")
    return read


@functools.cache
def _language_names() -> dict[str, str]:
    return {name: code for code, names in _table()["languages"].items() for name in names}


def language_name(code: str, language: str) -> str:
    """A language in words, English or French; its code where the table has no name."""
    names = _table()["languages"].get(code)
    return (names[0] if language == "en" else names[1 if len(names) > 1 else 0]).title() if names else code


@functools.lru_cache(maxsize=1 << 12)
def language_code(text: str) -> str | None:
    """ISO 639-1 code (639-3 where there is none) of a code, with or without region, or of a name."""
    folded = " ".join(words(text.replace("_", "-")))
    if folded in _language_names():
        return _language_names()[folded]
    if named := code_of_name(text):  # every name that an import knows
        return named.split("-")[0]
    head = folded.split(" ")[0]
    if head in _table()["languageCodes"]:
        return str(_table()["languageCodes"][head])
    return head if _CODE.fullmatch(folded) else None


def language_codes(languages: Iterable[Mapping[str, Any]]) -> list[str]:
    """The codes of some HSDS languages, sorted; what is not recognised is left out."""
    found: set[str] = set()
    for one in languages:
        code = one.get("code") or one.get("name") or one.get("language")
        read = language_code(str(code)) if code else None
        if read is None and one.get("name"):
            found.update(languages_in(str(one["name"])))
        elif read is not None:
            found.add(read)
    return sorted(found)


def languages_in(text: str) -> list[str]:
    """The languages that a text names, sorted."""
    if not text:
        return []
    folded = f" {' '.join(words(text))} "
    return sorted({code for name, code in _language_names().items() if f" {name} " in folded})


def cost_of(options: Sequence[Mapping[str, Any]], fees: str) -> str:
    """``free``, ``fee`` or ``unknown``, by HSDS cost options and what the description of fees says."""
    amounts = [number for one in options if (number := _number(one.get("amount"))) is not None]
    if any(amounts):
        return "fee"
    said = [fees, *(str(one.get(name) or "") for one in options for name in ("option", "amount_description"))]
    cost = _said_cost(" ".join(said).strip())
    return "free" if cost == "unknown" and amounts else cost


@functools.lru_cache(maxsize=1 << 12)
def _said_cost(text: str) -> str:
    found = f" {plain(text)} "
    if not found.strip():
        return "unknown"
    free, paid = _cost_words()
    if any(word in found for word in free):
        return "fee" if any(word in found for word in paid) or re.search(r"\$\s*[1-9]", text) else "free"
    return "fee"


@functools.cache
def _cost_words() -> tuple[list[str], list[str]]:
    free, paid = ([f" {plain(word)} " for word in _table()[name]] for name in ("free", "notFree"))
    return free, paid


def _number(value: object) -> float | None:
    try:
        return float(str(value).replace("$", "").strip()) if value not in (None, "") else None
    except ValueError:
        return None


def capacity_state(status: str) -> str:
    """A code of SDOHCC as ``available``, ``waitlist``, ``none`` or ``unknown``."""
    state: str = _table()["capacityStatus"].get(status, "unknown")
    return state


def capacity_of(capacities: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """``available``, ``waitlist``, ``none`` or ``unknown``, and when its source last said so (YYYY-MM-DD, or empty)."""
    state, when = "unknown", ""
    for one in capacities:
        text = fold(str(one.get("description") or ""))
        number = _number(one.get("available"))
        if one.get("status"):
            found = capacity_state(str(one["status"]))
        elif any(word in text for word in _table()["waitlist"]):
            found = "waitlist"
        elif number is not None:
            found = "available" if number > 0 else "none"
        else:
            continue
        rank = ("unknown", "none", "waitlist", "available")
        if rank.index(found) > rank.index(state):
            state = found
        when = max(when, str(one.get("updated") or "")[:10])
    return state, when
