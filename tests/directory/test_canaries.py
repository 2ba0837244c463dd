"""Each way in which each form of source says that a value is not for the public: the value is nowhere afterwards.

One import of a form holds a service for each of its ways to hide something, with a value of its own (``CASES``). Then
the whole database is searched, and what the import said, and its log at the finest level.
"""

import csv
import io
import json
import logging
import zlib

import pytest
from sqlalchemy import text

from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.store.tenants import add_tenant

STREET, PHONE, WORD, MAIL = "{n} Zebulon{n} Road", "705-555-{n}", "Zq{n}canary", "z{n}@canary.example"


def filled(value, number):
    """A fragment with the canaries of one case, and these canaries as they would be seen."""
    text_ = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    n = 1000 + number
    for mark, form in (("§s", STREET), ("§p", PHONE), ("§w", WORD), ("§m", MAIL), ("§x", "46.4{n}1")):
        text_ = text_.replace(mark, form.format(n=n))
    seen = [f"Zebulon{n}", f"555-{n}", f"555{n}", f"Zq{n}c", f"z{n}@", f"46.4{n}1"]
    return (text_ if isinstance(value, str) else json.loads(text_)), seen


LEVELS = ("agency", "site", "service")
AIRS_ANYWHERE = [
    '<Phone Confidential="true"><PhoneNumber>§p</PhoneNumber></Phone>',
    '<Phone confidential="1"><PhoneNumber>§p</PhoneNumber></Phone>',
    "<Phone><PhoneNumber>§p</PhoneNumber><ReasonWithheld>Unlisted</ReasonWithheld></Phone>",
    '<Phone Confidential="false"><PhoneNumber>§p</PhoneNumber><Type>Safe House</Type></Phone>',
    '<Phone Confidential="false"><PhoneNumber>§p</PhoneNumber><Description>Ne pas publier</Description></Phone>',
    "<Phone><PhoneNumber>§p</PhoneNumber><Function>Agency use only</Function></Phone>",
    '<Email Confidential="true"><Address>§m</Address></Email>',
    "<Email><Address>§m</Address><Note>Not for public</Note></Email>",
    '<URL Confidential="true"><Address>https://§w.example</Address></URL>',
    "<URL><Address>https://§w.example</Address><Note>Internal use only</Note></URL>",
    '<AKA Confidential="true"><Name>§w house</Name></AKA>',
    "<AKA><Name>§w house</Name><Confidential>true</Confidential></AKA>",
    '<Contact Confidential="true"><Name>Ann §w</Name><Email><Address>§m</Address></Email></Contact>',
    "<Contact><Name>Ann §w</Name><Title>Confidentiel</Title><Phone><PhoneNumber>§p</PhoneNumber></Phone></Contact>",
    '<Contact><Name>Ann</Name><Phone Confidential="true"><PhoneNumber>§p</PhoneNumber></Phone></Contact>',
    "<InternalNote>§w</InternalNote>",
    "<EditorsNote>§w</EditorsNote>",
    "<ResourceInfo><Contact><Name>Ann §w</Name></Contact><ResourceSpecialist>Bob §w</ResourceSpecialist></ResourceInfo>",
]
AIRS_SITE = [
    (
        '<PhysicalAddress Confidential="true"><Line1>§s</Line1><City>Sudbury</City></PhysicalAddress><SpatialLocation>'
        "<Latitude>§x</Latitude><Longitude>-81.0</Longitude></SpatialLocation><CrossStreet>§w Ave</CrossStreet>"
    ),
    "<PhysicalAddress><Line1>§s</Line1><City>Sudbury</City><ReasonWithheld>Safety</ReasonWithheld></PhysicalAddress>",
    '<MailingAddress Confidential="true"><Line1>§s</Line1><City>Sudbury</City></MailingAddress>',
    '<OtherAddress Confidential="true"><Line1>§s</Line1><City>Sudbury</City></OtherAddress>',
    "<PhysicalAddress><Line1>§s</Line1><Description>Adresse tenue secrète</Description></PhysicalAddress>",
    (
        "<PhysicalAddress><Line1>§s</Line1><City>Sudbury</City></PhysicalAddress><SiteDescription>Maison d'hébergement pour "
        "femmes victimes de violence</SiteDescription><BusServiceAccess>Bus to §s</BusServiceAccess>"
    ),
    "<PhysicalAddress><Line1>§s (private)</Line1><City>Sudbury</City></PhysicalAddress>",
]
AIRS_HIDDEN = ['ExcludeFromWebsite="true"', 'ExcludeFromDirectory="1"', 'delete="true"', 'Confidential="true"']


