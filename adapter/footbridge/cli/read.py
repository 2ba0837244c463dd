"""``footbridge read``: FHIR back into a prescription."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys
from typing import Any

import click

from footbridge.cli.documents import WHOLE, tell
from footbridge.cli.failures import CANNOT_RUN, REFUSED
from footbridge.cli.output import print_json, print_line
from footbridge.errors import ConfigurationError, PrescriptionError
from footbridge.i18n.eager import _
from footbridge.model.issues import Issue

MOST_BYTES = 50_000_000
"""Other systems' Bundles are larger than what our API takes."""


@click.command("read")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print findings as JSON, one line a document, on standard error: file, status (read or refused), errors, "
    "warnings, each with expression, rule, message.",
)
def command(files: tuple[str, ...], as_json: bool) -> None:
    """Print the prescriptions that FHIR Bundles hold.

    FILE is JSON: a Bundle, ours or another system's, a resource, or a list of resources; or NDJSON (.ndjson, .jsonl),
    with one of these a line; any of them gzipped; or a folder of such files. One document prints one prescription;
    several files, and NDJSON, print one line of JSON each. - reads standard input. What could not be carried over goes
    to standard error, each with its FHIRPath. Exit code 1 when one lacks something that a prescription requires.

    \b
    Examples:
      footbridge map prescription.json | footbridge read -
      footbridge map prescriptions/*.json | footbridge read - > prescriptions.ndjson
    """
    sys.exit(max((_take_file(name, alone=len(files) == 1, as_json=as_json) for name in files), default=0))


def _take_file(name: str, *, alone: bool, as_json: bool) -> int:
    """Print the prescriptions of one file, whatever becomes of the others; its exit code."""
    from footbridge.validation.bulk import documents

    exit_code = 0
    try:
        for item in documents([name]):
            document, issues = _read(item.data)
            tell(item.source, issues, status="refused" if document is None else "read", as_json=as_json)
            if document is None:
                exit_code = REFUSED
            else:
                (print_json if alone and item.source == name else print_line)(document)
    except ConfigurationError as error:
        click.echo(_("Error: {error}", error=str(error)), err=True)
        return CANNOT_RUN
    return exit_code


def _read(raw: bytes | None) -> tuple[dict[str, Any] | None, tuple[Issue, ...]]:
    """The prescription's JSON, None when it cannot be made; and what there is to say."""
    import orjson

    from footbridge.mapping import from_bundle
    from footbridge.model.prescription.decoding import text_of

    if raw is None or len(raw) > MOST_BYTES:
        return None, (_fault("too-large", _("The document is larger than {most} bytes.", most=MOST_BYTES)),)
    try:
        text = text_of(raw, MOST_BYTES)
        material = orjson.loads(text)
    except PrescriptionError as refused:
        return None, _of_document(refused)
    except orjson.JSONDecodeError as error:
        return None, _why(text, error.lineno, error.colno)
    one = material if isinstance(material, list) else [material]
    if not one or not all(isinstance(resource, dict) for resource in one):
        return None, (
            _fault("not-fhir", _("A FHIR Bundle or resource is a JSON object; several are a list of objects.")),
        )
    found = from_bundle(material)
    document = found.prescription.model_dump(mode="json", exclude_defaults=True) if found.prescription else None
    return document, found.not_carried


def _why(text: str, line: int, column: int) -> tuple[Issue, ...]:
    """Why a text is no JSON, in the words of the reader of prescriptions."""
    from footbridge.model.prescription.decoding import parsed

    if text.lstrip().startswith("<"):
        return (_fault("not-json", _("This is XML; FHIR is read as JSON here.")),)
    try:
        odd = tuple(parsed(text)[1].values())
    except PrescriptionError as refused:
        if not refused.issues[0].rule.endswith("too-large"):  # a limit of prescriptions, not of Bundles
            return _of_document(refused)
        odd = ()
    if odd:
        return (_fault("not-json", _("{message} It is at {pointer}.", message=odd[0].message, pointer=odd[0].pointer)),)
    return (_fault("not-json", _("This is not JSON (line {line}, column {column}).", line=line, column=column)),)


def _of_document(refused: PrescriptionError) -> tuple[Issue, ...]:
    return tuple(_fault(issue.rule.rpartition(".")[2], issue.message) for issue in refused.issues)


def _fault(name: str, message: str) -> Issue:
    return Issue(f"read.{name}", "fatal", "structure", message, expression=WHOLE)
