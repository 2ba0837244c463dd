"""Documents of each form that is JSON, every member filled with a value of its own: from the standards' digests alone."""

import json

from directory.fields.cells import Cells, kind_of
from directory.fields.tables import FIXED, FORMS

UUID = "5f0c1c52-0000-4000-8000-{:012d}"


class Objects:
    """Makes objects whose texts are followed cells: the path of an object is the cell's table, a member its column."""

    def __init__(self, cells: Cells):
        self.cells, self.number = cells, 0

    def one(self, path, members, **given):
        """An object with these members; those of ``given`` as they are."""
        made = {}
        for member in members:
            if member not in given:
                kind = kind_of(member)
                text = FIXED.get(member, "" if kind in ("id", "fixed", "flag") else None)
                if text != "":
                    made[member] = self.typed(member, self.cells.make(path, member, text))
        return {"id": self.id(), **made, **given} if "id" in members else {**made, **given}

    def id(self):
        """An id that no other object has."""
        self.number += 1
        return UUID.format(self.number)

    @staticmethod
    def typed(member, text):
        """A number where the standard has one."""
        if member in (
            "latitude",
            "longitude",
            "amount",
            "available",
            "maximum",
            "minimum_age",
            "maximum_age",
            "interval",
        ):
            return float(text) if "." in text else int(text)
        return text


_HSDS = {table.removesuffix(".csv"): columns for table, columns in FORMS["hsds-3.1"]["tables"].items()}
_PHONE = {"phones": {"": "phones", "languages": "languages"}}
_CONTACT = {"contacts": {"": "contacts", **_PHONE}}
_TERM = {"attributes": {"": "attributes", "taxonomy_term": "taxonomy_terms"}, "metadata": "metadata"}
_LOCATION = {
    "": "locations", "languages": "languages", "addresses": "addresses", "accessibility": "accessibility",
    "schedules": "schedules", **_CONTACT, **_PHONE, **_TERM,
}  # fmt: skip
SERVICE = {
    "": "services", "schedules": "schedules", "service_areas": "service_areas", "languages": "languages",
    "funding": "funding", "cost_options": "cost_options", "required_documents": "required_documents",
    "additional_urls": "url", "program": "programs", "capacities": {"": "service_capacity", "unit": "units"},
    **_PHONE, **_CONTACT, **_TERM,
    "organization": {
        "": "organizations", "additional_websites": "url", "funding": "funding", "programs": "programs",
        "organization_identifiers": "organization_identifiers", **_CONTACT, **_PHONE, **_TERM,
    },
    "service_at_locations": {
        "": "service_at_location", "service_areas": "service_areas", "schedules": "schedules", **_CONTACT, **_PHONE,
        "location": _LOCATION,
    },
}  # fmt: skip
"""How objects hang together in a service of HSDS 3.1, as its full example has them."""
_SINGLE = {"program", "unit", "taxonomy_term", "organization", "location"}
_UK = {
    "service_areas": {"name": "service_area"}, "languages": {"name": "language"}, "taxonomy_term": {"name": "term"},
    "accessibility": {"description": "accessibility"}, "organization": {"website": "url"},
    "required_documents": {}, "cost_options": {},
}  # fmt: skip


def hsds(objects: Objects, *, uk: bool = False):
    """A whole service of HSDS 3.1; with ``uk`` under the names that the UK profile keeps."""
    return _hsds(objects, "service", SERVICE, uk)


def _hsds(objects, path, shape, uk):
    shape = {"": shape} if isinstance(shape, str) else shape
    name = path.rpartition(".")[2]
    renamed = _UK.get(name, {}) if uk else {}
    members = [renamed.get(one, one) for one in _HSDS[shape[""]] if not one.endswith("_id") and one != "resource_type"]
    inner = {}
    for member, below in shape.items():
        if member:
            made = _hsds(objects, f"{path}.{member}", below, uk)
            inner[member] = made if member in _SINGLE else [made]
    given = {"field_name": "name"} if name == "metadata" else {}
    return objects.one(path, [*members, "id"], **given) | inner


