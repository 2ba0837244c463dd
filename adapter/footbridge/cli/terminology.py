"""``footbridge terminology``: the user's own value sets, code systems and maps."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from pathlib import Path
from typing import TYPE_CHECKING

import click

from footbridge.cli.output import json_option, show
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.terminology import LoadedResource

SHAPE = "a list of JSON objects: kind, url, version, codes, from"


@click.group("terminology")
def command() -> None:
    """Load your own value sets, code systems and maps.

    \b
    Example:
      footbridge terminology load my-value-sets.json
    """


@command.command("load")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@json_option(SHAPE)
def load(files: tuple[Path, ...], as_json: bool) -> None:
    """Load FHIR ValueSets, CodeSystems and ConceptMaps.

    FILE is a JSON file with one of them or a Bundle of them, or a FHIR package (.tgz). A file of the same name replaces
    what was loaded from it before. What you may load depends on your licences: a VSAC download needs a UMLS
    licence.

    \b
    Example:
      footbridge terminology load vsac-download.json my-codes.tgz
    """
    from footbridge.terminology import load_file

    loaded = [resource for file in files for resource in load_file(file)]
    show(_rows(loaded), _("Nothing to load was found in these files."), as_json=as_json)


@command.command("list")
@json_option(SHAPE)
def list_(as_json: bool) -> None:
    """List what is loaded.

    \b
    Example:
      footbridge terminology list
    """
    from footbridge.terminology import default_store, list_loaded

    nothing = _("Nothing is loaded (the folder is {folder}).", folder=default_store())
    show(_rows(list_loaded()), nothing, as_json=as_json)


def _rows(loaded: "list[LoadedResource]") -> list[dict[str, object]]:
    return [
        {"kind": one.kind, "url": one.url, "version": one.version, "codes": one.count, "from": one.source}
        for one in loaded
    ]
