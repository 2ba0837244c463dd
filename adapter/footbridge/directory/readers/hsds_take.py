"""Takes documents of HSDS apart, some at a time and each by itself, so that several processes can.

What a document mentions, the objects that it gives and those that they refer to, is told as *keys*: documents without a
key in common cannot change each other's records. Taxonomy terms and the like are for all documents, and are told apart.
"""

import functools
import hashlib
from array import array
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from footbridge.directory.packed_json import as_json
from footbridge.directory.readers.hsds_copies import REFERENCES
from footbridge.directory.readers.hsds_documents import Document
from footbridge.directory.readers.hsds_names import HsdsNames
from footbridge.directory.readers.hsds_objects import Check
from footbridge.directory.readers.hsds_roots import SCOPES, Flattener
from footbridge.directory.readers.staging import CopyRow, CoreObject, copy_row, pair_of
from footbridge.directory.readers.tally import Counted, Tally
from footbridge.directory.records import Finding


class Notes(NamedTuple):
    """What was found in one document: findings, and what is counted."""

    number: int
    findings: list[Finding]
    counted: list[Counted]


class Taken(NamedTuple):
    """Documents that were taken apart.

    Attributes:
        copies: rows of core objects, for ``staging``.
        pairs: services and locations that the source itself joins.
        lookups: type, id and JSON of what records refer to and is no record.
        keys: of each document, by its number.
        notes: of the documents in which something was found.
        givers: numbers of the documents that gave lookups.
        broken: numbers of those that are no JSON, and what is said of them.
    """

    copies: list[CopyRow]
    pairs: list[tuple[str, str]]
    lookups: list[tuple[str, str, bytes]]
    keys: "list[tuple[int, array[int]]]"
    notes: list[Notes]
    givers: list[int]
    broken: list[tuple[int, Finding]]


def take(check: Check | None, some: Sequence[Document]) -> Taken:
    """Take documents apart; ``check`` says what breaks the schema of an object, which is then left out."""
    taken = Taken([], [], [], [], [], [], [])
    tally = Tally()

    def add_lookup(type_name: str, native_id: str, data: object) -> None:
        packed = as_json(data, option=orjson.OPT_SORT_KEYS, default=str)
        taken.lookups.append((type_name, native_id, packed))

    names = HsdsNames(tally)
    flattener = Flattener(names, add_lookup, check)
    for document in some:
        before = len(taken.lookups)
        try:
            value = document.parsed()
        except ValueError as error:
            said = Finding("hsds.line-not-json", document.file, document.line, found=str(error)[:120])
            taken.broken.append((document.number, said))
            continue
        found = _one(document, value, flattener, taken)
        counted = tally.taken()
        if found or counted:
            taken.notes.append(Notes(document.number, found, counted))
        if len(taken.lookups) > before:
            taken.givers.append(document.number)
    return taken


def _one(document: Document, value: object, flattener: Flattener, taken: Taken) -> list[Finding]:
    findings: list[Finding] = []
    keys = array("Q", [_key("file", "")] if document.container is not None else [])
    at = document.number << SCOPES
    for item in flattener.read(document, value):
        if isinstance(item, Finding):
            findings.append(item)
            continue
        taken.copies.append(copy_row(item, at))
        at += 1
        if item.kind == "service_at_location" and not item.derived:
            taken.pairs.append(pair_of(item))
        keys.extend(_keys(item))
    taken.keys.append((document.number, keys))
    return findings


def _keys(item: CoreObject) -> list[int]:
    """Of the object, and of what it refers to."""
    found = [_key(item.kind, item.native_id)]
    for member, kind in REFERENCES.items():
        target = item.data.get(member)
        if isinstance(target, str):
            found.append(_key(kind, target))
    return found


@functools.lru_cache(maxsize=4096)
def _key(kind: str, native_id: str) -> int:
    text = f"{kind}\x1f{native_id}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")
