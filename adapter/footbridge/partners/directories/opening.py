"""A directory behind an API, opened: which API it is, and its records ready to be read.

What an HSDS API gives is spooled to a file of its own, for its owner alone and deleted afterwards, and read like any
other HSDS JSON: so nothing is read twice, and nothing is imported before the API was read to its end.
"""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing.plan import Progress
from footbridge.directory.opening import Opened, require_schema
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.hsds_schemas import DocumentSchemas
from footbridge.directory.readers.registry import reader
from footbridge.directory.records import FOUND_LENGTH, Finding, Record
from footbridge.directory.source_files import open_source
from footbridge.i18n import _
from footbridge.partners.directories import canada, ndp
from footbridge.partners.directories.asking import Key
from footbridge.partners.directories.hsds_api import HsdsApi
from footbridge.partners.directories.paging import Item
from footbridge.partners.directories.transport import Transport

HOSTS = {"data.211support.org": "211-canada", "api.211.org": "211-ndp"}
"""APIs that are known by their host; every other one is taken for HSDS's."""


def open_api(  # noqa: PLR0913 - each says one thing of the API
    url: str,
    form: str | None,
    key: str | None,
    *,
    since: date | None = None,
    options: ReadOptions | None = None,
    allow_http: bool = False,
    progress: Progress = lambda _step, _done: None,
    told: Callable[[str], None] = lambda _line: None,
) -> Opened:
    """Open a directory's API.

    Args:
        url: its base; of 211 Canada with ``?dataset=on``, and ``&lang=fr`` for French. What else stands behind ``?`` of
            the two 211 APIs narrows the search: ``Communities=Toronto|York``, ``dataOwners=211ventura``.
        form: ``hsds-api``, ``211-canada`` or ``211-ndp``; None: by its host.
        key: ``env:NAME`` or ``file:PATH``.
        since: only what changed since that day.
        options: how to read; strict mode is for HSDS alone.
        allow_http: plain HTTP to other hosts than this one.
        progress: told how many services have come.
        told: given a line of text when an answer has to be waited for.

    Raises:
        ConfigurationError: the URL or the key may not be used.
        DirectoryError: the form is not an API's.
    """
    parts = urlsplit(url)
    base = url.partition("?")[0]
    chosen = form or HOSTS.get(parts.hostname or "", "hsds-api")
    shown = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    day = since.isoformat() if since else None
    how = options or ReadOptions()
    if how.mapping is not None:
        raise DirectoryError(_("--mapping is for tables: an API has none. Leave it out."))
    if how.strict:
        require_schema(chosen)
    match chosen:
        case "hsds-api":
            transport = Transport(base, Key(key) if key else None, allow_http=allow_http, told=told)
            return Opened(chosen, shown, _hsds(HsdsApi(transport), day, how, progress))
        case "211-canada":
            transport = Transport(base, canada.key(key) if key else None, allow_http=allow_http, told=told)
            asked = dict(parse_qsl(parts.query))
            if "dataset" not in asked:
                raise DirectoryError(
                    _("Name the dataset of 211 Canada in the URL: {shown}?dataset=on (or bc, qc ...).", shown=shown)
                )
            search = {name: said for name, said in asked.items() if name not in {"dataset", "lang", "key"}}
            api = canada.Canada(transport, asked["dataset"], asked.get("lang", "en"), search)
            return Opened(chosen, f"{shown}?dataset={asked['dataset']}", api.read(day))
        case "211-ndp":
            transport = Transport(base, ndp.key(key) if key else None, allow_http=allow_http, told=told)
            asked = dict(parse_qsl(parts.query))
            owners = [one for one in asked.pop("dataOwners", "").split(",") if one]
            search = {**ndp.ALL, **{name: said for name, said in asked.items() if name not in ndp.OURS}}
            return Opened(chosen, shown, ndp.NationalDataPlatform(transport, owners, search).read())
        case _:
            raise DirectoryError(
                _("--format {chosen} is for files: for a URL use hsds-api, 211-canada or 211-ndp.", chosen=chosen)
            )


def _hsds(api: HsdsApi, since: str | None, how: ReadOptions, progress: Progress) -> Iterator[Record | Finding]:
    if how.strict:
        DocumentSchemas(how.schemas)  # what it lacks is told before the API is read
    with tempfile.TemporaryDirectory(prefix="footbridge-api-") as folder:  # mode 0700
        spool = Path(folder) / "services.ndjson"
        about = api.about()
        with spool.open("wb") as target:
            for count, one in enumerate(_all(api, since), 1):
                target.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
                progress(_("fetched"), count)
                if target.tell() > api.transport.limits.max_stream_bytes:
                    raise DirectoryError(
                        _(
                            "{host}: GET /services gives more than {most:,} bytes. Is this a directory, and has it an "
                            "end? Report it to who runs the API.",
                            host=api.transport.host,
                            most=api.transport.limits.max_stream_bytes,
                        )
                    )
        said = ", ".join(str(about[name]) for name in ("version", "profile") if about.get(name))
        if said:
            yield Finding("api.version", f"{api.transport.host}: GET /", found=said[:FOUND_LENGTH])
        yield from api.findings
        source = open_source(spool)
        yield from reader("hsds-json").read(source.files, how)


def _all(api: HsdsApi, since: str | None) -> Iterator[Item]:
    """The services, and where they are: a simple API lists that by itself, or not at all."""
    linked = False
    for one in api.pages(since):
        linked = linked or bool(one.get("service_at_locations"))
        yield one
    if not linked:
        yield from api.pages(since, of="service_at_locations", optional=True)
