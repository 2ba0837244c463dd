"""What directory APIs answer: which status means what, how long to wait, how much is read, what an error is called."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
import requests
import urllib3

from footbridge.directory.errors import DirectoryError
from footbridge.i18n import _
from footbridge.partners.directories.asking import Key, Limits

NOTHING: Final = frozenset({204, 404})
"""How some APIs answer when nothing is found."""
ABSENT: Final = NOTHING | {405, 410, 501}
"""How APIs answer for a list that the standard lets them leave out."""
BEYOND: Final = NOTHING | {400, 410, 416, 422}
"""How APIs answer for the page after the last one."""
RETRY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may work later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its status and its JSON, None where there is no content."""

    status: int
    headers: Mapping[str, str]
    content: Any


def require(status: int, host: str, route: str, key: Key | None) -> None:
    """Raise DirectoryError for a status that brings no data."""
    if 200 <= status < 300 or status in NOTHING:
        return
    if status in {401, 403}:
        hint = (
            _("Check the key that {reference} names.", reference=key.reference)
            if key
            else _("Check whether it needs a key.")
        )
    elif 300 <= status < 400:
        hint = _("It redirects: give the final URL.")
    elif status in RETRY:
        hint = _("Try again later.")
    else:
        hint = _("Check the URL and the options.")
    raise DirectoryError(
        _(
            "{host}: {route} was answered with status {status}. {hint}",
            host=host,
            route=route,
            status=status,
            hint=hint,
        )
    )


def read_bounded(raw: urllib3.BaseHTTPResponse, until: float, most: int, host: str, route: str) -> bytes:
    """All bytes of an answer. Raises DirectoryError for more than ``most``, TimeoutError after ``until``."""
    parts: list[bytes] = []
    size = 0
    while part := raw.read1(65_536, decode_content=True):
        parts.append(part)
        size += len(part)
        if size > most:
            raise DirectoryError(
                _(
                    "{host}: the answer to {route} is larger than {max_bytes} bytes. Ask for smaller pages.",
                    host=host,
                    route=route,
                    max_bytes=most,
                )
            )
        if time.monotonic() > until:
            raise TimeoutError
    return b"".join(parts)


def read_lines(raw: urllib3.BaseHTTPResponse, until: float, limits: Limits, host: str, route: str) -> Iterator[Any]:
    """The values of an answer in NDJSON, as they come. Raises as ``read_bounded``, and DirectoryError for no JSON."""
    size, rest, number = 0, b"", 0
    while part := raw.read1(65_536, decode_content=True):
        size += len(part)
        if size > limits.max_stream_bytes or len(rest) > limits.max_bytes:
            raise DirectoryError(
                _("{host}: the answer to {route}, or one line of it, is too large.", host=host, route=route)
            )
        if time.monotonic() > until:
            raise TimeoutError
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            number += 1
            yield from _value(line, number, host, route)
    yield from _value(rest, number + 1, host, route)


def _value(line: bytes, number: int, host: str, route: str) -> Iterator[Any]:
    if not line.strip():
        return
    try:
        yield orjson.loads(line)
    except ValueError:
        raise DirectoryError(
            _(
                "{host}: line {number} of the answer to {route} is not JSON, or breaks off. Try again later.",
                host=host,
                number=number,
                route=route,
            )
        ) from None


def patience(headers: Mapping[str, str], attempt: int, longest: float) -> float:
    """Seconds to wait: what Retry-After says (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after)."""
    said = headers.get("Retry-After", "").strip()
    seconds = 2.0**attempt
    if said.isdecimal():
        seconds = float(said)
    elif said:
        with contextlib.suppress(ValueError, TypeError):  # a date counts from the answer's own
            seconds = (parsedate_to_datetime(said) - parsedate_to_datetime(headers.get("Date", ""))).total_seconds()
    return min(max(seconds, 0.0), longest)


def as_utf8(content: bytes, kind: str) -> bytes:
    """The content without a mark, and in UTF-8 where its type says that it is in another encoding."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    charset = kind.casefold().partition("charset=")[2].partition(";")[0].strip(' "')
    if charset in {"", "utf-8", "utf8"}:
        return content
    return content.decode(charset).encode()


def differs_by_slash(url: str, response: requests.Response) -> bool:
    """Whether an answer sends to the same path of the same host, with a slash at its end or without."""
    if response.status_code not in {301, 302, 307, 308}:
        return False
    here = urlsplit(url)
    try:
        there = urlsplit(response.headers.get("Location", ""))
        is_same = there.hostname in {None, here.hostname}
    except ValueError:
        return False
    return is_same and there.path != here.path and there.path.rstrip("/") == here.path.rstrip("/") != ""


def with_other_slash(url: str) -> str:
    """The URL with a slash at the end of its path, or without the one that it has."""
    path, mark, query = url.partition("?")
    return f"{path[:-1] if path.endswith('/') else f'{path}/'}{mark}{query}"


def is_refused(error: Exception) -> bool:
    """Whether nobody listens there, or the name is unknown: waiting longer seldom helps."""
    slow = isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError)
    return isinstance(error, requests.ConnectionError) and not slow


def plain(error: Exception) -> str:
    """What went wrong, in a word or two for people."""
    if isinstance(error, requests.exceptions.SSLError | urllib3.exceptions.SSLError):
        return _("its TLS certificate was not accepted")
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
        return _("too slow")
    if isinstance(error, urllib3.exceptions.ProtocolError):
        return _("the answer breaks off")
    if isinstance(error, requests.ConnectionError):
        return _("no connection")
    return _("the answer breaks off")
