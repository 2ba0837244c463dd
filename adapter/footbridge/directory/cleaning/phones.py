"""Phone numbers: extensions, vanity numbers, short codes, several in one member, words around them.

A number of the source's own country stays in its national form (``604-534-1155``), others are international. What
cannot be read as a number stays as it was written. https://www.itu.int/rec/T-REC-E.123
"""

import functools
import re
from dataclasses import dataclass
from typing import Any

import phonenumbers

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table
from footbridge.directory.cleaning.text import is_placeholder

NANP = frozenset({"US", "CA", "PR", "GU", "VI", "BS", "JM", "BB", "DO", "TT"})
_PLAIN = re.compile(r"(1-)?([2-9]\d\d)-([2-9]\d\d)-(\d{4})")
_NANP = re.compile(r"(?<![\w+])(\+?1[\s.\-–(]*)?\(?([2-9]\d\d)\)?[\s.\-–/]{0,3}([2-9]\d\d)[\s.\-–]{0,3}(\d{4})(?!\d)")
_EXTENSION = re.compile(
    r"[\s,;(]*(?:\b(?:ext(?:ension)?|extn|poste|local|loc|p|option|opt)\b\.?|(?<![a-z])x|\#)\s*[.:#=]?\s*(\d{1,6})(?!\d)\)?"
    r"((?:(?:[\s,&/]|\bor\b|\band\b|\bou\b|\bet\b)+\d{2,6}(?!\d|[-.]))*)",
    re.IGNORECASE,
)
_VANITY = re.compile(
    r"(?<![\w])(?:\+?1[\s.-]?)?\(?([2-9]\d\d)\)?[\s.-]((?=[\dA-Za-z -]*[A-Z]{2})[\dA-Z]+(?:[ -]?[\dA-Z]+){0,3})(?![\w])"
)
_WORD = re.compile(r"\w+")
_BLANK = re.compile(r"[\s-]")
_SPOKEN = re.compile(r"([2-9])-?1-?1|9-?8-?8")
_BEHIND = re.compile(r"\s*\([^()\d]{1,60}\)|\s*(?:TTY|TDD|ATS|fax|cell|text)\b", re.IGNORECASE)
_REPEATED = re.compile(r"\(\s*(\d{3,4})\s*\)")
_THREE_DIGITS = re.compile(r"\d{3}")
_TWO_LETTERS = re.compile(r"[A-Za-z]{2}")
_WORDS = re.compile(r"[^\W\d_][\w'-]*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One number of a text: ``number`` is None where only an extension was written."""

    number: str | None
    extension: str | None = None
    type: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Parse:
    """What a text holds; no phones where it could not be read."""

    phones: tuple[Parsed, ...] = ()
    rules: tuple[str, ...] = ()


@functools.lru_cache(maxsize=4_096)
def _area_code_exists(area: str) -> bool:
    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{area}2345678"))
    return phonenumbers.is_valid_number(number)


@functools.lru_cache(maxsize=2_048)
def parse(text: str, country: str | None = None) -> Parse:
    """The numbers of a text; ``country`` is where a number without a prefix belongs to."""
    region = country or "US"
    if region in NANP and (plain := _PLAIN.fullmatch(text)):
        return Parse((Parsed(text),)) if _area_code_exists(plain[2]) else Parse((), ("phone.not-assigned",))
    digits = _BLANK.sub("", text)
    if short := _short(digits, text):
        return Parse((Parsed(short),), () if short == text else ("phone.form",))
    spans = _numbers(text, region)
    if not spans:
        return _short_in_words(text)
    return _with_words(text, spans)


def _short(digits: str, text: str) -> str | None:
    row = table("phones")["short"]
    if digits in row["any"] or digits in row["text"]:
        return digits
    spoken = _SPOKEN.fullmatch(text.strip())
    return re.sub(r"\D", "", text) if spoken else None


def _short_in_words(text: str) -> Parse:
    """As "Dial 2-1-1", "Text HOME to 741741": the short code, the words as its description."""
    row = table("phones")["short"]
    found = [
        match
        for match in re.finditer(r"(?<![\w-])(\d-\d-\d|\d{3}|\d{5,6})(?![\w-])", text)
        if match[1].replace("-", "") in (*row["any"], *row["text"])
    ]
    if len(found) != 1 or len(re.findall(r"\d+(?:-\d+)*", text)) != 1:
        return Parse((), ("phone.not-parsed",))
    code = found[0][1].replace("-", "")
    kind = "text" if code in row["text"] or _type_of(text) == "text" else None
    return Parse((Parsed(code, None, kind, text.strip()),), ("phone.words",))


def _numbers(text: str, region: str) -> list[tuple[int, int, str]]:
    """Where numbers stand, and each in the form in which it is kept."""
    spans: list[tuple[int, int, str]] = []
    if region in NANP:
        for match in _NANP.finditer(text):
            if _area_code_exists(match[2]):
                toll_free = match[2][0] == "8" and match[2][1] == match[2][2]
                lead = "1-" if match[1] and toll_free else ""
                spans.append((match.start(), match.end(), f"{lead}{match[2]}-{match[3]}-{match[4]}"))
        for match in _VANITY.finditer(text):
            local = re.sub(r"[ -]", "", match[2])
            if 7 <= len(local) <= 10 and not local.isdigit() and _area_code_exists(match[1]):
                number = phonenumbers.convert_alpha_characters_in_number(local)[:7]
                lead = "1-" if match[1][0] == "8" and match[1][1] == match[1][2] else ""
                spans.append((match.start(), match.end(), f"{lead}{match[1]}-{number[:3]}-{number[3:]}"))
    if not spans:
        for found in phonenumbers.PhoneNumberMatcher(text, region, max_tries=20):
            extension = _EXTENSION.search(found.raw_string)
            length = extension.start() if extension else len(found.raw_string)
            spans.append((found.start, found.start + length, _form(found.number, region)))
    return sorted(spans)


def _form(number: phonenumbers.PhoneNumber, region: str) -> str:
    own = phonenumbers.country_code_for_region(region) == number.country_code
    number = phonenumbers.PhoneNumber(
        country_code=number.country_code,
        national_number=number.national_number,
        italian_leading_zero=number.italian_leading_zero,
    )
    if own and number.country_code == 1:
        digits = str(number.national_number)
        if len(digits) == 7:  # 310-2222 in Canada: it has no area code
            return f"{digits[:3]}-{digits[3:]}"
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    form = phonenumbers.PhoneNumberFormat.NATIONAL if own else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, form))


