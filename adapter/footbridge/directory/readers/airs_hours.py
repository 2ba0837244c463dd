"""Opening hours, seasons and languages of AIRS elements as HSDS schedules and languages. Times stay as text.

A schedule row is ``{freq: WEEKLY, byday, opens_at, closes_at, description}``; one a pair of From and To.
"""

from collections.abc import Iterator
from typing import Any

from footbridge.directory.readers.airs_elements import Element, children, local, table, text, value

Row = dict[str, Any]


def schedules(time_open: Element) -> list[Row]:
    """``TimeOpen``: days with (From, To) pairs, and notes that hold for all of them."""
    days: dict[str, str] = table()["days"]
    rows = [row for day in time_open if local(day) in days for row in _pairs(day, days[local(day)], "From", "To")]
    notes = [note for child in children(time_open, "Notes") if (note := text(child))]
    return _described(rows, "\n".join(notes))


def open_hours(element: Element) -> list[Row]:
    """``OpenHours`` of 4.0: one ``dayOpen`` with its times."""
    day = value(element, "dayOpen", "DayOpen")
    code = table()["days"].get((day or "").capitalize())
    rows = _pairs(element, code, "TimeOpens", "TimeCloses")
    if code is None and day:
        return _described(rows, day)
    return rows


def special_hours(element: Element) -> list[Row]:
    """``SpecialHours`` of 4.0, and ``Seasonal`` of every version: dates as they are written."""
    row = _without_gaps(
        valid_from=value(element, "SpecialHoursStartDate", "StartDate"),
        valid_to=value(element, "SpecialHoursEndDate", "EndDate"),
        opens_at=value(element, "SpecialOpenTime"),
        closes_at=value(element, "SpecialCloseTime"),
        description=value(element, "Description"),
    )
    return [row] if row else []


def languages(element: Element) -> list[Row]:
    """``Languages``: name, hours and notes, again and again in one element."""
    rows: list[Row] = []
    for child in element:
        name = local(child)
        content = text(child)
        if name in {"Name", "LanguageName"}:
            if content:
                rows.append({"name": content})
        elif name == "Notes" and content:
            row = _last(rows)
            row["note"] = f"{row['note']}\n{content}" if "note" in row else content
        elif name in {"TimeOpen", "LanguageHours"} and content:
            found = schedules(child) if name == "TimeOpen" else open_hours(child)
            _last(rows).setdefault("schedules", []).extend(found)
    if not rows and not len(element) and (content := text(element)):
        rows.append({"name": content})
    return rows


def _last(rows: list[Row]) -> Row:
    if not rows:
        rows.append({})
    return rows[-1]


def _pairs(day: Element, code: str | None, opens: str, closes: str) -> list[Row]:
    rows: list[Row] = []
    known: Row = {"freq": "WEEKLY", "byday": code} if code else {}
    for name, content in _times(day, opens, closes):
        if name == opens:
            rows.append({**known, "opens_at": content})
        elif rows and "closes_at" not in rows[-1]:
            rows[-1]["closes_at"] = content
        else:
            rows.append({**known, "closes_at": content})
    if not len(day) and (words := text(day)):
        rows.append({**known, "description": words})
    return rows


def _times(day: Element, opens: str, closes: str) -> Iterator[tuple[str, str]]:
    """Times in turn: 4.0 may write both that open before both that close."""
    given = [(local(child), content) for child in children(day, opens, closes) if (content := text(child))]
    first = [content for name, content in given if name == opens]
    last = [content for name, content in given if name == closes]
    if len(first) == len(last):
        for pair in zip(first, last, strict=True):
            yield from zip((opens, closes), pair, strict=True)
    else:
        yield from given


def _described(rows: list[Row], notes: str) -> list[Row]:
    if not notes:
        return rows
    for row in rows:
        row["description"] = f"{row['description']}\n{notes}" if "description" in row else notes
    return rows or [{"description": notes}]


def _without_gaps(**members: str | None) -> Row:
    return {name: content for name, content in members.items() if content}
