"""Cuts a text of hours into words with a meaning; None where one word has none: then nothing of the text is sure."""

import functools
import re
import unicodedata
from typing import Literal, NamedTuple

from footbridge.directory.cleaning.tables import table

WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Kind = Literal[
    "day",
    "group",
    "ordinal",
    "monthly",
    "time",
    "all_day",
    "always",
    "range",
    "and",
    "closed",
    "lunch",
    "note",
    "filler",
    "separator",
]


class Clock(NamedTuple):
    """A time as it is written: ``minutes`` after midnight; ``sure`` when it is not one of two halves of a day."""

    minutes: int
    sure: bool
    meridiem: str | None = None


class Word(NamedTuple):
    """A word: ``value`` by its kind (days, a number, a ``Clock``), and where it stands in the text."""

    kind: Kind
    value: object
    start: int
    end: int


_TIME = re.compile(
    r"(?P<h>\d{1,2})(?:(?P<s>[:.h])\s?(?P<m>[0-5]\d)(?::[0-5]\d)?)?\s*(?P<mer>[ap])(?:\.?\s?m\b\.?|(?<=\d[ap])(?![\w]))"
    r"|(?P<c>\d{3,4})\s*(?P<cmer>[ap])\.?\s?m\b\.?"
    r"|(?P<fh>\d{1,2})\s?(?:h|heures?)\b\s?(?P<fm>[0-5]\d)?(?![\d:])|(?P<fh2>\d{1,2})h(?P<fm2>[0-5]\d)(?!\d)"
    r"|(?P<ch>\d{1,2}):(?P<cm>[0-5]\d)(?::[0-5]\d)?z?(?!\w)"
    r"|(?P<mil>[012]\d[0-5]\d)(?:\s?(?:hrs?|h|hours)\b)?(?!\d)"
    r"|(?P<b>\d{1,2})(?![\w:%$]|[.]\d)"
)
_ORDINAL = re.compile(r"([1-5])(?:st|nd|rd|th|e|er|re|eme|ieme)\b")
_RRULE_DAY = re.compile(r"(?![45]th)(-?[1-5])(mo|tu|we|th|fr|sa|su)\b")
_LETTERS = re.compile(r"(?:m|tu|th|t|w|f|sa|su)(?:m|tu|th|t|w|f|sa|su)*\b")
_SKIPPED = re.compile(r"[\s():\[\]*]+")
_ZONE = re.compile(r"\b(?:ET|[ECMPA][SD]T|PT|MT|CT|HE|HNE|HAE)\b")


def flat(text: str) -> str:
    """Lower case without accents and with plain dashes, each character at its old place."""
    return "".join(_plain(char) for char in text)


@functools.lru_cache(maxsize=4_096)
def _plain(char: str) -> str:
    if char in "–—−‑‒―":
        return "-"
    if char in "’‘ʼ`´":
        return "'"
    first = unicodedata.normalize("NFKD", char.lower())[:1]
    return first or char


@functools.cache
def _phrases() -> tuple[re.Pattern[str], dict[str, tuple[Kind, object]]]:
    rows = table("hours")
    meanings: dict[str, tuple[Kind, object]] = {}

    def add(kind: Kind, words: list[str], value: object) -> None:
        for word in words:
            meanings.setdefault(word, (kind, value))

    for day, words in rows["days"].items():
        add("day", words, day)
    for word, day in rows["french_only"].items():
        add("day", [word], f"?{day}")
    for days, words in rows["groups"].items():
        add("group", words, days)
    for number, words in rows["ordinals"].items():
        add("ordinal", words, int(number))
    for word, time in rows["times"].items():
        hours, minutes = time.split(":")
        add("time", [word], Clock(int(hours) * 60 + int(minutes), sure=True))
    simple: dict[str, Kind] = {
        "always": "always", "all_day": "all_day", "monthly": "monthly", "notes": "note", "lunch": "lunch",
        "filler": "filler", "range": "range", "and": "and", "separators": "separator",
    }  # fmt: skip
    add("closed", rows["closed"], None)
    for key, kind in simple.items():
        for word in rows[key]:
            add(kind, [word], word)
    add("filler", rows["between"], "between")
    ordered = sorted(meanings, key=len, reverse=True)
    expression = "|".join(_bounded(word) for word in ordered)
    return re.compile(expression), meanings


