"""Runs the simulated Ocean until it is stopped, and prints what goes out and what comes in.

A line names events, refs, sites and statuses; no word of a referral is printed.
"""

import re
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import click

from footbridge.cli.ending import ended_by_signals
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _
from footbridge.simulators.ocean import SHAPES, HttpReceiver, OceanSimulator, Rates, ShiftedClock
from footbridge.simulators.ocean.generator import texts
from footbridge.simulators.ocean.state import Arrival, Message, Version

_TICK = 0.2  # seconds between two looks at what is due
SECOND_SITE = "5678"
"""A site without an integration, to forward to."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command, by name; see its help."""

    port: int
    site: str
    receiver: str | None
    token_url: str | None
    client_id: str
    client_secret: str | None = field(repr=False)
    external_service: str
    site_secret: str | None = field(repr=False)
    v010: bool
    shape: str
    refer: int
    seed: int | None
    duplicate: float
    reorder: float
    drop: float
    lose: float


def simulate(options: Options) -> None:
    """Listen, print, and deliver what is due, until SIGINT, SIGTERM or SIGHUP.

    Raises:
        ConfigurationError: the port is taken, or the receiver's address is not one.
    """
    receiver = _receiver(options)
    lines = _Lines()
    secret = options.site_secret or secrets.token_urlsafe(16)
    seed = secrets.randbits(31) if options.seed is None else options.seed
    with ended_by_signals() as ending, suppress(KeyboardInterrupt):
        ocean = OceanSimulator(clock=ShiftedClock(), seed=seed, port=options.port, notice=lines.noticed)
        listing = _set_up(ocean, options, receiver, secret)
        with ocean:
            for line in introduction(ocean, options, listing, secret):
                click.echo(line)
            for _one in range(options.refer):
                ocean.refer()
            while True:
                ocean.run_due()
                ending.pause(_TICK)
    click.echo(_("Stopped; its referrals are removed."))


def _set_up(ocean: OceanSimulator, options: Options, receiver: HttpReceiver | None, secret: str) -> str:
    """The site that receives, and one to forward to; the reference of the first one's listing."""
    ocean.habits.shape = SHAPES[options.shape]
    ocean.faults.rates = Rates(
        drop=options.drop, lose=options.lose, duplicate=options.duplicate, reorder=options.reorder
    )
    version: Version = "0.10" if options.v010 else "0.11"
    first, second = texts()["sites"]
    number = SECOND_SITE if options.site != SECOND_SITE else f"{SECOND_SITE}0"
    ocean.add_site(options.site, name=first["name"], receiver=receiver, client_secret=secret, version=version)
    ocean.add_site(number, name=second["name"], client_secret=secret)
    listing = ocean.add_listing(options.site, title=first["listing"], external_service=options.external_service)
    ocean.add_listing(number, title=second["listing"])
    return listing.reference


def _receiver(options: Options) -> HttpReceiver | None:
    for address in (options.receiver, options.token_url):
        if address is not None and not address.startswith(("http://", "https://")):
            raise ConfigurationError(
                _("{address} is not an address: it starts with http:// or https://.", address=address)
            )
    if options.receiver is None:
        return None
    if options.token_url is not None and not options.client_secret:
        raise ConfigurationError(_("A token endpoint needs a secret: set OCEAN_CLIENT_SECRET, or --client-secret."))
    return HttpReceiver(
        options.receiver, token_url=options.token_url, client_id=options.client_id,
        client_secret=options.client_secret or "",
    )  # fmt: skip


def introduction(ocean: OceanSimulator, options: Options, listing: str, secret: str) -> list[str]:
    """Where it listens, and what the other side is set up with."""
    base = ocean.base_url
    token_url, client_id = f"{base}/svc/oauth2/token", f"site-{options.site}"
    lines = [
        _("Ocean listens at {base_url}; Ctrl-C stops it.", base_url=base),
        _("Built from public documents, not certified by OceanMD."),
        _("Open {base_url}/ in a browser for its folders.", base_url=base),
        _("Set up on the Footbridge side, for a partner of the network ocean:"),
        _("  FHIR base        {value}", value=ocean.ledger.names.fhir),
        _("  token endpoint   {value}", value=token_url),
        _("  site             {value}", value=options.site),
        _("  client id        {value}", value=client_id),
        _("  client secret    {value}", value=secret),
        _("  listing          {value}", value=listing),
        _("  external service {value}", value=options.external_service),
    ]
    if options.receiver is None:
        lines.append(_("There is no receiver: give its address with --receiver to have messages sent."))
    else:
        lines.append(_("Messages go to {url}.", url=options.receiver))
    return lines


def _plain(text: str | None) -> str:
    """A code or an id as it is; a question mark for what is not one, since it came from outside."""
    return text if text is not None and re.fullmatch(r"[A-Za-z0-9-]{1,80}", text) else "?"


class _Lines:
    """Prints one line at a time, whatever thread it comes from."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def noticed(self, one: Message | Arrival, status: int | None) -> None:
        """Print a message that was tried, or that came."""
        shown = _("no answer") if status is None else str(status)
        arrow = "->" if isinstance(one, Message) else "<-"
        text = f"{arrow} {one.site} {_plain(one.event)} {_plain(one.ref)} {shown}"
        with self._lock, suppress(BrokenPipeError, ValueError):
            click.echo(f"{datetime.now().astimezone():%H:%M:%S}  {text}")
