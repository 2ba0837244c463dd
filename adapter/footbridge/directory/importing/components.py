"""Which documents of a source are one component: ``recognition`` says what that is."""

import hashlib
from array import array

from footbridge.directory.importing.recognition import DIGEST

_KEY_BITS, _PART_BITS = 64, 5


def chained(chain: bytes, digest: bytes) -> bytes:
    """The digest of a component's documents, with one more."""
    return hashlib.blake2b(chain + digest, digest_size=DIGEST).digest()


class Mentions:
    """What documents mention, as keys of 8 bytes; a document is named by its number."""

    def __init__(self) -> None:
        self._parts = [(array("Q"), array("I")) for _ in range(1 << _PART_BITS)]  # by the first bits of the keys

    def add(self, document: int, keys: "array[int]") -> None:
        """A document mentions these."""
        parts = self._parts
        for key in keys:
            of_keys, documents = parts[key >> _KEY_BITS - _PART_BITS]
            of_keys.append(key)
            documents.append(document)

    def sorted(self) -> "tuple[array[int], array[int]]":
        """The keys ascending, each once for each document that mentions it, and the documents. It is empty then."""
        keys, documents = array("Q"), array("I")
        for at, (of_keys, of_documents) in enumerate(self._parts):
            # Part by part: all numbers at once would be 60 MB of objects for a hundred thousand services.
            order = sorted(range(len(of_keys)), key=of_keys.__getitem__)
            keys.extend(map(of_keys.__getitem__, order))
            documents.extend(map(of_documents.__getitem__, order))
            self._parts[at] = (array("Q"), array("I"))
        return keys, documents


def joined(count: int, keys: "array[int]", documents: "array[int]") -> "array[int]":
    """For each of ``count`` documents the first of its component; ``keys`` and ``documents`` as ``Mentions.sorted``."""
    first = array("I", range(count))

    def root(one: int) -> int:
        while first[one] != one:
            first[one] = one = first[first[one]]
        return one

    for at in range(1, len(keys)):
        if keys[at] == keys[at - 1]:
            one, other = root(documents[at - 1]), root(documents[at])
            first[max(one, other)] = min(one, other)
    for at in range(count):
        first[at] = root(at)
    return first
