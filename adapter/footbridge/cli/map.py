"""``footbridge map``: a prescription as a FHIR transaction Bundle; nothing is stored or sent."""

import sys

import click

from footbridge.cli.context import print_json
from footbridge.cli.documents import compact, read, refusal, tell
from footbridge.errors import PrescriptionError
from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.accepting import accept
from footbridge.model.issues import Issue, errors
from footbridge.terminology import open_store
from footbridge.validation import Validator

WITHHELD = "Left out, because the client is not safe to contact; --with-contact keeps it."


@click.command("map")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--jurisdiction",
    type=click.Choice(["us", "ca"]),
    default="us",
    show_default=True,
    help="For prescriptions that name none.",
)
@click.option(
    "--guide",
    type=click.Choice(["3.0.0", "2.3.0"]),
    default="3.0.0",
    show_default=True,
    help="Version of the SDOH Clinical Care guide that the receiver is set to.",
)
@click.option("--with-contact", is_flag=True, help="Keep the contact details of a client who is not safe to contact.")
@click.option("--json", "as_json", is_flag=True, help="Tell refusals as JSON, one line each, on standard error.")
def command(files: tuple[str, ...], jurisdiction: str, guide: str, with_contact: bool, as_json: bool) -> None:
    """Print prescriptions as FHIR R4 transaction Bundles that conform to the SDOH Clinical Care guide.

    One FILE prints one Bundle; several print one line of JSON each (NDJSON). - reads standard input. Warnings and
    faults go to standard error, each with its JSON Pointer. Exit code 1 when a prescription was refused.

    \b
    Example:
      footbridge map prescription.json > bundle.json
      footbridge map examples/*.json | wc -l
    """
    loaded = open_store()
    refused = False
    for name in files:
        try:
            accepted = accept(read(name), jurisdiction="ca" if jurisdiction == "ca" else "us", loaded=loaded)
            context = MappingContext(
                jurisdiction=accepted.jurisdiction,
                guide="2.3.0" if guide == "2.3.0" else "3.0.0",
                withhold_unsafe_contact=not with_contact,
            )
            mapped = to_bundle(accepted.prescription, context)
        except PrescriptionError as error:
            refused = True
            if as_json:
                click.echo(compact(refusal(name, error)), err=True)
            else:
                tell(name, error.issues)
            continue
        tell(name, (*accepted.warnings, *_worth_telling(mapped), *_faults(mapped)))
        if len(files) == 1:
            print_json(mapped.bundle)
        else:
            click.echo(compact(mapped.bundle))
    sys.exit(1 if refused else 0)


def _worth_telling(mapped: Mapped) -> tuple[Issue, ...]:
    told = tuple(issue for issue in mapped.warnings if issue.severity != "information")
    withheld = tuple(
        Issue("mapping.withheld", "warning", "suppressed", WITHHELD, pointer=place) for place in mapped.withheld
    )
    return (*told, *withheld)


def _faults(mapped: Mapped) -> tuple[Issue, ...]:
    """What our own mapping got wrong, at the part of the prescription that it comes from."""
    validator = Validator()
    return tuple(
        Issue(issue.rule, issue.severity, issue.code, issue.message, pointer=mapped.origins.get(entry["fullUrl"]))
        for entry in mapped.bundle["entry"]
        for issue in errors(validator.validate(entry["resource"]))
    )
