"""A walk through a record: what may not be shown is dropped wherever it stands, with a finding and without its value.

What was dropped is remembered as the record's secrets, so that it can be taken out of other texts too.
"""

import functools
from collections.abc import Mapping
from typing import Any

from footbridge.directory.privacy import public
from footbridge.directory.privacy.labels import LINKS, is_private_phone, says_not_public
from footbridge.directory.privacy.redaction import Secrets, is_mark
from footbridge.directory.privacy.table import may_match, pattern, stems
from footbridge.directory.privacy.values import address_secrets, object_secrets
from footbridge.directory.privacy.words import redact_stated
from footbridge.directory.records import Finding, Record

NO = (None, False, 0, "", "false", "False", "FALSE", "no", "No", "N", "n", "0")
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
SHORTEST = 8  # no shorter text holds a value and the words that it is not for the public
_GONE: Any = object()


class Walk:
    """One walk through a record: findings and secrets are collected on the way."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.findings: list[Finding] = []
        self._secrets: list[str] = []
        self.dropped_types: set[str] = set()

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
        self.coordinates(data)

    def coordinates(self, data: Mapping[str, Any]) -> None:
        """Notes where it is."""
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
        if len(entry) < SHORTEST:
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
        if isinstance(entry, dict) and entry.get("withheld") not in NO:
            self.withheld(entry, place, key)
            return _GONE
        if key == "metadata":
            return self._metadata(entry, place)
        return self.value(entry, place, str(key))

    def _metadata(self, entry: Any, place: str) -> Any:  # noqa: ANN401 - JSON is any value
        """Rows of a record's history hold values that may have been withheld since: no value stays."""
        rows = entry if isinstance(entry, (list, tuple)) else [entry]
        shown = [row for row in rows if isinstance(row, dict) and row.get("withheld") in NO]
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
                    self.withheld(entry, place, member, rule)
                    changed = True
                    continue
            kept = self.value(entry, place, member)
            changed = changed or kept is not entry
            result.append(kept)
        return result if changed else value

    def _why_dropped(self, entry: Mapping[str, Any], member: str) -> str | None:
        if entry.get("withheld") not in NO:
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

    def withheld(self, entry: Mapping[str, Any], place: str, member: str, rule: str = "privacy.withheld") -> None:
        """Notes that an object was dropped, and what of it is a secret."""
        if member in {"addresses", "address"}:
            self.dropped_types.add(str(entry.get("address_type") or "physical"))
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
        if len(value) < SHORTEST or member in _NOT_TEXT or member.endswith("_id"):
            return value
        text, found = redact_stated(value)
        if text != value:
            self.findings.append(self.finding("privacy.value-not-public", path))
            self._secrets += found
            return text
        return value


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