def icarol(objects: Objects):
    """An agency, its site, its program and the link of both, as iCarol's API gives them."""
    make = objects.cells.make

    def contact(path, kind, *, confidential=False, **members):
        return {"contact": {"type": kind, **members}, "isConfidential": confidential}

    def record(number, kind, related):
        def text(path, member, given=None, kind_=None):
            return make(f"{kind}.{path}" if path else kind, member, given, kind_)

        phone = contact("", "PhoneNumber", number=text("contact", "number"), label=text("contact", "label"),
                        purpose="Unspecified", description=text("contact", "description"))  # fmt: skip
        place = contact("", "PhysicalLocation", purpose="Physical", line1=text("contact", "line1", None, "text"),
                        city=text("contact", "city"), county=text("contact", "county"), stateProvince="ON", country="Canada",
                        zipPostalCode=text("contact", "zipPostalCode", None, "postal"),
                        latitude=float(text("contact", "latitude")), longitude=float(text("contact", "longitude")),
                        precision="Precise")  # fmt: skip
        mail = contact("", "PostalAddress", purpose="Mailing", line1=text("mail", "line1", None, "text"),
                       city=text("mail", "city"), stateProvince="ON", country="Canada",
                       zipPostalCode=text("mail", "zipPostalCode", None, "postal"))  # fmt: skip
        web = contact("", "Website", url=text("contact", "url"), label="Website")
        email = contact("", "EmailAddress", address=text("contact", "address", None, "email"), label="Main")
        person = contact(
            "", "Person", name={"displayName": text("person", "displayName")}, titles=[text("person", "titles")],
            contactMethods=[{"type": "EmailAddress", "address": text("person", "address", None, "email")}],
        )  # fmt: skip
        secret = contact(
            "", "PhoneNumber", confidential=True, number=text("secret", "number"), label=text("secret", "label")
        )
        days = [{"dayOfWeek": "Mon", "opens": text("days", "opens", None, "opens"), "closes": "4:45pm"}]
        return {
            "id": number, "databaseID": 123, "uniquePriorID": "", "type": kind, "status": "Active", "isFeatured": False,
            "isConfidential": False, "names": [{"value": text("names", "value"), "purpose": "Primary"},
                                               {"value": text("names", "alternate"), "purpose": "Alternate"}],
            "contactDetails": [phone, place, mail, web, email, person, secret], "related": related,
            "description": text("", "description"), "languagesOffered": "English; French",
            "legalStatus": text("", "legalStatus"), "fein": text("", "fein"),
            "modified": text("", "modified", None, "date") + "T08:00:00Z",
            "lastVerifiedOn": text("", "lastVerifiedOn", None, "date") + "T08:00:00Z",
            "hours": {"days": days, "note": text("hours", "note")}, "translations": ["en"], "cultureCode": "",
            "searchHints": [text("", "searchHints")], "taxonomy": ["BD-1800.2000"],
            "coverage": [{"purpose": "CoverageArea", "type": "PostalAddress", "county": text("coverage", "county"),
                          "city": text("coverage", "city"), "stateProvince": "ON", "country": "Canada"}],
            "coverageNote": text("", "coverageNote"), "notes": {"editors": text("notes", "editors")},
            "accessibility": {"disabled": text("accessibility", "disabled"), "public": text("accessibility", "public")},
            "fees": text("", "fees"), "applicationProcess": text("", "applicationProcess"),
            "eligibility": text("", "eligibility"), "verificationExpired": "2030-01-01T00:00:00",
            "customFields": [{"id": 1111, "label": text("customFields", "label"),
                              "valueText": text("customFields", "valueText")}],
        }  # fmt: skip

    agency, site, program = ({"type": kind, "id": key, "name": ""} for kind, key in
                             (("Agency", 1), ("Site", 2), ("Program", 3)))  # fmt: skip
    return [
        record(1, "Agency", [site, program]),
        record(2, "Site", [agency, program]),
        record(3, "Program", [agency, site]),
    ]


