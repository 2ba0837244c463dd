"""All of a directory, a service at a time: what it has now, in one moment of the database; or as FHIR resources."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection, or_, select

from footbridge.directory.fhir import resources_of
from footbridge.directory.fhir.values import Json
from footbridge.directory.hsds import NOT_WRITTEN, hsds_service
from footbridge.directory.importing.assembly import documents
from footbridge.directory.model import ServiceDocument
from footbridge.i18n import _
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory import directory_record as record
from footbridge.validation import Validator

SOME = 200  # services that are read at a time


def services(connection: Connection, tenant: str, current: Mapping[str, int]) -> Iterator[ServiceDocument]:
    """Every service that is shown, by source and id; ``current``: the import that counts of each source."""
    for source, number in sorted(current.items()):
        after = ""
        while True:
            ids = list(
                connection.execute(
                    select(record.c.id)
                    .where(
                        record.c.tenant == tenant,
                        record.c.source == source,
                        record.c.kind == "service",
                        record.c.id > after,
                        unindexed(record.c.since) <= number,
                        or_(unindexed(record.c.until).is_(None), unindexed(record.c.until) > number),
                    )
                    .order_by(record.c.id)
                    .limit(SOME)
                ).scalars()
            )
            if not ids:
                break
            after = ids[-1]
            found = documents(connection, tenant, source, number, ids)
            yield from (found[key] for key in ids if key in found)


def hsds_services(some: Iterable[ServiceDocument], counts: Counter[str]) -> Iterator[Json]:
    """The services as HSDS 3.1; ``counts`` gets what HSDS has no place for."""
    for one in some:
        counts.update(_("not carried: {name}", name=name) for name in NOT_WRITTEN if one.get(name))
        if one["native_id"] != one["id"]:
            counts[_("not carried: {name}", name="native_id")] += 1
        yield hsds_service(one)


def fhir_resources(
    some: Iterable[ServiceDocument], validator: Validator, jurisdiction: str, counts: Counter[str], language: str = "en"
) -> Iterator[Json]:
    """The FHIR resources of services, each once: an Organization or Location comes with the first service that has it.

    Args:
        some: the services.
        validator: decides which profiles are claimed.
        jurisdiction: of the tenant.
        counts: how many resources of each type and profile, what was not carried, assumed, and not claimed, and why.
        language: of our own labels.
    """
    written: set[str] = set()
    for one in some:
        made = resources_of(one, validator, jurisdiction, language)
        counts.update(_("not carried: {name}", name=name) for name in made.not_carried)
        counts.update(_("assumed: {name}", name=name) for name in made.assumed)
        for resource in made.resources:
            key = f"{resource['resourceType']}/{resource['id']}"
            if key in written:
                continue
            written.add(key)
            counts[resource["resourceType"]] += 1
            for profile in resource.get("meta", {}).get("profile", []):
                counts[_("claims {profile}", profile=profile.rsplit("/", 1)[-1])] += 1
            for profile, why in made.lacking[key]:
                counts[_("does not claim {profile}: {why}", profile=profile.rsplit("/", 1)[-1], why=why)] += 1
            yield resource
