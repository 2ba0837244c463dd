"""A schedule of a source: hours in words, or members with times as people write them.

What is not understood whole stays as one text in ``description``, without a time or a day of its own: a search for
"open now" must not believe half of it.
"""

import datetime as dt
import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.dates import read_date
from footbridge.directory.cleaning.hours_labels import parse_labelled
from footbridge.directory.cleaning.hours_text import Hours, clock, parse_hours
from footbridge.directory.cleaning.hours_times import interval
from footbridge.directory.cleaning.hours_words import WEEK, Clock, cut, flat
from footbridge.directory.cleaning.tables import table

DATES = ("valid_from", "valid_to", "dtstart", "until")
STRUCTURE = (
    "freq",
    "byday",
    "opens_at",
    "closes_at",
    "interval",
    "bymonthday",
    "byweekno",
    "byyearday",
    "count",
    "wkst",
)
_PLAIN = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_ZONE = re.compile(r"(?<=\d)(?:\.\d+)?\s*(?:Z|[+-]\d{2}:?\d{2})$")
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}[T ](?=\d)")
_SHORT = re.compile(r"^(\d{1,2})(\d{2})$")
_RRULE_DAY = re.compile(r"(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_CLOSED = frozenset({"closed", "ferme", "fermee"})


def clean_schedule(schedule: dict[str, Any], changes: Changes, path: str) -> list[dict[str, Any]]:
    """A schedule as one or several; none where it says nothing."""
    given = {key: value for key, value in schedule.items() if value not in ("", None, [], {})}
    raw = {
        key: str(given[key]) if not isinstance(given[key], list) else ",".join(map(str, given[key])) for key in given
    }
    timed = "opens_at" in raw or "closes_at" in raw
    dates = _dates(raw, changes, path)
    if not timed and "byday" not in raw and "bymonthday" not in raw:
        return _in_words(given, raw, dates, changes, path)
    if (
        timed
        and flat(raw.get("opens_at", "")).strip() in _CLOSED | {""}
        and flat(raw.get("closes_at", "closed")).strip() in _CLOSED
    ):
        changes.note("hours.closed", path, _shown(raw))
        # Closed from one day to another takes hours away; closed on Sundays says nothing that the others do not.
        days = dates if dates and {"valid_from", "valid_to"} <= dates.keys() else None
        return (
            [] if days is None or "byday" in raw else [{**days, "description": raw.get("opens_at") or raw["closes_at"]}]
        )
    understood = None if dates is None else _structured(raw, dates)
    if understood is None:
        return _as_text(given, raw, changes, path)
    kept = {key: value for key, value in given.items() if key not in (*STRUCTURE, *DATES)}
    result = {**kept, **(dates or {}), **understood}
    for key in ("interval", "count"):
        if key in result and str(result[key]).isdigit():
            result[key] = int(result[key])
    _note_changes(given, result, changes, path)
    return [result]


def _dates(raw: dict[str, str], changes: Changes, path: str) -> dict[str, str] | None:
    """The dates of a schedule; None where one is not a date, which leaves the season open."""
    found: dict[str, str] = {}
    for member in DATES:
        if member not in raw:
            continue
        date, rule = read_date(raw[member], changes.country)
        if date:
            found[member] = date
        elif rule != "date.never":
            return None
        else:
            changes.note(rule, f"{path}.{member}", raw[member])
    return found


def _in_words(
    given: dict[str, Any], raw: dict[str, str], dates: dict[str, str] | None, changes: Changes, path: str
) -> list[dict[str, Any]]:
    text = raw.get("description")
    if text is None:
        if dates is None or "freq" in raw:
            return _as_text(given, raw, changes, path)
        rest = {**{key: value for key, value in given.items() if key not in DATES}, **dates}
        return [rest] if set(rest) & {"notes", "schedule_link", "attending_type", *DATES} else []
    hours = (parse_hours(text) or parse_labelled(text)) if dates is not None else None
    if hours is None:
        if _is_empty_week(text):
            changes.note("hours.empty", f"{path}.description", text)
            return []
        if dates is None or "freq" in raw:
            return _as_text(given, raw, changes, path)
        changes.note("hours.not-parsed", f"{path}.description", text, text)
        return [{**given, **dates}]
    return _from_words(given, dates or {}, hours, text, changes, path)


def _from_words(
    given: dict[str, Any], dates: dict[str, str], hours: Hours, text: str, changes: Changes, path: str
) -> list[dict[str, Any]]:
    rest = {key: value for key, value in given.items() if key not in (*STRUCTURE, *DATES)}
    result = []
    for index, opening in enumerate(hours.openings):
        entry = dict(rest) if index == 0 else {k: v for k, v in rest.items() if k not in {"id", "description"}}
        entry.update(dates)
        entry.update(opening._asdict())
        if hours.notes and hours.notes not in str(entry.get("notes") or ""):
            entry["notes"] = f"{entry['notes']}; {hours.notes}" if entry.get("notes") else hours.notes
        result.append(entry)
    done = "; ".join(f"{o.freq} {o.byday} {o.opens_at}-{o.closes_at}" for o in hours.openings)
    changes.note("hours.parsed", f"{path}.description", text, done)
    return result


def _is_empty_week(text: str) -> bool:
    """As "Mon: ; Tue: ; Wed: ...": a form that nobody filled in."""
    words = cut(text)
    if words is None or re.search(r"\d", text):
        return False
    kinds = [word.kind for word in words]
    return kinds.count("day") >= 5 and set(kinds) <= {"day", "separator", "and", "range"}


def _structured(raw: dict[str, str], dates: dict[str, str]) -> dict[str, Any] | None:
    result: dict[str, Any] = {}
    days = _days(raw, dates)
    if days is None:
        return None
    result.update(days)
    if "opens_at" in raw or "closes_at" in raw:
        times = _times(raw.get("opens_at"), raw.get("closes_at"))
        if times is None:
            return None
        result.update(times)
    for key in ("bymonthday", "byweekno", "byyearday", "interval", "count", "wkst"):
        if key in raw and key not in result:
            result[key] = raw[key]
    return result


@functools.lru_cache(maxsize=8_192)
def _times(opens: str | None, closes: str | None) -> dict[str, str] | None:
    if opens is not None and closes is None:
        pair = cut(_written(opens)) or []
        if [word.kind for word in pair] != ["time", "range", "time"]:
            single = pair[0].value if len(pair) == 1 else None
            return {"opens_at": clock(single.minutes)} if isinstance(single, Clock) and single.sure else None
        first, last = pair[0].value, pair[2].value
    elif opens is None or closes is None:
        return None
    elif _PLAIN.fullmatch(opens) and closes == opens == "00:00":
        return {"opens_at": "00:00", "closes_at": "00:00"}
    else:
        ends = [cut(_written(text)) or [] for text in (opens, closes)]
        if any(len(words) != 1 or words[0].kind != "time" for words in ends):
            return None
        first, last = ends[0][0].value, ends[1][0].value
    if not isinstance(first, Clock) or not isinstance(last, Clock):
        return None
    span = interval(first, last)
    return {"opens_at": clock(span[0]), "closes_at": clock(span[1])} if span else None


def _written(text: str) -> str:
    text = _ZONE.sub("", _DATED.sub("", text.strip()))
    return _SHORT.sub(r"\1:\2", text) if len(text) in (3, 4) else text


def _days(raw: dict[str, str], dates: dict[str, str]) -> dict[str, Any] | None:
    freq = raw.get("freq", "").strip().upper()
    freq = table("hours")["frequencies"].get(freq, freq)
    if freq == "DAILY" and "byday" not in raw:
        return {"freq": "WEEKLY", "byday": ",".join(WEEK)}
    if "byday" not in raw and freq in {"", "WEEKLY", "ONCE"} and (date := _only_date(dates)):
        # One date: the day of the week that it is, from it until it.
        return {
            "freq": "WEEKLY",
            "byday": WEEK[dt.date.fromisoformat(date).weekday()],
            **dates,
            "valid_from": date,
            "valid_to": date,
        }
    if freq not in {"", "WEEKLY", "MONTHLY"}:
        return None
    if "byday" not in raw:
        if "bymonthday" in raw and freq in {"", "MONTHLY"}:
            return {"freq": "MONTHLY", "bymonthday": raw["bymonthday"]}
        return None if freq else {}
    days = _byday(raw["byday"])
    if days is None:
        return None
    numbered = [day for day in days if day not in WEEK]
    if numbered and len(numbered) != len(days):
        return None
    if freq == "MONTHLY" and not numbered:
        return None  # which Monday of the month?
    if raw.get("interval", "1").strip() not in {"1", "1.0"} and not (dates.get("dtstart") or dates.get("valid_from")):
        return None  # which of two weeks?
    return {"freq": "MONTHLY" if numbered else "WEEKLY", "byday": ",".join(days)}


def _only_date(dates: dict[str, str]) -> str | None:
    found = {dates[key] for key in dates if key != "until"}
    return found.pop() if len(found) == 1 and ("valid_to" in dates or "dtstart" in dates) else None


@functools.lru_cache(maxsize=8_192)
def _byday(text: str) -> tuple[str, ...] | None:
    plain = text.split(",")
    if all(_RRULE_DAY.fullmatch(part) for part in plain):
        return tuple(plain)
    hours = parse_hours(f"{text} 09:00-10:00") if not re.search(r"\d{2}", text) else None
    if hours is None:
        parts = [part.strip().upper() for part in text.split(",")]
        return tuple(parts) if all(_RRULE_DAY.fullmatch(part) for part in parts) else None
    return tuple(day for opening in hours.openings for day in opening.byday.split(","))


def _as_text(given: dict[str, Any], raw: dict[str, str], changes: Changes, path: str) -> list[dict[str, Any]]:
    """All of it as one text: no member says half of it."""
    text = _shown(raw)
    rest = {key: value for key, value in given.items() if key not in (*STRUCTURE, *DATES, "description")}
    changes.note("hours.not-parsed", path, text, text)
    return [{**rest, "description": text}] if text else []


def _shown(raw: dict[str, str]) -> str:
    times = "-".join(raw[key] for key in ("opens_at", "closes_at") if key in raw)
    season = " - ".join(raw[key] for key in ("valid_from", "valid_to") if key in raw)
    others = [
        f"{key} {raw[key]}"
        for key in ("dtstart", "until", "interval", "bymonthday", "byweekno", "byyearday")
        if key in raw
    ]
    parts = [raw.get("freq"), raw.get("byday"), times, season, *others, raw.get("description")]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def _note_changes(given: dict[str, Any], result: dict[str, Any], changes: Changes, path: str) -> None:
    for key in (*STRUCTURE, *DATES):
        before, after = given.get(key), result.get(key)
        if before is not None and before != after and str(before) != str(after):
            rule = "hours.zone" if key.endswith("_at") and _ZONE.search(str(before)) else "hours.form"
            changes.note(rule, f"{path}.{key}", before, after)