def airs(folder):
    cases = [(level, fragment) for level in LEVELS for fragment in AIRS_ANYWHERE]
    cases += [("site", fragment) for fragment in AIRS_SITE]
    cases += [("hidden", f"{level} {flag}") for level in LEVELS for flag in AIRS_HIDDEN]
    parts, planted = [], {}
    for number, (level, fragment) in enumerate(cases):
        inside, seen = filled("<AgencyDescription>§w</AgencyDescription>" if level == "hidden" else fragment, number)
        planted[f"{level}: {fragment}"] = seen
        own = {one: inside if one == level else "" for one in LEVELS}
        flags = dict.fromkeys(LEVELS, "")
        if level == "hidden":
            where, flag = fragment.split()
            flags[where] = flag
            own[where] = filled(
                "<Phone><PhoneNumber>§p</PhoneNumber></Phone><Email><Address>§m</Address></Email>", number
            )[0]
        parts.append(
            f"<Agency {flags['agency']}><Key>A{number}</Key><Name>Agency {number}</Name>{own['agency']}<Site "
            f"{flags['site']}><Key>S{number}</Key><Name>Site {number}</Name>{own['site']}<SiteService "
            f"{flags['service']}><Key>V{number}</Key><Name>Service {number}</Name>{own['service']}</SiteService></Site></Agency>"
        )
    (folder / "a.xml").write_text(f'<Source SchemaVersion="3.0">{"".join(parts)}</Source>', "utf-8")
    return folder / "a.xml", planted


