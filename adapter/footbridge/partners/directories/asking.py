"""How a directory API is asked: with which key, within which bounds, with which parameters."""

from collections.abc import Sequence
from dataclasses import dataclass

Query = Sequence[tuple[str, str]]
"""Names and values, in their order."""


@dataclass(frozen=True, slots=True)
class Key:
    """Where a key is (``env:NAME`` or ``file:PATH``), and how it is sent: in a header, or as a query parameter."""

    reference: str
    header: str = "Authorization"
    prefix: str = "Bearer "
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds: seconds to connect, for one answer, and to wait between tries; bytes of one answer and of a stream."""

    connect: float = 10.0
    total: float = 120.0
    stream_total: float = 3600.0
    longest_wait: float = 120.0
    tries: int = 5
    max_bytes: int = 50_000_000
    max_stream_bytes: int = 4_000_000_000
