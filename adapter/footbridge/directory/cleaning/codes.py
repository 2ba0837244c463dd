"""Codes: those of the 211 taxonomy, states of a service, numbers."""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table

# 211 code syntax: shared by exports of iCarol, AIRS and Connect211; every level is a prefix of the next.
TERM_CODE = re.compile(r"[A-Z]{1,2}(-\d{4}(\.\d{4}(-\d{3}(\.\d{2})?)?)?)?")
NO_TERM = "Z"  # what OpenCIOC writes for "no taxonomy"
_NAMES_OF_211 = frozenset({"211", "211hsis", "http://211hsis.org", "https://211hsis.org"})  # those our readers give
_SYNTAX_OF_OTHERS = re.compile(r"[A-Za-z0-9][\w.:/#+-]*")
_LISTS = re.compile(r"\s*[;,|]\s*")
_LISTED = re.compile(r"\s*[;,|*]\s*")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,6})?")


_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"))
_UNJOINED = re.compile(r"([A-Z]{1,2})[ _]?(\d{4}\.\d{4}(?:-\d{3}(?:\.\d{2})?)?)")  # longer than any word's own number
_BESIDE = re.compile(r"(?<![\w.-])[A-Z]{1,2}-\d{4}(?:\.\d{4}(?:-\d{3}(?:\.\d{2})?)?)?(?![\w-]|\.\d)")


@functools.lru_cache(maxsize=8_192)
def term_code(text: str) -> str | None:
    """The code in its own form, or None where a text has not the syntax of one; another dash, or none, is read."""
    code = text.strip().upper()
    if TERM_CODE.fullmatch(code):
        return code
    code = re.sub(r"\s*-\s*", "-", code.translate(_DASHES)).replace("\u00a0", " ")
    if TERM_CODE.fullmatch(code):
        return code
    unjoined = _UNJOINED.fullmatch(code)
    return f"{unjoined[1]}-{unjoined[2]}" if unjoined else None


def _beside_its_name(text: str) -> tuple[str, str] | None:
    """The code and name of ``Pantries (BD-1800.2000)`` or ``BD-1800.2000 - Pantries``; None for other texts."""
    if ";" in text or "|" in text:  # a list, of which some are words
        return None
    plain = text.translate(_DASHES)
    found = list(_BESIDE.finditer(plain))
    if len(found) != 1 or not (code := term_code(found[0].group())):
        return None
    before, after = (part.strip(" \t:;,-") for part in (plain[: found[0].start()], plain[found[0].end() :]))
    if before.endswith(("(", "[")) and after.startswith((")", "]")):
        before, after = before[:-1].strip(" :-"), after[1:].strip(" :-")
    name = " ".join(filter(None, (before, after)))
    return (code, name) if name and not (before and after) else None


