"""Cleans a record: each member by its kind in ``mappings/directory/members.json``, then what members say together."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from footbridge.directory.cleaning import ages, bilingual, codes, costs, dates, hours, languages, phones, places, web
from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import table
from footbridge.directory.cleaning.text import (
    CUT_AT,
    clean_line,
    clean_text,
    is_clean,
    is_placeholder,
    placeholder_members,
)
from footbridge.directory.packed_json import as_json
from footbridge.directory.records import RESTRICTIONS, Finding, Record

Members = dict[str, str]
_URLS = {
    "organization": ("website", "logo", "uri"),
    "taxonomy_term": ("term_uri",),
    "schedule": ("schedule_link",),
}
_LINES = frozenset({"line", "code", "url", "email"})
_VALUES = frozenset({"age", "date", "datetime", "number", "integer", "coordinate", "capacity", "raw", "codes"})
_PLACEHOLDER = 20  # a text of this length stands for itself
_SELDOM_SAME = frozenset({"phone", "address", "contact"})  # kinds of which most entries of a directory differ
_REMEMBERED = 1_000  # bytes of an entry of a list whose cleaning is remembered
_HERE = "\0"  # where an entry stands while that is not known
_Note: TypeAlias = tuple[str, str, str | None, str | None]
_MOST = 500  # entries of one list: more is not a directory's record


def clean(record: Record, *, country: str | None = None) -> tuple[Record, list[Finding]]:
    """The record as it should be read, and a finding for each change.

    ``country`` (ISO 3166-1) is the source's: numbers, dates and positions are read by it where the record names none.
    """
    changes = Changes(record, _country(record.data) or country)
    data = _Object(record.kind, changes).clean(record.data, "")
    _judge_referral(record, data)
    if data == record.data:
        return record, changes.findings
    return Record(record.kind, record.native_id, data, record.path, record.line), changes.findings


def _country(data: Mapping[str, Any]) -> str | None:
    addresses = data.get("addresses")
    for address in addresses if isinstance(addresses, (list, tuple)) else ():
        if not isinstance(address, dict):
            continue
        if isinstance(name := address.get("country"), str) and (code := places.country_code(name)):
            return code
    return None


def _judge_referral(record: Record, data: dict[str, Any]) -> None:
    """``can_refer``: false for what its source restricts, or what is not offered."""
    restricted = bool(data.get("restrictions"))
    if record.kind == "service":
        data["can_refer"] = not restricted and data.get("status") in (None, "active")
    elif restricted:
        data["can_refer"] = False


@functools.cache
def _members(kind: str) -> Members:
    rows = table("members")
    return {**rows["objects"].get(kind, {}), **rows["ours"].get(kind, {})}


class _Object:
    """Cleans objects of one kind of HSDS."""

    def __init__(self, kind: str, changes: Changes) -> None:
        self.kind = kind
        self.changes = changes
        self.members = _members(kind)
        self.together = _TOGETHER.get(kind, ())
        self.urls = _URLS.get(kind, ("url", "uri"))

    def clean(self, value: Mapping[str, Any], path: str) -> dict[str, Any]:
        """The object cleaned; ``path`` is where it stands, empty for the record itself."""
        prefix = f"{path}." if path else ""
        out: dict[str, Any] = {}
        members = self.members
        for key, entry in value.items():
            if entry is None or entry == "":
                continue
            how = members.get(key)
            if how is None and entry == []:
                continue  # all that stood there was withheld
            if how is None:
                self._unknown(key, prefix)
                continue
            kept = self._member(how, entry, prefix, key)
            if kept is not None:
                out[key] = kept
        self._together(out, prefix)
        return out

    def _unknown(self, key: object, prefix: str) -> None:
        name = f"{self.kind}.{key}"
        if name not in self.changes.unknown:
            self.changes.unknown.add(name)
            self.changes.note("record.unknown-member", f"{prefix}{key}"[:100], None)

    def _member(self, how: str, value: Any, prefix: str, key: str) -> Any:  # noqa: ANN401 - JSON is any value
        if how in _LINES:
            return self._line(value, prefix, key)
        if how == "text":
            return self._text(value, prefix, key)
        if how[0] == "[":
            return self._list(how[1:-1], value, prefix + key)
        if how[0] == "{":
            return self._one(how[1:-1], value, prefix + key)
        if isinstance(value, str) and how in _VALUES:
            value = clean_line(value, self.changes, prefix + key)
            if not value:
                return None
        simple = _SIMPLE.get(how)
        return simple(value, self.changes, prefix + key) if simple else self._plain(how, value, prefix + key)

    def _plain(self, how: str, value: Any, member: str) -> Any:  # noqa: ANN401 - JSON is any value
        if how == "id":
            return self._id(value, member)
        if how == "words":
            return self._words(value, member)
        if how == "keep":
            return self._keep(value, member)
        if how == "verbatim" and isinstance(value, str):
            text = value.replace("\x00", "").encode("utf-8", "ignore").decode()
            if text != value:
                self.changes.note("text.control", member, value, text)
            return text.strip() or None
        if how == "raw" and isinstance(value, (dict, bytes)):
            self.changes.note("record.shape", member, None)
            return None
        if how == "raw" and isinstance(value, (list, tuple)):
            return [clean_line(str(entry), self.changes, member) for entry in value[:_MOST]]
        return value

    def _id(self, value: Any, member: str) -> Any:  # noqa: ANN401 - JSON is any value
        """An id as it is, because records are linked by it; without what no database can hold."""
        if not isinstance(value, (str, int)) or isinstance(value, bool):
            self.changes.note("record.shape", member, None)
            return None
        if isinstance(value, str) and not value.isprintable():
            text = value.replace("\x00", "").encode("utf-8", "ignore").decode()
            if text != value:
                self.changes.note("text.control", member, value.encode("utf-8", "replace").decode(), text)
            return text or None
        return value

    def _keep(self, value: Any, member: str) -> Any:  # noqa: ANN401 - JSON is any value
        """Our own members: known restrictions, true or false."""
        if isinstance(value, bool):
            return value
        if isinstance(value, (list, tuple)) and member.endswith("restrictions"):
            kept = [entry for entry in value if entry in RESTRICTIONS]
            if len(kept) != len(value):
                self.changes.note("record.shape", member, None)
            return kept or None
        self.changes.note("record.shape", member, None)
        return None

    def _string(self, value: Any, member: str) -> str | None:  # noqa: ANN401 - JSON is any value
        if isinstance(value, str):
            return value
        if isinstance(value, (bool, dict)):
            self.changes.note("record.shape", member, None)
            return None
        if isinstance(value, (list, tuple)):
            text = "; ".join(str(entry) for entry in value if isinstance(entry, (str, int, float)))
            self.changes.note("record.shape", member, text, text or None)
            return text
        return str(value)

    def _line(self, value: Any, prefix: str, key: str) -> str | None:  # noqa: ANN401 - JSON is any value
        if isinstance(value, str) and len(value) >= _PLACEHOLDER and len(value) not in CUT_AT and is_clean(value):
            return value
        text = self._string(value, prefix + key)
        if not text:
            return None
        line = clean_line(text, self.changes, prefix + key)
        if len(line) < _PLACEHOLDER and key in placeholder_members() and is_placeholder(line):
            self.changes.note("text.placeholder", prefix + key, value)
            return None
        return line or None

    def _text(self, value: Any, prefix: str, key: str) -> str | None:  # noqa: ANN401 - JSON is any value
        text = self._string(value, prefix + key)
        return (clean_text(text, self.changes, prefix + key) or None) if text else None

    def _one(self, kind: str, value: Any, path: str) -> dict[str, Any] | None:  # noqa: ANN401 - JSON is any value
        value = self._as_object(kind, value, path)
        return (_Object(kind, self.changes).clean(value, path) or None) if value is not None else None

    def _as_object(self, kind: str, value: Any, path: str) -> Mapping[str, Any] | None:  # noqa: ANN401 - JSON
        if isinstance(value, dict):
            return value
        main = table("members")["main"].get(kind)
        if main and isinstance(value, (str, int, float)) and not isinstance(value, bool):
            self.changes.note("record.shape", path, value, f"{main}: {value}")
            return {main: value}
        self.changes.note("record.shape", path, None)
        return None

    def _words(self, value: Any, member: str) -> list[str] | None:  # noqa: ANN401 - JSON is any value
        """A list of words or short texts."""
        entries = value if isinstance(value, (list, tuple)) else [value]
        words = [clean_line(entry, self.changes, member) for entry in entries[:_MOST] if isinstance(entry, str)]
        return [word for word in words if word] or None

    def _list(self, kind: str, value: Any, path: str) -> list[dict[str, Any]] | None:  # noqa: ANN401 - JSON
        if not isinstance(value, (list, tuple)):
            self.changes.note("record.shape", path, None, "a list")
            value = [value]
        if len(value) > _MOST:
            self.changes.note("record.too-many", path, len(value), _MOST)
            value = value[:_MOST]
        result: list[dict[str, Any]] = []
        for index, entry in enumerate(value):
            place = f"{path}[{index}]"
            one = self._as_object(kind, entry, place) if entry not in (None, "") else None
            if one is None:
                continue
            result += self._child(kind, one, place)
        return result or None

    def _child(self, kind: str, value: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
        """One entry of a list; the same ones come again and again: languages, hours, areas."""
        if kind in _SELDOM_SAME:
            return _cleaned_child(kind, value, place, self.changes)
        try:
            packed = as_json(value)
        except TypeError:
            return _cleaned_child(kind, value, place, self.changes)
        known = _remembered(kind, packed, self.changes.country) if len(packed) <= _REMEMBERED else None
        if known is None:
            return _cleaned_child(kind, value, place, self.changes)
        cleaned, notes = known
        for rule, rest, found, done in notes:
            self.changes.findings.append(self.changes.finding(rule, place + rest, found, done))
        kept: list[dict[str, Any]] = orjson.loads(cleaned)
        return kept

    def _together(self, out: dict[str, Any], prefix: str) -> None:
        urls = tuple(key for key in self.urls if key in out)
        if urls or "email" in out or "assurer_email" in out:
            web.clean_web(self.kind, out, self.changes, prefix, urls)
        if "alternate_names" in out:
            _join_names(out)
        for step in self.together:
            step(out, self.changes, prefix)


def _cleaned_child(kind: str, value: Mapping[str, Any], place: str, changes: Changes) -> list[dict[str, Any]]:
    kept = _Object(kind, changes).clean(value, place)
    expand = _EXPANDED.get(kind)
    return expand(kept, changes, place) if expand and kept else [kept] if kept else []


@functools.lru_cache(maxsize=1_024)
def _remembered(kind: str, packed: bytes, country: str | None) -> tuple[bytes, tuple[_Note, ...]] | None:
    """What an entry becomes, in JSON, and what is found in it; None where that depends on its record."""
    changes = Changes(Record("service", "", {}, ""), country)
    try:
        kept = as_json(_cleaned_child(kind, orjson.loads(packed), _HERE, changes))
    except TypeError:
        return None
    if changes.unknown or any(not (one.member or "").startswith(_HERE) for one in changes.findings):
        return None
    notes = ((one.rule, (one.member or "").removeprefix(_HERE), one.found, one.done) for one in changes.findings)
    return kept, tuple(notes)


def _join_names(out: dict[str, Any]) -> None:
    """Other names are one text in HSDS."""
    rows = [row for row in out.pop("alternate_names") if row.get("name")]
    names = [f"{row['name']} ({said})" if (said := row.get("description")) else str(row["name"]) for row in rows]
    described = {str(row["name"]) for row in rows if row.get("description")}
    known = out.get("alternate_name")
    have = [one for one in str(known).split("; ") if one not in described] if known else []
    joined = "; ".join(dict.fromkeys([*have, *names]))
    if joined:
        out["alternate_name"] = joined


_SIMPLE: dict[str, Callable[[Any, Changes, str], Any]] = {
    "date": dates.clean_date,
    "datetime": dates.clean_datetime,
    "number": codes.clean_number,
    "integer": codes.clean_number,
    "codes": codes.clean_codes,
}
_TOGETHER: dict[str, tuple[Callable[[dict[str, Any], Changes, str], None], ...]] = {
    "service": (codes.clean_status, ages.clean_ages, costs.clean_costs, bilingual.clean_bilingual),
    "organization": (codes.clean_status, bilingual.clean_bilingual),
    "location": (codes.clean_status, places.clean_position, bilingual.clean_bilingual),
    "address": (places.clean_address,),
    "taxonomy_term": (codes.clean_term,),
}
_EXPANDED: dict[str, Callable[[dict[str, Any], Changes, str], list[dict[str, Any]]]] = {
    "phone": phones.clean_phone,
    "schedule": hours.clean_schedule,
    "language": languages.clean_language,
    "attribute": codes.clean_attribute,
    "service_capacity": codes.clean_capacity,
}
