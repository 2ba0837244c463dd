"""``footbridge directory export``: the directory as FHIR, for other systems."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import click
import orjson

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.progress import shown
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _


@click.command("export")
@click.option("--fhir", is_flag=True, help="Write FHIR R4 resources as NDJSON, one a line.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else the output.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@tenant_option
def command(fhir: bool, output: Path | None, sources: tuple[str, ...], tenant: str | None) -> None:
    """Write the directory as FHIR R4 resources, or as JSON with HSDS 3.1's names.

    A profile is claimed only by a resource that meets it. What FHIR has no place for, and what was assumed, is listed
    at the end. Nothing that may not be shown is written.

    \b
    Example:
      footbridge directory export --fhir -o directory.ndjson
    """
    from footbridge.directory.export import fhir_resources, services
    from footbridge.directory.sources import current_imports
    from footbridge.store.tenants import get_tenant
    from footbridge.validation import Validator

    found = database()
    owner = tenant_of(found, tenant)
    counts: Counter[str] = Counter()
    with found.read() as connection, ExitStack() as stack:
        current = current_imports(connection, owner)
        unknown = [name for name in sources if name not in current]
        if unknown:
            raise ConfigurationError(
                _(
                    "Unknown source {name!r}; known: {known}.",
                    name=unknown[0],
                    known=", ".join(current) or _("none yet"),
                )
            )
        target: IO[bytes] = sys.stdout.buffer if output is None else stack.enter_context(output.open("wb"))
        wanted = {name: current[name] for name in sources or current}
        every: Any = shown(services(connection, owner, wanted), _("services"))
        jurisdiction = get_tenant(connection, owner).jurisdiction
        written: Any = fhir_resources(every, Validator(), jurisdiction, counts) if fhir else every
        for one in written:
            target.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
            counts["written"] += 1
    for what, count in sorted(counts.items()):
        said = _("written") if what == "written" else what
        click.echo(_("{count:>9,}  {what}", count=count, what=said), err=True)