HSDS_FLAGS = [
    {"confidential": True}, {"isConfidential": "yes"}, {"private": "1"}, {"is_private": "Y"}, {"isHidden": True},
    {"hidden": "oui"}, {"internal": True}, {"public": False}, {"isPublic": "no"}, {"visibility": "private"},
    {"published": "false"}, {"publish": False}, {"display": "no"}, {"display_on_website": False}, {"unlisted": True},
    {"do_not_publish": "x"}, {"reason_withheld": "safety"}, {"confidentiel": "oui"}, {"privé": "oui"},
    {"non_public": True}, {"show_publicly": False}, {"withheld": True}, {"is_withheld": True}, {"restricted": True},
]  # fmt: skip
HSDS_CHILDREN = {
    "phones": {"number": "§p"},
    "contacts": {"name": "Ann §w", "email": "§m", "phones": [{"number": "§p"}]},
    "additional_urls": {"url": "https://§w.example", "label": "Site"},
    "schedules": {"description": "Ask for §w", "opens_at": "09:00", "closes_at": "10:00", "byday": "MO"},
}
HSDS_OTHER = [
    {"private_phone": "§p"}, {"confidential_email": "§m"}, {"hidden_address": {"address_1": "§s"}},
    {"phones": [{"number": "§p"}], "phone_is_private": "yes"}, {"courriel_confidentiel": "§m"},
    {"contacts": [{"name": "Ann §w", "email": "§m", "title": "Ne pas divulguer"}]},
    {"contacts": [{"name": "Ann §w", "contactType": "Confidential", "email": "§m"}]},
    {"email": "§m (private)"},
    {"email": "§m", "email_confidential": True},
    {"url": "https://§w.example", "url_private": True},
    {"additional_urls": [{"url": "https://§w.example", "label": "Internal"}]},
    {"internal_notes": "§w"}, {"editor_notes": "§w"}, {"notes": "§w"}, {"staff_notes": "§w"}, {"note_interne": "§w"},
    {"notesInternes": "§w"}, {"private_notes": "§w"}, {"admin_notes": "§w"}, {"comments_internal": "§w"},
    {"editorsComments": "§w"}, {"memo_interne": "§w"},
    {"description": "Adresse confidentielle : §s. Ouvert."},
    {"description": "Interne : appeler Ann §w"},
    {"alert": "Staff only: §p"},
    {"metadata": [{"field_name": "phone", "previous_value": "§p", "replacement_value": "§m", "updated_by": "Ann §w"}]},
    {"status": "deleted", "description": "§w"}, {"exclude_from_website": True, "description": "§w"},
    {"excludeFromDirectory": "true", "description": "§w"}, {"available_for_directory": False, "description": "§w"},
    {"confidential": True, "description": "§w", "phones": [{"number": "§p"}]},
]  # fmt: skip
HSDS_PLACES = [
    {"addresses": [{"address_1": "§s", "city": "Sudbury", "confidential": True}], "latitude": "§x", "longitude": "-81"},
    {"addresses": [{"address_1": "§s"}], "address_confidential": True, "latitude": "§x"},
    {"addresses": [{"address_1": "§s"}], "address_is_private": "oui", "latitude": "§x"},
    {"addresses": [{"address_1": "§s"}], "location_type": "confidential", "transportation": "Bus to §s"},
    {"addresses": [{"address_1": "§s", "attention": "Ne pas publier"}], "description": "Behind §s"},
    {"addresses": [{"address_1": "§s", "address_type": "physical"}], "name": "§s", "is_private": True},
    {"addresses": [{"address_1": "Confidential", "address_2": "§s"}], "latitude": "§x"},
    {"name": "Adresse tenue secrète", "addresses": [{"address_1": "§s"}], "description": "§s", "latitude": "§x"},
    {"description": "Maison d'hébergement pour femmes victimes de violence", "addresses": [{"address_1": "§s"}]},
    {"name": "Safe House", "addresses": [{"address_1": "§s"}], "url": "https://maps.example/?q=§w", "latitude": "§x"},
]


def hsds_cases():
    for flag in HSDS_FLAGS:
        for member, child in HSDS_CHILDREN.items():
            yield {member: [{**child, **flag}]}, None
        yield (
            None,
            {"addresses": [{"address_1": "§s", "city": "Sudbury", **flag}], "latitude": "§x", "longitude": "-81"},
        )
        yield None, {"addresses": [{"address_1": "§s", "city": "Sudbury"}], "latitude": "§x", **flag}
    yield from ((more, None) for more in HSDS_OTHER)
    yield from ((None, place) for place in HSDS_PLACES)


def hsds(folder):
    services, planted = [], {}
    for number, case in enumerate(hsds_cases()):
        (more, place), seen = filled(case, number)
        planted[json.dumps(more or place, ensure_ascii=False)] = seen
        one = {"id": f"s{number}", "name": f"Service {number}", "status": "active"}
        one["organization"] = {"id": f"o{number}", "name": f"Org {number}", "description": "Help"}
        where = {"id": f"l{number}", "name": f"Place {number}", "location_type": "physical", **(place or {})}
        one["service_at_locations"] = [{"id": f"sl{number}", "location": where}]
        services.append({**one, **(more or {})})
    (folder / "a.json").write_text(json.dumps(services), "utf-8")
    return folder / "a.json", planted


