"""Hours that their source puts under labels: "HOURS: Mon-Fri 9-5; DATES: all year; MEETINGS: 1st Tue 7pm-9pm".

So do exports of Ontario's directories (CIOC) in the notes of ``TimeOpen``. The hours count, and where there are none,
the meetings. Dates are a season without years, which no schedule can say: with some, all of it stays text.
"""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.hours_text import Hours, parse_hours
from footbridge.directory.cleaning.tables import fold, table


@functools.lru_cache(maxsize=4_096)
def parse_labelled(text: str) -> Hours | None:
    """The meaning of a text with labels, or None where it has none or any of it is not sure."""
    parts = _parts(text)
    said = parts.get("hours") or parts.get("meetings")
    if len(parts) < 2 or not said:
        return None
    if "dates" in parts and fold(parts["dates"]).strip(" .;") not in _labels()["anyTime"]:
        return None
    hours = parse_hours(said)
    if hours is None:
        return None
    others = [f"{name}: {part}" for name, part in _named(text) if part != said and part]
    return Hours(hours.openings, "; ".join([*filter(None, [hours.notes]), *others]) or None)


def _parts(text: str) -> dict[str, str]:
    """What stands under each kind of label; nothing where something stands before the first, or one comes twice."""
    found: dict[str, str] = {}
    named = _named(text)
    for name, part in named:
        kind = _kinds().get(fold(name).replace("’", "'"))
        if kind is None or kind in found:
            return {}
        found[kind] = part
    return found


def _named(text: str) -> list[tuple[str, str]]:
    marks = list(_mark().finditer(text))
    if not marks or text[: marks[0].start()].strip(" ;.,\n"):
        return []
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return [
        (mark["name"].strip(), text[mark.end() : end].strip(" ;.,\n")) for mark, end in zip(marks, ends, strict=True)
    ]


@functools.cache
def _mark() -> re.Pattern[str]:
    forms = sorted(_kinds(), key=len, reverse=True)
    accents = {"e": "[eéè]", "a": "[aà]", "'": "['’]"}
    names = "|".join("".join(accents.get(char, re.escape(char)) for char in form) for form in forms)
    return re.compile(rf"(?:^|(?<=[;.\n])|(?<=\s))\s*(?P<name>{names})\s*:", re.IGNORECASE)


@functools.cache
def _kinds() -> dict[str, str]:
    return {form: kind for kind, forms in _labels().items() if kind != "anyTime" for form in forms}


def _labels() -> dict[str, Any]:
    labels: dict[str, Any] = table("hours")["labels"]
    return labels
