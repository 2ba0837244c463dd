"""``footbridge fhirpath``: what an expression gives on a resource."""

import json
import sys
from decimal import Decimal
from typing import Any

import click
import orjson

from footbridge.cli.context import check_settings
from footbridge.errors import ConfigurationError
from footbridge.validation.bulk import documents
from footbridge.validation.fhirpath import FHIRPathError, evaluate
from footbridge.validation.reading import Document, read


@click.command("fhirpath")
@click.argument("expression")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def command(expression: str, file: str, as_json: bool) -> None:
    """Print what a FHIRPath expression gives on a resource.

    FHIRPath (https://hl7.org/fhirpath/) is the language that profiles write their rules in; this is to try one. FILE
    is JSON or XML; - reads standard input. One result a line: text stands as it is, everything else as JSON. Exit code
    2 when the expression has an error or the file is no resource.

    \b
    Examples:
      footbridge fhirpath "Task.input.where(type.coding.exists()).value" task.json
      footbridge fhirpath "Bundle.entry.resource.ofType(Patient).name.given" bundle.xml --json
    """
    check_settings()
    for item in documents([file]):
        try:
            results = evaluate(_resource(item.source, item.data or b""), expression)
        except FHIRPathError as error:
            click.echo(f"Error: {' '.join(str(error).split())}", err=True)
            sys.exit(2)
        if as_json:
            click.echo(_json(results))
        else:
            for result in results:
                click.echo(result if isinstance(result, str) else _json(result))


def _resource(source: str, data: bytes) -> dict[str, Any]:
    document = _read(data)
    faults = [issue for issue in document.issues if issue.is_error]
    if not isinstance(document.resource, dict) or faults:
        place = f" (line {faults[0].line})" if faults and faults[0].line else ""
        raise ConfigurationError(f"{source}: {faults[0].message if faults else 'This is no FHIR resource.'}{place}")
    return document.resource


def _read(data: bytes) -> Document:
    if data.lstrip()[:1] != b"<":
        return read(data)
    from footbridge.validation import Validator  # noqa: PLC0415 - XML alone needs the types

    return read(data, Validator().types)


def _json(value: Any) -> str:  # noqa: ANN401 - any JSON
    try:
        return orjson.dumps(value, default=_number).decode()
    except TypeError:  # an integer beyond 64 bits, or a lone surrogate
        return json.dumps(value, default=float)


def _number(value: object) -> object:
    """A decimal with the digits that it has."""
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError
