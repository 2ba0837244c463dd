"""Takes secrets out of a record: what repeats a value that may not be shown, in whatever form.

Between the words or digits of a secret any punctuation may stand, and markup or entities: a record is redacted before
it is cleaned, and again afterwards. A phone or an address that *is* a secret goes as a whole.
"""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from footbridge.directory.privacy import public
from footbridge.directory.privacy.table import pattern, table
from footbridge.directory.privacy.values import fold, phone_secret, skipped_words, street_secrets, street_types, words
from footbridge.directory.records import Finding, Record

Secrets = tuple[str, ...]  # each as footbridge.directory.privacy.values says

_GAP = r"(?:<[^<>]{0,200}>|&\#?\w{1,8};|\\[nrt]|[^\w<&])"
_LINK_ENDS = r"(?:[/?#][^\s<>\"']*)?(?![\w-]|\.\w)"  # a page below it tells it too, one beside it does not
_STREET = re.compile(r"addresses\[\d+\](?:\.address_1)?")
_ACCENTS = {"a": "aàâäáãå", "c": "cç", "e": "eéèêë", "i": "iîïíì", "n": "nñ", "o": "oôöóòõ", "u": "uùûüú", "y": "yÿý"}
_KEYS = dict(zip("23456789", ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"], strict=True))


def redact(record: Record, secrets: Iterable[str], *, own: bool = False) -> tuple[Record, list[Finding]]:
    """The record without these values, and a finding for each member that held one; the same record if none did.

    With ``own`` they are the record's own. Another record's public address keeps a postal code that it shares with a
    withheld one: in the country a whole town has one, and what is public says nothing of what is not.
    """
    chosen = public.without_streets(record.data, tuple(sorted(set(secrets))))
    if not chosen:
        return record, []
    members: list[str] = []
    data = redact_value(record.data, chosen, "", members, own=own)
    if not members:
        return record, []
    findings = [
        Finding("privacy.repeated-value", record.path, record.line, record.kind, record.native_id, member)
        for member in members
    ]
    return replace(record, data=data), findings


def redact_findings(findings: Iterable[Finding], secrets: Iterable[str]) -> list[Finding]:
    """Findings without these values: where one stood, ``found`` and ``done`` are None."""
    chosen = tuple(sorted(set(secrets)))
    if not chosen:
        return list(findings)
    expression = _expression(chosen)
    result = []
    for finding in findings:
        shown = (finding.found or "") + "\n" + (finding.done or "")
        # A value that was cut for the report may be a secret's beginning.
        leaks = expression.search(shown) or (finding.found is not None and _is_secret(finding.found, chosen))
        result.append(replace(finding, found=None, done=None) if leaks else finding)
    return result


def redact_text(text: str, secrets: Secrets) -> str:
    """A text without these values."""
    if not secrets:
        return text
    return _expression(secrets).sub(lambda match: _replaced(match, secrets), text)


def _replaced(match: re.Match[str], secrets: Secrets) -> str:
    """The mark for a value; the value where it is only the street of another house: "30 Elm Street" beside 12."""
    if match.lastgroup is not None:
        street = _streets(secrets)[int(match.lastgroup[1:])]
        if public.is_other_house(match.string[: match.start()], street, secrets):
            return match.group()
    return str(table()["redacted"])


@functools.lru_cache(maxsize=64)
def _streets(secrets: Secrets) -> Secrets:
    """The secrets that name a street without a number; their places are the names of groups in ``_expression``."""
    return tuple(one for one in secrets if one.startswith("street:") and not one[7:8].isdigit())


def redact_value(
    value: Any,  # noqa: ANN401 - JSON
    secrets: Secrets,
    path: str,
    members: list[str],
    *,
    own: bool = True,
) -> Any:  # noqa: ANN401 - JSON
    """Any part of a record without these values; the paths of what changed are added to ``members``."""
    if isinstance(value, str):
        text = redact_text(value, secrets) if len(value) > 3 else value
        if text != value:
            members.append(path)
        return text
    if isinstance(value, Mapping):
        result = {}
        for key, entry in value.items():
            if key == "restrictions" or key.endswith("_id") or key in {"id", "link_id"}:
                result[key] = entry
                continue
            if key == "postal_code" and not own and value.get("address_1"):
                result[key] = entry
                continue
            place = f"{path}.{key}" if path else str(key)
            kept = redact_value(entry, secrets, place, members, own=own)
            if kept is not _GONE and not (kept is not entry and is_mark(kept)):
                result[key] = kept
        if path == "" and any(member.startswith("addresses") for member in members):
            result["address_withheld"] = True
            _drop_position(result, members)
        return result
    if isinstance(value, (list, tuple)):
        return _redact_list(value, secrets, path, members, own=own)
    if isinstance(value, float | int) and not isinstance(value, bool) and f"literal:{abs(value)}" in secrets:
        members.append(path)
        return _GONE
    return value


_GONE: Any = object()


def _drop_position(result: dict[str, Any], members: list[str]) -> None:
    """Drop coordinates and directions where a street was dropped and no other one is left that they may belong to."""
    if not any(_STREET.fullmatch(member) for member in members):
        return
    left = result.get("addresses")
    if any(
        isinstance(entry, Mapping) and entry.get("address_type") != "postal" and entry.get("address_1")
        for entry in (left if isinstance(left, (list, tuple)) else ())
    ):
        return
    where = ("latitude", "longitude", "transportation")
    members.extend(member for member in where if result.pop(member, None) is not None)


def _redact_list(
    value: list[Any] | tuple[Any, ...], secrets: Secrets, path: str, members: list[str], *, own: bool
) -> list[Any]:
    kept = []
    for index, entry in enumerate(value):
        place = f"{path}[{index}]"
        if not own and isinstance(entry, Mapping) and _is_other_box(entry, secrets):
            kept.append(entry)
            continue
        if isinstance(entry, Mapping) and any(
            isinstance(entry.get(key), str | int) and _is_secret(str(entry[key]), secrets)
            for key in ("number", "address_1", "email")
        ):
            members.append(place)
            continue
        before = len(members)
        result = redact_value(entry, secrets, place, members, own=own)
        if any(member in {f"{place}.address_1", f"{place}.address_2"} for member in members[before:]):
            members[before:] = [place]  # the rest of an address, its postal code first, says the street too
        elif result is not _GONE and (result or not entry):
            kept.append(result)
    return kept


def _is_other_box(address: Mapping[str, Any], secrets: Secrets) -> bool:
    """Whether this is a box of another post office: each of them has a box of the same number."""
    code = "".join(words(str(address.get("postal_code") or "")))
    return bool(code) and f"postal:{code}" not in secrets and mentions_box_only(address)


def is_mark(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    """Whether nothing is left of a text but the mark of what was taken out."""
    return isinstance(value, str) and not value.replace(table()["redacted"], "").strip(" .,;:/|()-\n")


def _is_secret(text: str, secrets: Secrets) -> bool:
    if phone_secret(text) in secrets or any(secret in secrets for secret in street_secrets(text)):
        return True
    return f"literal:{text.strip().casefold()}" in secrets


@functools.lru_cache(maxsize=64)
def _expression(secrets: Secrets) -> re.Pattern[str]:
    streets = {one: f"s{at}" for at, one in enumerate(_streets(secrets))}
    parts = [
        f"(?P<{streets[secret]}>{part})" if secret in streets else part
        for secret in sorted(secrets, key=len, reverse=True)
        for part in _patterns(secret)
    ]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _patterns(secret: str) -> list[str]:
    kind, _, value = secret.partition(":")
    if kind == "phone":
        return [_phone(value)]
    if kind == "street":
        tokens = value.split()
        turned = [_street(tokens[1:], after=_word(tokens[0]))] if len(tokens) > 2 and tokens[0][0].isdigit() else []
        return [*turned, _street(tokens)]  # "Hope Street 12" too
    if kind == "postal":
        return [r"(?<!\w)" + (_GAP + "{0,3}").join(value) + r"(?!\w)"]
    if kind == "literal":
        return [r"(?<![\w.@])(?:https?://|mailto:)?" + re.escape(value) + _LINK_ENDS]
    tokens = value.split()
    patterns = [_sequence([_word(token) for token in tokens])]
    if kind == "person" and len(tokens) > 1:
        patterns.append(_sequence([_word(token) for token in (*tokens[1:], tokens[0])]))
        patterns.append(_sequence([_word(tokens[0]), r"(?:\w+\W+)?" + _word(tokens[-1])]))
    return patterns


def _word(token: str) -> str:
    return "".join(f"[{_ACCENTS[char]}]" if char in _ACCENTS else re.escape(char) for char in token)


def _sequence(parts: list[str]) -> str:
    return r"(?<!\w)" + (_GAP + "{1,6}").join(parts) + r"(?!\w)"


def _phone(digits: str) -> str:
    gap = _GAP + "{0,4}"
    keys = [f"[{digit}{_KEYS.get(digit, '')}]" for digit in digits]
    full = gap.join(keys)
    # The area code is often left out, never the rest.
    body = f"(?:{full}|{gap.join(digits[3:])})" if len(digits) == 10 else full
    lead = rf"(?:\+?\d{{1,3}}{gap})?(?:\(?0\)?{gap})?"
    tail = rf"(?:{_GAP}{{0,3}}(?:ext(?:ension)?|x|poste|local|p)\W{{0,3}}\d{{1,6}})?"
    return rf"(?<![\w]){lead}{body}{tail}(?!\d)"


def _street(tokens: list[str], after: str = "") -> str:
    """A street line whose type may be written in any form or left out, with directions or without.

    ``after`` is what has to stand behind it: its number, as French and German write it.
    """
    types, skipped = street_types(), skipped_words()
    forms: dict[str, list[str]] = {}
    for form, first in types.items():
        forms.setdefault(first, []).append(form)
    numbered = any(token[0].isdigit() for token in tokens)
    needed = [token for token in tokens if token not in types and token not in skipped]
    gap = _GAP + "{1,6}"
    body, joint = "", ""
    for token in tokens:
        if token in skipped and len(needed) >= 1 + numbered:
            core, optional = f"(?:{_directions()})", True
        elif token in types:
            core = "(?:" + "|".join(_word(form) for form in forms[types[token]]) + ")"
            optional = numbered and len(needed) >= 2
        else:
            core, optional = _word(token), False
            if body:
                body += f"(?:{joint}(?:{_directions()}))?"
        if not body and optional:
            body = f"(?:{core}{gap})?"
            continue
        body += f"(?:{joint}{core})?" if optional else joint + core
        joint = gap
    tail = rf"(?:{_GAP}{{1,3}}(?:{_directions()})(?!\w))?(?:{_GAP}{{1,3}}(?:{_units()})\W{{0,3}}\w{{1,5}}(?!\w))?"
    behind = rf"(?:{_GAP}{{1,3}}(?:n[o°º]?|no)\.?)?{_GAP}{{1,3}}{after}(?!\w)" if after else ""
    return rf"(?<!\w){body}(?!\w){behind}{tail}"


@functools.cache
def _directions() -> str:
    return "|".join(sorted(table()["directions"], key=len, reverse=True))


@functools.cache
def _units() -> str:
    return "|".join(sorted(table()["units"], key=len, reverse=True))


def names_place(name: str, secrets: Secrets, towns: Iterable[str]) -> bool:
    """Whether a name holds a secret, the name of a street among them, or one of these towns."""
    if redact_text(name, secrets) != name:
        return True
    tokens = words(name)
    joined = f" {' '.join(tokens)} "
    for town in towns:
        if (folded := " ".join(words(town))) and f" {folded} " in joined:
            return True
    types, skipped = street_types(), skipped_words()
    for secret in secrets:
        if secret.startswith("street:"):
            for token in secret[7:].split():
                if len(token) >= 4 and token not in types and token not in skipped and token in tokens:
                    return True
    return False


def mentions_box_only(address: Mapping[str, Any]) -> bool:
    """Whether an address is a post office box: it says where letters go, not where people are."""
    lines = [str(address.get(member) or "") for member in ("address_1", "address_2")]
    return pattern("po_box").match(fold(lines[0])) is not None and not re.search(r"\d\s+\w{3}", lines[1])
