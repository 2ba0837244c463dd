"""``footbridge directory export``: the directory as FHIR or HSDS, for other systems."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from collections import Counter
from pathlib import Path
from typing import Any

import click
import orjson

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import current_of
from footbridge.cli.progress import shown
from footbridge.cli.whole_file import OUTPUT, check_writable, whole_file
from footbridge.i18n.eager import _


@click.command("export")
@click.option("--fhir", is_flag=True, help="Write FHIR R4 resources as NDJSON, one a line.")
@click.option("--hsds", is_flag=True, help="Write services of HSDS 3.1 with all that belongs to them, as NDJSON.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else the output.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@tenant_option
def command(fhir: bool, hsds: bool, output: Path | None, sources: tuple[str, ...], tenant: str | None) -> None:
    """Write the directory as FHIR R4 resources, as HSDS 3.1, or as JSON with HSDS 3.1's names and ours.

    A profile is claimed only by a resource that meets it. What FHIR or HSDS has no place for, and what was assumed, is
    listed at the end. Nothing that may not be shown is written.

    \b
    Example:
      footbridge directory export --fhir -o directory.ndjson
    """
    from footbridge.directory.export import fhir_resources, hsds_services, services
    from footbridge.store.tenants import get_tenant
    from footbridge.validation import Validator

    if fhir and hsds:
        raise click.UsageError(_("Choose one of --fhir and --hsds."))
    target = output or Path(OUTPUT)
    check_writable(target)
    found = database()
    owner = tenant_of(found, tenant)
    counts: Counter[str] = Counter()
    with found.read() as connection:
        wanted = current_of(connection, owner, sources)
        every: Any = shown(services(connection, owner, wanted), _("services"))
        jurisdiction = get_tenant(connection, owner).jurisdiction
        written: Any = hsds_services(every, counts) if hsds else every
        if fhir:
            written = fhir_resources(every, Validator(), jurisdiction, counts)
        with whole_file(target) as stream:
            for one in written:
                stream.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
                counts["written"] += 1
    for what, count in sorted(counts.items()):
        said = _("written") if what == "written" else what
        click.echo(_("{count:>9,}  {what}", count=count, what=said), err=True)
