"""``footbridge fhirpath``: what an expression gives on a resource."""

import itertools
import json
import sys
from decimal import Decimal
from typing import Any

import click
import orjson

from footbridge.cli.context import check_settings
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _
from footbridge.validation.bulk import TOO_LARGE, Item, documents
from footbridge.validation.fhirpath import FHIRPathError, evaluate
from footbridge.validation.reading import Document, read


@click.command("fhirpath")
@click.argument("expression")
@click.argument("file")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
def command(expression: str, file: str, as_json: bool) -> None:
    """Evaluate a FHIRPath expression on a resource.

    FHIRPath (https://hl7.org/fhirpath/) is the language that profiles write their rules in; this is to try one. FILE
    is JSON or XML; - reads standard input. One result a line: text is printed as it is, everything else as JSON. With
    NDJSON or a folder every resource is evaluated: if there are several, each result has its source before it, as in
    `export.ndjson:7: true`, and --json prints a line for each resource, with its source and its results. Exit code 2
    when the expression has an error or the file is not a resource. A path that starts with another type than the
    resource has, such as Patient.name on a Bundle, gives nothing.

    \b
    Examples:
      footbridge fhirpath "Task.input.where(type.coding.exists()).value" task.json
      footbridge fhirpath "Bundle.entry.resource.ofType(Patient).name.given" bundle.xml --json
    """
    check_settings()
    items = documents([file])
    first = list(itertools.islice(items, 2))
    for item in itertools.chain(first, items):
        try:
            results = evaluate(_resource(item), expression, other_types=True)
        except FHIRPathError as error:
            place = f"{item.source}: " if len(first) > 1 else ""
            said = " ".join(str(error).split())
            click.echo(_("Error: {place}{error}", place=place, error=said), err=True)
            sys.exit(2)
        _show(results, item.source if len(first) > 1 else None, as_json=as_json)


def _show(results: list[Any], source: str | None, *, as_json: bool) -> None:
    """Print what one resource gave; with its source where there are several resources."""
    if as_json:
        click.echo(_json(results if source is None else {"source": source, "results": results}))
        return
    for result in results:
        text = result if isinstance(result, str) else _json(result)
        click.echo(text if source is None else f"{source}: {text}")


def _resource(item: Item) -> dict[str, Any]:
    if item.data is None:
        raise ConfigurationError(f"{item.source}: {TOO_LARGE}")
    document = _read(item.data)
    faults = [issue for issue in document.issues if issue.is_error]
    if not isinstance(document.resource, dict) or faults:
        place = _(" (line {line})", line=faults[0].line) if faults and faults[0].line else ""
        said = faults[0].message if faults else _("Not a FHIR resource.")
        raise ConfigurationError(f"{item.source}: {said}{place}")
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
