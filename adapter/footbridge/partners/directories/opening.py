"""A directory behind an API, opened: which API it is, and its records ready to be read.

What an HSDS API gives is spooled to a file of its own, for its owner alone and deleted afterwards, and read like any
other HSDS JSON: so nothing is read twice, and nothing is imported before the API was read to its end.
"""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import orjson

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import open_source
from footbridge.directory.opening import Opened
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.registry import reader
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _
from footbridge.partners.directories import canada, ndp
from footbridge.partners.directories.hsds_api import HsdsApi
from footbridge.partners.directories.transport import Key, Transport

HOSTS = {"data.211support.org": "211-canada", "api.211.org": "211-ndp"}
"""APIs that are known by their host; every other one is taken for HSDS's."""


def open_api(
    url: str,
    form: str | None,
    key: str | None,
    *,
    since: date | None = None,
    allow_http: bool = False,
) -> Opened:
    """Open a directory's API.

    Args:
        url: its base; of 211 Canada with ``?dataset=on``, and ``&lang=fr`` for French.
        form: ``hsds-api``, ``211-canada`` or ``211-ndp``; None: by its host.
        key: ``env:NAME`` or ``file:PATH``.
        since: only what changed since that day.
        allow_http: plain HTTP to other hosts than this one.

    Raises:
        ConfigurationError: the URL or the key may not be used.
        DirectoryError: the form is not an API's.
    """
    parts = urlsplit(url)
    base = url.partition("?")[0]
    chosen = form or HOSTS.get(parts.hostname or "", "hsds-api")
    shown = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
    day = since.isoformat() if since else None
    match chosen:
        case "hsds-api":
            transport = Transport(base, Key(key) if key else None, allow_http=allow_http)
            return Opened(chosen, shown, _hsds(HsdsApi(transport), day))
        case "211-canada":
            transport = Transport(base, canada.key(key) if key else None, allow_http=allow_http)
            asked = dict(parse_qsl(parts.query))
            if "dataset" not in asked:
                raise DirectoryError(
                    _("Name the dataset of 211 Canada in the URL: {shown}?dataset=on (or bc, qc ...).", shown=shown)
                )
            api = canada.Canada(transport, asked["dataset"], asked.get("lang", "en"))
            return Opened(chosen, f"{shown}?dataset={asked['dataset']}", api.read(day))
        case "211-ndp":
            transport = Transport(base, ndp.key(key) if key else None, allow_http=allow_http)
            return Opened(chosen, shown, ndp.NationalDataPlatform(transport).read())
        case _:
            raise DirectoryError(
                _("--format {chosen} is for files: for a URL use hsds-api, 211-canada or 211-ndp.", chosen=chosen)
            )


def _hsds(api: HsdsApi, since: str | None) -> Iterator[Record | Finding]:
    with tempfile.TemporaryDirectory(prefix="footbridge-api-") as folder:  # mode 0700
        spool = Path(folder) / "services.ndjson"
        linked = False
        with spool.open("wb") as target:
            for one in api.pages(since):
                linked = linked or bool(one.get("service_at_locations"))
                target.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
            if not linked:  # a simple API lists where services are by itself, or not at all
                for one in api.pages(since, of="service_at_locations"):
                    target.write(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE))
        yield from api.findings
        source = open_source(spool)
        yield from reader("hsds-json").read(source.files, ReadOptions())
