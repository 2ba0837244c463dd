"""``footbridge prescribe``: take prescriptions in, as the API would."""

import sys
from typing import Any

import click
import orjson

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.documents import compact, read, refusal, tell, told
from footbridge.errors import ConflictError, PrescriptionError
from footbridge.model.clock import SystemClock
from footbridge.sync.case import Author
from footbridge.sync.intake import Intake
from footbridge.terminology import open_store


@click.command("prescribe")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@tenant_option
@click.option("--actor", default="command line", show_default=True, help="Who prescribes, for the timeline.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON a file.")
def command(files: tuple[str, ...], tenant: str | None, actor: str, as_json: bool) -> None:
    """Take prescriptions in and owe them to the partners; `footbridge serve` or `worker` sends them.

    - reads standard input. The same document twice is taken once. Exit code 1 when one was refused: of a refused
    prescription nothing is stored.

    \b
    Example:
      footbridge prescribe prescription.json
    """
    found = database()
    owner = tenant_of(found, tenant)
    intake = Intake(found, SystemClock(), loaded=open_store())
    author = Author(actor, "requester", "command-line")
    refused = False
    for name in files:
        raw = read(name)
        try:
            receipt = intake.submit(owner, raw, author)
        except (PrescriptionError, ConflictError) as error:
            refused = True
            _refuse(name, error, as_json=as_json)
            continue
        answer: dict[str, Any] = {
            "file": name,
            "id": receipt.id,
            "status": receipt.status,
            "warnings": list(told(receipt.warnings)),
        }
        if as_json:
            click.echo(compact(answer))
        else:
            tell(name, tuple(issue for issue in receipt.warnings if issue.severity == "warning"))
            click.echo(f"{name}: {receipt.id} {receipt.status}{'' if receipt.created else ' (there already)'}")
    sys.exit(1 if refused else 0)


def _refuse(name: str, error: PrescriptionError | ConflictError, *, as_json: bool) -> None:
    if isinstance(error, PrescriptionError):
        if as_json:
            click.echo(compact(refusal(name, error)))
        else:
            tell(name, error.issues)
    elif as_json:
        click.echo(orjson.dumps({"file": name, "status": "conflict", "detail": str(error)}).decode())
    else:
        click.echo(f"{name}: error: /identifier: {error}", err=True)
