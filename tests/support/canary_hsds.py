"""HSDS objects with a canary in each member and alias that their table names (``mappings/directory/hsds-aliases.json``)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from support.canaries import Canaries

TABLE: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "mappings" / "directory" / "hsds-aliases.json").read_text("utf-8")
)
_NOT_PLANTED = (
    "id",
    "date",
    "modified",
    "status",
    "type",
    "byday",
    "freq",
    "country",
    "language",
    "code",
    "valid",
    "_at",
)
_SHAPED = {"number": "phone", "email": "mail", "address_1": "street", "postal_code": "postal", "latitude": "position"}
_LINKS = ("url", "website", "logo", "uri")
MARKS = [
    (name, value)
    for name, rows in TABLE["flags"].items()
    for value, row in rows.items()
    if value in {"true", "false", "any"} and row.get("withheld")
]
"""Each flag that withholds what it stands on: its name, and with which value."""
HIDES = [
    (name, value)
    for name, rows in TABLE["flags"].items()
    for value, row in rows.items()
    if value in {"true", "false", "any"} and row.get("restriction", "no-referral") != "no-referral"
]


def value(canaries: Canaries, member: str, about: str) -> str | None:
    """A value for a member; None for one whose values are no text (dates, codes, ids)."""
    if member in _SHAPED:
        return getattr(canaries, _SHAPED[member])(about)
    if any(part in member for part in _LINKS):
        return canaries.link(about)
    if "email" in member:
        return canaries.mail(about)
    if any(part in member for part in _NOT_PLANTED) or member in {"longitude", "amount"} or "age" in member.split("_"):
        return None
    return canaries.text(about)


def planted(
    canaries: Canaries, kind: str, about: str = "", *, aliases: bool = True, depth: int = 2, relations: bool = False
) -> dict[str, Any]:
    """An object of a type with a canary in every member, child and alias."""
    spec = TABLE["objects"][kind]
    about = about or kind
    made: dict[str, Any] = {}
    for member in spec.get("members", ()):
        if (found := value(canaries, member, f"{about}.{member}")) is not None:
            made[member] = found
    for member, child in spec.get("lists", {}).items():
        if depth and member not in {"metadata", "attributes"}:
            made[member] = [planted(canaries, child, f"{about}.{member}", aliases=aliases, depth=depth - 1)]
    if not aliases or depth < 2:
        return made
    for alias, rule in spec.get("aliases", {}).items():
        found = _aliased(canaries, spec, alias, rule, f"{about}.{alias}")
        if found is not None:
            made.setdefault(alias, found)
    return made


def _aliased(canaries: Canaries, spec: dict[str, Any], alias: str, rule: Any, about: str) -> Any:
    if isinstance(rule, str):
        return value(canaries, rule, about)
    if "list" in rule and rule["list"] not in {"attributes", "metadata"}:
        child = rule.get("as") or spec["lists"][rule["list"]]
        return [planted(canaries, child, about, aliases=False, depth=1)] if child in TABLE["objects"] else None
    if "text" in rule:
        return {rule["text"][0]: canaries.text(about)}
    if "pair" in rule:
        return {"latitude": canaries.position(about), "longitude": "-81.0"}
    return canaries.text(about) if "note" in rule else None


def flag(name: str, said: str) -> dict[str, Any]:
    """A flag as a member: one that says yes or no in a word, or as a boolean."""
    return {name: {"true": True, "false": "no", "any": "Safety"}[said]}


def children(kind: str) -> Iterator[tuple[str, str]]:
    """The lists of a type, and the type of what is in them."""
    for member, child in TABLE["objects"][kind].get("lists", {}).items():
        if member not in {"metadata", "attributes"}:
            yield member, child
