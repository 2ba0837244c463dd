"""Withheld values as digests, so that another source's record can be compared with them and nobody can read them.

A digest has three bytes: hundreds of phone numbers share each one, so that it tells none. For that reason it never
decides alone: the records have to be about the same service (``privacy.withheld``).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from footbridge.directory.privacy.values import (
    address_secrets,
    phone_secret,
    skipped_words,
    street_line,
    street_secrets,
    street_types,
    unit_words,
    words,
)

BYTES = 3
_LINK = re.compile(r"(?:[\w.+-]+@[\w-]+(?:\.[\w-]+)+)|(?:(?:https?://|www\.)[^\s<>\"')]+)", re.IGNORECASE)
_NUMBER = re.compile(r"\+?\(?\d(?:[\s().+/-]{0,3}\d){6,14}")
_POSTAL = re.compile(
    r"\b(?:[A-Za-z]\d[A-Za-z][\s-]?\d[A-Za-z]\d|\d{5}(?:-\d{4})?|[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2})\b"
)
_NUMBERED = re.compile(r"\d")
_DECIMALS = 3  # of a position that is compared: about 100 m
_STEP = 10**-_DECIMALS


def digest(text: str) -> int:
    """Of a form of a value."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="replace"), digest_size=BYTES).digest())


def forms(secret: str) -> Iterator[str]:
    """The forms of a secret (``privacy.values``) that are compared: the same for all ways to write it."""
    kind, _, value = secret.partition(":")
    if kind == "phone":
        yield f"phone:{value}" if len(value) > 7 else f"local:{value}"
    elif kind == "street":
        yield "street:" + _street(value.split())
    elif kind == "person":
        yield "person:" + " ".join(sorted(value.split()))
    else:
        yield secret


def is_numbered_street(secret: str) -> bool:
    """Whether a secret names one house."""
    return secret.startswith("street:") and secret[7:8].isdigit()


def _street(tokens: list[str]) -> str:
    """A street without its type, direction and unit, where enough is left without."""
    types, skipped, units = street_types(), skipped_words(), unit_words()
    kept: list[str] = []
    for token in tokens:
        if token in units and len(kept) > 1:
            break
        kept.append(token)
    bare = [token for token in kept if token not in types and token not in skipped]
    numbered = any(token[0].isdigit() for token in bare)
    if len(bare) >= 1 + numbered:
        kept = bare
    number = [token for token in kept if token[0].isdigit()]
    return " ".join([*number, *(token for token in kept if not token[0].isdigit())])  # "Hope Street 12" too


def positions(value: Any, *, around: bool) -> list[str]:  # noqa: ANN401 - JSON is any value
    """The forms of a coordinate, and with ``around`` those about 100 m away; none where it is no number."""
    try:
        number = round(abs(float(str(value).replace(",", "."))), _DECIMALS)
    except ValueError:
        return []
    return [f"position:{number + step * _STEP:.{_DECIMALS}f}" for step in ((0, -1, 1) if around else (0,))]


def structured(data: Mapping[str, Any]) -> Iterator[str]:
    """The secrets that a record's phones, addresses, links and positions would be, if they were withheld."""
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from structured(value)
        elif isinstance(value, (list, tuple)):
            for entry in value:
                if isinstance(entry, Mapping):
                    if key == "addresses":
                        yield from address_secrets(entry)
                    yield from structured(entry)
        elif key in {"number", "phone", "fax"} and isinstance(value, (str, int)):
            if secret := phone_secret(str(value)):
                yield secret
        elif key in {"latitude", "longitude"} and value is not None:
            yield f"literal:{str(value).strip().lstrip('+-')}"


def in_text(text: str) -> Iterator[str]:
    """The secrets that a text may hold: numbers, street lines, postal codes and links."""
    for match in _LINK.finditer(text):
        yield "literal:" + re.sub(r"^(?:\w+://|mailto:)", "", match.group().casefold()).rstrip("/.,;:")
    if not _NUMBERED.search(text):
        return
    for match in _NUMBER.finditer(text):
        if secret := phone_secret(match.group()):
            yield secret
    for match in street_line().finditer(text):
        yield from street_secrets(match.group())
    for match in _POSTAL.finditer(text):
        yield "postal:" + "".join(words(match.group()))


def windows(text: str, sizes: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Each run of so many words of a text, as a secret of its kind: ``("person", 2)``."""
    tokens = words(text)
    for kind, size in sizes:
        for start in range(len(tokens) - size + 1):
            yield f"{kind}:{' '.join(tokens[start : start + size])}"


def texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON is any value
    """Every text of a record, at any depth, without ids."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            if key != "id" and not str(key).endswith("_id"):
                yield from texts(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from texts(entry)
