"""Languages: names in English and French to codes of BCP 47, lists to one entry each, notes as notes."""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table, words_pattern

_BETWEEN = re.compile(r"\s*[;,/|\n•]\s*|\s+(?:and|et|&)\s+", re.IGNORECASE)
_CODE = re.compile(r"[a-zA-Z]{2,3}(?:[-_][a-zA-Z]{4})?(?:[-_](?:[a-zA-Z]{2}|\d{3}))?")
_TAIL = re.compile(r"^(.*?)\s*\(([^()]*)\)$")


@functools.lru_cache(maxsize=8_192)
def language_code(name: str) -> str | None:
    """The code of a language's name."""
    names: dict[str, str] = table("languages")["names"]
    return names.get(fold(name).strip(" ."))


def _normal_code(code: str) -> str | None:
    if not _CODE.fullmatch(code):
        return language_code(code)
    parts = code.replace("_", "-").split("-")
    parts[0] = table("languages")["three-letter"].get(parts[0].lower(), parts[0].lower())
    return "-".join([parts[0], *(part.title() if len(part) == 4 else part.upper() for part in parts[1:])])


@functools.cache
def _known_codes() -> frozenset[str]:
    return frozenset(table("languages")["names"].values()) | frozenset(table("languages")["three-letter"])


def _code_for_name(name: str) -> str | None:
    """The code that stands where a name belongs: ``fr``, ``en-CA``, ``FRA``; words that look like one are none."""
    text = name.strip()
    is_code = _CODE.fullmatch(text) and text.casefold() != "no" and re.split("[-_]", text)[0].lower() in _known_codes()
    return _normal_code(text) if is_code and (text.islower() or text.isupper() or "-" in text or "_" in text) else None


def clean_language(entry: dict[str, Any], changes: Changes, path: str) -> list[dict[str, Any]]:
    """A language as one or several; a text that names none stays as a note."""
    if isinstance(code := entry.get("code"), str):
        normal = _normal_code(code)
        if normal is None:
            changes.note("language.code", f"{path}.code", code)
            del entry["code"]
        elif normal != code:
            changes.note("language.code", f"{path}.code", code, normal)
            entry["code"] = normal
    name = entry.get("name")
    if not isinstance(name, str):
        return [entry] if set(entry) - {"id"} else []
    if "code" in entry:
        return [entry]
    if code := language_code(name):
        return [{**entry, "code": code}]
    if code := _code_for_name(name):
        changes.note("language.code", f"{path}.name", name, code)
        return [{**{key: value for key, value in entry.items() if key != "name"}, "code": code}]
    return _split(entry, name, changes, path)


def _split(entry: dict[str, Any], name: str, changes: Changes, path: str) -> list[dict[str, Any]]:
    parts = [part for part in _BETWEEN.split(name) if part.strip()]
    found = [one for part in parts if (one := _one(part)) is not None]
    known = [one for one in found if "code" in one]
    rest = {key: value for key, value in entry.items() if key != "name"}
    if len(parts) > 1 and known:
        result = [{**(rest if index == 0 else {}), **one} for index, one in enumerate(found)]
        changes.note("language.several", f"{path}.name", name, "; ".join(_shown(one) for one in result))
        return result
    if len(parts) == 1 and found and ("note" in found[0] or "code" in found[0]):
        one = {**rest, **found[0]}
        if one != {**entry, "code": one.get("code")}:
            changes.note("language.note", f"{path}.name", name, _shown(one))
        return [one]
    if words_pattern("languages", "notes").search(fold(name)) and "note" not in entry:
        changes.note("language.note", f"{path}.name", name, name)
        return [{**rest, "note": name}]
    changes.note("language.unknown", f"{path}.name", name, name)
    return [entry]


def _one(part: str) -> dict[str, Any] | None:
    part = part.strip(" .;:")
    if not part:
        return None
    if code := language_code(part):
        return {"name": part, "code": code}
    if code := _code_for_name(part):
        return {"code": code}
    if (tail := _TAIL.match(part)) and (code := language_code(tail[1])):
        return {"name": tail[1], "code": code, "note": tail[2]}
    if words_pattern("languages", "notes").search(fold(part)):
        return {"note": part}
    return {"name": part}


def _shown(entry: dict[str, Any]) -> str:
    return " ".join(str(entry[key]) for key in ("name", "code", "note") if key in entry)