def ndp(objects: Objects):
    """An organization as the National Data Platform exports it."""

    def text(path, member, given=None, kind=None):
        return objects.cells.make(path, member, given, kind)

    def shared(path):
        return {
            "phones": [{"number": text(f"{path}.phones", "number"), "type": "main", "name": text(f"{path}.phones", "name"),
                        "description": text(f"{path}.phones", "description"), "access": "public"}],
            "contacts": [{"name": text(f"{path}.contacts", "name"), "title": text(f"{path}.contacts", "title"),
                          "email": text(f"{path}.contacts", "email"), "access": "public"}],
            "meta": {"status": "active", "access": "public", "lastVerified": text(f"{path}.meta", "lastVerified", None, "date"),
                     "lastUpdated": text(f"{path}.meta", "lastUpdated", None, "date"),
                     "temporaryMessage": {"message": text(f"{path}.meta", "message")},
                     "tags": [text(f"{path}.meta", "tags")], "reasonInactive": ""},
        }  # fmt: skip

    schedule = {"type": "regular", "description": text("schedules", "description"),
                "open": [{"day": "mon", "opensAt": text("schedules", "opensAt", None, "opens"), "closesAt": "17:00"}]}  # fmt: skip
    service = {
        "id": "svc1", "name": text("service", "name"), "alternateNames": [text("service", "alternateNames")],
        "description": text("service", "description"), "url": text("service", "url"), "email": text("service", "email"),
        "waitTime": text("service", "waitTime"), "applicationProcess": text("service", "applicationProcess"),
        "interpretationServices": text("service", "interpretationServices"), "idProgram": "prg1",
        "taxonomy": [{"taxonomyTerm": text("taxonomy", "taxonomyTerm"), "taxonomyCode": "BD-1800.2000",
                      "taxonomyTermLevel1": text("taxonomy", "taxonomyTermLevel1"),
                      "targets": [{"code": "YB-8000", "term": text("taxonomy", "target")}]}],
        "eligibility": {"description": text("eligibility", "description"), "types": ["low_income", "senior"]},
        "fees": {"type": "partial_fee", "description": text("fees", "description")},
        "documents": {"types": ["photo_id"], "description": text("documents", "description")},
        "languages": {"codes": ["en", "fr"], "description": text("languages", "description")},
        "serviceAreas": [{"type": "county", "value": text("serviceAreas", "value")}],
        "schedules": [schedule], "locationIds": ["loc1"], **shared("service"),
    }  # fmt: skip
    location = {
        "id": "loc1", "name": text("location", "name"), "description": text("location", "description"),
        "transportation": text("location", "transportation"), "latitude": float(text("location", "latitude")),
        "longitude": float(text("location", "longitude")), "accessibility": {"description": text("location", "accessibility")},
        "addresses": [{"type": "physical", "street": text("addresses", "street"), "city": text("addresses", "city"),
                       "county": text("addresses", "county"), "state": "WA", "country": "United States",
                       "postalCode": "98101", "access": "public"}], **shared("location"),
    }  # fmt: skip
    return {
        "id": "org1", "name": text("organization", "name"), "alternateNames": [text("organization", "alternateNames")],
        "description": text("organization", "description"), "url": text("organization", "url"),
        "email": text("organization", "email"), "legalStatus": text("organization", "legalStatus"),
        "dataOwner": text("organization", "dataOwner"), "dataSteward": text("organization", "dataSteward"),
        "services": [service], "locations": [location],
        "servicesAtLocations": [{"id": "sal1", "idService": "svc1", "idLocation": "loc1", **shared("sal")}],
        "programs": [{"id": "prg1", "name": text("program", "name"), "description": text("program", "description")}],
        **shared("organization"),
    }  # fmt: skip


def canada(objects: Objects):
    """A record of 211 Canada's search: the flat members that iCarol's exports have."""
    given = {"TaxonomyLevelName": "Program", "ResourceAgencyNum": "300", "ParentAgencyNum": "100"}
    columns = [one for one in FORMS["icarol-recent"]["tables"]["icarol.csv"] if not one.startswith("Custom_")]
    made = objects.one("record", columns, **given)
    return {"id": 300, "ParentId": 100, **made}


def text_changed(value, change):
    """A document with each of its free texts changed."""
    if isinstance(value, dict):
        return {name: text_changed(one, change) for name, one in value.items()}
    if isinstance(value, list):
        return [text_changed(one, change) for one in value]
    return change(value) if isinstance(value, str) and value.startswith("The ") else value


CHANGES = {
    "plain": lambda text: text,
    "lines": lambda text: text.replace(" ", "\r\n", 1) + '; "so"',
    "padded": lambda text: f"  {text}\u00a0 ",
    "markers": lambda text: "###NOTE###" + text.replace(" ", r"\n", 1) + r"\n\n",
    "html": lambda text: f"&amp;lt;p&amp;gt;&lt;b&gt;{text}&lt;/b&gt;&amp;amp;nbsp;&amp;lt;/p&amp;gt;",
}
"""What dirty sources do with each text."""


def dumped(value) -> str:
    """A document as JSON."""
    return json.dumps(value, ensure_ascii=False)
