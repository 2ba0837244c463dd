"""Runs one simulated server until it is stopped, and prints what arrives and what its people do.

A line names methods, types, ids and statuses; no address with a query, no text of a resource is printed.
"""

import re
import shlex
import threading
import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import click

from footbridge.cli.ending import Ending, ended_by_signals
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _
from footbridge.model.clock import SystemClock
from footbridge.partners.fhir.simulator import Arrival, Fault, FhirSimulator, Quirks, ScriptedRecipient, scripts
from footbridge.partners.fhir.simulator.actions import Plan
from footbridge.partners.fhir.simulator.token_server import Keys
from footbridge.partners.key_sets import KeySets
from footbridge.security.key_sets import PublicKey, read_keys

Role = Literal["requester", "recipient"]
_TICK = 0.2  # seconds between two looks at what is due
POLL_SECONDS = 2
"""That the printed command sets, so that somebody who watches does not wait for a minute."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How the server behaves: the token that it requires, and what goes wrong.

    Attributes:
        token: bearer token; None for none.
        smart: whether it requires access tokens of SMART Backend Services.
        jwks: file or URL of the client's keys, for these.
        fail: requests at the start that are answered with ``fail_status``.
        fail_status: an HTTP status.
        lose: requests after these whose answer is lost.
        delay: before each other answer.
    """

    token: str | None
    smart: bool
    jwks: str
    fail: int
    fail_status: int
    lose: int
    delay: timedelta


def simulate(port: int, name: str, habits: Habits, *, role: Role, plans: Sequence[Plan]) -> None:
    """Listen, print, and act by the plans, until SIGINT, SIGTERM or SIGHUP.

    Args:
        port: on 127.0.0.1; 0 takes a free one.
        name: of the server; the partner's name is made of it.
        habits: how it behaves.
        role: that the printed command gives the partner.
        plans: of a service: the first for the first referral and so on, the last for all others.

    Raises:
        ConfigurationError: the port is taken, the name has no letter or digit, or the token is empty.
    """
    partner = partner_name(name)
    if habits.token is not None and not re.fullmatch(r"[\x21-\x7e]+", habits.token):
        raise ConfigurationError(_("A token has visible ASCII characters only, and at least one."))
    if habits.smart and habits.token is not None:
        raise ConfigurationError(_("Give --token or --smart, not both."))
    told = _Lines()
    with ended_by_signals() as ending, suppress(KeyboardInterrupt):
        clock = SystemClock()
        server = FhirSimulator(
            clock=clock,
            name=name,
            quirks=Quirks(token=habits.token),
            port=port,
            notice=told.arrived,
            keys=_keys(habits.jwks, clock) if habits.smart else None,
        )
        with server:
            _plan_faults(server, habits)
            for line in introduction(server.base_url, name, partner, role, habits.token, smart=habits.smart):
                click.echo(line)
            script = scripts.in_order(*plans[:-1], then=plans[-1]) if plans else scripts.always(scripts.SILENT)
            _work(ScriptedRecipient(server, script, clock), told, ending)
    click.echo(_("Stopped; its records are removed."))


def partner_name(name: str) -> str:
    """The name of the partner: small letters, digits and hyphens. Raises ConfigurationError when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = "-".join(re.findall(r"[a-z0-9]+", plain))
    if not found:
        raise ConfigurationError(_("The name {name!r} needs a letter or a digit.", name=name))
    return found


def introduction(
    base_url: str, name: str, partner: str, role: Role, token: str | None, *, smart: bool = False
) -> list[str]:
    """Where it listens, and the command that adds it as a partner."""
    words = ["footbridge", "partner", "add", partner, base_url]
    words += ["--role", role] if role == "requester" else []
    words += ["--title", name] if name != partner else []
    variable = f"{partner.replace('-', '_').upper()}_TOKEN"
    variable = f"_{variable}" if variable[0].isdigit() else variable
    words += ["--credential", f"env:{variable}"] if token is not None else []
    words += ["--smart", f"{base_url}/token"] if smart else []
    words += ["--poll-seconds", str(POLL_SECONDS)]
    lines = [
        _("{name} listens at {base_url}; Ctrl-C stops it.", name=name, base_url=base_url),
        _("Add it as a partner:"),
        f"  {shlex.join(words)}",
    ]
    if token is not None:
        lines.append(
            _(
                "Set {variable} to its token where you run `footbridge serve` and `footbridge partner test`.",
                variable=variable,
            )
        )
    return lines


def _keys(place: str, clock: SystemClock) -> Keys:
    """The keys of a file, which is read again each time, or of a URL. Raises ConfigurationError for what has none."""
    if "://" in place:
        found = KeySets(clock)
        return lambda kid: found.keys(place, kid)

    def read(_kid: str) -> Sequence[PublicKey]:
        try:
            return read_keys(Path(place).read_bytes())
        except OSError as error:
            raise ConfigurationError(_("The file {place} cannot be read.", place=place)) from error

    read("")
    return read


def _plan_faults(server: FhirSimulator, habits: Habits) -> None:
    server.faults.next(status=habits.fail_status, times=habits.fail)
    server.faults.next(drop=True, times=habits.lose)
    if habits.delay:
        server.faults.sometimes(1.0, Fault(delay=habits.delay.total_seconds()))


def _work(recipient: ScriptedRecipient, told: "_Lines", ending: Ending) -> None:
    """Take every step when it is due, until KeyboardInterrupt."""
    while True:
        for done in recipient.step():
            told.line(f"Task/{done.task_id}: {done.name}")
        ending.pause(_TICK)


class _Lines:
    """Prints one line at a time, whatever thread it comes from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def arrived(self, arrival: Arrival) -> None:
        """Print a request."""
        status = _("no answer") if arrival.status is None else str(arrival.status)
        wrong = _(" (simulated error)") if arrival.fault else ""
        what = "" if arrival.resources in {(), (arrival.place,)} else f": {named(arrival.resources)}"
        self.line(f"{arrival.method} {arrival.place} {status}{wrong}{what}")

    def line(self, text: str) -> None:
        """Print a line with the time of the day; nothing once nobody reads."""
        with self._lock, suppress(BrokenPipeError, ValueError):
            click.echo(f"{datetime.now().astimezone():%H:%M:%S}  {text}")


def named(resources: Sequence[str]) -> str:
    """The resources of a Bundle in few words: Tasks with their ids, the others by their types."""
    tasks = [one for one in resources if one.startswith("Task/")]
    shown = tasks or list(resources) if len(resources) == 1 else tasks
    others = Counter(one.partition("/")[0] for one in resources if one not in shown)
    return ", ".join([*shown, *(name if count == 1 else f"{count} {name}" for name, count in others.items())])