def _with_words(text: str, spans: list[tuple[int, int, str]]) -> Parse:
    """Each number with the extension after it and the words around it."""
    phones: list[Parsed] = []
    vanity: dict[str, str] = {}
    at = 0
    leftover = False
    for index, (start, end, number) in enumerate(spans):
        before = text[at:start]
        stop = spans[index + 1][0] if index + 1 < len(spans) else len(text)
        extension = _EXTENSION.match(text[end:stop])
        at = end + (extension.end() if extension else 0)
        after = _bracketed(text, at, stop)
        at += len(after)
        if index + 1 == len(spans):
            after += text[at:stop]
        repeated = _REPEATED.search(after)
        if repeated and number.endswith(repeated[1]):  # "1-800-799-SAFE (7233)": the digits of the word
            after = after.replace(repeated[0], "")
        written = text[start:end]
        shown = written if _TWO_LETTERS.search(written) else ""
        if shown:
            vanity[number] = shown
        more = text[end : end + extension.end()].strip(" ,;") if extension and extension[2].strip() else ""
        words = " ".join(part for part in (_kept_words(before), more, _kept_words(after)) if part)
        leftover = leftover or bool(_THREE_DIGITS.search(before + after))
        phones.append(
            Parsed(number, extension[1] if extension else None, _type_of(before + " " + after), words or None)
        )
    if leftover:
        return Parse((), ("phone.not-parsed",))
    return _merged(phones, vanity, text)


def _bracketed(text: str, at: int, stop: int) -> str:
    """Words in brackets behind a number, or a type right behind it, belong to it."""
    match = _BEHIND.match(text[at:stop])
    return match.group() if match else ""


