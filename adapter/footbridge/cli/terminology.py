"""``footbridge terminology``: the user's own value sets, code systems and maps."""

from pathlib import Path

import click

from footbridge.cli.context import json_option, show
from footbridge.terminology import LoadedResource, default_store, list_loaded, load_file


@click.group("terminology")
def command() -> None:
    """Load value sets, code systems and maps of your own, and list what is loaded."""


@command.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def load(files: tuple[Path, ...], as_json: bool) -> None:
    """Load FHIR ValueSets, CodeSystems and ConceptMaps from JSON files, Bundles or FHIR packages (.tgz).

    What you may load depends on your licences, e.g. a VSAC download needs a UMLS licence.

    \b
    Example:
      footbridge terminology load vsac-download.json my-codes.tgz
    """
    loaded = [resource for file in files for resource in load_file(file)]
    show(_rows(loaded), "Nothing to load was found in these files.", as_json=as_json)


@command.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List what is loaded.

    \b
    Example:
      footbridge terminology list
    """
    show(
        _rows(list_loaded()), f"Nothing of your own is loaded (it would be kept in {default_store()}).", as_json=as_json
    )


def _rows(loaded: list[LoadedResource]) -> list[dict[str, object]]:
    return [
        {"kind": one.kind, "url": one.url, "version": one.version, "codes": one.count, "from": one.source}
        for one in loaded
    ]
