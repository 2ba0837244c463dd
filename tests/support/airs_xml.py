"""AIRS XML that tests write: short texts for what surrounds the element that a test is about."""

HEAD = (
    'SourceEntity="s" SourceID="1" OriginTimestamp="2024-05-01T00:00:00Z" SoftwareVendor="{vendor}" SoftwareVersion="1" '
    'TaxonomyVersion="2024-01-01T00:00:00Z" SchemaVersion="3.1"'
)
NAMESPACE_31 = "http://www.airs.org/schema/3_1/AIRS.xsd"


def source(*agencies: str, vendor: str = "Test", namespace: str = "", declaration: str = "") -> str:
    named = f' xmlns="{namespace}"' if namespace else ""
    return f"{declaration}<Source{named} {HEAD.format(vendor=vendor)}>{''.join(agencies)}</Source>"


def agency(*parts: str, key: str = "1", name: str = "Agency One", attributes: str = "") -> str:
    return f"<Agency {attributes}><Key>{key}</Key><Name>{name}</Name>{''.join(parts)}</Agency>"


def site(*parts: str, key: str = "10", name: str = "Site One", attributes: str = "") -> str:
    return f"<Site {attributes}><Key>{key}</Key><Name>{name}</Name>{''.join(parts)}</Site>"


def service(*parts: str, key: str = "100", name: str = "Service One", attributes: str = "") -> str:
    return f"<SiteService {attributes}><Name>{name}</Name><Key>{key}</Key>{''.join(parts)}</SiteService>"


def with_service(*parts: str, attributes: str = "", vendor: str = "Test") -> str:
    """A source with one service, which holds the parts."""
    return source(agency(site(service(*parts, attributes=attributes))), vendor=vendor)


def with_site(*parts: str, attributes: str = "", vendor: str = "Test") -> str:
    """A source with one site, which holds the parts."""
    return source(agency(site(*parts, attributes=attributes)), vendor=vendor)


def with_agency(*parts: str, attributes: str = "", vendor: str = "Test") -> str:
    """A source with one agency, which holds the parts."""
    return source(agency(*parts, attributes=attributes), vendor=vendor)
