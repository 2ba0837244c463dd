"""``footbridge demo --network ocean``: six referrals of an Ontario clinic, from Ocean to a service and back.

One goes its way; one waits until a person confirms the client's consent; one is declined, and Ocean opens it again; one
is forwarded to another listing; one is worked on while Ocean is out for a day; one is cancelled by the clinic.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from footbridge.cli.demo.lines import console_for, hanging, heading, paragraph
from footbridge.cli.demo.ocean_stage import OceanStage, ocean_stage
from footbridge.cli.logs import log_to_stderr
from footbridge.cli.output import print_json

START = datetime(2026, 3, 2, 13, tzinfo=UTC)
_ABOUT = (
    "A simulated Ocean, built from public documents and not certified by OceanMD, on loopback. A clinic refers to the "
    "listing Food Program of site 1234, which is Footbridge; the service is the North End Hub, a FHIR server."
)


@dataclass(frozen=True, slots=True)
class Story:
    """One referral: its name, how it goes on after it came, and the folder in Ocean and the status here at its end."""

    name: str
    play: Callable[["Teller", str], None]
    folder: str
    status: str
    consents: bool = True


class Teller:
    """Plays a story, and prints each step; ``ref`` is the referral that it is about."""

    def __init__(self, stage: OceanStage, console: Console) -> None:
        self.stage = stage
        self._console = console
        self._shown = ""
        self.ref = ""

    def step(self, who: str, what: str, act: Callable[[], object], hours: int = 6) -> None:
        """Somebody does something; then time passes, and where Ocean shows the referral now is said if it is new."""
        day = self.stage.clock.now().strftime("%a %d %b %H:%M")
        hanging(self._console, Text.assemble((day, "dim"), "  ", (f"{who:<12}", "cyan"), "  "), Text(what))
        act()
        self.stage.pass_time(hours)
        folder = self.stage.ocean.folder(self.ref)
        if folder != self._shown:
            hanging(self._console, Text(" " * 32), Text(f"Ocean shows it in {folder}", style="dim"))
            self._shown = folder

    def service(self, ref: str, status: str, reason: str | None = None, *, hours: int = 6) -> None:
        """The service sets its Task to a status."""
        words = status if reason is None else f"{status}: {reason}"
        self.step("Service", f"sets its Task to {words}", lambda: self.stage.service_says(ref, status, reason), hours)

    def whole(self, ref: str) -> None:
        """The service accepts, works, and is done."""
        for status in ("accepted", "in-progress", "completed"):
            self.service(ref, status)


def _straight(teller: Teller, ref: str) -> None:
    teller.whole(ref)


def _confirmed(teller: Teller, ref: str) -> None:
    words = "confirms the client's consent by telephone: until now nothing left"
    teller.step("Link worker", words, lambda: teller.stage.say(ref, "confirm-consent"))
    teller.whole(ref)


def _reopened(teller: Teller, ref: str) -> None:
    teller.service(ref, "rejected", "No places this month")
    teller.step("Clinic", "opens the declined referral again in Ocean", lambda: teller.stage.ocean.users.reopen(ref))
    teller.whole(ref)


def _forwarded(teller: Teller, ref: str) -> None:
    teller.service(ref, "accepted")
    other = teller.stage.other_listing
    words = "forwards the referral to the Lakeside Kitchen, another listing"
    teller.step("Link worker", words, lambda: teller.stage.say(ref, "forward", to=other, reason="It is nearer."))


def _through_an_outage(teller: Teller, ref: str) -> None:
    teller.step("Ocean", "is out for a day", lambda: teller.stage.ocean.outage(timedelta(days=1)), 0)
    teller.whole(ref)
    teller.step("Ocean", "is back, and gets what waited", lambda: None, 24)


def _cancelled(teller: Teller, ref: str) -> None:
    teller.service(ref, "accepted")
    teller.step("Clinic", "cancels the referral in Ocean", lambda: teller.stage.ocean.users.cancel(ref))


STORIES = (
    Story("a referral", _straight, "Completed", "completed"),
    Story("no consent on the form", _confirmed, "Completed", "completed", consents=False),
    Story("declined, and opened again", _reopened, "Completed", "completed"),
    Story("forwarded", _forwarded, "Forwarded (All)", "cancelled"),
    Story("Ocean is out for a day", _through_an_outage, "Completed", "completed"),
    Story("cancelled by the clinic", _cancelled, "Cancelled", "cancelled"),
)


def perform_ocean(*, as_json: bool) -> bool:
    """Play the six referrals, print what happens, and say whether each ended as it should."""
    log_to_stderr(logging.CRITICAL)
    begun = time.monotonic()
    console = console_for(quiet=as_json)
    rows: list[dict[str, object]] = []
    with ocean_stage(START) as stage:
        paragraph(console, _ABOUT)
        teller = Teller(stage, console)
        for story in STORIES:
            heading(console, story.name)
            ref = _refer(teller, consents=story.consents)
            story.play(teller, ref)
            rows.append(_row(stage, story, ref))
        answers = [one.status for one in stage.ocean.arrivals()]
    heading(console, "How they ended")
    _show(console, rows)
    well = all(row["as_expected"] for row in rows)
    refused = sum(status != 200 for status in answers)
    paragraph(console, f"{len(answers)} messages went to Ocean; {refused} refused.")
    words = "Each ended as it should" if well and not refused else "Not each ended as it should: see above"
    console.print(f"{words}. {time.monotonic() - begun:.1f} seconds.", style="bold green" if well else "bold red")
    if as_json:
        print_json({"referrals": rows, "messages": len(answers), "refused": refused})
    return well and not refused


def _refer(teller: Teller, *, consents: bool) -> str:
    form = "example_social_prescription" if consents else "quickReferral"
    draft = teller.stage.ocean.generator.draft(need="food", form=form, language="en")
    if consents:
        draft = replace(draft, answers={**draft.answers, "consent": "Yes"})

    def refer() -> None:
        teller.ref = teller.stage.ocean.refer(draft)

    teller.step("Clinic", "refers a client to the Food Program", refer)
    return teller.ref


def _row(stage: OceanStage, story: Story, ref: str) -> dict[str, object]:
    folder = stage.ocean.folder(ref)
    status = str(stage.navigator.read(stage.prescription(ref))["status"])
    expected = (folder, status) == (story.folder, story.status)
    return {"name": story.name, "folder": folder, "status": status, "as_expected": expected}


def _show(console: Console, rows: list[dict[str, object]]) -> None:
    table = Table()
    for name in ("referral", "folder in Ocean", "here"):
        table.add_column(name, overflow="fold")
    for row in rows:
        mark = "" if row["as_expected"] else "✗ "
        table.add_row(f"{mark}{row['name']}", str(row["folder"]), str(row["status"]))
    console.print(table)
