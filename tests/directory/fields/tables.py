"""The rows of each form's tables, every column filled: what hangs together hangs together, all else is a cell's own."""

import json
from pathlib import Path

from directory.fields.cells import Cells, kind_of

HERE = Path(__file__).parent
FORMS = json.loads((HERE / "forms.json").read_text("utf-8"))
MANY = {
    "phone",
    "contact",
    "schedule",
    "regular_schedule",
    "holiday_schedule",
    "language",
    "funding",
    "service_area",
    "url",
}
FIXED = {
    "status": "active", "address_type": "physical", "location_type": "physical", "freq": "WEEKLY", "byday": "MO,WE",
    "weekday": "Monday", "interval": "1", "wkst": "MO", "type": "voice", "number_type": "voice", "country": "CA",
    "state_province": "ON", "currency": "CAD", "minimum_age": "18", "maximum_age": "64", "link_entity": "service",
    "resource_type": "service", "field_name": "name", "country_prefix": "1", "closed": "true", "external_identifier_type": "UPRN",
    "identifier_type": "Charity number", "attending_type": "venue", "extent_type": "text", "AgencyStatus": "Active",
    "PhysicalStateProvince": "ON", "MailingStateProvince": "ON", "OtherStateProvince": "ON", "PhysicalCountry": "Canada",
    "MailingCountry": "Canada", "OtherCountry": "Canada", "Agency_Status": "Active", "AgencyOption_Status": "Active",
    "Service_Status": "Active", "ServiceOption_Status": "Active", "COUNTRY": "CA", "STATE_PROVINCE": "ON",
    "STATUS": "Active", "ISACTIVE": "Y", "OPERATIONAL": "Y", "SHOW_ON_PUBLIC_SITE": "Y", "ISPRIMARY": "Y", "IS_SHELTER": "N",
    "AvailableForDirectory": "True", "AvailableForReferral": "True", "AvailableForResearch": "True", "LanguageOfRecord": "en",
    "ExcludeFromWebsite": "False", "ExcludeFromDirectory": "False", "IsLinkOnly": "False", "Province": "ON", "Pays": "Canada",
    "Publier": "oui", "last_action_type": "update", "virtual": "false",
}  # fmt: skip


def singular(name: str) -> str:
    """Of a table's file name: ``services.csv`` → ``service``."""
    name = name.removesuffix(".csv")
    name = {"services_at_location": "service_at_location", "service_taxonomy": "service_taxonomy"}.get(name, name)
    if name.endswith("ies"):
        return name[:-3] + "y" if name != "eligibilities" else "eligibility"
    return name[:-2] if name.endswith("addresses") else name.removesuffix("s")


def rows_of(form: str, cells: Cells) -> dict[str, tuple[list[str], list[dict[str, str]]]]:
    """By file: its columns and its rows."""
    tables = FORMS[form]["tables"]
    maker = _SPECIAL.get(form, _relational)
    return {file: (columns, maker(form, file, columns, cells)) for file, columns in tables.items()}


def _row(file, columns, cells, given):
    row = {}
    for column in columns:
        if column in given:
            text = given[column]
        elif column in FIXED:
            text = FIXED[column]
        else:
            text = "" if kind_of(column) in ("id", "fixed", "flag") else None
        row[column] = "" if text == "" else cells.make(file, column, text)
    return row


def _relational(form, file, columns, cells):
    table = singular(file)
    parents = [one for one in columns if one.endswith("_id") and one not in ("taxonomy_id", "parent_id", "program_id")]
    polymorphic = table in MANY and len(parents) > 1
    rows = []
    for parent in parents if polymorphic else [None]:
        given = {"id": f"{table}-{len(rows) + 1}"}
        for column in columns:
            if column.endswith("_id") and column != "parent_id":
                target = column.removesuffix("_id")
                given[column] = "" if polymorphic and parent != column else f"{target}-1"
        given |= {"link_id": "service-1", "resource_id": "service-1", "parent_id": "", "parent_organization_id": ""}
        if table == "taxonomy" and "taxonomy_id" in columns:
            given["taxonomy_id"] = "taxonomy-1"
        if columns[0] == "taxonomy_id":
            given |= {"taxonomy_id": "101-01", "parent_id": "101"}
        if "taxonomy_ids" in columns:
            given["taxonomy_ids"] = "101-01"
        if table in ("postal_address", "mail_address") and "address_type" in columns:
            given["address_type"] = "postal"
        if form == "hsds-3.1" and table == "taxonomy_term":
            given["taxonomy"] = ""  # the term's taxonomy is named by taxonomies.csv alone
        rows.append(_row(file, columns, cells, given))
    return rows


def _icarol(form, file, columns, cells):
    levels = [("Agency", {"ResourceAgencyNum": "100"}),
              ("Site", {"ResourceAgencyNum": "200", "ParentAgencyNum": "100"}),
              ("Program", {"ResourceAgencyNum": "300", "ParentAgencyNum": "100", "ConnectsToSiteNum": "200"})]  # fmt: skip
    return [_row(file, columns, cells, {"TaxonomyLevelName": level, **given}) for level, given in levels]


def _visionlink(form, file, columns, cells):
    given = {"Agency_Id": "501", "Service_Id": "601", "ServiceSite_ServiceSite": '["agency-501"]'}
    given |= {"ServiceTaxonomy_ModuleServicepost": "Food Pantries (BD-1800.2000)"}
    return [_row(file, columns, cells, given)]


def _wellsky(form, file, columns, cells):
    given = {
        "ORGANIZATION_ID": "11",
        "LOCATION_ID": "21",
        "PROVIDER_SERVICE_CODE_ID": "51",
        "SERVICE_CODE_ID": "BD-1800.2000",
    }
    given["ID"] = {"organization.csv": "11", "location.csv": "21", "phone.csv": "31", "address.csv": "41"}.get(file, "")
    given |= {"NAME": None} if file != "service.csv" else {}
    rows = [_row(file, columns, cells, given)]
    if file == "phone.csv":
        rows.append(_row(file, columns, cells, {**given, "ID": "32", "LOCATION_ID": ""}))
    return rows


def _own(form, file, columns, cells):
    return [_row(file, columns, cells, {"No": number}) for number in ("7", "8")]


_SPECIAL = {"icarol-2014": _icarol, "icarol-recent": _icarol, "visionlink": _visionlink, "wellsky": _wellsky}
_SPECIAL["own-mapping"] = _own
