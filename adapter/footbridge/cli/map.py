"""``footbridge map``: a prescription as a FHIR transaction Bundle; nothing is stored or sent."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys
from typing import TYPE_CHECKING

import click

from footbridge.cli.documents import each, tell
from footbridge.cli.output import print_json, print_line
from footbridge.errors import PrescriptionError
from footbridge.i18n import _ as lazy
from footbridge.i18n import current
from footbridge.i18n.eager import _
from footbridge.model.issues import Issue

if TYPE_CHECKING:
    from footbridge.mapping import Mapped

WITHHELD = lazy("Left out, because the client is not safe to contact; --with-contact keeps it.")


@click.command("map")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--jurisdiction",
    type=click.Choice(["us", "ca"]),
    default="us",
    show_default=True,
    help="For prescriptions without a jurisdiction.",
)
@click.option(
    "--guide",
    type=click.Choice(["3.0.0", "2.3.0"]),
    default="3.0.0",
    show_default=True,
    help="Version of the SDOH Clinical Care guide that the receiver is set to.",
)
@click.option("--with-contact", is_flag=True, help="Keep the contact details of a client who is not safe to contact.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print findings as JSON, one line a file, on standard error: file, status (mapped or refused), errors, "
    "warnings, each with pointer, rule, message.",
)
def command(files: tuple[str, ...], jurisdiction: str, guide: str, with_contact: bool, as_json: bool) -> None:
    """Print prescriptions as FHIR R4 transaction Bundles.

    They conform to the SDOH Clinical Care guide. One FILE prints one Bundle; several print one line of JSON each
    (NDJSON). - reads standard input. Warnings and errors go to standard error, each with its JSON Pointer. Nothing is
    stored or sent. Exit code 1 when a prescription was refused. With --lang fr the narratives are in French, too;
    without it each is in the language of its prescription.

    \b
    Example:
      footbridge map prescription.json > bundle.json
      footbridge map prescriptions/*.json > bundles.ndjson
    """
    from footbridge.mapping import MappingContext, to_bundle
    from footbridge.mapping.validate_input import accept
    from footbridge.referrals.mapping_check import MappingCheck
    from footbridge.terminology import open_store
    from footbridge.validation import Validator

    check = MappingCheck(Validator())
    loaded = open_store()
    faulty = False

    def take(name: str, raw: bytes) -> bool:
        nonlocal faulty
        try:
            accepted = accept(raw, jurisdiction="ca" if jurisdiction == "ca" else "us", loaded=loaded)
            context = MappingContext(
                jurisdiction=accepted.jurisdiction,
                guide="2.3.0" if guide == "2.3.0" else "3.0.0",
                withhold_unsafe_contact=not with_contact,
                narrative="fr" if current() == "fr" else None,
            )
            mapped = to_bundle(accepted.prescription, context)
            found = check.look(mapped.resources, mapped)
        except PrescriptionError as error:
            tell(name, error.issues, status="refused", as_json=as_json)
            return False
        if found.callers:
            tell(name, found.callers, status="refused", as_json=as_json)
            return False
        (print_json if len(files) == 1 else print_line)(mapped.bundle)
        faulty = faulty or bool(found.ours)
        tell(name, (*accepted.warnings, *_worth_telling(mapped), *found.ours), status="mapped", as_json=as_json)
        return True

    exit_code = each(files, take)
    if faulty:
        click.echo(_("Error: Internal error: a Bundle does not conform; see the errors above."), err=True)
    sys.exit(2 if faulty else exit_code)


def _worth_telling(mapped: "Mapped") -> tuple[Issue, ...]:
    told = tuple(issue for issue in mapped.warnings if issue.severity != "information")
    withheld = tuple(
        Issue("mapping.withheld", "information", "suppressed", WITHHELD, pointer=place) for place in mapped.withheld
    )
    return (*told, *withheld)
