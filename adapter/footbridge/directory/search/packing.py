"""How what is counted is written: JSON, or a column of numbers of one width, compressed."""

import sys
import zlib
from array import array
from typing import Any

import orjson


def pack(value: Any) -> bytes:  # noqa: ANN401 - JSON is any value
    """Compress a JSON value."""
    return zlib.compress(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), 1)


def unpack(data: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    """Read a JSON value."""
    return orjson.loads(zlib.decompress(data))


def pack_column(numbers: "array[Any]") -> bytes:
    """Compress a column of numbers, the lowest byte first."""
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return zlib.compress(numbers.tobytes(), 1)


def unpack_column(kind: str, data: bytes) -> "array[Any]":
    """Read a column; ``kind`` is a type code of ``array``."""
    numbers: array[Any] = array(kind)
    numbers.frombytes(zlib.decompress(data))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
