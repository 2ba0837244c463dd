"""Values in texts whose own words say that they are not for the public: "Confidential address: 12 Hope Street".

What follows such words after a colon, a dash or a bracket goes, to the end of the sentence; and every phone number,
e-mail address, street line or postal code of that sentence. What begins as a note of editors ("Internal: ...", "Note
interne : ...") goes to the end of its line or bracket. The rest of the text stays: the service is to be found.
"""

import functools
import re
from collections.abc import Iterator, Sequence

from footbridge.directory.privacy.table import may_match, pattern, stems, table
from footbridge.directory.privacy.values import (
    phone_secret,
    skipped_words,
    street_line,
    street_secrets,
    unit_words,
    words,
)

_PHONE = re.compile(r"(?<![\w.])\+?\(?\d[\d\s().\-–/]{5,25}\d(?:\s*(?:ext|x|poste|local)\.?\s*\d+)?")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"')]{3,300}", re.IGNORECASE)
_POSTAL = re.compile(
    r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\b[A-Z]{2} +\d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", re.IGNORECASE
)
_FULL_STOP = re.compile(r"\.\s+(?=[A-ZÀ-Þ])")
_END = re.compile(r"\n|;|[!?]\s|\.(?=\s|$)|<br")
_LINE = re.compile(r"\n|\\n|<br|</p|</li", re.IGNORECASE)
_REACH = 600  # characters: no sentence is longer
_BESIDE = 60  # characters before a value in which a word about it stands
_FOLLOWS = re.compile(
    r"\s*(?:is|are|est|sont)?\s*(?:[:=–—(\[-]+|\n(?=\W*\d)|\b(?:at|au|is|est)\b)\s*(?=\S)", re.IGNORECASE
)


def redact_stated(text: str) -> tuple[str, list[str]]:
    """The text without values that it says are not for the public, and the secrets of these values."""
    if not may_match(text, stems("text", "stems")):
        return text, []
    spans = list(_spans(text))
    if not spans:
        return text, []
    secrets: list[str] = []
    result, at = [], 0
    for start, end in _merged(spans):
        secrets += _secrets_of(text[start:end])
        result.append(text[at:start] + table()["redacted"])
        at = end
    result.append(text[at:])
    return "".join(result), secrets


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for match in pattern("text", "label").finditer(text):
        yield match.start(), _note_end(text, match)
    yield from _marked(text)
    sentences: list[tuple[int, int]] = []
    for group in ("place", "value"):
        for match in pattern("text", group).finditer(text):
            start, end = _sentence(text, match.start(), match.end())
            if group == "place":  # its street may stand in any sentence
                yield from _found(text, 0, len(text), (street_line(), _POSTAL))
            if start and not text[start : match.start()].strip() and not text[match.end() : end].strip(" .!)]"):
                start, _ = _sentence(text, start - 1, start - 1)  # "12 Hope Street. Do not publish."
            if follows := _FOLLOWS.match(text, match.end()):
                stop = _sentence_end(text, follows.end())
                if text[follows.end() : stop].strip() and _is_value(text, follows.end(), stop, match.group()):
                    yield follows.end(), stop
                    end = max(end, stop)
            sentences.append((start, end))
    for start, end in _merged(sentences):
        yield from _found(text, start, end, (_PHONE, _MAIL, _POSTAL, street_line()))


def _found(text: str, start: int, end: int, expressions: Sequence[re.Pattern[str]]) -> Iterator[tuple[int, int]]:
    for expression in expressions:
        for found in expression.finditer(text, start, end):
            yield found.start(), found.end() - found.group().endswith(".")  # the end of a sentence stays


def _marked(text: str) -> Iterator[tuple[int, int]]:
    """Values that a word right beside them says are not for the public: "604-555-0100 (private)"."""
    before, after = pattern("text", "before"), pattern("text", "after")
    for start, end in _found(text, 0, len(text), (street_line(), _PHONE, _MAIL, _LINK)):
        if after.match(text, end) or before.search(text[max(start - _BESIDE, 0) : start]):
            yield start, end


def _note_end(text: str, label: re.Match[str]) -> int:
    """Where a note of editors ends: with its bracket, its sentence ("Staff only: ..."), or its line."""
    close = {"[": "]", "(": ")"}.get(text[label.start() - 1 : label.start()] if label.start() else "")
    end = text.find(close, label.end()) if close else -1
    found = _LINE.search(text, label.end())
    if end < 0 and label["short"]:
        return _sentence_end(text, label.end())
    return end if end >= 0 else found.start() if found else len(text)


def _is_value(text: str, start: int, stop: int, phrase: str) -> bool:
    """Whether what follows is a value rather than the rest of a sentence ("confidential - call for the address")."""
    rest = text[start:stop].strip(" .)]")
    if text[start - 1 : start] == "(" and not any(char.isdigit() for char in rest):
        return False
    if any(char.isdigit() for char in rest):
        return True
    # Without a digit a value is a few words of which one is a name: "Staff only: ask for Marie".
    return len(words(rest)) <= 6 and any(word[:1].isupper() for word in rest.split()) and rest not in phrase


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    begin = max(start - _REACH, 0, *(text.rfind(mark, 0, start) + 1 for mark in ("\n", "; ", "! ", "? ")))
    for stop in _FULL_STOP.finditer(text, begin, start):
        if not _abbreviates(text, stop.start()):
            begin = max(begin, stop.end())
    return begin, _sentence_end(text, end)


def _sentence_end(text: str, at: int) -> int:
    for stop in _END.finditer(text, at, at + _REACH):
        position = stop.start()
        if text[position] != "." or not _abbreviates(text, position):
            return position
    return min(len(text), at + _REACH)


def _abbreviates(text: str, dot: int) -> bool:
    """Whether the dot belongs to a word of a street line: "12 St. Mary Road", "Elm Ave. N", "J. Smith"."""
    before = re.search(r"(\S+\s+)?(\w+)$", text[max(0, dot - 30) : dot])
    if before is None:
        return False
    word, after = before[2].casefold(), re.match(r"\.\s*(\w*)", text[dot : dot + 20])
    following = after[1].casefold() if after else ""
    if len(word) == 1 and not word.isdigit():
        return True
    if word not in _short_types():
        return False
    if following[:1].isdigit() or following in skipped_words() or following in unit_words():
        return True
    return (before[1] or "")[:1].isdigit()


@functools.cache
def _short_types() -> frozenset[str]:
    return frozenset(form for row in table()["street_types"] for form in row if len(form) <= 5)


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _secrets_of(value: str) -> Iterator[str]:
    for match in _MAIL.finditer(value):
        yield "literal:" + match.group().casefold()
    for match in _PHONE.finditer(value):
        if secret := phone_secret(match.group()):
            yield secret
    for match in _POSTAL.finditer(value):
        yield "postal:" + "".join(words(match.group()))
    for match in street_line().finditer(value):
        yield from street_secrets(match.group())


def without_places(text: str) -> str:
    """A text without anything that looks like a street line or a postal code."""
    for expression in (street_line(), _POSTAL):
        text = expression.sub(table()["redacted"], text)
    return text
