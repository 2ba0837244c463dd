"""How members of a service are written in ``expected/*.json``, made from its document, and when two of them agree."""

import re

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def _phones(service):
    """National digits, and the extension: ``7055550144 x114``; phones of named contacts are not among them."""
    return [_phone(one) for one in service.get("phones", [])]


def _all_phones(service):
    contacts = [*service.get("contacts", []), *service["organization"].get("contacts", [])]
    return _phones(service) + [_phone(one) for contact in contacts for one in contact.get("phones", [])]


def _phone(one):
    digits = re.sub(r"\D", "", str(one["number"]))
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if str(one["number"]).startswith("+44"):
        digits = "0" + digits[2:]
    return digits + (f" x{one['extension']}" if one.get("extension") not in (None, "") else "")


def _days(text):
    days = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        days += DAYS[DAYS.index(first) : DAYS.index(last) + 1] if last else [first]
    return days


def _spread(hours):
    return {f"{day} {one.split(' ')[1]}" for one in hours for day in _days(one.split(" ")[0])}


def _hours(service):
    """``MO-FR 09:00-16:30``, each week; what has no times is not among them."""
    found = set()
    for one in service.get("schedules", []):
        if one.get("opens_at") and one.get("freq", "WEEKLY") == "WEEKLY" and one.get("byday"):
            found |= {f"{day} {one['opens_at']}-{one['closes_at']}" for day in one["byday"].split(",")}
    return sorted(found)


def _monthly(service):
    some = [one for one in service.get("schedules", []) if one.get("freq") == "MONTHLY"]
    return [f"{one['byday']} {one.get('opens_at')}-{one.get('closes_at')}" for one in some]


def _always(service):
    return {one.split(" ")[1] for one in _hours(service)} <= {"00:00-00:00", "00:00-24:00"} and len(
        _hours(service)
    ) == 7


def _addresses(service):
    members = ("address_1", "address_2", "city", "state_province", "postal_code", "country")
    return [
        ", ".join(address[name] for name in members if address.get(name))
        for place in service.get("locations", [])
        for address in place.get("addresses", [])
    ]


def _codes(service):
    return [one["taxonomy_term"]["code"] for one in service.get("attributes", []) if "code" in one["taxonomy_term"]]


def _service_codes(service):
    """Codes of services: not those of who they are for (Y)."""
    return sorted({code for code in _codes(service) if re.match(r"[A-Z]{1,2}(-|$)", code) and code[0] != "Y"})


def _positions(service):
    places = [one for one in service.get("locations", []) if "latitude" in one]
    return [places[0]["latitude"], places[0]["longitude"]] if places else None


def _values(value):
    if isinstance(value, dict):
        return [text for one in value.values() for text in _values(one)]
    if isinstance(value, list):
        return [text for one in value for text in _values(one)]
    return [str(value)]


def _all_values(service):
    return "\n".join(_values(service))


def _equal(found, value):
    return found == value


def _same(found, value):
    return sorted(found) == sorted(value)


def _some(found, value):
    return set(value) <= set(found)


SHOWN = {
    "organization": (lambda one: one.get("organization", {}).get("name"), _equal),
    "phones": (_phones, _same),
    "phones_any": (_all_phones, _some),
    "hours": (_hours, lambda found, value: set(found) == _spread(value)),
    "hours_some": (_hours, lambda found, value: _spread(value) <= set(found)),
    "monthly": (_monthly, _same),
    "always_open": (_always, _equal),
    "addresses": (_addresses, _same),
    "addresses_absent": (lambda one: _addresses(one) == [] and _positions(one) is None, _equal),
    "location_types": (lambda one: [place.get("location_type") for place in one.get("locations", [])], _same),
    "position": (_positions, _equal),
    "languages": (lambda one: [language.get("code") for language in one.get("languages", [])], _same),
    "languages_some": (lambda one: [language.get("code") for language in one.get("languages", [])], _some),
    "ages": (lambda one: [one.get("minimum_age"), one.get("maximum_age")], _equal),
    "areas": (lambda one: [area.get("name") for area in one.get("service_areas", [])], _same),
    "areas_some": (lambda one: [area.get("name") for area in one.get("service_areas", [])], _some),
    "codes": (_service_codes, _same),
    "codes_some": (_service_codes, _some),
    "targets": (lambda one: one.get("target_populations", []), _same),
    "can_refer": (lambda one: one["can_refer"], _equal),
    "free": (lambda one: one.get("is_free"), _equal),
    "assured": (lambda one: one.get("assured_date"), _equal),
    "says": (_all_values, lambda found, value: all(text in found for text in value)),
}
"""How a member is made from a service's document, and when it agrees with what is expected."""
