"""Reads the JSON of a partner: whatever its bytes, what comes out can be stored and compared.

A byte order mark is passed over, and a charset that is named is obeyed, although FHIR is always UTF-8
(https://hl7.org/fhir/R4/http.html#mime-type). Control characters, which no FHIR string has
(https://hl7.org/fhir/R4/datatypes.html#string), are left out: PostgreSQL stores no U+0000. A version that cannot stand
in an ETag, or that we cannot keep, counts as missing.
"""

import codecs
import re
from typing import Any, Final

from footbridge.partners.fhir.lenient import object_in
from footbridge.partners.fhir.server import Resource
from footbridge.store import exact_json

VERSION: Final = re.compile(r"[!#-~]{1,64}")
"""A version that fits an ETag (https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3) and the column of ours."""

_ETAG: Final = re.compile(r'(?:[Ww]/)?(?:"([^"]*)"|([^"\s/]+))')
_ESCAPED: Final = re.compile(rb"\\(u00[01]|u007[fF]|[bf])")
_CONTROLS: Final = {code: None for code in (*range(32), 127) if chr(code) not in "\t\n\r"}
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_TEXT: Final = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16", "utf-16-le", "utf-16-be"})


def read_text(body: bytes, content_type: str = "") -> Any:  # noqa: ANN401 - JSON of any shape
    """The value; raises ValueError or RecursionError when it cannot be read."""
    raw = _as_utf8(body, content_type)
    value = exact_json.loads(raw)
    return _without_controls(value) if _ESCAPED.search(raw) or b"\x7f" in raw else value


def _as_utf8(body: bytes, content_type: str) -> bytes:
    for mark, name in _MARKS:
        if body.startswith(mark):
            rest = body.removeprefix(mark)
            return rest if name == "utf-8" else rest.decode(name).encode()
    said = _CHARSET.search(content_type)
    if said is None:
        return body
    try:
        name = codecs.lookup(said[1]).name
    except LookupError:
        return body
    if name not in _TEXT or _is_utf8(body):
        return body
    return body.decode(name).encode()


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _without_controls(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    if isinstance(value, str):
        return value.translate(_CONTROLS)
    if isinstance(value, list):
        return [_without_controls(item) for item in value]
    if isinstance(value, dict):
        return {name.translate(_CONTROLS): _without_controls(item) for name, item in value.items()}
    return value


def with_sound_meta(resource: Resource, etag: str | None = None) -> Resource:
    """The resource, its ``meta`` an object, its version one that can be kept, from the ETag where it has none."""
    meta = resource.get("meta")
    said = object_in(meta).get("versionId")
    sound = isinstance(said, str) and VERSION.fullmatch(said) is not None
    version = said if sound else version_of(etag)
    if isinstance(meta, dict) and version == said:
        return resource
    others = {name: value for name, value in object_in(meta).items() if name != "versionId"}
    changed = others if version is None else others | {"versionId": version}
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return rest | {"meta": changed} if changed else rest


def version_of(etag: str | None) -> str | None:
    """The version in an ETag: ``W/"3"``, ``"3"`` or, as some servers write, ``3``; None when there is none."""
    found = _ETAG.fullmatch((etag or "").strip())
    version = "" if found is None else found[1] if found[1] is not None else found[2]
    return version if VERSION.fullmatch(version) else None
