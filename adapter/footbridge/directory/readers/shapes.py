"""Shapes of values that sources mix up: lists in one cell, flags in words, texts in objects, ids that are numbers."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any  # what a JSON document may hold
EACH: Final = "__each"  # schedules inside one schedule; never in a record
_PRUNE: Final = 8
_DIGITS: Final = 40
_TEXTS: Final = ("description", "text", "name", "value", "label", "number", "url", "email")
ID_LENGTH: Final = 500


def empty(value: Json) -> bool:
    """Whether a source says nothing here: null, a text of spaces, an empty list or object."""
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def same(one: Json, other: Json) -> bool:
    """Whether two values say the same: ``12`` and ``"12 "``."""
    return str(one).strip() == str(other).strip()


def whole_number(digits: str) -> int | str:
    """A whole number in JSON; one of more digits than any number has stays text, for Python refuses to read it."""
    return int(digits) if len(digits) <= _DIGITS else digits


def type_name(value: Json) -> str:
    """JSON's name of the value's type."""
    if isinstance(value, dict):
        return "object"
    names = {list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def native_id(value: Json) -> str | None:
    """The source's id as text; None when it is no text or whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    text = str(value).strip()
    return text[:ID_LENGTH] or None


def scalar(value: Json, depth: int = 0) -> Json:
    """A text, number or boolean for any value: lists joined by ``; ``, of objects the text, else their JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = (scalar(item, depth + 1) for item in value[:1000] if not empty(item)) if depth < _PRUNE else ()
        return "; ".join(str(part) for part in parts)
    if isinstance(value, dict):
        for name in _TEXTS:
            if isinstance(value.get(name), str | int | float) and not empty(value[name]):
                return scalar(value[name])
        return json.dumps(pruned(value), ensure_ascii=False, sort_keys=True)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return str(value)
    return value


def pruned(value: Json, depth: int = 0) -> Json:
    """The value without what lies deeper than is sensible, and with numbers beyond 64 bits as text."""
    if isinstance(value, dict | list) and depth > _PRUNE:
        return None
    if isinstance(value, dict):
        return {str(key): pruned(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [pruned(inner, depth + 1) for inner in value]
    return scalar(value)


def split_cell(text: str, separator: str | None) -> list[str]:
    """The entries of a list in one text: always at ``;``, and at the separator of its kind where it has none."""
    parts = re.split(r"[;\n]", text)
    if separator and len([part for part in parts if part.strip()]) < 2:
        parts = text.split(separator)
    return [plain for part in parts if (plain := part.strip())]


def truth(table: Mapping[str, Any], value: Json) -> bool | None:
    """True or False for a flag in any of the table's words; None when it is none of them."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word in table["true"]:
        return True
    return False if word in table["false"] else None


def by_truth(table: Mapping[str, Any], rows: Mapping[str, Any], value: Json) -> Mapping[str, Any]:
    """The row for a flag: ``true``, ``false``, or the empty name for anything else."""
    flag = truth(table, value)
    found: Mapping[str, Any] = rows.get("" if flag is None else str(flag).lower(), {})
    return found


def set_flag(
    table: Mapping[str, Any],
    name: str,
    value: Json,
    data: dict[str, Any],
    unclear: Callable[[], None],
) -> None:
    """Mark the object as its flag says. A word that is neither yes nor no restricts: nobody is harmed by that."""
    rows: Mapping[str, Mapping[str, Any]] = table["flags"][name]
    flag = truth(table, value)
    if flag is None:
        flag = rows.get("words", {}).get(str(value).strip().casefold())
    if "any" in rows:
        chosen = rows["any"] if flag is not False else {}
    elif flag is None:
        unclear()
        chosen = next(iter(rows.values()))
    else:
        chosen = rows.get(str(flag).lower(), {})
    mark(data, chosen)


def mark(data: dict[str, Any], chosen: Mapping[str, str]) -> None:
    """Set ``withheld``, or add to ``restrictions``."""
    if "withheld" in chosen:
        data.setdefault("withheld", chosen["withheld"])
    if "restriction" in chosen:
        data["restrictions"] = sorted({*data.get("restrictions", ()), chosen["restriction"]})


def set_status(table: Mapping[str, Any], value: Json, data: dict[str, Any]) -> None:
    """Add the restriction that a status in words has (``Active, but do not refer``)."""
    for row in table["status"]:
        if re.search(row["pattern"], str(value), re.IGNORECASE):
            mark(data, row)


def set_location_type(table: Mapping[str, Any], value: Json, data: dict[str, Any]) -> None:
    """Withhold a location whose type says so."""
    mark(data, table["locationTypes"].get(str(value).strip().casefold(), {}))


def weekdays(table: Mapping[str, Any], value: Json) -> Json:
    """``MO,TU`` for days in words; anything else as it is."""
    codes: Mapping[str, str] = table["weekdays"]
    if isinstance(value, str) and all(part in codes.values() for part in value.split(",")):
        return value
    parts = value if isinstance(value, list) else re.split(r"[,;/\s]+", str(value).strip())
    words = [str(scalar(part)).strip().casefold() for part in parts if not empty(part)]
    if words and all(word in codes for word in words):
        return ",".join(dict.fromkeys(codes[word] for word in words))
    return ",".join(str(scalar(part)) for part in value) if isinstance(value, list) else value


_RULE_PART = re.compile(r"([A-Za-z]+)=([^;\s]+)")
_OF_RULES = frozenset({"freq", "interval", "byday", "bymonthday", "byweekno", "byyearday", "wkst", "until", "count"})


def recurrence(value: Json) -> dict[str, str]:
    """The members of a schedule that a recurrence rule (https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10) says.

    A date in it is written as HSDS writes dates. Of a text that is no rule all is kept, as its description.
    """
    text = str(scalar(value) or "").strip()
    parts = {name.lower(): part for name, part in _RULE_PART.findall(text) if name.lower() in _OF_RULES}
    if "freq" not in parts:
        return {"description": text} if text else {}
    if re.match(r"\d{8}", until := parts.get("until", "")):
        parts["until"] = f"{until[:4]}-{until[4:6]}-{until[6:8]}"
    return parts


def spread_each(child: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schedule with several times in it: one schedule for each, with what they share."""
    parts = child.pop(EACH, None)
    if not parts:
        yield child
        return
    shared = {name: value for name, value in child.items() if name != "id"}
    for part in parts:
        yield {**shared, **part}


def guard_location(data: dict[str, Any]) -> None:
    """Move the coordinates of a location into its withheld address, so that they are dropped with it.

    They stay when only a postal or another address is withheld and a public one tells where the place is.
    """
    addresses = [each for each in data.get("addresses", ()) if isinstance(each, dict)]
    hidden = [each for each in addresses if each.get("withheld")]
    places = [each for each in hidden if each.get("address_type") != "postal"]
    public = any(not each.get("withheld") and each.get("address_type") != "postal" for each in addresses)
    if public and all(each.get("address_type") == "other" for each in places):
        return
    if places or (hidden and not public):
        for name in ("latitude", "longitude"):
            if name in data:
                (places or hidden)[0][name] = data.pop(name)
