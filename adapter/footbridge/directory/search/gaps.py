"""Unmet need: how often a search or a prescription found nothing, by category and area. No person is in it.

What is counted: the month, the category, an area (a town or the first part of a postal code, its region, its country),
the language that was asked for, how (``search`` or ``prescription``) and why. No words of the question, no postal code
in full, no coordinates. A count that is so small that it might point to somebody is listed only together with others
of the same region, country, or everywhere. Who retypes a question, or turns the page, is counted once: ``repeats``.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, TextIO

from sqlalchemy import Connection, delete, select

from footbridge.directory.report import safe_cell
from footbridge.directory.search.geography import country_of, key_of, postal_code, region_of
from footbridge.directory.search.query import Query, Result
from footbridge.directory.search.repeats import first_asked
from footbridge.directory.search.values import language_code
from footbridge.store.dialect import inserting
from footbridge.store.tables.directory_search import directory_gap

COLUMNS = ("month", "category", "area", "language", "how", "reason", "count")
SMALL = 5  # a count below this is not listed by itself
EVERYWHERE = "everywhere"
ZIP_AREA = 3  # digits of a US ZIP code that name its area
How = Literal["search", "prescription"]

_ADD = inserting(
    directory_gap,
    lambda statement: statement.on_conflict_do_update(
        index_elements=[column.name for column in directory_gap.primary_key],
        set_={"count": directory_gap.c.count + statement.excluded["count"]},
    ),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A line of the list.

    Attributes:
        month: ``YYYY-MM``.
        category: an SDOH category; empty where the question had none.
        area: ``Sudbury, ON``, ``ON``, ``CA`` or ``everywhere``: the smallest for which the count is large enough.
        language: that was asked for; empty: none.
        how: ``search`` or ``prescription``.
        reason: ``nothing-found``, ``nothing-open``, ``nothing-near``, ``nothing-in-language``.
        count: how often; None: fewer than ``SMALL``, everywhere taken together.
    """

    month: str
    category: str
    area: str
    language: str
    how: str
    reason: str
    count: int | None


def record_search(
    connection: Connection, tenant: str, query: Query, result: Result, at: datetime, by: str = ""
) -> None:
    """Count a question that found nothing; one that found something is not counted.

    Its categories are those that it names, else those that its words stand for.

    Args:
        connection: of a transaction that may write.
        tenant: whose directory it is.
        query: of the search.
        result: what it found.
        at: when.
        by: who asks, whose questions of the last minutes about the same category and area are one; empty: not known.
    """
    if result.gap is None:
        return
    asked = _Asked(query.needs or result.said_needs, result.area, query.language, "search", result.gap)
    rows = _rows(tenant, at, asked)
    _add(connection, first_asked(connection, rows, by, at) if by else rows)


def record(  # noqa: PLR0913 - one line of the table
    connection: Connection,
    tenant: str,
    at: datetime,
    *,
    categories: Iterable[str],
    area: tuple[str, str, str],
    language: str | None,
    how: How,
    reason: str,
) -> None:
    """Count an unmet need, once for each category.

    Args:
        connection: of a transaction that may write.
        tenant: whose directory it is.
        at: when.
        categories: SDOH categories; empty: none was named.
        area: country, region, and town or first part of a postal code, as people write them; empty where not known.
        language: that was asked for.
        how: by a search, or by a prescription for which no service was found.
        reason: as in ``Gap``.
    """
    _add(connection, _rows(tenant, at, _Asked(categories, area, language, how, reason)))


class _Asked(NamedTuple):
    """What was asked for and not found: see ``record``."""

    categories: Iterable[str]
    area: tuple[str, str, str]
    language: str | None
    how: How
    reason: str


def _rows(tenant: str, at: datetime, asked: _Asked) -> list[dict[str, Any]]:
    """The lines of the table that count it, one a category."""
    country, region, town = asked.area
    known = region_of(region) if region else None
    country, region = known or (country_of(country) or country, region)
    language = language_code(asked.language or "") or ""
    return [
        {"tenant": tenant, "month": at.strftime("%Y-%m"), "category": category[:64], "country": country[:2].upper(),
         "region": region[:20], "area": _harmless(town), "language": language[:16],
         "how": asked.how, "reason": asked.reason[:32], "count": 1}
        for category in sorted(set(asked.categories)) or [""]
    ]  # fmt: skip


def _add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(_ADD[connection.dialect.name], rows)


def _harmless(area: str) -> str:
    """A town's name or the first part of a postal code; what has other digits may be an address, and is left out."""
    code = postal_code(area)
    if code is not None:
        return code.area
    if len(area) == ZIP_AREA and area.isdecimal():
        return area
    return "" if any(letter.isdigit() for letter in area) else area.replace("\0", "")[:120]


def gaps(connection: Connection, tenant: str, *, since: str = "", small: int = SMALL) -> list[Gap]:
    """Unmet need, the largest counts first.

    Args:
        connection: of any transaction.
        tenant: whose directory it is.
        since: first month, ``YYYY-MM``.
        small: counts below this are joined with others.
    """
    gap = directory_gap.c
    kinds = (gap.month, gap.category, gap.language, gap.how, gap.reason)
    columns = (*kinds, gap.country, gap.region, gap.area, gap["count"])
    there = (gap.tenant == tenant, gap.month >= since, gap["count"] > 0)
    rows = connection.execute(select(*columns).where(*there).order_by(*columns)).all()
    by_kind: defaultdict[tuple[str, ...], Counter[tuple[str, ...]]] = defaultdict(Counter)
    names: dict[tuple[str, ...], str] = {}
    for *kind, country, region, area, count in rows:
        # TORONTO and Toronto are one town, however people write it.
        town = names.setdefault((country, region, key_of(area)), area) if area else ""
        by_kind[tuple(kind)][country, region, town] += count
    found = [
        Gap(month, category, area, language, how, reason, count)
        for (month, category, language, how, reason), counts in by_kind.items()
        for area, count in _joined(counts, small)
    ]
    return sorted(
        found, key=lambda one: (-(one.count or 0), one.month, one.category, one.area, one.language, one.how, one.reason)
    )


def _joined(counts: Counter[tuple[str, ...]], small: int) -> list[tuple[str, int | None]]:
    """Areas and counts; what is small goes into the next larger area, until it is large enough."""
    found: list[tuple[str, int | None]] = []
    for depth in (3, 2, 1):
        larger: Counter[tuple[str, ...]] = Counter()
        for area, count in sorted(counts.items()):
            if count >= small and area[depth - 1]:
                found.append((_name(area), count))
            else:
                larger[area[: depth - 1]] += count
        counts = larger
    rest = counts.total()
    if rest:
        found.append((EVERYWHERE, rest if rest >= small else None))
    return found


def _name(area: Sequence[str]) -> str:
    if len(area) == 3:
        return f"{area[2]}, {area[1]}" if area[1] else area[2]
    return area[-1]


def as_csv(some: Iterable[Gap], target: TextIO) -> None:
    """Write the list as CSV (RFC 4180); a count that is too small to be listed is an empty cell."""
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(getattr(one, name)) for name in COLUMNS] for one in some)


def forget_gaps(connection: Connection, tenant: str, *, before: str) -> int:
    """Remove counts of months before one (``YYYY-MM``); how many lines."""
    gap = directory_gap.c
    old = (gap.tenant == tenant, gap.month < before)
    count = len(connection.execute(select(gap.month).where(*old)).all())
    connection.execute(delete(directory_gap).where(*old))
    return count
