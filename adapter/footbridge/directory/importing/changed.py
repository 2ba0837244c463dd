"""Which documents of a source have to be read: those that the last import does not know, and what they reach."""

import itertools
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from footbridge.directory.importing.components import chained
from footbridge.directory.importing.pipeline import Workers
from footbridge.directory.importing.plan import FEW
from footbridge.directory.importing.recognition import Recognition
from footbridge.directory.readers.hsds_documents import Document
from footbridge.directory.readers.hsds_source import BATCH, HsdsSource
from footbridge.directory.records import Finding

_MOST = 4  # where one document in so many is new, all are read


class Changed(NamedTuple):
    """What has to be read.

    Attributes:
        components: 1 for each component that has to be.
        positions: of each document in ``Recognition``; -1: it is new.
    """

    components: bytearray
    positions: "array[int]"


def changed_documents(known: Recognition, source: HsdsSource, workers: Workers) -> Changed | None:
    """What of a source has to be read; None: all.

    A document that is new may mention what a component mentions that did not change itself: that one is read too.
    """
    looking = _Looking(known, source)
    batches = looking.unknown()
    first = list(itertools.islice(batches, FEW // BATCH + 1))
    mentioned: set[int] = set()
    for taken in workers.map(source.take, itertools.chain(first, batches), many=len(first) * BATCH > FEW):
        if taken.givers:
            return None
        for _, keys in taken.keys:
            mentioned.update(keys)
    if looking.is_too_much or looking.lookups != known.lookups:
        return None
    changed = bytearray(known.again)
    for component in range(len(changed)):
        changed[component] |= looking.chains.get(component) != known.chain(component)
    for key, component in zip(known.keys, known.key_components, strict=True):
        if key in mentioned:
            changed[component] = 1
    return Changed(changed, looking.positions)


class _Looking:
    """Looks at each document once."""

    def __init__(self, known: Recognition, source: HsdsSource) -> None:
        self.chains: dict[int, bytes] = {}
        self.lookups = b""
        self.is_too_much = False
        self.positions = array("i")
        self._known, self._source = known, source

    def unknown(self) -> Iterator[list[Document]]:
        """Documents that are not known, some at a time."""
        known, positions = self._known, self._known.positions()
        some: list[Document] = []
        count = 0
        for one in self._source.documents():
            if isinstance(one, Finding):
                continue
            said = self._source.digest(one)
            at = positions.get(said) if said else None
            self.positions.append(-1 if at is None else at)
            if at is None or said is None:
                some.append(one)
                count += 1
                if count * _MOST > len(positions):
                    self.is_too_much = True
                    return
                if len(some) >= BATCH:
                    yield some
                    some = []
                continue
            component = known.components[at]
            self.chains[component] = chained(self.chains.get(component, b""), said)
            if known.givers[at]:
                self.lookups = chained(self.lookups, said)
        if some:
            yield some
