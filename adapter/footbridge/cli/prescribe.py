"""``footbridge prescribe``: take prescriptions in, as the API would."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import logging
import sys

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.documents import each, listed, readable, tell
from footbridge.cli.output import json_option, print_line
from footbridge.errors import ConflictError, PrescriptionError
from footbridge.i18n.eager import _
from footbridge.model.issues import Issue


@click.command("prescribe")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@tenant_option
@click.option("--actor", default="command line", show_default=True, help="Who prescribes, for the timeline.")
@json_option(
    "one line of JSON a file: file, id, status, warnings; of one that was refused file, status (refused), errors, "
    "warnings"
)
def command(files: tuple[str, ...], tenant: str | None, actor: str, as_json: bool) -> None:
    """Submit prescriptions and queue their delivery.

    `footbridge serve` or `footbridge worker` sends them. - reads standard input. The same document twice is accepted
    once. Of a prescription that is refused nothing is stored; then the exit code is 1.

    \b
    Example:
      footbridge prescribe prescription.json
    """
    from footbridge.cli.logs import log_to_stderr
    from footbridge.model.clock import SystemClock
    from footbridge.model.principals import Principal
    from footbridge.referrals.intake import Intake, Receipt
    from footbridge.terminology import open_store

    log_to_stderr(logging.ERROR)
    if not any(map(readable, files)):
        sys.exit(each(files, lambda _name, _raw: False))
    found = database()
    owner = tenant_of(found, tenant)
    intake = Intake(found, SystemClock(), loaded=open_store())
    principal = Principal("requester", name=actor, tenant=owner, channel="command")

    def take(name: str, raw: bytes) -> bool:
        try:
            receipt = intake.submit(raw, principal)
        except (PrescriptionError, ConflictError) as error:
            _refuse(name, _issues(error), as_json=as_json)
            return False
        _confirm(name, receipt)
        return True

    def _confirm(name: str, receipt: Receipt) -> None:
        warnings = [issue for issue in receipt.warnings if issue.severity == "warning"]
        if as_json:
            answer = {"file": name, "id": receipt.id, "status": receipt.status}
            print_line(answer | {"warnings": listed(warnings)["warnings"]})
            return
        tell(name, warnings, status=receipt.status, as_json=False)
        again = "" if receipt.created else _(" (already stored)")
        click.echo(f"{name}: {receipt.id} {receipt.status}{again}")

    sys.exit(each(files, take))


def _issues(error: PrescriptionError | ConflictError) -> tuple[Issue, ...]:
    if isinstance(error, PrescriptionError):
        return error.issues
    return (Issue("prescription.conflict", "error", "conflict", str(error), pointer="/identifier"),)


def _refuse(name: str, issues: tuple[Issue, ...], *, as_json: bool) -> None:
    if as_json:
        print_line({"file": name, "status": "refused", **listed(issues)})
    else:
        tell(name, issues, status="refused", as_json=False)