def _bounded(word: str) -> str:
    escaped = re.escape(word).replace(r"\ ", r"[ \xa0]+")
    before = r"(?<!\w)" if word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isalnum() else ""
    return f"{before}{escaped}{after}"


def cut(text: str) -> list[Word] | None:
    """The words of a text, or None where it holds one that means nothing here."""
    if _ZONE.search(text) or len(text) > 1_000:
        return None
    plain = flat(text)
    if len(plain) != len(text):
        return None
    words: list[Word] = []
    at = 0
    while at < len(plain):
        if plain[at] != "\n" and (skipped := _SKIPPED.match(plain.replace("\n", "\x00"), at)):
            at = skipped.end()
            continue
        word = _word(plain, at)
        if word is None:
            return None
        words.append(word)
        at = word.end
        if word.kind == "day" and plain[at : at + 1] == ".":
            at += 1
    return _french_checked(words)


def _word(plain: str, at: int) -> Word | None:
    expression, meanings = _phrases()
    if (rule := _RRULE_DAY.match(plain, at)) and (at == 0 or not plain[at - 1].isalnum()):
        return Word("day", f"{rule[1]}{rule[2].upper()}", at, rule.end())
    phrase = expression.match(plain, at)
    clock = _TIME.match(plain, at) if plain[at].isdigit() and not _ORDINAL.match(plain, at) else None
    if phrase and (not clock or phrase.end() >= clock.end()):
        kind, value = meanings[re.sub(r"[ \xa0]+", " ", phrase.group())]
        return Word(kind, value, at, phrase.end())
    if clock:
        time = _clock(clock)
        return Word("time", time, at, clock.end()) if time else None
    if ordinal := _ORDINAL.match(plain, at):
        return Word("ordinal", int(ordinal[1]), at, ordinal.end())
    if letters := _LETTERS.match(plain, at):
        days = _days_of_letters(letters.group())
        if days:
            return Word("group" if len(days) > 1 else "day", ",".join(days), at, letters.end())
    return None


def _clock(match: re.Match[str]) -> Clock | None:
    if match["mer"] or match["cmer"]:
        digits = match["c"]
        hour = int(digits[:-2]) if digits else int(match["h"])
        minute = int(digits[-2:]) if digits else int(match["m"] or 0)
        half = match["mer"] or match["cmer"]
        if hour > 12 and half == "p" and hour < 24:  # "13:00 pm"
            return Clock(hour * 60 + minute, sure=True)
        if not 1 <= hour <= 12 or minute > 59:
            return None
        return Clock(hour % 12 * 60 + minute + (720 if half == "p" else 0), sure=True, meridiem=half)
    if match["mil"]:
        hour, minute, sure = int(match["mil"][:2]), int(match["mil"][2:]), True
    elif match["fh"] or match["fh2"]:
        hour, minute, sure = int(match["fh"] or match["fh2"]), int(match["fm"] or match["fm2"] or 0), True
    elif match["ch"]:
        hour, minute = int(match["ch"]), int(match["cm"])
        sure = hour > 12 or hour == 0 or match["ch"].startswith("0")
    else:
        hour, minute, sure = int(match["b"]), 0, int(match["b"]) > 12
    return Clock(hour * 60 + minute, sure=sure) if hour < 24 or (hour, minute) == (24, 0) else None


def _days_of_letters(text: str) -> list[str]:
    """As "mwf", "tth", "m": each day once and in order; "mf" may be a range and is none."""
    names = {"m": "MO", "tu": "TU", "t": "TU", "w": "WE", "th": "TH", "f": "FR", "sa": "SA", "su": "SU"}
    days: list[str] = []
    for part in re.findall(r"tu|th|sa|su|m|t|w|f", text):
        day = names[part]
        if part == "t" and "TU" in days:
            day = "TH"
        days.append(day)
    order = [WEEK.index(day) for day in days]
    return days if order == sorted(set(order)) and text != "mf" else []


def _french_checked(words: list[Word]) -> list[Word] | None:
    """As "mar" is Tuesday in French; in English it is a month, and says nothing of a week."""
    if not any(isinstance(word.value, str) and word.value.startswith("?") for word in words):
        return words
    result: list[Word] = []
    french = any(
        word.kind == "time" and isinstance(word.value, Clock) and word.value.sure and not word.value.meridiem
        for word in words
    )
    if not french:
        return None
    for word in words:
        value = word.value
        result.append(word._replace(value=value[1:]) if isinstance(value, str) and value.startswith("?") else word)
    return result
