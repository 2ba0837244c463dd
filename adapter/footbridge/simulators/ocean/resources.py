"""The resources of one referral, in the shape of the real v0.11.1 message, from what the clinic wrote.

Each has a key, a UUID, which is its ``fullUrl`` and what others refer to by ``urn:uuid:``; none has an id. As in the
real message, identifiers may lack a value, a person has a second address without content, and a form lists items
without an answer. The shape: https://github.com/oceanmdlabs/autorouter, test/ereferral_back_pain.bundle.json.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from footbridge.simulators.ocean.draft import Clinician, Draft, Person
from footbridge.simulators.ocean.forms import items_of
from footbridge.simulators.ocean.state import Listing, Resource
from footbridge.simulators.ocean.tables import raw

Keyed = tuple[str, Resource]
_TORONTO = ZoneInfo("America/Toronto")


@dataclass(frozen=True, slots=True)
class Names:
    """Where this Ocean is; ``fhir`` is its FHIR base, such as ``https://ocean.example.test/svc/fhir/v1``."""

    fhir: str

    def identifier(self, kind: str) -> str:
        """The system of an identifier, by the table."""
        name: str = raw()["identifiers"][kind]
        return name if name.startswith("http") else f"{self.fhir}/NamingSystem/{name}"


def urn(key: str) -> str:
    """The ``fullUrl`` of an entry."""
    return f"urn:uuid:{key}"


def reference(key: str) -> Resource:
    """A Reference to an entry."""
    return {"reference": urn(key)}


def local_time(moment: datetime, *, milliseconds: bool = False) -> str:
    """A time as Ocean writes it: in Toronto's time, with its offset."""
    return moment.astimezone(_TORONTO).isoformat(timespec="milliseconds" if milliseconds else "seconds")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of a referral's own resources that others refer to."""

    patient: str
    target: str
    requester: str
    clinician: str


def resources_of(
    draft: Draft, ref: str, listing: Listing, sent: datetime, names: Names, new_key: Callable[[], str]
) -> list[Keyed]:
    """All resources of a new referral but the header, in the order of the real message.

    Args:
        draft: what the clinic wrote.
        ref: key of the ServiceRequest.
        listing: that it goes to.
        sent: when.
        names: where this Ocean is.
        new_key: makes a UUID.
    """
    keys = Keys(new_key(), new_key(), new_key(), new_key())
    from_place, to_place, letter, form = new_key(), new_key(), new_key(), new_key()
    attached = [(new_key(), one) for one in draft.attachments]
    documents = [(letter, _letter(draft, ref, sent, names))]
    documents += [(key, _attachment(one.title, key, sent, names)) for key, one in attached]
    sender: list[Keyed] = []
    if draft.sender is not None:
        role, person, place = new_key(), new_key(), new_key()
        sender = [
            (role, _requester(draft.sender, person, place, names)),
            (person, _clinician(draft.sender)),
            (place, _location(draft.sender.city)),
        ]
    supporting = [letter, *(key for key, _one in attached), form]
    return [
        (keys.patient, patient(draft.person, names)),
        (keys.target, target(listing, to_place, names)),
        (keys.requester, _requester(draft.clinician, keys.clinician, from_place, names)),
        (keys.clinician, _clinician(draft.clinician)),
        (from_place, _location(draft.clinician.city)),
        (to_place, _location("Toronto")),
        *sender,
        *documents,
        (ref, _request(draft, ref, sent, names, keys, supporting)),
        (form, _form(draft, keys, names)),
    ]


def made(kind: str, content: Resource) -> Resource:
    """A resource of a type with its profile as v0.11.1 claims it."""
    profiles = raw()["profiles"]
    version = profiles["0.11"].get(kind, profiles["0.11"]["*"])
    return {"resourceType": kind, "meta": {"profile": [f"{profiles['prefix']}{kind}{version}"]}, **content}


def _coded(code: str, display: str, text: str) -> Resource:
    system = raw()["systems"]["identifierType"]["0.11"]
    return {"coding": [{"system": system, "code": code, "display": display}], "text": text}


def patient(person: Person, names: Names) -> Resource:
    """The Patient: identifiers without a value where the clinic has none, and a second address without content."""
    card: Resource = {
        "use": "official",
        "type": _coded("JHN", "Jurisdictional health number (Canada)", "Personal Health Number"),
        "system": names.identifier("healthCard"),
    }
    chart: Resource = {
        "type": _coded("MR", "Medical record number", "EMR/EHR Medical Record Number"),
        "system": names.identifier("chart"),
    }
    if person.health_card:
        card["value"] = person.health_card
    if person.card_version:
        card["extension"] = [{"url": raw()["extensions"]["cardVersion"], "valueString": person.card_version}]
    if person.chart:
        chart["value"] = person.chart
    name: Resource = {"use": "official", "text": " ".join([*person.given, person.family]), "family": person.family}
    if person.given:
        name["given"] = list(person.given)
    content: Resource = {"identifier": [card, chart], "active": True, "name": [name]}
    telecom = [
        {"system": kind, "value": value, "use": "home"}
        for kind, value in (("phone", person.phone), ("email", person.email))
        if value
    ]
    if telecom:
        content["telecom"] = telecom
    content |= {"gender": person.gender} if person.gender else {}
    content |= {"birthDate": person.birth_date} if person.birth_date else {}
    content |= {"deceasedBoolean": False, "address": [_home(person), {"use": "home", "type": "postal"}]}
    return made("Patient", content)


