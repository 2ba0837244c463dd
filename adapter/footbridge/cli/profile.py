"""``footbridge profile``: what the validation has made of a profile."""

import json

import click

from footbridge.errors import NotFoundError
from footbridge.i18n.eager import _


@click.group("profile")
def command() -> None:
    """Show what the validation has made of a profile.

    \b
    Example:
      footbridge profile dump http://hl7.org/fhir/StructureDefinition/bodyweight
    """


@command.command("dump")
@click.argument("url")
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="ID#V|FILE|FOLDER",
    help="A package that has the profile, as for `footbridge validate`.",
)
@click.option(
    "--definitions", multiple=True, metavar="PATH", help="Loose StructureDefinitions and others: files or folders."
)
def dump(url: str, packages: tuple[str, ...], definitions: tuple[str, ...]) -> None:
    """Print a compiled profile as JSON.

    Printed are the rules at each element that the profile adds to those of its type, with slices and bindings, as the
    validation runs them: to see why a resource is refused, or what a change of a profile changes.

    \b
    Example:
      footbridge profile dump http://hl7.org/fhir/StructureDefinition/bodyweight
    """
    # Imported when the command runs, so that its help does not wait for it.
    from footbridge.validation.bulk import read_definitions  # noqa: PLC0415
    from footbridge.validation.compiled_json import compiled_json  # noqa: PLC0415
    from footbridge.validation.validator import Validator  # noqa: PLC0415

    skipped: list[str] = []
    loose = read_definitions(definitions, Validator().types, skipped.append) if definitions else ()
    validator = Validator(packages, loose)
    found = compiled_json(validator.types, url)
    if found is None:
        why = validator.fault(url)
        raise NotFoundError(
            _("The profile {url} cannot be used: {why}", url=url, why=why)
            if why
            else _("The profile {url} is not loaded; --package or --definitions loads it.", url=url)
        )
    click.echo(json.dumps(found, indent=1, ensure_ascii=False, default=str))
