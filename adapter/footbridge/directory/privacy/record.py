"""Privacy of one record: walks through it once, and drops what may not be shown, wherever it stands."""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from footbridge.directory.privacy import public
from footbridge.directory.privacy.labels import LINKS, is_private_phone, says_not_public
from footbridge.directory.privacy.redaction import (
    Secrets,
    is_mark,
    mentions_box_only,
    names_place,
    redact,
)
from footbridge.directory.privacy.shelters import says_that_place_is_withheld, withholds_place
from footbridge.directory.privacy.table import may_match, pattern, stems, table
from footbridge.directory.privacy.values import address_secrets, object_secrets
from footbridge.directory.privacy.words import redact_stated, without_places
from footbridge.directory.records import Finding, Record
from footbridge.directory.search.geography import region_of

HIDING = frozenset({"exclude-website", "exclude-directory", "deleted"})
_NO = (None, False, 0, "", "false", "False", "FALSE", "no", "No", "N", "n", "0")
_NOT_TEXT = frozenset(
    [
        "id",
        "native_id",
        "code",
        "language",
        "taxonomy",
        "restrictions",
        "freq",
        "byday",
        "opens_at",
        "closes_at",
        "address_type",
        "location_type",
    ]
)
_HISTORY = frozenset({"previous_value", "replacement_value", "updated_by"})
_OURS = frozenset({"withheld", "notes"})
_SHORTEST = 8  # no shorter text holds a value and the words that it is not for the public
_GONE: Any = object()


@dataclass(slots=True)
class Withheld:
    """A record without what may not be shown: ``record`` is None where that was all of it."""

    record: Record | None
    findings: list[Finding] = field(default_factory=list)
    secrets: Secrets = ()


def apply(record: Record, *, place_withheld: bool = False) -> tuple[Record | None, list[Finding]]:
    """The record without what may not be shown, and a finding (without its value) for each thing that was dropped.

    None where the record itself is withheld; of a location it stays that there is one. A hidden record (deleted,
    excluded) keeps its restrictions alone. With ``place_withheld`` a location loses its place, because a service there
    may not be found (``withholds_place``).
    """
    result = withhold(record, place_withheld=place_withheld)
    return result.record, result.findings


def secrets(record: Record, *, place_withheld: bool = False) -> Secrets:
    """The values that ``apply`` drops from a record: for ``redact`` of those that are linked to it, in memory only."""
    return withhold(record, place_withheld=place_withheld).secrets


def withhold(record: Record, *, place_withheld: bool = False) -> Withheld:
    """``apply`` and ``secrets`` in one walk."""
    if not isinstance(record.data, dict):
        record = dataclasses.replace(record, data=dict(record.data))
    walk = _Walk(record)
    if record.data.get("withheld") not in _NO:
        walk.record_dropped()
        # A service at a withheld place is not a service without a place: that is given remotely, to everybody.
        left = dataclasses.replace(record, data={"address_withheld": True}) if record.kind == "location" else None
        return Withheld(left, walk.findings, walk.found_secrets())
    restrictions = _restrictions(record.data)
    if HIDING & set(restrictions):
        # Nothing else of it is needed, and what is not there cannot leak.
        walk.value(record.data, "", "")
        hidden = dataclasses.replace(record, data={"restrictions": restrictions})
        return Withheld(hidden, [walk.finding("privacy.hidden", "restrictions")], walk.found_secrets())
    data = walk.value(record.data, "", "")
    if record.kind == "location":
        data = walk.place(record, data, place_withheld=place_withheld)
    kept = record if data is record.data else dataclasses.replace(record, data=data)
    found = walk.found_secrets()
    kept, repeated = redact(kept, found, own=kept.data.get("address_withheld") is True)
    return Withheld(kept, walk.findings + repeated, found)


def _restrictions(data: Mapping[str, Any]) -> list[str]:
    value = data.get("restrictions")
    return [str(entry) for entry in value] if isinstance(value, (list, tuple)) else []


