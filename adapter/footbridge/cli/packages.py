"""``footbridge packages``: FHIR packages to validate with."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import tempfile
from pathlib import Path

import click

from footbridge.cli.output import json_option, show
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _
from footbridge.validation.packages import Installed, install, installed


@click.group("packages")
def command() -> None:
    """Install FHIR packages (guides), and list them.

    A package holds the profiles, value sets and code systems of a guide. R4, US Core and SDOH Clinical Care are
    embedded; any other that is installed, or a .tgz file, is used by `footbridge validate --package`.

    \b
    Examples:
      footbridge packages list
      footbridge packages install guide.tgz
      footbridge validate task.json --package clinic.test.guide#1.0.0
    """


@command.command("install")
@click.argument("wanted", metavar="ID#VERSION|FILE|FOLDER|URL")
@json_option("one JSON list of packages")
def install_(wanted: str, as_json: bool) -> None:
    """Install a package, and what it depends on.

    It is put into the package cache that FHIR's tools share, ~/.fhir/packages. By name, a package and what it depends
    on come from the registry of the setting FOOTBRIDGE_PACKAGE_REGISTRY; if it is not set, nothing is fetched except
    what a URL names.

    \b
    Examples:
      footbridge packages install guide.tgz
      footbridge packages install hl7.fhir.us.core#6.1.0
    """
    show([_row(one) for one in _install(wanted)], _("Nothing was installed."), as_json=as_json)


def _install(wanted: str) -> list[Installed]:
    from footbridge.partners.package_registry import RegistryClient
    from footbridge.settings import settings

    registry = settings().package_registry
    if registry is not None:
        return install(wanted, source=RegistryClient(registry))
    if wanted.startswith(("https://", "http://")):
        with tempfile.NamedTemporaryFile(suffix=".tgz") as file:
            file.write(RegistryClient().download(wanted))
            file.flush()
            return install(file.name)
    if not Path(wanted).expanduser().exists():
        raise ConfigurationError(
            _(
                "{wanted}: file not found, and no registry is set to fetch it from: specify a FILE or a "
                "URL, or set FOOTBRIDGE_PACKAGE_REGISTRY.",
                wanted=wanted,
            )
        )
    return install(wanted)


@command.command("list")
@json_option("one JSON list of packages")
def list_(as_json: bool) -> None:
    """List the available packages.

    They are used without fetching anything: the embedded ones, and those installed.

    \b
    Example:
      footbridge packages list
    """
    show([_row(one) for one in installed()], _("No packages."), as_json=as_json)


def _row(one: Installed) -> dict[str, object]:
    return {"package": one.name, "version": one.version, "from": one.origin}
