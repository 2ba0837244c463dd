"""The resources of a Bundle, and what their references lead to.

Ocean writes references in several ways: by ``urn:uuid``, by a UUID without the prefix, by ``Type/id``, by a whole
address, to a contained resource, or by identifier; ids may hold underscores. Each is followed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from footbridge.partners.ocean.loose import Json, Object, identifier, last_part, obj, objects, text

URN: Final = "urn:uuid:"


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One resource of the Bundle, personal; ``full_url`` as it is written, None without one."""

    full_url: str | None
    resource: Object = field(repr=False)

    @property
    def type(self) -> str:
        """Its resourceType; empty without one."""
        return text(self.resource.get("resourceType")) or ""

    @property
    def id(self) -> str | None:
        """Its id, else the last part of its fullUrl."""
        return text(self.resource.get("id")) or (_bare(self.full_url) if self.full_url else None)


class Entries:
    """All resources of a Bundle, in their order, contained ones after those that contain them."""

    def __init__(self, bundle: Object) -> None:
        self.rows = tuple(_entries(bundle))
        self._by_resource = {id(row.resource): row for row in self.rows}
        self._by_key: dict[str, list[Entry]] = {}
        for row in self.rows:
            for key in dict.fromkeys(_keys(row)):
                self._by_key.setdefault(key, []).append(row)

    def of_type(self, *names: str) -> list[Object]:
        """The resources of these types."""
        return [row.resource for row in self.rows if row.type in names]

    def entry_of(self, resource: Object) -> Entry | None:
        """The entry that a resource is in."""
        return self._by_resource.get(id(resource))

    def resolve(self, reference: Json, *types: str) -> Object | None:
        """The resource that a Reference leads to, if it is of one of the types; None where nothing fits.

        ``types`` empty: any type.
        """
        written = obj(reference)
        found = self._by_reference(text(written.get("reference")), types) or self._by_identifier(written, types)
        return found.resource if found else None

    def _by_reference(self, reference: str | None, types: tuple[str, ...]) -> Entry | None:
        """The entry; of several with one id the first of these types, but none where several contain one."""
        if reference is None:
            return None
        plain = reference.split("/_history/", 1)[0]
        for key in (plain, _typed(plain), _bare(plain)):
            rows = [row for row in self._by_key.get(key.casefold(), ()) if not types or row.type in types]
            if rows and (len(rows) == 1 or not key.startswith("#")):
                return rows[0]
        return None

    def _by_identifier(self, reference: Object, types: tuple[str, ...]) -> Entry | None:
        asked = obj(reference.get("identifier"))
        value, system = text(asked.get("value")), last_part(asked.get("system"))
        if value is None or not system:
            return None
        rows = [row for row in self.rows if not types or row.type in types]
        return next((row for row in rows if identifier(row.resource, system) == value), None)


def _entries(bundle: Object) -> Iterator[Entry]:
    for row in objects(bundle.get("entry")):
        resource = row.get("resource")
        if not isinstance(resource, dict):
            continue
        yield Entry(text(row.get("fullUrl")), resource)
        for inner in objects(resource.get("contained")):
            own = text(inner.get("id"))
            yield Entry(f"#{own}" if own else None, inner)


def _keys(row: Entry) -> Iterator[str]:
    """What references may name an entry by, in lower case."""
    if row.full_url:
        yield row.full_url.casefold()
        if not row.full_url.startswith("#"):
            yield _bare(row.full_url).casefold()
    if own := text(row.resource.get("id")):
        yield own.casefold()
    if row.type and row.id:
        yield f"{row.type}/{row.id}".casefold()


def _bare(reference: str) -> str:
    return reference.removeprefix(URN).rsplit("/", 1)[-1] if not reference.startswith("#") else reference


def _typed(reference: str) -> str:
    """``Type/id`` of an address; empty for what has none."""
    parts = reference.rsplit("/", 2)
    return "/".join(parts[-2:]) if len(parts) > 1 else ""