def _home(person: Person) -> Resource:
    address: Resource = {"use": "home", "type": "postal"}
    if person.line:
        address |= {"line": [person.line], "city": person.city, "state": "ON", "postalCode": person.postal_code}
    return address


def target(listing: Listing, place: str | None, names: Names) -> Resource:
    """The PractitionerRole that is the listing."""
    identifiers = [
        {"system": names.identifier("listing"), "value": listing.reference},
        {"system": names.identifier("site"), "value": listing.site},
    ]
    if listing.external_service is not None:
        identifiers.append({"system": names.identifier("externalService"), "value": listing.external_service})
    system = raw()["systems"]["specialty"]
    content: Resource = {"identifier": identifiers, "active": True}
    content["specialty"] = [{"coding": [{"system": system, "code": code}]} for code in listing.categories]
    if place is not None:
        content["location"] = [reference(place)]
    return made("PractitionerRole", content)


def _requester(clinician: Clinician, key: str, place: str, names: Names) -> Resource:
    identifiers = []
    if clinician.licence:
        kind = _coded(raw()["systems"]["licenceType"]["0.11"], "Medical License number", "Licence")
        identifiers.append({"type": kind, "system": names.identifier("licence"), "value": clinician.licence})
    if clinician.username:
        identifiers.append({"system": names.identifier("username"), "value": clinician.username})
    content: Resource = {"identifier": identifiers} if identifiers else {}
    content |= {"active": True, "practitioner": reference(key), "location": [reference(place)]}
    if clinician.phone:
        content["telecom"] = [{"system": "phone", "value": clinician.phone, "use": "work"}]
    return made("PractitionerRole", content)


def _clinician(clinician: Clinician) -> Resource:
    content: Resource = {"active": True, "address": [{"use": "work", "type": "both"}]}
    if clinician.family:
        name: Resource = {"family": clinician.family}
        content["name"] = [name | ({"given": list(clinician.given)} if clinician.given else {})]
    return made("Practitioner", content)


def _location(city: str | None) -> Resource:
    address: Resource = {"use": "work", "type": "physical"}
    address |= {"city": city, "state": "ON"} if city else {}
    return made("Location", {"status": "active", "mode": "instance", "address": address})


def _document(identifier: Resource, url: str, title: str, sent: datetime) -> Resource:
    attachment = {"contentType": "application/pdf", "url": url, "title": title, "creation": local_time(sent)}
    content = {
        "identifier": [identifier],
        "status": "current",
        "date": local_time(sent, milliseconds=True),
        "content": [{"attachment": attachment}],
    }
    return made("DocumentReference", content)


def _letter(draft: Draft, ref: str, sent: datetime, names: Names) -> Resource:
    identifier = {"system": names.identifier("referral"), "value": ref}
    title = f"{draft.person.family}--{sent:%Y-%m-%d}.pdf"
    return _document(identifier, f"{names.fhir}/ServiceRequest/{ref}/$letter", title, sent)


def _attachment(title: str, key: str, sent: datetime, names: Names) -> Resource:
    identifier = {"system": names.identifier("attachment"), "value": key}
    return _document(identifier, f"{names.fhir}/DocumentReference/{key}/$binary", title, sent)


def _request(draft: Draft, ref: str, sent: datetime, names: Names, keys: Keys, supporting: list[str]) -> Resource:
    coding = {"system": raw()["systems"]["category"], "code": draft.category, "display": draft.category_name}
    content: Resource = {
        "identifier": [{"system": names.identifier("referral"), "value": ref}],
        "status": "active",
        "intent": "proposal",
        "category": [{"coding": [coding]}],
    }
    content |= {"priority": draft.priority} if draft.priority else {}
    content |= {"orderDetail": [{"coding": [{"display": draft.program}]}]} if draft.program else {}
    content |= {
        "subject": reference(keys.patient),
        "authoredOn": local_time(sent),
        "requester": reference(keys.requester),
        "performer": [reference(keys.target)],
        "supportingInfo": list(map(reference, supporting)),
    }
    if draft.note != "":  # None: a note with an author and no text, which real clinics send
        note: Resource = {"authorReference": reference(keys.clinician), "time": local_time(sent)}
        content["note"] = [note | ({} if draft.note is None else {"text": draft.note})]
    return made("ServiceRequest", content)


def _form(draft: Draft, keys: Keys, names: Names) -> Resource:
    hidden = f"{names.fhir}/StructureDefinition/{raw()['extensions']['visibility']}"
    content = {
        "identifier": {"system": names.identifier("form"), "value": draft.form},
        "status": "completed",
        "subject": reference(keys.patient),
        "author": reference(keys.clinician),
        "item": list(map(partial(_item, hidden), items_of(draft))),
    }
    return made("QuestionnaireResponse", content)


def _item(hidden: str, row: tuple[str, str | None, bool, str | None]) -> Resource:
    link, text, is_hidden, answer = row
    item: Resource = {"extension": [{"url": hidden, "valueString": "hidden"}]} if is_hidden else {}
    item["linkId"] = link
    item |= {"text": text} if text else {}
    return item | ({} if answer is None else {"answer": [{"valueString": answer}]})
