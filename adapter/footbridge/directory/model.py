"""A service as it is found and shown: HSDS 3.1's objects joined, cleaned, with what we add.

``ServiceDocument`` is what search indexes, what FHIR is made of, and what the API serves. Members without a comment
are HSDS's: https://docs.openreferral.org/en/3.1/hsds/schema_reference.html.
"""

from typing import Any, Literal, TypedDict


class CategoryMatch(TypedDict):
    """A Gravity category of a service, and why: ``basis`` keyword is a guess from ``evidence``, the words found."""

    code: str
    basis: Literal["taxonomy", "keyword", "stated"]
    evidence: list[str]


class DirectoryOrganization(TypedDict, total=False):
    """The organization that offers the service."""

    id: str  # uuid5 of source, kind and native id, as every id here
    native_id: str
    name: str
    alternate_name: str
    description: str
    email: str
    website: str
    phones: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    organization_identifiers: list[dict[str, Any]]
    translations: list[dict[str, Any]]  # ours, as of a service
    status: str  # ours
    assured_date: str  # ours
    last_modified: str  # ours
    metadata: list[dict[str, Any]]
    licenses: str  # of HSDS before 3, as accreditations
    accreditations: str
    parent_organization_id: str
    additional_websites: list[dict[str, Any]]
    tax_status: str
    tax_id: str
    year_incorporated: int
    legal_status: str
    logo: str
    uri: str
    funding: list[dict[str, Any]]
    programs: list[dict[str, Any]]
    attributes: list[dict[str, Any]]


class DirectoryLocation(TypedDict, total=False):
    """A place where the service is given; ``location_type`` is physical, postal or virtual."""

    id: str
    native_id: str
    location_type: str
    name: str
    alternate_name: str
    description: str
    transportation: str
    url: str
    additional_urls: list[dict[str, Any]]  # ours
    latitude: float
    longitude: float
    addresses: list[dict[str, Any]]
    phones: list[dict[str, Any]]
    schedules: list[dict[str, Any]]
    languages: list[dict[str, Any]]
    accessibility: list[dict[str, Any]]
    contacts: list[dict[str, Any]]  # of the place, and of the service there
    attributes: list[dict[str, Any]]
    translations: list[dict[str, Any]]  # ours
    cross_street: str  # ours
    email: str  # ours
    assured_date: str  # ours
    last_modified: str  # ours
    metadata: list[dict[str, Any]]
    external_identifier: str
    external_identifier_type: str
    address_withheld: bool  # ours: it has one that may not be shown
    withheld_region: str  # ours: the code of its province or state, all that is shown of where that is


class ServiceDocument(TypedDict, total=False):
    """A service, what it belongs to and where it is. Only id, native_id, source, name and can_refer are always there.

    A phone is ``{number, extension?, type?, description?, languages?}``; a schedule ``{freq, byday?, bymonthday?,
    interval?, opens_at?, closes_at?, valid_from?, valid_to?, description?, notes?}`` with ``byday`` as ``"MO,TU"`` and
    times as ``"HH:MM"`` in local time, a ``closes_at`` up to ``opens_at`` meaning the next day. An attribute is
    ``{taxonomy_term: {code, name, taxonomy}, linked?: [code]}``. Phones, schedules and languages here are those that
    hold for the service (service at location, service, location, organization: the nearest level that has any).
    """

    id: str
    native_id: str
    source: str
    name: str
    alternate_name: str
    description: str
    status: str
    url: str
    additional_urls: list[dict[str, Any]]
    email: str
    alert: str
    wait_time: str
    program: dict[str, Any]
    organization: DirectoryOrganization
    locations: list[DirectoryLocation]
    phones: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    schedules: list[dict[str, Any]]
    languages: list[dict[str, Any]]
    interpretation_services: str
    service_areas: list[dict[str, Any]]
    eligibility_description: str
    minimum_age: float  # years
    maximum_age: float  # years
    application_process: str
    required_documents: list[dict[str, Any]]
    fees_description: str
    cost_options: list[dict[str, Any]]
    is_free: bool  # ours: it costs nothing; absent where the source does not say
    translations: list[dict[str, Any]]  # ours: {language, name?, description?, eligibility_description?, ...}
    accessibility: list[dict[str, Any]]  # ours, as transportation: said of the service, which has no or several places
    transportation: str
    capacities: list[dict[str, Any]]  # ours besides: status and stated_by, where a partner said it (directory.capacity)
    attributes: list[dict[str, Any]]
    accreditations: str
    licenses: str
    funding: list[dict[str, Any]]
    assurer_email: str
    assured_date: str  # YYYY-MM-DD, when the source last verified it
    last_modified: str
    metadata: list[dict[str, Any]]  # when what changed; never the values
    keywords: list[str]  # ours: words by which its source finds it
    categories: list[CategoryMatch]  # ours
    target_populations: list[str]  # ours: Y terms, what the service is meant for
    can_refer: bool  # ours: its source lets it be a referral's target, and it is active
    restrictions: list[str]  # ours: records.RESTRICTIONS
