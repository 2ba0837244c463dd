"""Feeds of each form in which a canary stands in every field that the form knows, marked private in each way it has.

A feed says which of its values may be nowhere afterwards, and which have to stay.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support import canary_airs, canary_apis, canary_hsds, soak
from support.canaries import Canaries
from support.canary_airs import KINDS

from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions, canada_records, ndp_records
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.records import Finding, Record

Row = dict[str, Any]


@dataclass
class Feed:
    """Records of a form, the values in them, and those of which none may be found; of ``public`` each has to be."""

    form: str
    canaries: Canaries = field(default_factory=Canaries)
    secret: set[int] = field(default_factory=set)
    public: set[int] = field(default_factory=set)
    records: Callable[[], Iterable[Record | Finding]] = list

    def hide(self, begin: int, why: str) -> None:
        """All values since ``begin`` are secret; ``why`` stands before what a failure says of them."""
        for number in range(begin, len(self.canaries.about)):
            self.canaries.about[number] = f"[{why}] {self.canaries.about[number]}"
            self.secret.add(number)

    def file(self, place: Path, content: str, form: str | None = None) -> "Feed":
        place.write_text(content, "utf-8")
        return self.path(place, form)

    def path(self, place: Path, form: str | None = None) -> "Feed":
        self.records = lambda: open_path(place, form, ReadOptions()).records
        return self


# AIRS XML

FLAGS = (
    ("ExcludeFromWebsite", "true"), ("ExcludeFromDirectory", "1"), ("delete", "true"), ("Confidential", "oui"),
    ("AvailableForDirectory", "false"),
)  # fmt: skip
MARKS = (
    (' Confidential="true"', ""), (' confidential="1"', ""), ("", "<Confidential>yes</Confidential>"),
    ("", "<ReasonWithheld>Safety</ReasonWithheld>"),
)  # fmt: skip


def airs(folder: Path, head: str = 'SchemaVersion="3.0"') -> Feed:
    """Agencies, sites and services that are hidden themselves, or stand in what is hidden."""
    feed = Feed("airs")
    levels, parts = list(KINDS), []
    for (level, kind), (flag, said), as_child in itertools.product(enumerate(levels), FLAGS, (False, True)):
        begin, number, inside = len(feed.canaries.about), len(parts), ""
        for at in (2, 1, 0):
            mark = body = ""
            if at == level and not as_child:
                mark = f' {flag}="{said}"'
            elif at == level and flag in {"delete", "Confidential"}:
                body = f"<{flag}>{said}</{flag}>"
            elif at == level:
                body = f'<ResourceInfo {flag}="{said}"/>'
            key = f"{levels[at][0]}{number}"
            if at < level:
                inside = f"<{KINDS[levels[at]]}><Key>{key}</Key><Name>X{number}</Name>{inside}</{KINDS[levels[at]]}>"
            else:
                inside = canary_airs.record(feed.canaries, levels[at], key, inside + body, mark)
        parts.append(inside)
        feed.hide(begin, f"{kind} {flag} {'inside' if as_child else ''}")
    return feed.file(folder / "a.xml", f"<Source {head}>{''.join(parts)}</Source>")


def airs_cioc(folder: Path) -> Feed:
    return airs(folder, 'SchemaVersion="3.0" SoftwareVendor="CIOC"')


def airs_elements(folder: Path) -> Feed:
    """Each element, marked by itself."""
    feed, parts = Feed("airs"), []
    for kind in KINDS:
        for (name, how), (mark, inside) in itertools.product(canary_airs.elements(kind), MARKS):
            if how == "codes" and inside:
                continue  # its headings are elements, and any of them is one
            begin, number = len(feed.canaries.about), len(parts)
            own = dict.fromkeys(KINDS, "")
            own[kind] = canary_airs.element(feed.canaries, kind, name, mark, inside)
            feed.hide(begin, f"{mark}{inside} {how}")
            agency, site, service = (f"<Key>{one[0]}{number}</Key><Name>N</Name>{own[one]}" for one in KINDS)
            parts.append(f"<Agency>{agency}<Site>{site}<SiteService>{service}</SiteService></Site></Agency>")
    return feed.file(folder / "a.xml", f'<Source SchemaVersion="3.1">{"".join(parts)}</Source>')


# HSDS

STATUS = ("status", "Deleted")


def frame(number: int) -> tuple[Row, dict[str, Row]]:
    """A service with all that belongs to it, and its parts by kind."""
    location = {"id": f"l{number}", "name": f"Place {number}"}
    link = {"id": f"x{number}", "location": location}
    owner = {"id": f"o{number}", "name": f"Org {number}"}
    service = {"id": f"s{number}", "name": f"Service {number}", "organization": owner, "service_at_locations": [link]}
    return service, {"service": service, "organization": owner, "location": location, "service_at_location": link}


def hsds_documents(feed: Feed) -> list[Row]:
    """Services, organizations and locations that are hidden or withheld as a whole, in each way."""
    made: list[Row] = []
    marks = [*canary_hsds.MARKS, *canary_hsds.HIDES]
    for at, (name, said) in enumerate(marks):
        for kind in (
            ("service", "organization", "location") if soak.SOAK else (("service", "organization", "location")[at % 3],)
        ):
            begin = len(feed.canaries.about)
            whole, parts = frame(len(made))
            parts[kind] |= canary_hsds.planted(feed.canaries, kind) | canary_hsds.flag(name, said)
            parts[kind]["id"] = f"{kind}{len(made)}"
            feed.hide(begin, f"{kind} {name} {said}")
            made.append(whole)
    for kind in ("service", "organization", "location", "service_at_location"):
        begin = len(feed.canaries.about)
        whole, parts = frame(len(made))
        parts[kind] |= canary_hsds.planted(feed.canaries, kind, aliases=False) | {STATUS[0]: STATUS[1]}
        feed.hide(begin, f"{kind} status")
        made.append(whole)
    return made


def hsds(folder: Path) -> Feed:
    feed = Feed("hsds-json")
    return feed.file(folder / "h.json", json.dumps(hsds_documents(feed)))


def hsds_children(folder: Path) -> Feed:
    """Each child of each kind, marked in each way (each way once, unless in a soak run)."""
    feed, made = Feed("hsds-json"), []
    marks = itertools.cycle(canary_hsds.MARKS)
    for kind in ("service", "organization", "location", "service_at_location"):
        for member, child in canary_hsds.children(kind):
            for name, said in canary_hsds.MARKS if soak.SOAK else itertools.islice(marks, 4):
                begin = len(feed.canaries.about)
                whole, parts = frame(len(made))
                parts[kind][member] = [
                    canary_hsds.planted(feed.canaries, child, f"{kind}.{member}") | canary_hsds.flag(name, said)
                ]
                feed.hide(begin, f"{name} {said}")
                made.append(whole)
    return feed.file(folder / "h.json", json.dumps(made), "hsds-json")


# APIs

ICAROL_HIDES: tuple[Row, ...] = (
    {"isConfidential": True}, {"isPrivate": "yes"}, {"confidential": "1"}, {"excludeFromWebsite": True},
    {"ExcludeFromDirectory": "true"}, {"availableForDirectory": False}, {"status": "Deleted"}, {"isHidden": "Y"},
    {"visibility": "private"}, {"isDeleted": True},
)  # fmt: skip
ICAROL_MARKS: tuple[Row, ...] = (
    {"isConfidential": True}, {"isPrivate": "yes"}, {"confidential": "1"}, {"isInternal": True}, {"isPublic": False},
)  # fmt: skip


def icarol(folder: Path) -> Feed:
    """Agencies, sites and programs that are hidden; their details and lists that are marked; one language that is."""
    feed, rows = Feed("icarol-json"), []
    for hides, kind in itertools.product(ICAROL_HIDES, ("Agency", "Site", "Program")):
        begin = len(feed.canaries.about)
        rows += _icarol_family(len(rows) + 1, kind, canary_apis.icarol(feed.canaries, kind, **hides))
        feed.hide(begin, f"{kind} {hides}")
    for kind, detail, mark, outside in itertools.product(
        ("Agency", "Program"), canary_apis.DETAILS, ICAROL_MARKS, (False, True)
    ):
        begin = len(feed.canaries.about)
        made = canary_apis.icarol_detail(feed.canaries, detail, kind)
        (made if outside else made["contact"]).update(mark)
        feed.hide(begin, f"{kind} {detail} {mark}")
        rows += _icarol_family(len(rows) + 1, kind, {"type": kind, "contactDetails": [made]})
    for member, mark in itertools.product(("names", "hours", "taxonomy", "coverage", "customFields"), ICAROL_MARKS):
        listed = canary_apis.icarol(Canaries(), "Program")[member]
        begin = len(feed.canaries.about)
        listed = canary_apis.icarol(feed.canaries, "Program")[member]
        listed = [one | mark for one in listed] if isinstance(listed, list) else listed | mark
        feed.hide(begin, f"{member} {mark}")
        rows += _icarol_family(len(rows) + 1, "Program", {"type": "Program", member: listed})
    for hides in ICAROL_HIDES:
        number = len(rows) + 1
        rows += _icarol_family(number, "Program", {"type": "Program", "cultureCode": "en", "status": "Active"})
        begin = len(feed.canaries.about)
        rows.append({"id": number + 2, **canary_apis.icarol(feed.canaries, "Program", cultureCode="fr", **hides)})
        feed.hide(begin, f"in French {hides}")
    return feed.file(folder / "i.json", json.dumps(rows))


def _icarol_family(first: int, kind: str, told: Row) -> list[Row]:
    """An agency, a site and a program of it, one of which says what is told."""
    agency, site = {"id": first, "type": "Agency"}, {"id": first + 1, "type": "Site"}
    related = {"Agency": [], "Site": [agency], "Program": [agency, site]}
    made = []
    for number, (one, names) in enumerate(related.items()):
        row = {"type": one, "status": "Active", "related": names, **(told if one == kind else {})}
        row["names"] = (
            [{"value": f"N{first}", "purpose": "Primary"}, *row.get("names", [])]
            if "names" in row
            else [{"value": f"N{first}", "purpose": "Primary"}]
        )
        made.append({**row, "id": first + number})
    return made


CANADA_HIDES: tuple[Row, ...] = (
    {"ExcludeFromWebsite": "True"}, {"ExcludeFromDirectory": True}, {"AvailableForDirectory": "false"},
    {"AgencyStatus": "Deleted"}, {"IsConfidential": True}, {"isprivate": "Yes"}, {"ExcludeFromWebsite": "perhaps"},
)  # fmt: skip


def canada(_folder: Path) -> Feed:
    """Rows of 211 Canada that are hidden, and each of its flags of a value."""
    feed, rows = Feed("211-canada"), []
    for hides in CANADA_HIDES:
        begin = len(feed.canaries.about)
        rows.append(canary_apis.canada(feed.canaries, len(rows) + 1, ParentAgency="Parent", **hides))
        feed.hide(begin, str(hides))
    for flag in canary_apis.CANADA_FLAGS:
        begin = len(feed.canaries.about)
        rows.append(canary_apis.canada(feed.canaries, len(rows) + 1, **{flag: "Yes"}))
        hidden = {*canary_apis.canada_hidden(flag), *canary_apis.CANADA["notes"], "LastVerifiedByName"}
        feed.secret |= {at for at in range(begin, len(feed.canaries.about)) if feed.canaries.about[at] in hidden}
        feed.public |= {at for at in range(begin, len(feed.canaries.about)) if feed.canaries.about[at] == "Description"}
    for mark in (
        {"IsPrivate": True},
        {"IsConfidential": "yes"},
        {"Type": "Safe House"},
        {"Description": "Ne pas publier"},
    ):
        begin = len(feed.canaries.about)
        phone = {"Phone": feed.canaries.phone(f"PhoneNumbers {mark}"), "Name": "Line", "Type": "Main", **mark}
        rows.append({"id": len(rows) + 1, "PublicName": "Service", "PhoneNumbers": [phone]})
        feed.hide(begin, "phone")

    def records() -> Iterator[Record | Finding]:
        tally, known = Tally("ca"), set()
        for row in rows:
            yield from canada_records.records(row, "ca", tally, known)
        yield from tally.counted()

    feed.records = records
    return feed


NDP_HIDES: tuple[Row, ...] = (
    {"meta": {"access": "private"}}, {"meta": {"access": ["referral"]}}, {"meta": {"access": "nobody knows"}},
    {"meta": {"status": "deleted"}}, {"meta": {"status": "draft"}}, {"access": "private"}, {"access": ["research"]},
    {"isConfidential": True}, {"access": {}},
)  # fmt: skip
NDP_MARKS: tuple[Row, ...] = (
    {"access": "private"}, {"access": ["referral", "research"]}, {"access": {}}, {"isConfidential": "yes"},
)  # fmt: skip


def ndp(_folder: Path) -> Feed:
    """Objects of the National Data Platform that are hidden, and each child that is."""
    feed, rows = Feed("211-ndp"), []
    kinds = ("organization", "service", "location", "service_at_location")
    for kind, hides in itertools.product(kinds, NDP_HIDES):
        if kind == "service_at_location" and "isConfidential" in hides:
            continue
        begin = len(feed.canaries.about)
        rows.append(_ndp_tree(len(rows), kind, canary_apis.ndp(feed.canaries, kind, **hides)))
        feed.hide(begin, f"{kind} {hides}")
    for kind, (member, make), mark in itertools.product(kinds[:3], canary_apis.NDP_CHILDREN.items(), NDP_MARKS):
        begin = len(feed.canaries.about)
        rows.append(_ndp_tree(len(rows), kind, {member: [make(feed.canaries, f"{kind}.{member}") | mark]}))
        feed.hide(begin, str(mark))
    for member, mark in itertools.product(
        ("accessibility", "documents", "fees", "eligibility", "languages"), NDP_MARKS
    ):
        begin = len(feed.canaries.about)
        rows.append(_ndp_tree(len(rows), "service", {member: {"description": feed.canaries.text(member), **mark}}))
        feed.hide(begin, str(mark))

    def records() -> Iterator[Record | Finding]:
        tally = Tally("ndp")
        for row in rows:
            yield from ndp_records.records(row, "ndp", tally)
        yield from tally.counted()

    feed.records = records
    return feed


def _ndp_tree(number: int, kind: str, told: Row) -> Row:
    parts: dict[str, Row] = {
        "organization": {"id": f"o{number}", "name": "Org"},
        "service": {"id": f"s{number}", "name": "Service"},
        "location": {"id": f"l{number}", "name": "Place"},
        "service_at_location": {"id": f"x{number}", "idService": f"s{number}", "idLocation": f"l{number}"},
    }
    parts[kind] = {
        **told,
        **{name: parts[kind][name] for name in ("id", "idService", "idLocation") if name in parts[kind]},
    }
    parts[kind].setdefault("name", "N")
    return {
        **parts["organization"], "services": [parts["service"]], "locations": [parts["location"]],
        "servicesAtLocations": [parts["service_at_location"]],
    }  # fmt: skip