ICAROL = [
    {"contactDetails": [{"contact": {"type": "PhoneNumber", "number": "§p", "label": "Main"}, "isConfidential": True}]},
    {"contactDetails": [{"contact": {"type": "PhoneNumber", "number": "§p", "label": "Safe House"}, "isConfidential": False}]},
    {"contactDetails": [{"contact": {"type": "PhoneNumber", "number": "§p", "description": "à l'interne"}}]},
    {"contactDetails": [{"contact": {"type": "PhoneNumber", "number": "§p", "purpose": "Internal"}}]},
    {"contactDetails": [{"contact": {"type": "PhoneNumber", "number": "§p"}, "isPrivate": "yes"}]},
    {"contactDetails": [{"contact": {"type": "EmailAddress", "address": "§m"}, "isConfidential": True}]},
    {"contactDetails": [{"contact": {"type": "EmailAddress", "address": "§m", "label": "Do not publish"}}]},
    {"contactDetails": [{"contact": {"type": "Website", "url": "https://§w.example"}, "isConfidential": True}]},
    {"contactDetails": [{"contact": {"type": "Website", "url": "https://§w.example", "label": "Internal"}}]},
    {"contactDetails": [{"contact": {"type": "Person", "name": {"displayName": "Ann §w"}}, "isConfidential": True}]},
    {"contactDetails": [{"contact": {"type": "Person", "label": "Confidential", "name": {"displayName": "Ann §w"}}}]},
    {"contactDetails": [{"contact": {"type": "PhysicalLocation", "purpose": "Physical", "line1": "§s", "city": "Sudbury", "latitude": "§x", "longitude": -81.0}, "isConfidential": True}]},
    {"contactDetails": [{"contact": {"type": "PhysicalLocation", "purpose": "Mailing", "line1": "§s", "city": "Sudbury"}, "isConfidential": True}]},
    {"contactDetails": [{"contact": {"type": "PhysicalLocation", "purpose": "Physical", "line1": "§s", "label": "Adresse secrète"}}]},
    {"notes": {"editors": "§w", "viewers": "§w"}},
    {"isConfidential": True, "descriptionText": "§w"}, {"excludeFromWebsite": True, "descriptionText": "§w"},
    {"availableForDirectory": False, "descriptionText": "§w"}, {"status": "Deleted", "descriptionText": "§w"},
    {"customFields": [{"label": "Internal notes", "valueText": "§w"}]},
    {"customFields": [{"label": "Confidential phone", "valueText": "§p"}]},
]  # fmt: skip


def icarol(folder):
    rows, planted = (
        [{"id": 1, "type": "Agency", "names": [{"value": "Org", "purpose": "Primary"}], "status": "Active"}],
        {},
    )
    for number, case in enumerate(ICAROL):
        more, seen = filled(case, number)
        planted[json.dumps(more, ensure_ascii=False)] = seen
        names = [{"value": f"Service {number}", "purpose": "Primary"}]
        rows.append(
            {
                "id": 100 + number,
                "type": "Program",
                "names": names,
                "status": "Active",
                "related": [{"id": 1, "type": "Agency"}],
                **more,
            }
        )
    (folder / "i.json").write_text(json.dumps(rows), "utf-8")
    return folder / "i.json", planted


TABULAR_PHONES = [{"number": "§p", **flag} for flag in HSDS_FLAGS] + [{"number": "§p", "description": "Back-line"}]


def tabular(folder):
    planted = {}
    phones, places, addresses, services = [], [], [], []
    for number, case in enumerate(TABULAR_PHONES):
        row, seen = filled(case, number)
        planted[json.dumps(row, ensure_ascii=False)] = seen
        services.append({"id": f"s{number}", "organization_id": "o", "name": f"Service {number}"})
        phones.append({"id": f"p{number}", "service_id": f"s{number}", **row})
    for number, flag in enumerate(HSDS_FLAGS, len(TABULAR_PHONES)):
        row, seen = filled({"address_1": "§s", "city": "Sudbury", **flag}, number)
        planted[json.dumps(row, ensure_ascii=False)] = seen
        places.append({"id": f"l{number}", "name": f"Place {number}", "latitude": seen[-1], "longitude": "-81.0"})
        addresses.append({"id": f"a{number}", "location_id": f"l{number}", **row})
    rows = {"organizations": [{"id": "o", "name": "Org"}], "services": services, "phones": phones}
    for name, some in (rows | {"locations": places, "addresses": addresses}).items():
        columns = list(dict.fromkeys(column for row in some for column in row))
        target = io.StringIO()
        writer = csv.DictWriter(target, columns)
        writer.writeheader()
        writer.writerows(some)
        (folder / f"{name}.csv").write_text(target.getvalue(), "utf-8")
    return folder, planted


