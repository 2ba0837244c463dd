"""The directory as FHIR resources that every compartment of a tenant shows: a ``store.beside.Beside``.

    beside = DirectoryResources(validator)
    ResourceStore(database, tenant, clock, base_url, compartment="hub", beside=beside)

listing     what of a source is shown at all, in memory: names, places, who belongs to whom
narrowing   the criteria of a search as sets of that listing
making      some of the listing as resources, from the directory's own tables
shelf       reads, pages, totals and includes, put together

An id is ``directory-`` and the record's own, so that it is never that of a partner's resource. What is hidden, closed
or withheld is not in a listing, and so has no FHIR form. Of each resource there is the current version; its number is
drawn from its content, and ``lastUpdated`` is the end of the import that it comes from.
"""

from footbridge.directory.resources.shelf import DirectoryResources

__all__ = ["DirectoryResources"]
