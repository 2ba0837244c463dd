"""The directory: its sources and imports; import one by upload or URL; what an import changed and found.

An import is a job, which does what `footbridge directory import` does. The page shows how far it is, and refreshes
itself. What no reader recognises is refused before it is queued. An API that asks for a key is for the command line:
where a key is, is never typed into a page.
"""

import io
from collections import Counter
from itertools import islice
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from sqlalchemy import Connection, select
from werkzeug.datastructures import FileStorage

from footbridge.directory.difference import differences
from footbridge.directory.errors import DirectoryError
from footbridge.directory.findings import FindingLine, findings
from footbridge.directory.importing.asked import check_source, country_and_zone
from footbridge.directory.readers.registry import READERS
from footbridge.directory.report import write_csv
from footbridge.directory.rules import ORDER, severity_word
from footbridge.directory.sources import Source, list_imports, list_sources
from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.partners.addresses import is_loopback
from footbridge.partners.directories import uploads
from footbridge.partners.directories.import_job import KIND, WantedImport, queue_import
from footbridge.security.access import require
from footbridge.settings import settings
from footbridge.store.tables import job
from footbridge.store.tenants import get_tenant
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import page

PATH = "/portal/admin/directory"
MOST_IMPORTS = 10
MOST_CHANGES = 500
MOST_FINDINGS = 200

routes = Blueprint("admin_directory", __name__)


@routes.get(PATH)
def show() -> Response:
    """The sources with their newest imports, what is queued, and the form for an import."""
    require(door.signed_in().principal, "directory.manage")
    return _page(_fields(), None)


@routes.post(f"{PATH}/import")
def begin() -> Response:
    """Queue an import of a file or a URL."""
    me, here = door.signed_in(), app_context()
    require(me.principal, "directory.manage")
    fields = _fields()
    said = typed(fields)
    if door.only_speaks():
        return _page(fields, None)
    sent = request.files.get("file")
    wanted: WantedImport | None = None
    try:
        check_source(said["source"])
        with here.database.read() as connection:
            jurisdiction = get_tenant(connection, me.user.tenant).jurisdiction
        terms = country_and_zone(said["country"] or None, said["timezone"] or None, jurisdiction)
        wanted = _wanted(said, sent if sent is not None and sent.filename else None, terms)
        with here.database.write() as connection:
            queue_import(connection, me.user.tenant, said["source"], wanted, here.clock.now())
    except (ConfigurationError, ConflictError, DirectoryError) as error:
        if wanted is not None:
            wanted.discard()
        return _page(fields, words.for_pages(spoken(str(error))))
    here.wake()
    return door.see_other(f"{PATH}?done=yes")


@routes.get(f"{PATH}/<source>/changes")
def changes(source: str) -> Response:
    """What the last import of a source changed, as `footbridge directory diff` shows it."""
    tenant = _manager()
    with app_context().database.read() as connection:
        meant = _source(connection, tenant, source)
        found = list(islice(differences(connection, tenant, meant.name, meant.current), MOST_CHANGES + 1))
    counts = Counter(one.change for one in found[:MOST_CHANGES])
    more = len(found) > MOST_CHANGES
    return page("admin_changes.html", source=meant, found=found[:MOST_CHANGES], counts=counts, more=more)


@routes.get(f"{PATH}/<source>/findings")
def found_in(source: str) -> Response:
    """What was found in the records of a source: how often each rule was met, and the first findings."""
    tenant = _manager()
    with app_context().database.read() as connection:
        meant = _source(connection, tenant, source)
        shown: list[FindingLine] = []
        counts: Counter[tuple[str, str, str]] = Counter()
        for line in findings(connection, tenant, meant.name, meant.current, current()):
            counts[line.severity, line.rule, line.what] += 1
            if len(shown) < MOST_FINDINGS:
                shown.append(line)
    rules = sorted(counts, key=lambda key: (ORDER[key[0]], -counts[key], key[1]))  # type: ignore[index]  # a severity
    rows = [(severity_word(key[0], current()), key[2], counts[key]) for key in rules]  # type: ignore[arg-type]
    return page("admin_findings.html", source=meant, rows=rows, shown=shown, total=counts.total())


@routes.get(f"{PATH}/<source>/findings.csv")
def findings_file(source: str) -> Response:
    """Each finding, as CSV."""
    tenant = _manager()
    text = io.StringIO()
    with app_context().database.read() as connection:
        meant = _source(connection, tenant, source)
        write_csv(findings(connection, tenant, meant.name, meant.current, current()), text)
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"findings-{meant.name}.csv")
    return response


def _manager() -> str:
    """The tenant of somebody who looks after the directory. Raises ForbiddenError."""
    who = door.signed_in().principal
    require(who, "directory.manage")
    return who.tenant


def _source(connection: Connection, tenant: str, name: str) -> Source:
    found = next((one for one in list_sources(connection, tenant) if one.name == name), None)
    if found is None:
        raise NotFoundError(_("There is no such source."))
    return found


def _wanted(said: dict[str, str], sent: FileStorage | None, terms: tuple[str, str]) -> WantedImport:
    """What is asked for, its form recognised. Raises ConfigurationError, DirectoryError; then nothing is stored."""
    url = said["url"]
    if (sent is None) == (not url):
        raise ConfigurationError(_("Select a file, or enter a URL: one of the two."))
    if url and is_loopback(urlsplit(url).hostname) and not settings().allow_http:
        raise ConfigurationError(_("A URL of this server itself cannot be imported here."))
    place = url if sent is None else str(uploads.keep(sent.filename or "", sent.save))
    shown = (url.partition("?")[0] if sent is None else sent.filename or "")[-1000:]
    asked = app_context().clock.now().isoformat()
    wanted = WantedImport(place, shown, said["form"] or None, *terms, said["allow_removal"] == "yes", asked)
    try:
        wanted.opened()
    except BaseException:
        wanted.discard()
        raise
    return wanted


def _fields() -> list[Field]:
    forms = [(name, words.form_of_directory(name)) for name in READERS]
    yes_no = [(code, words.word(code)) for code in ("no", "yes")]
    return [
        field("url", "line", spoken(_("Or the URL of its API, where that needs no key"))),
        field("source", "line", spoken(_("Short name of the source; the same one for each import of it"))),
        field("form", "select", spoken(_("Form (empty: it is recognised)")), forms),
        field("country", "line", spoken(_("Country of numbers that name none, such as CA (empty: yours)"))),
        field("timezone", "line", spoken(_("Time zone, such as America/Toronto (empty: that of the country)"))),
        field("allow_removal", "select", spoken(_("Most of its services may disappear")), yes_no, "no"),
    ]


def _page(fields: list[Field], problem: str | None) -> Response:
    who = door.signed_in().principal
    planned = select(job.c.subject).where(job.c.tenant == who.tenant, job.c.kind == KIND, job.c.state == "ready")
    with app_context().database.read() as connection:
        queued = list(connection.execute(planned.order_by(job.c.subject)).scalars())
        found = [
            (one, list_imports(connection, who.tenant, one.name)[:MOST_IMPORTS])
            for one in list_sources(connection, who.tenant)
        ]
    running = [one.name for one, runs in found if runs and runs[0].state == "running"]
    return page(
        "admin_directory.html",
        422 if problem else 200,
        sources=found,
        fields=fields,
        problem=problem,
        queued=[name for name in queued if name not in running],
        is_busy=bool(queued or running),
        most=settings().upload_bytes // 1_000_000,
    )