class _Walk:
    """One walk through a record: findings and secrets are collected on the way."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.findings: list[Finding] = []
        self._secrets: list[str] = []
        self._dropped_types: set[str] = set()

    def finding(self, rule: str, member: str) -> Finding:
        """A finding without a value."""
        record = self.record
        return Finding(rule, record.path, record.line, record.kind, record.native_id, member or None)

    def drop(self, value: Any, member: str, rule: str) -> None:  # noqa: ANN401 - JSON is any value
        """Notes that a value was dropped, and what it was."""
        self.findings.append(self.finding(rule, member))
        name = member.rsplit(".", 1)[-1].split("[", 1)[0]
        self._secrets += object_secrets(value, name)

    def record_dropped(self) -> None:
        """Notes that the whole record was dropped: its place is a secret; names and numbers may be its parent's too."""
        self.findings.append(self.finding("privacy.withheld", ""))
        data = self.record.data
        for entry in data.get("addresses") or ():
            if isinstance(entry, dict):
                self._secrets += address_secrets(_without_words(entry))
        self._coordinates(data)

    def _coordinates(self, data: Mapping[str, Any]) -> None:
        for key in ("latitude", "longitude"):
            self._secrets += object_secrets(data.get(key), key)

    def found_secrets(self) -> Secrets:
        """Each secret once, in order."""
        found = set(self._secrets)
        return tuple(sorted(found - public.names(self.record.data)))

    def value(self, value: Any, path: str, member: str) -> Any:  # noqa: ANN401 - JSON is any value
        """A value without what may not be shown: the same object where nothing was dropped."""
        if isinstance(value, str):
            return self._text(value, path, member)
        if isinstance(value, dict):
            return self._object(value, path)
        if isinstance(value, (list, tuple)):
            return self._list(value, path, member)
        return value

    def _object(self, value: dict[str, Any], path: str) -> dict[str, Any]:
        changed = False
        result: dict[str, Any] = {}
        for key, entry in value.items():
            if entry is None or (isinstance(entry, str) and key not in _OURS and self._needs_no_look(key, entry)):
                result[key] = entry
                continue
            kept = self._member(key, entry, f"{path}.{key}" if path else str(key), at_top=not path)
            changed = changed or kept is not entry
            if kept is not _GONE:
                result[key] = kept
        return result if changed else value

    @staticmethod
    def _needs_no_look(key: Any, entry: str) -> bool:  # noqa: ANN401 - a key of any dict
        """Whether a text can be nothing but public: most are, and a path is made for the others only."""
        if len(entry) < _SHORTEST:
            return True
        return not _is_internal(str(key)) and not may_match(entry, stems("text", "stems"))

    def _member(self, key: Any, entry: Any, place: str, *, at_top: bool) -> Any:  # noqa: ANN401 - JSON is any value
        if key == "withheld":
            return _GONE
        if key == "notes" and at_top:
            self.findings.append(self.finding("privacy.note", place))
            return _GONE
        if _is_internal(str(key)):
            self.findings.append(self.finding("privacy.internal-member", "internal note"))
            return _GONE
        if isinstance(entry, str):
            text = self._text(entry, place, str(key))
            return _GONE if text is not entry and is_mark(text) else text
        if isinstance(entry, dict) and entry.get("withheld") not in _NO:
            self._withheld(entry, place, key)
            return _GONE
        if key == "metadata":
            return self._metadata(entry, place)
        return self.value(entry, place, str(key))

    def _metadata(self, entry: Any, place: str) -> Any:  # noqa: ANN401 - JSON is any value
        """Rows of a record's history hold values that may have been withheld since: no value stays."""
        rows = entry if isinstance(entry, (list, tuple)) else [entry]
        shown = [row for row in rows if isinstance(row, dict) and row.get("withheld") in _NO]
        kept = [{key: row[key] for key in row if key not in _HISTORY} for row in shown]
        if kept == list(rows):
            return entry
        self.findings.append(self.finding("privacy.metadata-values", place))
        return kept

    def _list(self, value: list[Any] | tuple[Any, ...], path: str, member: str) -> list[Any] | tuple[Any, ...]:
        changed = False
        result = []
        for index, entry in enumerate(value):
            place = f"{path}[{index}]"
            if isinstance(entry, dict):
                rule = self._why_dropped(entry, member)
                if rule:
                    self._withheld(entry, place, member, rule)
                    changed = True
                    continue
            kept = self.value(entry, place, member)
            changed = changed or kept is not entry
            result.append(kept)
        return result if changed else value

    def _why_dropped(self, entry: Mapping[str, Any], member: str) -> str | None:
        if entry.get("withheld") not in _NO:
            return "privacy.withheld"
        if member == "phones" and is_private_phone(entry):
            return "privacy.phone-not-public"
        if member == "contacts" and any(
            isinstance(text, str) and key not in _NOT_TEXT and says_not_public(text) for key, text in entry.items()
        ):
            return "privacy.contact-not-public"
        if member in LINKS and any(
            isinstance(text := entry.get(key), str) and says_not_public(text)
            for key in ("label", "description", "type")
        ):
            return "privacy.value-not-public"
        if member == "addresses" and any(
            isinstance(value, str) and pattern("address").search(value) for value in entry.values()
        ):
            return "privacy.address-not-public"
        return None

    def _withheld(self, entry: Mapping[str, Any], place: str, member: str, rule: str = "privacy.withheld") -> None:
        if member in {"addresses", "address"}:
            self._dropped_types.add(str(entry.get("address_type") or "physical"))
        if member in {"addresses", "address"}:
            self.findings.append(self.finding(rule, place))
            self._secrets += address_secrets(_without_words(entry))
        elif member == "contacts" and entry.get("withheld") == "internal":
            # Who keeps the record up to date is nobody's business; but the number is often the office's own.
            self.findings.append(self.finding(rule, place))
        elif member == "contacts" and entry.get("name"):
            # The person is not for the public. A number that stands among the record's own phones is.
            before, reach = len(self._secrets), public.reach(self.record.data)
            self.drop(entry, place, rule)
            self._secrets[before:] = [one for one in self._secrets[before:] if one not in reach]
        else:
            self.drop(entry, place, rule)

    def _text(self, value: str, path: str, member: str) -> str:
        if len(value) < _SHORTEST or member in _NOT_TEXT or member.endswith("_id"):
            return value
        text, found = redact_stated(value)
        if text != value:
            self.findings.append(self.finding("privacy.value-not-public", path))
            self._secrets += found
            return text
        return value

    def _lost_its_place(self, data: Mapping[str, Any]) -> bool:
        """Whether an address was dropped that says where it is: not letters, nor another one beside a public place."""
        dropped = self._dropped_types - {"postal"}
        if dropped != {"other"}:
            return bool(dropped)
        addresses = data.get("addresses")
        return not any(
            isinstance(entry, dict) and entry.get("address_type") == "physical" and entry.get("address_1")
            for entry in (addresses if isinstance(addresses, (list, tuple)) else ())
        )

    def place(self, record: Record, data: Mapping[str, Any], *, place_withheld: bool) -> Mapping[str, Any]:
        """A location without its place, where that may not be shown; its phones, hours and languages stay."""
        bare = isinstance(name := record.data.get("name"), str) and pattern("bare_name").fullmatch(name) is not None
        kind = str(record.data.get("location_type") or "").casefold()
        shelter = place_withheld or bare or kind in table()["withheld_location_types"] or withholds_place(record)
        if not shelter and not self._lost_its_place(data) and record.data.get("address_withheld") is not True:
            return data
        addresses = [entry for entry in record.data.get("addresses") or () if isinstance(entry, dict)]
        towns = [str(entry.get("city") or "") for entry in addresses]
        result = {key: value for key, value in data.items() if key not in _place_members()}
        for key in data:
            if key in _place_members() and data[key] not in (None, "", []):
                self.findings.append(self.finding("privacy.place", key))
        # What a location says of itself is often what its service says: only where it is, is a secret.
        self._coordinates(record.data)
        self._drop_addresses(result, all_streets=shelter)
        found = self.found_secrets()
        text = result.get("name")
        if isinstance(text, str) and (bare or names_place(text, found, towns) or says_that_place_is_withheld(text)):
            self.findings.append(self.finding("privacy.place", "name"))
            del result["name"]
        for key in ("accessibility", "contacts", "phones", "schedules", "attributes", "languages"):
            if key in result:
                result[key] = self._without_places(result[key], key)
        result["address_withheld"] = True
        result.pop("withheld_region", None)
        named = {str(entry.get("state_province") or "") for entry in addresses} or {
            str(record.data.get("withheld_region") or "")
        }
        if len(named) == 1 and (region := region_of(named.pop())):
            result["withheld_region"] = region[1]  # a province tells who can be helped there, and not where it is
        return result

    def _without_places(self, value: Any, path: str) -> Any:  # noqa: ANN401 - JSON is any value
        """What else a location says, without street lines: any of them may be its own."""
        if isinstance(value, str):
            text = without_places(value) if len(value) >= _SHORTEST else value
            if text != value:
                self.findings.append(self.finding("privacy.place", path))
            return text
        if isinstance(value, dict):
            return {key: self._without_places(entry, f"{path}.{key}") for key, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._without_places(entry, f"{path}[{index}]") for index, entry in enumerate(value)]
        return value

    def _drop_addresses(self, result: dict[str, Any], *, all_streets: bool) -> None:
        kept = []
        entries = result.get("addresses")
        for index, entry in enumerate(entries if isinstance(entries, (list, tuple)) else ()):
            postal = isinstance(entry, dict) and entry.get("address_type") == "postal"
            if postal and (mentions_box_only(entry) or not all_streets):
                kept.append(entry)
                continue
            self._withheld(entry if isinstance(entry, dict) else {}, f"addresses[{index}]", "addresses", _SHELTER)
        if "addresses" in result:
            result["addresses"] = kept


_SHELTER = "privacy.shelter-address"


def _place_members() -> frozenset[str]:
    return frozenset(table()["place_members"])


@functools.lru_cache(maxsize=4_096)
def _is_internal(member: str) -> bool:
    return pattern("internal_members").fullmatch(member) is not None


def _without_words(address: Mapping[str, Any]) -> dict[str, Any]:
    """An address without lines that only say that it is confidential: these are no secrets."""
    return {
        key: value
        for key, value in address.items()
        if not (isinstance(value, str) and pattern("address").search(value) and not any(c.isdigit() for c in value))
    }
