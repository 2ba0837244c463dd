"""Prints what the demo found out: the table, a few outcomes as they were read from the EMR, the count of all."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from footbridge.cli.demo.proof import Found, essence
from footbridge.cli.demo.reading import Resource
from footbridge.cli.demo.results import Results
from footbridge.cli.demo.stage import Stage

SHOWN = ("01-good-food-box", "10-another-service", "12-signposted-call")
"""Whose outcome is printed in full: one that went well, one with a second try, one that did not happen."""


def console_for(*, quiet: bool) -> Console:
    """Where to print: colours on a terminal, plain text of any width elsewhere, nothing when quiet."""
    found = Console(quiet=quiet, highlight=False)
    return found if found.is_terminal else Console(quiet=quiet, highlight=False, width=160)


def heading(console: Console, text: str) -> None:
    """A line that begins a part."""
    console.print()
    console.print(Text(text, style="bold"))


def show(console: Console, stage: Stage, results: Results) -> None:
    """Print the table, then the proof."""
    heading(console, "How they ended")
    console.print(_table(results))
    heading(console, f"Read back from {stage.titles['riverside-emr']} over HTTP, by our identifiers")
    for found in results.found:
        if found.name in SHOWN:
            console.print(Text(found.name, style="cyan"))
            for line in _outcome(found):
                console.print(f"  {line}", soft_wrap=True, markup=False)
    console.print()
    for line in _sums(results):
        console.print(line, soft_wrap=True, markup=False)
    for fault in results.faults:
        console.print(Text(f"✗ {fault}", style="red"), soft_wrap=True)


def _table(results: Results) -> Table:
    table = Table()
    for name in ("prescription", "kind", "journey", "Task", "ServiceRequest", "Goal"):
        table.add_column(name, overflow="fold")
    table.add_column("days", justify="right")
    for row in results.rows:
        style = None if row.as_expected else "red"
        goals = "\n".join(row.goals)
        last = row.tasks[0] if row.journey.count("[") else row.tasks[-1]
        cells = (row.name, row.kind, row.journey, last, row.service_request or "none", goals, str(row.days))
        table.add_row(*map(Text, cells), style=style)
    return table


def _outcome(found: Found) -> Iterator[str]:
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
            yield f"{kind:<17} {resource['id'][:8]}  {' · '.join(filter(None, words))}"


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
