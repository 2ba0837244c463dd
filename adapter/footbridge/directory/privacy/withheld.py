"""What one source withholds, in a form that other sources are held against: no value can be read from it.

An ``Entry`` says whose it is (names, phones and links that its source shows anyway) and what is withheld: its places,
or some values, as digests. Another source's service is the same one when its name is, and something else agrees too;
a value is the same one where its digest is, and a name or a number agrees.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from footbridge.directory.privacy import digests
from footbridge.directory.privacy.values import phone_secret
from footbridge.directory.twins import Core, are_of_the_same, are_related, core

_NAMES = ("name", "alternate_name")
_LINKS = ("url", "website", "email", "uri")
_RUNS = frozenset({"person", "words"})  # kinds of secrets that are runs of words
_LONGEST = 1_000_000  # digits and words of a text in which values are looked for
Size = tuple[str, int]


class About(NamedTuple):
    """What a record shows of itself: the cores of its names; its phones and links, as ``signs``."""

    names: tuple[Core, ...]
    signs: frozenset[str]


NOTHING = About((), frozenset())


def about(data: Mapping[str, Any]) -> About:
    """Of a record, as its source wrote it or cleaned."""
    names = tuple(dict.fromkeys(core(text) for key in _NAMES if isinstance(text := data.get(key), str) and text))
    signs = set()
    phones = data.get("phones")
    for phone in phones if isinstance(phones, (list, tuple)) else ():
        number = phone.get("number") if isinstance(phone, Mapping) else None
        if number and (secret := phone_secret(str(number))):
            signs.add(secret)
    for key in _LINKS:
        if isinstance(link := data.get(key), str) and len(link) > 5:
            signs.add(link.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/"))
    return About(names, frozenset(signs))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is withheld of one service, organization or location.

    Attributes:
        names: of the service, or of the organization where it is about that.
        owners: names of the organization of a service.
        signs: phones and links that are shown.
        place: all places of it are withheld.
        shelter: because it is a shelter of victims of violence.
        values: digests of the forms of all withheld values.
        houses, postals: digests of streets with a number, and of postal codes, among them.
        sizes: how many words the withheld names and texts have.
    """

    names: tuple[Core, ...]
    owners: tuple[Core, ...]
    signs: frozenset[str]
    place: bool
    shelter: bool
    values: frozenset[int]
    houses: frozenset[int]
    postals: frozenset[int]
    sizes: frozenset[Size]

    def is_related(self, other: About) -> bool:
        """Whether a record may be about the same: a name or a sign agrees."""
        if self.signs & other.signs:
            return True
        return any(are_related(one, name) for one in (*self.names, *self.owners) for name in other.names)

    def is_the_same(self, names: Iterable[Core]) -> bool:
        """Whether one of these names is that of what withholds its places."""
        return self.place and any(are_of_the_same(one, name) for one in self.names for name in names)

    def has_place(self, found: frozenset[int]) -> bool:
        """Whether some of these digests are of a house, a postal code or a position that is withheld."""
        return bool(found & (self.houses | self.postals))


def entry(of: About, owners: About, secrets: Iterable[str], *, place: bool, shelter: bool) -> Entry:
    """Of what is withheld (``secrets`` as in ``privacy.values``)."""
    values: set[int] = set()
    houses: set[int] = set()
    postals: set[int] = set()
    sizes: set[Size] = set()
    for secret in secrets:
        kind, _, value = secret.partition(":")
        found = {digests.digest(form) for form in digests.forms(secret)}
        if kind == "literal":
            found |= {digests.digest(form) for form in digests.positions(value, around=False)}
        values |= found
        if digests.is_numbered_street(secret):
            houses |= found
        elif kind == "postal":
            postals |= found
        elif kind in _RUNS:
            sizes.add((kind, len(value.split())))
    sets = (frozenset(values), frozenset(houses), frozenset(postals), frozenset(sizes))
    return Entry(of.names, owners.names, of.signs | owners.signs, place, shelter, *sets)


def values_in(data: Mapping[str, Any], sizes: Iterable[Size]) -> dict[int, str]:
    """The secrets that a record would have, by their digests."""
    wanted = tuple(sizes)
    found: dict[int, str] = {}
    for secret in _secrets(data, wanted):
        for form in digests.forms(secret):
            found.setdefault(digests.digest(form), secret)
    return found


def _secrets(data: Mapping[str, Any], sizes: tuple[Size, ...]) -> Iterator[str]:
    yield from digests.structured(data)
    for text in digests.texts(data):
        yield from digests.in_text(text[:_LONGEST])
        yield from digests.windows(text[:_LONGEST], sizes)


def place_of(data: Mapping[str, Any]) -> frozenset[int]:
    """Digests of the houses and postal codes of a location."""
    found: set[int] = set()
    for secret in digests.structured({"addresses": data.get("addresses")}):
        if digests.is_numbered_street(secret) or secret.startswith("postal:"):
            found.update(digests.digest(form) for form in digests.forms(secret))
    return frozenset(found)


def is_at(data: Mapping[str, Any], one: Entry) -> bool:
    """Whether a location has a position that is withheld."""
    both = [data.get("latitude"), data.get("longitude")]
    return None not in both and all(
        any(digests.digest(form) in one.values for form in digests.positions(value, around=True)) for value in both
    )


def pack(entries: Mapping[str, Iterable[Entry]]) -> bytes:
    """Entries by the id of the record that withholds, as bytes; the same for the same entries."""
    rows = {
        key: [
            [
                one.names,
                one.owners,
                sorted(one.signs),
                one.place,
                one.shelter,
                *(sorted(some) for some in (one.values, one.houses, one.postals, one.sizes)),
            ]
            for one in some
        ]
        for key, some in sorted(entries.items())
    }
    return zlib.compress(orjson.dumps(rows), 6)


def unpack(data: bytes) -> dict[str, list[Entry]]:
    """From bytes."""
    return {key: [_entry(one) for one in some] for key, some in orjson.loads(zlib.decompress(data)).items()}


def _entry(row: list[Any]) -> Entry:
    names, owners, signs, place, shelter, values, houses, postals, sizes = row
    return Entry(
        tuple(tuple(one) for one in names),
        tuple(tuple(one) for one in owners),
        frozenset(signs),
        place,
        shelter,
        frozenset(values),
        frozenset(houses),
        frozenset(postals),
        frozenset((kind, size) for kind, size in sizes),
    )
