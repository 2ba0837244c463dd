"""The documents of a source while they go by, and what of them the next import can recognise."""

from array import array

from footbridge.directory.importing.components import Mentions, chained, joined
from footbridge.directory.importing.id_set import IdSet
from footbridge.directory.importing.notes import Where
from footbridge.directory.importing.plan import seen_key
from footbridge.directory.importing.recognition import DIGEST, RECORD, Recognition
from footbridge.directory.importing.staging import Staging
from footbridge.directory.importing.told import Told
from footbridge.directory.readers.hsds_copies import KINDS

GIVES, AGAIN = 1, 2  # flags of a document: it has lookups; it is read each time


class Inventory:
    """Each document by its number, in columns: there are a hundred thousand of them."""

    def __init__(self, known: Recognition | None) -> None:
        self.known = known
        self.kept: set[int] = set()  # components of ``known``
        self.mentions = Mentions()
        self.kinds = bytearray()  # bits, as in ``Recognition``
        self.flags = bytearray()
        self._digests = bytearray()
        self._before = array("i")  # component of ``known``, for a document that is not read
        self._lines = array("q")
        self._paths: list[str] = []

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self.flags)

    def read(self, digest: bytes | None, place: Where) -> None:
        """One that is read now."""
        self._add(digest or bytes(DIGEST), -1, 0 if digest else AGAIN, place)

    def keep(self, digest: bytes, component: int, place: Where) -> None:
        """One that was read before."""
        self.kept.add(component)
        self._add(digest, component, 0, place)

    def place(self, document: int) -> Where:
        """Where a document stands."""
        line = self._lines[document]
        return Where(self._paths[document], None if line < 0 else line)

    def all_kinds(self) -> int:
        """The kinds that the source has."""
        bits = 0
        for one in self.kinds:
            bits |= one
        if self.known is not None:
            for component in self.kept:
                bits |= self.known.component_kinds[component]
        return bits

    def recognition(self, rules: str, staged: Staging, told: Told) -> Recognition:
        """What the next import recognises."""
        keys, documents = self.mentions.sorted()
        components, chains, renumbered = self._components(joined(len(self), keys, documents))
        again, kinds = bytearray(len(chains)), bytearray(len(chains))
        records = [b""] * len(chains)
        for old, new in renumbered.items():
            if self.known is not None:
                kinds[new], records[new] = self.known.component_kinds[old], self.known.records_of(old)
        for at, component in enumerate(components):
            kinds[component] |= self.kinds[at]
            again[component] |= self.flags[at] & AGAIN > 0 or at in told.strange
        for at in self._repeated():
            again[components[at]] = 1
        for document, kind, own, is_marked in staged.of_documents():
            records[components[document]] += bytes([KINDS.index(kind)]) + seen_key(own)
            again[components[document]] |= is_marked
        offsets = array("I", [0])
        for some in records:
            offsets.append(offsets[-1] + len(some) // RECORD)
        all_keys, key_components = self._keys(keys, documents, components, renumbered)
        return Recognition(
            rules=rules,
            kinds=self.all_kinds(),
            lookups=self._lookups(),
            digests=bytes(self._digests),
            components=components,
            givers=bytes(flags & GIVES for flags in self.flags),
            notes={at: notes for at, notes in told.packed().items() if not again[components[at]]},
            chains=b"".join(chains),
            again=bytes(again),
            component_kinds=bytes(kinds),
            offsets=offsets,
            records=b"".join(records),
            keys=all_keys,
            key_components=key_components,
        )

    def _add(self, digest: bytes, before: int, flags: int, place: Where) -> None:
        self._digests += digest
        self._before.append(before)
        self.flags.append(flags)
        self.kinds.append(0)
        self._lines.append(-1 if place.line is None else place.line)
        same = self._paths and self._paths[-1] == place.path
        self._paths.append(self._paths[-1] if same else place.path)

    def _digest(self, document: int) -> bytes:
        return bytes(self._digests[document * DIGEST : (document + 1) * DIGEST])

    def _components(self, first: "array[int]") -> "tuple[array[int], list[bytes], dict[int, int]]":
        """The component of each document, the chains of the components, and new positions of those that are kept."""
        components, chains = array("I"), list[bytes]()
        renumbered: dict[int, int] = {}
        new = array("I", bytes(4 * len(self)))  # by the first document of a component
        for at in range(len(self)):
            old = self._before[at]
            if old >= 0 and self.known is not None:
                if old not in renumbered:
                    renumbered[old] = len(chains)
                    chains.append(self.known.chain(old))
                components.append(renumbered[old])
                continue
            if first[at] == at:
                new[at] = len(chains)
                chains.append(b"")
            component = new[first[at]]
            chains[component] = chained(chains[component], self._digest(at))
            components.append(component)
        return components, chains, renumbered

    def _repeated(self) -> list[int]:
        """Documents that say what another one says: which is which cannot be told."""
        seen, twice = IdSet(), set[bytes]()
        for at in range(len(self)):
            one = self._digest(at)
            if not seen.add(one):
                twice.add(one)
        return [at for at in range(len(self)) if twice and self._digest(at) in twice]

    def _lookups(self) -> bytes:
        chain = b""
        for at, flags in enumerate(self.flags):
            if flags & GIVES:
                chain = chained(chain, self._digest(at))
        return chain

    def _keys(
        self, keys: "array[int]", documents: "array[int]", components: "array[int]", renumbered: dict[int, int]
    ) -> "tuple[array[int], array[int]]":
        found, of = array("Q"), array("I")
        for at, key in enumerate(keys):
            if not at or key != keys[at - 1]:
                found.append(key)
                of.append(components[documents[at]])
        if self.known is not None:
            for key, old in zip(self.known.keys, self.known.key_components, strict=True):
                if old in renumbered:
                    found.append(key)
                    of.append(renumbered[old])
        return found, of
