"""Prints what the demo found out: the table, a few outcomes as they were read from the EMR, the count of all."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from footbridge.cli.demo.lines import hanging, heading, paragraph
from footbridge.cli.demo.outcome import Row
from footbridge.cli.demo.proof import Found, essence
from footbridge.cli.demo.reading import Resource
from footbridge.cli.demo.results import Results
from footbridge.cli.demo.stage import Stage

SHOWN = ("01-good-food-box", "10-another-service", "12-signposted-call")
"""Whose outcome is printed in full: one that went well, one with a second try, one that did not happen."""
_ANY = 10_000  # columns: more than any table has
_JOURNEY = 52  # columns, in which most of them fit


def show(console: Console, stage: Stage, results: Results) -> None:
    """Print how they ended, then the proof."""
    heading(console, "How they ended")
    show_rows(console, results.rows)
    heading(console, f"Read back from {stage.titles['riverside-emr']} over HTTP, by our identifiers")
    for found in results.found:
        if found.name in SHOWN:
            console.print(Text(found.name, style="cyan"))
            for head, words in _outcome(found):
                hanging(console, Text(f"  {head}  "), Text(words))
    console.print()
    for line in _sums(results):
        paragraph(console, line)
    for fault in results.faults:
        hanging(console, Text("✗ ", style="red"), Text(fault, style="red"))


def show_rows(console: Console, rows: Sequence[Row]) -> None:
    """Print how each prescription ended: a table, or a list where a table would cut words."""
    table = _table(rows)
    if _needs(console, table) <= console.width:
        console.print(table)
    else:
        for row in rows:
            _list(console, row)


def _table(rows: Sequence[Row]) -> Table:
    table = Table()
    for name in ("prescription", "kind", "journey", "Task", "ServiceRequest", "Goal", "days"):
        wide = name == "journey"  # the only one that may go on in a second line
        table.add_column(name, no_wrap=not wide, min_width=_JOURNEY if wide else None, overflow="fold")
    table.columns[-1].justify = "right"
    for row in rows:
        style = None if row.as_expected else "red"
        goals = "\n".join(row.goals)
        cells = (_name(row), row.kind, row.journey, _last(row), row.service_request or "none", goals, str(row.days))
        table.add_row(*map(Text, cells), style=style)
    return table


def _needs(console: Console, table: Table) -> int:
    """Columns that a table needs so that no word of it is cut."""
    return Measurement.get(console, console.options.update(width=_ANY), table).minimum


def _list(console: Console, row: Row) -> None:
    """One row as a short list."""
    goals = ", ".join(row.goals)
    style = "" if row.as_expected else "red"
    for head, words in (
        ("- prescription: ", f"{_name(row)} ({row.kind}, {row.days} days)"),
        ("  journey: ", row.journey),
        ("  ", f"Task: {_last(row)}; ServiceRequest: {row.service_request or 'none'}; Goal: {goals}"),
    ):
        hanging(console, Text(head), Text(words, style=style))


def _name(row: Row) -> str:
    return row.name if row.as_expected else f"✗ {row.name}"


def _last(row: Row) -> str:
    return row.tasks[0] if row.journey.count("[") else row.tasks[-1]


def _outcome(found: Found) -> Iterator[tuple[str, str]]:
    for type_, resources in found.resources.items():
        for resource in resources:
            said = essence(resource)
            words = [said["status"], said["achievementStatus"], said["statusReason"], said["businessStatus"]]
            match type_:
                case "Goal":
                    words.append(resource["description"]["text"])
                case "ServiceRequest":
                    words.append(resource["code"].get("text"))
                case "Task":
                    words.append(found.owners.get(resource["id"]))
                case _:
                    words += said["note"]
            kind = f"{type_} (follow-up)" if _is_follow_up(resource) else type_
            yield f"{kind:<17} {resource['id'][:8]}", " · ".join(filter(None, words))


def _is_follow_up(resource: Resource) -> bool:
    return (resource["resourceType"], resource.get("intent")) == ("Task", "plan")


def _sums(results: Results) -> Iterator[str]:
    agree = results.compared - sum(len(found.differences) for found in results.found)
    rows = results.rows
    yield f"{results.compared} comparisons with {results.gets} GETs: {agree} of {results.compared} agree."
    yield f"{sum(row.as_expected for row in rows)} of {len(rows)} prescriptions ended as examples/journeys.json says."
    withheld = results.withheld
    yield (
        f"Withheld from the services: {withheld.cards} health card and record numbers, {withheld.unsafe} ways to "
        f"reach a client whom nobody may contact. {withheld.searched} resources there searched: "
        f"{len(withheld.found) or 'none'} of them found."
    )
    met = results.met
    yield (
        f"The EMR knew {met.known} of {met.clients} clients before, as Patients of its own: {met.changed or 'none'} of "
        f"these were written to, {len(met.doubled) or 'none'} of the clients are there twice."
    )
    outbox = ", ".join(f"{count} {state}" for state, count in results.outbox.items())
    yield f"Outbox: {outbox}; {results.retried} messages needed more than one try."
