"""Where a service is given, and for which area, as its record says: for ``prepare``.

A withheld address gives no site: all that is known of it is its province or state.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from footbridge.directory.model import DirectoryLocation, ServiceDocument
from footbridge.directory.search.geography import area_keys, is_on_earth, key_of, postal_code, region_of
from footbridge.directory.search.wide import said_areas


def clean(text: str) -> str:
    """Without what a database does not take: NUL, and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


def sites_of(locations: Iterable[DirectoryLocation]) -> list[list[Any]]:
    """``[key, name, region, postal code, latitude, longitude]`` of each site that may be shown, without repeats."""
    found: dict[tuple[Any, ...], None] = {}
    for one in locations:
        if one.get("address_withheld"):
            continue
        located = is_on_earth(one.get("latitude"), one.get("longitude"))
        point = (one["latitude"], one["longitude"]) if located else (None, None)
        for address in one.get("addresses") or [{}]:
            if address.get("address_type") == "postal" and len(one.get("addresses") or ()) > 1:
                continue
            city = clean(str(address.get("city") or "")).strip()
            code = postal_code(str(address.get("postal_code") or ""))
            region = region_of(str(address.get("state_province") or ""))
            name = region[1] if region else ((code.region if code else "") or "")
            if city or code or located:
                found[key_of(city), city, name, (code.code or code.area) if code else "", *point] = None
    return [list(site) for site in found]


def remote(document: ServiceDocument, locations: Sequence[DirectoryLocation], sites: Sequence[Sequence[Any]]) -> int:
    """1 where nobody has to go anywhere: a virtual location. 2 where no place and no area is named, but a way to ask.

    Both are found from everywhere; of the second nobody knows where it is given.
    """
    if any(one.get("location_type") == "virtual" for one in locations):
        return 1
    reachable = bool(document.get("phones") or document.get("url") or document.get("email"))
    placed = sites or document.get("service_areas") or any(one.get("address_withheld") for one in locations)
    return 2 if reachable and not placed else 0


def areas(document: ServiceDocument) -> list[list[Any]]:
    """``[name, keys]`` of each service area."""
    found = []
    for area in document.get("service_areas") or ():
        name = str(area.get("name") or area.get("service_area") or area.get("description") or "")
        keys = area_keys(clean(name)[:1000])
        if keys:
            found.append([clean(name)[:200], list(keys)])
    return found


def areas_said(document: ServiceDocument, sites: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """The areas that its texts name, of a service that has none of its own."""
    if document.get("service_areas"):
        return []
    told = (document["name"], document.get("description"), document.get("eligibility_description"))
    texts = [clean(str(text)) for text in told if text]
    country, region = region_of_sites(sites) or ("", "")
    return [[name, keys] for name, keys in said_areas(texts, region, country)]


def withheld_region(locations: Iterable[DirectoryLocation]) -> str:
    """The province or state of the withheld addresses, where it is one and known."""
    regions = {str(one.get("withheld_region") or "") for one in locations if one.get("address_withheld")}
    return regions.pop() if len(regions) == 1 else ""


def region_of_sites(sites: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """Country and province or state, where all sites are in the same; else empty."""
    regions = {site[2] for site in sites}
    return (region_of(regions.pop()) or ()) if len(regions) == 1 else ()
