"""``footbridge read``: FHIR back into a prescription."""

import sys

import click
import orjson

from footbridge.cli.context import print_json
from footbridge.cli.documents import read
from footbridge.errors import ConfigurationError
from footbridge.mapping import from_bundle


@click.command("read")
@click.argument("file")
def command(file: str) -> None:
    """Print the prescription that a FHIR Bundle holds: one of ours, or another system's.

    What could not be carried over is told on standard error, each with its FHIRPath. Exit code 1 when the Bundle
    lacks something that a prescription needs.

    \b
    Example:
      footbridge map prescription.json | footbridge read -
    """
    try:
        bundle = orjson.loads(read(file))
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(f"{file}: this is not JSON (line {error.lineno}, column {error.colno}).") from error
    if not isinstance(bundle, dict):
        raise ConfigurationError(f"{file}: a FHIR Bundle or resource is a JSON object.")
    found = from_bundle(bundle)
    for issue in found.not_carried:
        click.echo(f"{file}: {issue.severity}: {issue.expression or '$this'}: {issue.message}", err=True)
    if found.prescription is None:
        sys.exit(1)
    print_json(found.prescription.model_dump(mode="json", exclude_defaults=True))
