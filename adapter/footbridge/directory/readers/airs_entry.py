"""One organization, location or service of AIRS XML while its members are collected.

Every child element goes where ``mappings/directory/airs.json`` says; what that does not name is counted as a finding.
"""

from dataclasses import dataclass, field
from typing import Any

from footbridge.directory.readers import airs_fields, airs_people, airs_service_fields
from footbridge.directory.readers.airs_draft import Draft
from footbridge.directory.readers.airs_elements import (
    Element,
    attribute,
    flag,
    flags,
    is_no,
    is_true,
    line_of,
    local,
    table,
    text,
    value,
    withheld,
)
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.records import Kind

_ROOMS = (airs_fields, airs_people, airs_service_fields)
_OWN_MARKS = frozenset(
    [
        "none",
        "address",
        "alternate_name",
        "contact",
        "email",
        "internal_note",
        "link",
        "phone",
        "position",
        "resource_info",
    ]
)
"""How elements are read that look at their own ``Confidential`` and ``ReasonWithheld``."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a source says about the use of a record, and of everything in it."""

    restrictions: tuple[str, ...] = ()
    status: str = ""

    def within(self, outer: "Use") -> "Use":
        """This and what holds for the record around it: every restriction of both, and the stricter status."""
        order = table()["statusOrder"]
        both = outer.restrictions + tuple(one for one in self.restrictions if one not in outer.restrictions)
        ranks = [
            order.index(plain) if (plain := said.casefold()) in order else 1 for said in (outer.status, self.status)
        ]
        return Use(both, outer.status if ranks[0] > max(ranks[1], 1) or not self.status else self.status)


@dataclass(slots=True)
class Header:
    """What the ``Source`` element says."""

    version: str = "3.0"
    dialect: str | None = None
    stamp: str = ""
    taxonomy_version: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)


def fill(draft: Draft, element: Element) -> None:
    """Collect what an element says into a draft."""
    known: dict[str, Any] = table()["objects"][draft.kind]
    for key, content in element.attrib.items():
        name = str(key).rpartition("}")[2]
        if name in known["attributes"] and str(content).strip():
            how, *arguments = known["attributes"][name]
            _function(how)(draft, element, *arguments, content=str(content).strip())
        elif name not in known["attributes"] and name not in table()["attributesRead"] and not str(key).startswith("{"):
            draft.tally.count("airs.unknown-element", f"@{name} in {local(element)}", line_of(element))
    for child in element:
        how, *arguments = known["elements"].get(local(child), ("unknown",))
        if how == "unknown":
            draft.tally.count("airs.unknown-element", f"{local(child)} in {local(element)}", line_of(child))
        elif how not in _OWN_MARKS and (reason := withheld(child)):
            # The schemas have no such mark here. A source that sets one means it.
            draft.add(local(child), {"text": text(child), "withheld": reason})
        elif how != "none":
            _function(how)(draft, child, *arguments)
            if len(child):
                _count_unread(draft, child)


def _count_unread(draft: Draft, element: Element) -> None:
    """Count what stands in an element where nothing reads it."""
    inside = table()["inside"]
    read = inside.get(local(element))
    for child in element if read is not None else ():
        name = local(child)
        if name not in read and name not in table()["flagNames"]:
            draft.tally.count("airs.unknown-element", f"{name} in {local(element)}", line_of(child))
        elif len(child):
            _count_unread(draft, child)


def use_of(element: Element, header: Header, tally: Tally, owner: tuple[Kind, str]) -> Use:
    """What an element says about its own use: exclusions, availability, status and deletion."""
    found: list[str] = []
    infos = [child for child in element if local(child) == "ResourceInfo"]
    places = [(place, flags(place)) for place in (element, *infos)]
    for name, (when, restriction) in table()["restrictions"].items():
        for place, words in places:
            for said in words.get(name.casefold(), ()):
                plain = is_true(said)
                if plain is None:
                    line = line_of(place)
                    tally.report("airs.flag-unclear", line, owner, member=name, found=said, done=restriction)
                if plain is None or plain is when:
                    found.append(restriction)
    if any(is_no(words.get("availableforresearch", [])) for _, words in places):
        tally.count("airs.no-research", local(element), line_of(element))
    marks = places[0][1].get("confidential", [])
    if marks and not is_no(marks):  # of a whole record, which AIRS does not have: hidden
        found += ["exclude-website", "exclude-directory"]
    if _is_deleted(element, header, tally, owner):
        found.append("deleted")
    status = value(element, "Status") or ""
    if table()["doNotReferStatus"] in status.casefold():
        found.append("no-referral")
        tally.report("airs.do-not-refer", line_of(element), owner, member="status", found=status, done="active")
        status = "active"
    return Use(tuple(dict.fromkeys(found)), status)


def _is_deleted(element: Element, header: Header, tally: Tally, owner: tuple[Kind, str]) -> bool:
    said = flag(element, "delete")
    if not said or is_no(said):
        return False
    effective = attribute(element, "deleteEffective") or ""
    if effective[:10] > header.stamp[:10] > "" and effective[:4].isdigit():
        tally.report("airs.deleted-later", line_of(element), owner, member="deleteEffective", found=effective)
        return False
    return True


def source_header(element: Element, dialect: str | None) -> Header:
    """What the ``Source`` element says; the dialect from its vendor where none is named."""
    attributes = {str(key).rpartition("}")[2]: str(content).strip() for key, content in element.attrib.items()}
    namespace = str(element.tag).partition("}")[0].lstrip("{") if "}" in str(element.tag) else ""
    vendor = attributes.get("SoftwareVendor", "").casefold()
    found = dialect or next((name for name in ("cioc", "icarol") if name in vendor), None)
    versions: dict[str, str] = table()["versions"]
    said = attributes.get("SchemaVersion", "")
    by_word = next((version for version in versions.values() if version[:3] in said), versions[""])
    return Header(
        versions[namespace] if namespace in versions and namespace else by_word,
        found,
        attributes.get("OriginTimestamp", ""),
        attributes.get("TaxonomyVersion") or None,
        attributes,
    )


def _function(how: str) -> Any:  # noqa: ANN401 - functions with different arguments
    return next(found for room in _ROOMS if (found := getattr(room, how, None)) is not None)
