"""``footbridge directory gaps``: what was asked for and is not there."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from pathlib import Path
from typing import Any

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, show
from footbridge.cli.whole_file import OUTPUT, whole_text
from footbridge.i18n.eager import _, _n

_MONTH = r"%Y-%m"


@click.command("gaps")
@click.option("--since", type=click.DateTime([_MONTH]), metavar="YYYY-MM", help="From this month on.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write CSV; - for the output.",
)
@tenant_option
@json_option("a list of JSON objects: month, category, area, language, how, reason, count")
def command(since: object, csv_file: Path | None, tenant: str | None, as_json: bool) -> None:
    """List unmet need: how often a search or a prescription found nothing.

    By month, category, area, language and reason; no person is in it. What one person asks again within ten minutes,
    or on the next page, counts once. A count below 5 is listed only together with others of a larger area.

    \b
    Example:
      footbridge directory gaps --since 2026-01
      footbridge directory gaps --since 2026-01 --csv gaps.csv
    """
    from dataclasses import asdict
    from datetime import datetime

    from footbridge.directory.search.gaps import SMALL, as_csv, gaps

    found = database()
    owner = tenant_of(found, tenant)
    first = since.strftime(_MONTH) if isinstance(since, datetime) else ""
    with found.read() as connection:
        some = gaps(connection, owner, since=first)
    if csv_file is not None:
        with whole_text(csv_file, "utf-8" if str(csv_file) == OUTPUT else "utf-8-sig") as text:
            as_csv(some, text)
        click.echo(_n("{count:,} line written.", "{count:,} lines written.", len(some)), err=True)
        return
    rows = [asdict(one) for one in some]
    if not as_json:
        rows = [{**_in_words(row), "count": f"<{SMALL}" if row["count"] is None else row["count"]} for row in rows]
    show(rows, _("Every search and prescription found a service."), as_json=as_json)


def _in_words(row: dict[str, Any]) -> dict[str, Any]:
    """A line as people read it: area, kind and reason in the language of the call."""
    said = {
        "everywhere": _("everywhere"),
        "search": _("search"),
        "prescription": _("prescription"),
        "nothing-found": _("nothing found"),
        "nothing-open": _("nothing open then"),
        "nothing-near": _("nothing near"),
        "nothing-in-language": _("nothing in the language"),
    }
    return {**row, **{name: said.get(row[name], row[name]) for name in ("area", "how", "reason")}}
