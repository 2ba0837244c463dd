"""``footbridge doctor``: looks for what would keep the service from working, and says how to correct it."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import click

from footbridge.cli import doctor_checks as checks
from footbridge.cli.context import database, networks
from footbridge.cli.doctor_checks import Finding
from footbridge.cli.doctor_sign_in import check_sign_in
from footbridge.cli.output import json_option, print_json, print_rows
from footbridge.errors import FootbridgeError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    import requests

    from footbridge.store.engine import Database

SKEW = 30.0  # seconds; half of a lease, and within what token servers accept
CODES = {"ok": 0, "skipped": 0, "warning": 1, "error": 2}


@click.command("doctor")
@click.option(
    "--online", is_flag=True, help="Ask the partners and the issuer, too: what they are, and what time it is."
)
@json_option("one JSON object: state (ok, warning or error), checks (check, state, found, remedy)")
def command(online: bool, as_json: bool) -> None:
    """Check settings, database, credentials, sign-in, partners, clock, disk and queue.

    Nothing is changed, and no secret is shown. Exit code 0 when nothing is wrong, 1 when something needs a look, 2 when
    something cannot work.

    \b
    Example:
      footbridge doctor || true
      footbridge doctor --online --json || true
    """
    found = list(_findings(online=online))
    worst = max((one.state for one in found), key=lambda state: CODES[state])
    if as_json:
        print_json({"state": "ok" if worst == "skipped" else worst, "checks": [asdict(one) for one in found]})
    else:
        print_rows([asdict(one) for one in found], "")
    sys.exit(CODES[worst])


def _findings(*, online: bool) -> Iterator[Finding]:
    from footbridge.cli.logs import log_to_stderr

    yield from checks.check_versions()
    said = list(checks.check_settings())
    yield from said
    if any(one.state == "error" for one in said):
        return
    log_to_stderr(logging.CRITICAL)  # what goes wrong is the answer here
    try:
        found = database(any_version=True)
        in_database = list(checks.check_database(found))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        yield Finding(
            "database", "error", _sentence(error), _("Correct FOOTBRIDGE_DATABASE_URL, or start the database.")
        )
        return
    yield from in_database
    if any(one.state == "error" for one in in_database):
        return
    later: tuple[Callable[[Database], Iterator[Finding]], ...]
    later = (checks.check_tenants, checks.check_credentials, checks.check_queue)
    for check in later:
        yield from check(found)
    yield from check_sign_in(online=online)
    if not online:
        yield Finding("partners", "skipped", _("The partners were not asked; --online does."))
        return
    yield from check_partners(found)


def check_partners(found: "Database") -> Iterator[Finding]:
    """Whether each partner responds and is fit for use, and whether its clock agrees with ours."""
    reached = networks(found)
    for tenant, partner in checks.partners_of(found):
        who = _("{partner} of {tenant}", partner=partner.name, tenant=tenant)
        remedy = f"`footbridge partner test {partner.name}`"
        try:
            answer = reached.of(tenant, partner).test()
        except FootbridgeError as error:
            yield Finding("partners", "error", _("{who}: {problem}", who=who, problem=str(error)), remedy)
            continue
        if answer.problem or not answer.reachable:
            problem = answer.problem or _("it does not respond")
            yield Finding("partners", "error", _("{who}: {problem}", who=who, problem=problem), remedy)
            continue
        yield Finding(
            "partners",
            "ok",
            _("{who}: ready for use, FHIR {version}.", who=who, version=answer.version or _("version not specified")),
        )
        if partner.base_url:
            yield from _check_clock(who, partner.base_url)


def _check_clock(who: str, base_url: str) -> Iterator[Finding]:
    """Compare our clock with the header Date of a server, which has whole seconds."""
    skew = _skew(base_url)
    if skew is None:
        return
    if abs(skew) > SKEW:
        remedy = _("Synchronize the clock of this machine (`timedatectl`), or have the partner's corrected.")
        yield Finding(
            "clock",
            "warning",
            _("{who}: its clock differs by {skew:+.0f} seconds from ours.", who=who, skew=skew),
            remedy,
        )
    else:
        yield Finding("clock", "ok", _("{who}: its clock agrees with ours.", who=who))


def _skew(base_url: str) -> float | None:
    import requests
    import urllib3

    from footbridge.partners.timed_http import TimedAdapter, exchange
    from footbridge.settings import settings

    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, TimedAdapter(base_url))
        try:
            limit = settings().partner_timeout_seconds
            with exchange(time.monotonic() + limit):
                answer = session.get(
                    f"{base_url}/metadata", timeout=limit, allow_redirects=False, stream=True, auth=_no_netrc
                )
                answer.close()
            there = parsedate_to_datetime(answer.headers["Date"])
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, KeyError, ValueError, TypeError):
            return None
    return (there - datetime.now(UTC)).total_seconds()


def _no_netrc(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
    """Send no password of a ``.netrc``."""
    return request


def _sentence(error: Exception) -> str:
    from footbridge.cli.failures import explain

    return explain(error).lines[-1].removeprefix(_("Error: {error}", error=""))