def _merged(phones: list[Parsed], vanity: dict[str, str], text: str) -> Parse:
    """The same number once: "1-877-ADOPT-07 (1-877-236-7807)"."""
    kept: dict[tuple[str | None, str | None], Parsed] = {}
    for phone in phones:
        key = ((phone.number or "").removeprefix("1-"), phone.extension)
        words = [phone.description] if phone.description else []
        if phone.number in vanity and vanity[phone.number] not in words:
            words.insert(0, vanity[phone.number])
        if key not in kept:
            kept[key] = Parsed(phone.number, phone.extension, phone.type, "; ".join(words) or None)
        elif words and kept[key].description is None:
            kept[key] = Parsed(phone.number, phone.extension, phone.type, "; ".join(words))
    result = tuple(kept.values())
    rules = ["phone.vanity"] if vanity else []
    if len(result) > 1:
        rules.append("phone.several")
    if any(phone.extension for phone in result):
        rules.append("phone.extension")
    if any(phone.description and phone.number not in vanity for phone in result) or any(p.type for p in result):
        rules.append("phone.words")
    if not rules and result[0].number != text:
        rules.append("phone.form")
    return Parse(result, tuple(rules))


def _type_of(words: str) -> str | None:
    found = _WORD.findall(fold(words))
    return next((kind for kind, marks in _kinds() if not marks.isdisjoint(found)), None) if found else None


@functools.cache
def _kinds() -> tuple[tuple[str, frozenset[str]], ...]:
    """Types of phones, each with the words that say it."""
    return tuple((kind, frozenset(marks)) for kind, marks in table("phones")["words"].items())


@functools.cache
def _says_nothing() -> frozenset[str]:
    """Words around a number that need not be kept: those that say its type, and "call", "or"."""
    return frozenset(table("phones")["joining"]).union(*(marks for _, marks in _kinds()))


def _kept_words(text: str) -> str:
    """The words around a number that say something: not "call" and "or"."""
    if all(fold(word) in _says_nothing() for word in _WORDS.findall(text)):
        return ""
    return text.strip(" \t\n,;:()[]/|-–.")


def clean_phone(phone: dict[str, Any], changes: Changes, path: str) -> list[dict[str, Any]]:
    """A phone as one or several; a phone without any number is no phone."""
    number = phone.get("number")
    if not isinstance(number, str) or is_placeholder(number):
        said = {key: value for key, value in phone.items() if key not in {"id", "languages"}}
        if said:
            changes.note("phone.empty", path, "; ".join(str(value) for value in said.values()))
        return []
    _clean_type(phone, changes, path)
    _clean_extension(phone, changes, path)
    result = parse(number, changes.country)
    if not result.phones:
        for rule in result.rules:
            changes.note(rule, f"{path}.number", number, number)
        return [phone]
    phones = [_filled(phone, parsed) for parsed in result.phones]
    if result.rules:
        done = "; ".join(_shown(entry) for entry in phones)
        for rule in result.rules:
            changes.note(rule, f"{path}.number", number, done)
    return phones


def _filled(phone: dict[str, Any], parsed: Parsed) -> dict[str, Any]:
    entry = {**phone, "number": parsed.number}
    if parsed.extension and not phone.get("extension"):
        entry["extension"] = parsed.extension
    if parsed.type and phone.get("type") in (None, "voice"):
        entry["type"] = parsed.type
    if parsed.description and parsed.description not in str(phone.get("description") or ""):
        have = phone.get("description")
        entry["description"] = f"{have}; {parsed.description}" if have else parsed.description
    return entry


def _clean_extension(phone: dict[str, Any], changes: Changes, path: str) -> None:
    """Digits alone where the member that holds the extension says "ext. 12" or "x12"."""
    given = phone.get("extension")
    match = _EXTENSION.fullmatch(given.strip()) if isinstance(given, str) else None
    if match and not match[2]:
        phone["extension"] = match[1]
        changes.note("phone.extension", f"{path}.extension", given, match[1])


def _shown(phone: dict[str, Any]) -> str:
    parts = (phone.get("number"), phone.get("extension") and f"x{phone['extension']}", phone.get("description"))
    return " ".join(str(part) for part in parts if part)


@functools.cache
def _types() -> dict[str, str]:
    return {name: kind for kind, names in table("phones")["types"].items() for name in (kind, *names)}


def _clean_type(phone: dict[str, Any], changes: Changes, path: str) -> None:
    kind = phone.get("type")
    if not isinstance(kind, str):
        return
    known = _types().get(kind) or _types().get(fold(kind))
    if known == kind:
        return
    if known:
        phone["type"] = known
    else:  # "After Hours" is a description, what it is for
        del phone["type"]
        have = phone.get("description")
        if not have or fold(kind) not in fold(str(have)):
            phone["description"] = f"{kind}; {have}" if have else kind
    changes.note("phone.type", f"{path}.type", kind, known or phone.get("description"))
