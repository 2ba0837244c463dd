"""Which documents of a source are one component: ``recognition`` says what that is."""

import hashlib
from array import array

from footbridge.directory.importing.recognition import DIGEST


def chained(chain: bytes, digest: bytes) -> bytes:
    """The digest of a component's documents, with one more."""
    return hashlib.blake2b(chain + digest, digest_size=DIGEST).digest()


class Mentions:
    """What documents mention, as keys of 8 bytes; a document is named by its number."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._documents = array("I")

    def add(self, document: int, keys: "array[int]") -> None:
        """A document mentions these."""
        self._keys.extend(keys)
        self._documents.extend(array("I", [document]) * len(keys))

    def sorted(self) -> "tuple[array[int], array[int]]":
        """The keys ascending, each once for each document that mentions it, and the documents."""
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        return array("Q", map(self._keys.__getitem__, order)), array("I", map(self._documents.__getitem__, order))


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