ICAROL_ROWS = [
    {"Phone1Number": "§p", "Phone1IsPrivate": "Yes"}, {"Phone1Number": "§p", "Phone1Type": "Safe House"},
    {"Phone1Number": "§p", "Phone1Name": "Ligne interne"}, {"PhoneFax": "§p", "PhoneFaxIsPrivate": "True"},
    {"PhoneNumberHotline": "§p", "PhoneNumberHotlineIsPrivate": "1"},
    {"MainContactName": "Ann §w", "MainContactEmailAddress": "§m", "MainContactIsPrivate": "Yes"},
    {"MainContactName": "Ann §w", "MainContactType": "Confidentiel"},
    {"SeniorWorkerName": "Ann §w", "SeniorWorkerPhoneNumber": "§p", "SeniorWorkerIsPrivate": "Yes"},
    {"PhysicalAddress1": "§s", "PhysicalCity": "Sudbury", "PhysicalAddressIsPrivate": "Yes", "Latitude": "§x", "Longitude": "-81"},
    {"MailingAddress1": "§s", "MailingAddressIsPrivate": "Yes"},
    {"OtherAddress1": "§s", "OtherAddressIsPrivate": "Yes"},
    {"EmailAddressMain": "§m", "EmailAddressMainIsPrivate": "Yes"},
    {"WebsiteAddress": "https://§w.example", "WebsiteAddressIsPrivate": "Yes"},
    {"InternalNotes": "§w"}, {"InternalNotesForEditorsAndViewers": "§w"}, {"LastVerifiedByName": "Ann §w", "LastVerifiedByEmailAddress": "§m"},
    {"ExcludeFromWebsite": "Yes", "AgencyDescription": "§w"}, {"ExcludeFromDirectory": "True", "AgencyDescription": "§w"},
    {"AvailableForDirectory": "False", "AgencyDescription": "§w"},
]  # fmt: skip


def icarol_csv(folder):
    rows, planted = [], {}
    for number, case in enumerate(ICAROL_ROWS):
        row, seen = filled(case, number)
        planted[json.dumps(row, ensure_ascii=False)] = seen
        core = {
            "ResourceAgencyNum": f"{100 + number}",
            "PublicName": f"Service {number}",
            "TaxonomyLevelName": "Program",
        }
        rows.append(core | {"ParentAgency": "Org", "ParentAgencyNum": "1", "AgencyStatus": "Active"} | row)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    target = io.StringIO()
    writer = csv.DictWriter(target, columns)
    writer.writeheader()
    writer.writerows(rows)
    (folder / "i.csv").write_text(target.getvalue(), "utf-8")
    return folder / "i.csv", planted


FORMS = {each.__name__: each for each in (airs, hsds, icarol, tabular, icarol_csv)}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_source_hides_is_nowhere(sqlite_database, clock, tmp_path, caplog, form):
    folder = tmp_path / form
    folder.mkdir()
    path, planted = FORMS[form](folder)
    caplog.set_level(logging.DEBUG)
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    opened = open_path(path, None, ReadOptions())
    terms = Terms(opened.format, path.name, "CA", "America/Toronto")
    summary = run_import(sqlite_database, clock, Plan("north", "feed", terms, processes=0), opened.records)
    parts = [str(summary), caplog.text]
    with sqlite_database.read() as connection:
        tables = connection.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
        ).all()
        for table in tables:
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                parts += [readable(value) for value in row if isinstance(value, str | bytes)]
    everything = "\n".join(parts).casefold()
    leaks = {
        case: left for case, seen in planted.items() if (left := [one for one in seen if one.casefold() in everything])
    }
    assert [f"{case}  {left}" for case, left in leaks.items()] == []
    assert summary.kept >= len(planted) / 4


def readable(value):
    if isinstance(value, str):
        return value
    for start in (value, zlib.decompress):
        try:
            return (start if start is value else start(value)).decode(errors="replace")
        except (zlib.error, ValueError):
            continue
    return value.decode(errors="replace")