def clean_term(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """A taxonomy term: words that only look like a code become its name."""
    code = out.get("code")
    if not isinstance(code, str):
        if (of_id := _exact(out.get("id"))) and "code" not in out:  # HSDS 1.x: the id of a term is its code
            changes.note("code.elsewhere", prefix + "id", out["id"], of_id)
            out["code"] = of_id
        return
    normal = term_code(code)
    if normal:
        if normal != code:
            changes.note("code.form", prefix + "code", code, normal)
            out["code"] = normal
        return
    if len(parts := _LISTED.split(code.strip(" ;,|*"))) > 1 and all(map(_exact, parts)):
        return  # several, see clean_attribute
    if beside := _beside_its_name(code):
        changes.note("code.form", prefix + "code", code, beside[0])
        out["code"] = beside[0]
        out.setdefault("name", beside[1])
        return
    is_other = any(char.isdigit() for char in code) or out.get("taxonomy")
    if is_other and _SYNTAX_OF_OTHERS.fullmatch(code) and fold(str(out.get("taxonomy"))) not in _NAMES_OF_211:
        return  # of another taxonomy
    del out["code"]
    member = "name" if fold(str(out.get("name", code))) == fold(code) or "description" in out else "description"
    out.setdefault(member, code)  # a term that has a name already keeps it
    changes.note("code.words", prefix + "code", code, f"{member}: {out[member]}")


def clean_attribute(out: dict[str, Any], changes: Changes, path: str) -> list[dict[str, Any]]:
    """An attribute, without the code that stands for none; several codes in one, as several or linked."""
    term = out.get("taxonomy_term")
    if term is None:
        for member, other in (("label", "value"), ("value", "label")):
            if code := _exact(out.get(member)):
                out["taxonomy_term"] = {"code": code, **({"name": out[other]} if out.get(other) else {})}
                changes.note("code.elsewhere", f"{path}.{member}", out.pop(member), code)
                out.pop(other, None)
                return [out]
    elif isinstance(term, dict) and isinstance(code := term.get("code"), str) and not term_code(code):
        several = _several(out, term, code)
        if several:
            done = "; ".join(" * ".join([one["taxonomy_term"]["code"], *one.get("linked", ())]) for one in several)
            changes.note("code.several", f"{path}.taxonomy_term.code", code, done)
            return several
    if isinstance(term, dict) and term.get("code") == NO_TERM:
        changes.note("code.none", f"{path}.taxonomy_term.code", NO_TERM)
        return []
    return [out] if set(out) - {"id", "metadata"} else []


def _exact(text: object) -> str | None:
    """The code of the 211 taxonomy that a text is, with a number in it: no word looks like that."""
    return term_code(text) if isinstance(text, str) and "-" in text else None


def _several(out: dict[str, Any], term: dict[str, Any], code: str) -> list[dict[str, Any]]:
    """``A; B`` as two attributes, ``A * B`` as one with a linked code; empty where there are not several."""
    listed = _LISTS.split(code.strip(" ;,|*"))
    names = _LISTS.split(name) if isinstance(name := term.get("name"), str) else []
    found = []
    for at, one in enumerate(listed):
        codes = [_exact(part) for part in one.split("*")]
        if None in codes:
            return []
        kept = {**term, "code": codes[0]}
        if len(listed) > 1:
            kept |= {"name": names[at].strip()} if len(names) == len(listed) else {}
            kept.pop("id", None)
        attribute = {**out, "taxonomy_term": kept, **({"linked": codes[1:]} if codes[1:] else {})}
        found.append(attribute if at == 0 else {key: part for key, part in attribute.items() if key != "id"})
    return found if len(listed) > 1 or len(found[0].get("linked", ())) else []


def clean_codes(value: object, changes: Changes, member: str) -> list[str] | None:
    """A list of codes, each in its own form; words are left out."""
    entries = value if isinstance(value, (list, tuple)) else str(value).split(";")
    codes = []
    for entry in entries:
        code = term_code(entry) if isinstance(entry, str) else None
        if code and code != NO_TERM:
            codes.append(code)
        if code != entry or code == NO_TERM:
            changes.note("code.form" if code and code != NO_TERM else "code.words", member, entry, code)
    return codes or None


def clean_status(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """HSDS's status, and the restriction that some sources write into it ("Active, but do not refer").

    HSDS has it for services only; exports of 211s have it for agencies and sites too, and it holds for what they offer.
    """
    rows = table("status")
    if isinstance(status := out.get("status"), str):
        name = fold(status)
        known = _statuses().get(name)
        restricted = re.search(rows["no_referral"], name) is not None
        if known is None and restricted:
            known = "active" if name.startswith(("acti", "open")) else None
        if restricted and "no-referral" not in (out.get("restrictions") or ()):
            out["restrictions"] = [*(out.get("restrictions") or ()), "no-referral"]
            changes.note("status.no-referral", prefix + "status", status, "no-referral")
        if known is None:
            changes.note("status.unknown", prefix + "status", status)
            del out["status"]
        elif known != status:
            changes.note("status.form", prefix + "status", status, known)
            out["status"] = known
        if known in rows["closed"]:
            changes.note("status.closed", prefix + "status", status, "hidden")


@functools.cache
def _statuses() -> dict[str, str]:
    """HSDS's status by each way to say it."""
    names: dict[str, str] = {}
    for key, values in table("status")["values"].items():
        for name in values:
            names.setdefault(name, key)
    return names


def clean_number(value: object, changes: Changes, member: str) -> int | float | None:
    """A number, from a text too; None where it is none."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if value == value and abs(value) < 1e15 else None  # noqa: PLR0124 - NaN is not itself
    text = str(value).strip().lstrip("$£€").strip()
    if member.endswith("year_incorporated") and len(years := set(_YEAR.findall(text))) == 1:
        text = years.pop()  # of a date: Ohana has date_incorporated
    if not isinstance(value, str) or not _NUMBER.fullmatch(text):
        changes.note("number.not-parsed", member, value)
        return None
    number = float(text.replace(",", "."))
    done = int(number) if number == int(number) else number
    if value.strip() != str(done):
        changes.note("number.form", member, value, done)
    return done


def clean_capacity(out: dict[str, Any], changes: Changes, path: str) -> list[dict[str, Any]]:
    """A capacity: places as whole numbers that are not negative; words ("waitlist") join the description."""
    for member in ("available", "maximum"):
        if member not in out:
            continue
        value = out[member]
        number: float | None = None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            number = value
        elif isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
            number = float(value.strip().replace(",", "."))
        if number is not None and number == number and 0 <= number < 1e9 and number == int(number):  # noqa: PLR0124
            out[member] = int(number)
            if str(value).strip() != str(int(number)) and value != int(number):
                changes.note("capacity.form", f"{path}.{member}", value, int(number))
            continue
        del out[member]
        words = value if isinstance(value, str) and re.search(r"[^\W\d_]{2}", value) else None
        if words:
            have = out.get("description")
            out["description"] = f"{have}; {words}" if have and words not in have else have or words
        changes.note("capacity.not-a-number", f"{path}.{member}", value, words)
    return [out] if set(out) - {"id", "unit_id", "service_id"} else []
