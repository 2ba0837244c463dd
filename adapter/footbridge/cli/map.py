"""``footbridge map``: a prescription as a FHIR transaction Bundle; nothing is stored or sent."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys
from typing import TYPE_CHECKING

import click

from footbridge.cli.documents import each, tell
from footbridge.cli.output import print_json, print_line
from footbridge.errors import PrescriptionError
from footbridge.model.issues import Issue, errors

if TYPE_CHECKING:
    from footbridge.mapping import Mapped

WITHHELD = "Left out, because the client is not safe to contact; --with-contact keeps it."


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
    stored or sent. Exit code 1 when a prescription was refused.

    \b
    Example:
      footbridge map prescription.json > bundle.json
      footbridge map prescriptions/*.json > bundles.ndjson
    """
    from footbridge.mapping import MappingContext, to_bundle
    from footbridge.mapping.validate_input import accept
    from footbridge.terminology import open_store

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
            )
            mapped = to_bundle(accepted.prescription, context)
        except PrescriptionError as error:
            tell(name, error.issues, status="refused", as_json=as_json)
            return False
        (print_json if len(files) == 1 else print_line)(mapped.bundle)
        faults = _faults(mapped)
        faulty = faulty or bool(faults)
        tell(name, (*accepted.warnings, *_worth_telling(mapped), *faults), status="mapped", as_json=as_json)
        return True

    exit_code = each(files, take)
    if faulty:
        click.echo("Error: Internal error: a Bundle does not conform; see the errors above.", err=True)
    sys.exit(2 if faulty else exit_code)


def _worth_telling(mapped: "Mapped") -> tuple[Issue, ...]:
    told = tuple(issue for issue in mapped.warnings if issue.severity != "information")
    withheld = tuple(
        Issue("mapping.withheld", "warning", "suppressed", WITHHELD, pointer=place) for place in mapped.withheld
    )
    return (*told, *withheld)


def _faults(mapped: "Mapped") -> tuple[Issue, ...]:
    """What our own mapping got wrong, at the part of the prescription that it comes from."""
    from footbridge.validation import Validator

    validator = Validator()
    return tuple(
        Issue(issue.rule, issue.severity, issue.code, issue.message, pointer=mapped.origins.get(entry["fullUrl"]))
        for entry in mapped.bundle["entry"]
        for issue in errors(validator.validate(entry["resource"]))
    )
