"""What may not be shown is nowhere: not in the record, not in a linked record, not in a finding."""

import json
from dataclasses import asdict
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.soak import count

from footbridge.directory import privacy
from footbridge.directory.preparation import prepare
from footbridge.directory.privacy.labels import is_private_phone
from footbridge.directory.records import RESTRICTIONS, WITHHELD, Record

MEMBERS = json.loads((Path(__file__).resolve().parents[2] / "mappings" / "directory" / "members.json").read_text())
KINDS = ("organization", "location", "service", "service_at_location")


def record(kind="service", **data):
    return Record(kind, "R1", {"id": "R1", **data}, "feed.json#/3", 3)


def everything(*results):
    """All that leaves the step, as one text."""
    parts = []
    for result in results:
        if isinstance(result, Record):
            parts.append(json.dumps(asdict(result), ensure_ascii=False, default=str))
        elif isinstance(result, (list, tuple)):
            parts += [everything(entry) for entry in result]
        elif result is not None:
            parts.append(json.dumps(asdict(result), ensure_ascii=False, default=str))
    return "\n".join(parts)


def canaries(kind, depth=0):
    """An object of a kind with a canary in every member, and the canaries."""
    value, planted = {}, []
    for member, how in MEMBERS["objects"][kind].items():
        if how[0] in "[{":
            if depth < 2 and member != "metadata":
                child, more = canaries(how[1:-1], depth + 1)
                value[member] = [child] if how[0] == "[" else child
                planted += more
            continue
        canary = f"Canary{len(planted)}x{depth}{kind[:3]}{member[:4]}"
        value[member] = canary
        planted.append(canary)
    return value, planted


CHILDREN = sorted(
    {
        (kind, member, how[1:-1], how[0] == "[")
        for kind in KINDS
        for member, how in MEMBERS["objects"][kind].items()
        if how[0] in "[{" and member != "metadata"
    }
)


@pytest.mark.parametrize("why", WITHHELD)
@pytest.mark.parametrize(("kind", "member", "child", "many"), CHILDREN, ids=[f"{c[0]}.{c[1]}" for c in CHILDREN])
def test_a_withheld_child_is_nowhere(kind, member, child, many, why):
    hidden, planted = canaries(child)
    shown = {
        "id": "shown",
        "name": "Shown",
        "number": "604-534-1155",
        "url": "https://shown.example",
        "address_type": "postal",
    }
    data = {
        member: [{**hidden, "withheld": why}, shown] if many else {**hidden, "withheld": why},
        "name": "Public name",
    }
    source = record(kind, **data)
    kept, findings = privacy.apply(source)
    prepared = prepare(source)
    text = everything(kept, findings, prepared.record, prepared.findings)
    assert [canary for canary in planted if canary in text] == []
    assert "privacy.withheld" in {finding.rule for finding in findings}
    assert kept.data["name"] == "Public name"
    if many:
        assert "shown" in text


@pytest.mark.parametrize(("kind", "member", "child", "many"), [c for c in CHILDREN if c[3]], ids=str)
def test_a_withheld_grandchild_is_nowhere(kind, member, child, many):
    for inner, how in MEMBERS["objects"][child].items():
        if how[0] not in "[{" or inner == "metadata":
            continue
        hidden, planted = canaries(how[1:-1])
        hidden["withheld"] = "confidential"
        entry = {"name": "Shown", "number": "604-534-1155", inner: [hidden] if how[0] == "[" else hidden}
        source = record(kind, **{member: [entry]})
        prepared = prepare(source)
        text = everything(*privacy.apply(source), prepared.record, prepared.findings)
        assert [canary for canary in planted if canary in text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_withheld_record_is_nowhere(kind):
    data, planted = canaries(kind)
    kept, findings = privacy.apply(Record(kind, "R1", {**data, "withheld": "confidential"}, "f", 1))
    # Of a location it stays that there is one: a service without any would be given remotely.
    assert (kept and kept.data) == ({"address_withheld": True} if kind == "location" else None)
    assert [finding.rule for finding in findings] == ["privacy.withheld"]
    assert not any(canary in everything(findings) for canary in planted)


@pytest.mark.parametrize("restriction", [value for value in RESTRICTIONS if value != "no-referral"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_hidden_record_keeps_its_restrictions_alone(kind, restriction):
    data, planted = canaries(kind)
    kept, findings = privacy.apply(Record(kind, "R1", {**data, "restrictions": [restriction]}, "f", 1))
    assert kept.data == {"restrictions": [restriction]}
    prepared = prepare(Record(kind, "R1", {**data, "restrictions": [restriction]}, "f", 1))
    assert prepared.record.data == {"restrictions": [restriction]}
    assert not any(canary in everything(findings, prepared.findings) for canary in planted)


def test_no_referral_stays_and_is_said():
    prepared = prepare(record(name="Wood for winter", restrictions=["no-referral"]))
    assert prepared.record.data["restrictions"] == ["no-referral"]
    assert prepared.record.data["can_refer"] is False


@pytest.mark.parametrize(
    "member",
    [
        "notes",
        "internal_note",
        "InternalNotes",
        "internalNotesForEditorsAndViewers",
        "EditorsNote",
        "editors_notes",
        "staff_notes",
        "notes_internes",
    ],
)
def test_notes_of_editors_never_survive(member):
    text = "Canary: Ada called, number is 604-555-0100"
    value = [{"text": text, "withheld": "internal"}] if member == "notes" else text
    kept, findings = privacy.apply(record(name="Public", **{member: value}))
    assert kept.data == {"id": "R1", "name": "Public"}
    assert "Canary" not in everything(findings)


LOCATION = {
    "location_type": "physical",
    "name": "Canaryville House",
    "alternate_name": "The house on Canary Street",
    "description": "Canary: the red door behind the church",
    "transportation": "Canary: bus 5 to Elm",
    "latitude": 49.104242,
    "longitude": -122.660606,
    "url": "https://maps.example/?q=Canary",
    "external_identifier": "Canary-uprn-1",
    "cross_street": "Canary and Elm",
    "phones": [{"number": "604-534-1155", "type": "voice", "description": "24 hour crisis line"}],
    "schedules": [{"description": "24/7"}],
    "languages": [{"name": "French"}],
    "accessibility": [{"description": "Ramp at 12 Canary St."}],
}
PLACE = {
    "address_1": "12 Canary Street", "address_2": "Unit 4, 77 Canary Lane", "city": "Canaryville", "state_province": "BC",
    "postal_code": "V2Y 0A2", "country": "CA", "address_type": "physical", "attention": "Canary person",
}  # fmt: skip
TRACES = ("Canary", "49.1042", "122.6606", "V2Y", "0A2", "red door", "bus 5")


@pytest.mark.parametrize("why", WITHHELD)
def test_a_location_with_a_withheld_address_gives_nothing_of_its_place_away(why):
    source = record("location", **LOCATION, addresses=[{**PLACE, "withheld": why}])
    for result in (privacy.apply(source), (prepare(source).record, prepare(source).findings)):
        text = everything(*result)
        assert [trace for trace in TRACES if trace in text] == []
        assert result[0].data["address_withheld"] is True
    kept = prepare(source).record.data
    assert kept["phones"][0]["number"] == "604-534-1155"
    assert kept["phones"][0]["description"] == "24 hour crisis line"
    assert kept["languages"][0]["code"] == "fr"
    assert kept["schedules"][0]["byday"] == "MO,TU,WE,TH,FR,SA,SU"


@pytest.mark.parametrize(
    ("said", "kept"), [("BC", "BC"), ("Colombie-Britannique", "BC"), ("Canary Province", None), ("", None)]
)
def test_of_a_withheld_place_its_province_stays(said, kept):
    """Whom it can help is no secret; a text that is no province is dropped like the rest."""
    source = record("location", **LOCATION, addresses=[{**PLACE, "state_province": said, "withheld": "confidential"}])
    assert prepare(source).record.data.get("withheld_region") == kept


def test_a_name_without_its_place_stays():
    source = record("location", name="Hope and Courage", addresses=[{**PLACE, "withheld": "confidential"}])
    assert privacy.apply(source)[0].data["name"] == "Hope and Courage"


def test_a_post_box_of_a_shelter_stays_and_its_street_does_not():
    box = {"address_1": "PO Box 1500", "city": "Langley", "address_type": "postal"}
    street = {"address_1": "9 Canary Road", "city": "Langley", "address_type": "postal"}
    source = record("location", name="Ishtar Transition House", addresses=[PLACE, box, street])
    kept, findings = privacy.apply(source)
    assert kept.data["addresses"] == [box]
    assert "Canary" not in everything(kept, findings)


@pytest.mark.parametrize(
    "address",
    [
        {**PLACE, "address_1": "Confidential"},
        {**PLACE, "address_1": "12 Canary Street (confidential address)"},
        {**PLACE, "attention": "Address not published"},
        {**PLACE, "address_2": "Undisclosed location"},
        {**PLACE, "address_1": "12 Canary St - adresse confidentielle"},
        {**PLACE, "address_2": "do not publish"},
        {**PLACE, "address_1": "Adresse non divulguée", "address_2": "12, rue Canary"},
    ],
)
def test_an_address_whose_words_say_that_it_is_confidential_is_dropped(address):
    kept, findings = privacy.apply(record("location", **LOCATION, addresses=[address]))
    assert [trace for trace in TRACES if trace in everything(kept, findings)] == []
    assert kept.data["address_withheld"] is True


NOT_PUBLIC = """Safe House|SAFEHOUSE|Safe home|Shelter line private|private line|Private number|Do not give out|do NOT give this number out
Do not release to callers|Not for public use|not for the public|Not to be given to the public|Staff only|staff use only|Employees only|Internal|internal use only
Internal line|Unlisted|unlisted number|Non-published|nonpublished|Confidential|confidential number|Confidential - agency use only|Office use only|Agency use only|Back line
backline|Police only|For staff use|Law enforcement only|Never give out|Don't give to clients|Ne pas divulguer|ne pas donner ce numéro|Ne jamais communiquer|Ne pas diffuser
Usage interne|Usage interne seulement|ligne interne|Ligne privée|numéro privé|Confidentiel|Numéro confidentiel|Réservé au personnel|personnel seulement|employés seulement
Liste rouge|non publié|Non divulgué|Maison sûre|For service providers only|Professionals only|réservé aux intervenants|Staff line|Confidential cell
Director cell - private|Manager (private)|Fax - internal|Personal cell, ask first|Not for clients|Administrative - not for clients|Cell privé|Pas pour la clientèle"""
PUBLIC = """voice|Fax|Hotline|After Hours|Business Line|Crisis line|Women's Shelter Crisis Line|Free and confidential|Confidential help line|24-hour confidential crisis line
Public Health|Internal Medicine|Staff directory|Administration|Phone1|Toll free|Private school|Out of area|TTY|Intake|Main office|Publications|Confidential support line|Anonymous and confidential
Ligne d'écoute confidentielle|Service confidentiel et gratuit|Gratuit et confidentiel|Ligne d'urgence|Sans frais|Télécopieur|Réception|Hébergement|Confidential counselling line|Open to the public
Public library|Employment services|Staffing agency|Confidential information line|Personnel department|Private counselling line|Client intake|privately funded line|Police non-emergency|Professional development|International students|Release Programs"""


@pytest.mark.parametrize("member", ["type", "description"])
@pytest.mark.parametrize("words", [word for line in NOT_PUBLIC.split("\n") for word in line.split("|")])
def test_a_phone_whose_words_say_that_it_is_not_public_is_dropped_everywhere(words, member):
    phones = [{"number": "604-555-0142", member: words}, {"number": "604-534-1155", "type": "voice"}]
    source = record(
        phones=phones, description="Call (604) 555.0142 or 604-534-1155.", contacts=[{"name": "Ada", "phones": phones}]
    )
    prepared = prepare(source)
    for text in (everything(*privacy.apply(source)), everything(prepared.record, prepared.findings)):
        assert "0142" not in text
        assert "604-534-1155" in text


@pytest.mark.parametrize("words", [word for line in PUBLIC.split("\n") for word in line.split("|")])
def test_a_phone_for_the_public_stays(words):
    assert not is_private_phone({"number": "604-534-1155", "type": words})
    assert not is_private_phone({"number": "604-534-1155", "description": words})


TEXTS = [
    ("Confidential address: 12 Canary Street. We help women.", "We help women."),
    ("We help women. Address (confidential): 12 Canary St., Unit 4", "We help women."),
    ("Undisclosed location - 12 Canary Street; free meals", "free meals"),
    ("12 Canary Street (address not published). Free meals.", "Free meals."),
    ("The address is kept confidential: 12 Canary Ave. Free meals.", "Free meals."),
    ("Staff only: 604-555-0142. Call 211.", "Call 211."),
    ("Call 211. Do not give out 604-555-0142", "Call 211."),
    ("Unlisted number 604.555.0142; call 211", "call 211"),
    ("Confidential e-mail: canary@example.org. Call 211.", "Call 211."),
    ("Adresse confidentielle : 12, rue Canary. Repas gratuits.", "Repas gratuits."),
    ("L'adresse est confidentielle: 12 boul. Canary, V2Y 0A2\nRepas gratuits.", "Repas gratuits."),
    ("Usage interne : 604 555-0142. Repas gratuits.", "Repas gratuits."),
    ("Ne pas divulguer : demander Canary. Repas gratuits.", "Repas gratuits."),
    ("Lieu non divulgué (12 chemin Canary). Repas gratuits.", "Repas gratuits."),
    ("&lt;p&gt;Confidential&amp;nbsp;address: 12 Canary Street&lt;/p&gt;&lt;p&gt;Free meals.&lt;/p&gt;", "Free meals."),
    ("Call 211.\nINTERNAL: Canary wants no mail before June. Do not share with clients", "Call 211."),
    ("Call 211. [Internal note: canary said so. Again.] Free meals.", "Free meals."),
    ("Editor's note: check with Canary\nFree meals.", "Free meals."),
    ("Repas gratuits.\nNote interne : rappeler Canary avant le mois de juin, puis encore une fois", "Repas gratuits."),
    ("Num&eacute;ro confidentiel : 604-555-0142<br>Repas gratuits.", "Repas gratuits."),
]


@pytest.mark.parametrize(("text", "rest"), TEXTS)
@pytest.mark.parametrize("member", ["description", "alert", "application_process", "eligibility_description"])
def test_a_value_that_a_text_says_is_confidential_is_dropped_and_the_rest_stays(text, rest, member):
    prepared = prepare(record(name="Meals", **{member: text}))
    shown = everything(prepared.record, prepared.findings)
    for trace in ("Canary", "canary", "0142", "V2Y"):
        assert trace not in shown
    assert rest in prepared.record.data[member]


HARMLESS = [
    "Free and confidential counselling at 12 Main Street.",
    "All calls are confidential. Call 604-534-1155.",
    "We do not disclose what you tell us.",
    "Confidential testing for HIV. 12 Main Street, 604-534-1155",
    "Internal medicine and public health clinic, 604-534-1155.",
    "Internal medicine: clinic on Tuesday. International: call 211. Staff: five nurses.",
    "The public library at 12 Main Street does not charge.",
    "Services gratuits et confidentiels au 12, rue Principale.",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_service_that_is_confidential_is_not_secret(text):
    source = record(name="Help", description=text)
    kept, findings = privacy.apply(source)
    assert kept is source
    assert findings == []


PHONE_FORMS = ["604-555-0142", "(604) 555-0142", "604.555.0142", "6045550142", "+1 604 555 0142", "1-604-555-0142", "604 555 0142 ext. 7",
               "604&#45;555&#45;0142", "604-<b>555</b>-0142", "604 / 555 / 0142", "555-0142", "555 0142"]  # fmt: skip
STREET_FORMS = ["12 Canary Street", "12 CANARY ST.", "12 Canary St, Unit 4", "12, Canary street", "12 canary st E", "12&nbsp;Canary&nbsp;St",
                "<b>12</b> Canary Street", "12 Canary", "Canary Street", "Canary Street 12", "Canary St., no 12", "on Canary St. near the park", "v2y0a2", "V2Y 0A2", "V2Y-0A2"]  # fmt: skip


@pytest.mark.parametrize("form", PHONE_FORMS + STREET_FORMS)
def test_a_dropped_value_is_redacted_in_every_text_of_the_record_and_of_linked_ones(form):
    hidden = record(
        "location",
        name="Harbour",
        addresses=[{**PLACE, "withheld": "confidential"}],
        phones=[{"number": "604-555-0142", "withheld": "confidential"}],
    )
    text = f"Come to {form} at any time. Call 604-534-1155."
    linked = record("service", name="Harbour", description=text, contacts=[{"name": "Ada", "title": text}])
    secrets = privacy.secrets(hidden)
    kept, findings = privacy.redact(linked, secrets)
    prepared = prepare(linked, secrets)
    own = record(
        "location", accessibility=[{"description": text}], **{k: v for k, v in hidden.data.items() if k != "id"}
    )
    prepared_own = prepare(own)
    for shown in (
        everything(kept, findings),
        everything(prepared.record, prepared.findings),
        everything(prepared_own.record, prepared_own.findings),
    ):
        for trace in ("Canary", "CANARY", "canary", "0142", "0A2", "0a2"):
            assert trace not in shown
        assert "604-534-1155" in shown
        assert "at any time" in shown
    assert "privacy.repeated-value" in {finding.rule for finding in findings}


def test_a_linked_record_loses_the_phone_and_the_address_that_are_secret():
    secrets = privacy.secrets(
        record(
            "location",
            addresses=[{**PLACE, "withheld": "confidential"}],
            phones=[{"number": "604-555-0142", "withheld": "internal"}],
        )
    )
    linked = record(
        "location",
        name="Office",
        addresses=[{**PLACE, "address_type": "postal"}],
        phones=[{"number": "(604) 555-0142"}, {"number": "211"}],
    )
    kept, findings = privacy.redact(linked, secrets)
    assert kept.data["addresses"] == []
    assert kept.data["phones"] == [{"number": "211"}]
    assert "Canary" not in everything(kept, findings)


def test_a_text_that_is_nothing_but_a_note_of_editors_is_gone():
    prepared = prepare(record(name="Meals", alert="INTERNAL: the canary sings - do not share with clients"))
    assert "alert" not in prepared.record.data
    assert [finding.rule for finding in prepared.findings] == ["privacy.value-not-public"]


def test_a_public_address_keeps_the_postal_code_that_a_withheld_one_shares():
    hidden = record("location", name="Office", addresses=[{**PLACE, "withheld": "confidential"}])
    public = {
        "address_1": "24 Fine St",
        "city": "Sudbury",
        "postal_code": PLACE["postal_code"],
        "address_type": "physical",
    }
    linked = record("location", name="Hall", addresses=[public], description=f"In {PLACE['postal_code']}.")
    prepared = prepare(linked, privacy.secrets(hidden))
    assert prepared.record.data["addresses"][0]["postal_code"] == PLACE["postal_code"]
    assert "address_withheld" not in prepared.record.data
    assert PLACE["postal_code"] not in prepared.record.data["description"]


def test_another_address_that_is_withheld_leaves_the_public_place():
    other = {**PLACE, "address_type": "other", "withheld": "confidential"}
    public = {"address_1": "24 Fine St", "city": "Sudbury", "postal_code": "P3E 5J1", "address_type": "physical"}
    place = {"latitude": 46.5, "longitude": -81.0, "transportation": "Bus 4"}
    prepared = prepare(record("location", name="Food bank", addresses=[public, other], **place))
    data = prepared.record.data
    assert [row["address_1"] for row in data["addresses"]] == ["24 Fine St"]
    assert (data["latitude"], data["transportation"], data.get("address_withheld")) == (46.5, "Bus 4", None)
    assert "Canary" not in everything(prepared.record, prepared.findings)
    prepared = prepare(record("location", name="Food bank", addresses=[other], **place))
    assert prepared.record.data["address_withheld"] is True
    assert not {"latitude", "transportation"} & prepared.record.data.keys()


def test_a_public_text_is_not_touched_by_the_secrets_of_others():
    secrets = privacy.secrets(record("location", addresses=[{**PLACE, "withheld": "confidential"}]))
    linked = record(
        name="Canary Wharf Choir", description="We sing at 14 Main Street on 12 days a year, Street of Canaries 3."
    )
    kept, findings = privacy.redact(linked, secrets)
    assert kept is linked
    assert findings == []


def test_what_a_location_says_of_itself_does_not_redact_its_service():
    text = "Provides counselling to children and youth who have seen violence at home."
    location = record("location", description=text, addresses=[{**PLACE, "withheld": "confidential"}])
    service = record(name="Counselling", description=text)
    assert privacy.redact(service, privacy.secrets(location))[0] is service


SHELTERS = [
    {"name": "Langley Women's Shelter"},
    {"name": "Ishtar Transition House"},
    {"name": "Domestic Violence Emergency Shelter"},
    {"name": "Shelter for Victims of Domestic Violence"},
    {"name": "Hope Safe House"},
    {"name": "Second Stage Housing"},
    {"name": "Maison d'hébergement pour femmes victimes de violence"},
    {"name": "Refuge pour femmes L'Étoile"},
    {"name": "Maison de deuxième étape"},
    {"name": "Harbour", "attributes": [{"taxonomy_term": {"code": "BH-1800.1500-100"}}]},
    {"name": "Harbour", "attributes": [{"taxonomy_term": {"code": " bh-1800.1500 "}}]},
    {"name": "Harbour", "attributes": [{"taxonomy_term": {"code": "BH-8600"}, "linked": ["YX-0300.2050"]}]},
    {"name": "Harbour", "description": "Emergency shelter for women and children fleeing violence."},
    {"name": "Harbour", "description": "Offers free meals. The address is confidential."},
    {"name": "Port", "description": "Hébergement sécuritaire pour femmes et enfants victimes de violence conjugale."},
    {"name": "Haven House", "description": "A shelter for women"},
    {"name": "Haven House", "description": "Women and children can stay here when home is not safe."},
    {"name": "Rosewood", "description": "Emergency housing for women and their children fleeing domestic abuse."},
    {"name": "Interval House", "description": "Crisis shelter."},
    {"name": "Nova", "description": "VAW shelter"},
    {"name": "Safe Choice", "description": "Independent living suites for women seeking safety from family violence."},
    {"name": "Quiet Suite", "description": "Temporary stay for older adults escaping abuse by family."},
    {"name": "Host families", "description": "Host families take in women at risk."},
    {"name": "La Maison", "description": "Maison d’aide et d’hébergement pour femmes et enfants."},
    {"name": "Étape", "description": "Logements de deuxième étape pour femmes ayant quitté un conjoint violent."},
    {"name": "Hébergement d'urgence", "description": "Pour toute femme victime de violence conjugale ou sexuelle."},
    {"name": "Résidence", "description": "Appartements pour femmes fuyant la violence d'un conjoint."},
]
NO_SHELTERS = [
    {"name": "Animal Shelter"},
    {"name": "Homeless Shelter", "attributes": [{"taxonomy_term": {"code": "BH-1800.8500"}}]},
    {"name": "Youth Shelter", "attributes": [{"taxonomy_term": {"code": "BH-1800.1500-700"}}]},
    {"name": "Motel vouchers", "attributes": [{"taxonomy_term": {"code": "BH-1800.1500-080"}}]},
    {
        "name": "Women's Centre",
        "description": "Counselling for women who have experienced violence. Refers to shelters.",
    },
    {"name": "Domestic Violence Hotline", "attributes": [{"taxonomy_term": {"code": "RP-1500.1400-200"}}]},
    {"name": "Maison des jeunes"},
    {"name": "Sober Transition House for Recovery"} | {"name": "Recovery Centre"},
    {"name": "Tax shelter advice"},
    {"name": "Housing help", "description": "Helps women leaving abusive relationships find housing."},
    {"name": "Furniture Bank", "description": "Beds, tables and sofas for people leaving homelessness or abuse."},
    {"name": "Centre", "description": "Crisis line and court support for victims of sexual assault."},
    {"name": "Night shelter", "description": "Shelter for homeless women."},
    {"name": "Office", "description": "Logements à loyer modique; priorité aux victimes de violence conjugale."},
    {"name": "Centre des femmes", "description": "Activités et accompagnement pour femmes en difficulté."},
]


@pytest.mark.parametrize("data", SHELTERS, ids=lambda d: d["name"] + str(len(str(d))))
def test_the_address_of_a_shelter_is_dropped_wherever_its_service_stands(data):
    assert privacy.withholds_place(record(**data))
    location = record("location", **LOCATION | {"name": "Main building"}, addresses=[PLACE])
    for result in (privacy.apply(location, place_withheld=True), (prepare(location, place_withheld=True).record,)):
        assert [trace for trace in TRACES if trace in everything(*result)] == []
    secrets = privacy.secrets(location, place_withheld=True)
    assert "Canary" not in everything(privacy.redact(record(description="We are at 12 Canary St."), secrets)[0])


@pytest.mark.parametrize("data", NO_SHELTERS, ids=lambda d: d["name"] + str(len(str(d))))
def test_other_places_keep_their_address(data):
    assert not privacy.withholds_place(record(**data))
    source = record("location", name=data["name"], addresses=[PLACE])
    assert privacy.apply(source)[0] is source


def test_a_location_that_its_source_calls_redacted_has_no_place():
    kept, findings = privacy.apply(record("location", **LOCATION | {"location_type": "redacted"}, addresses=[PLACE]))
    assert [trace for trace in TRACES if trace in everything(kept, findings)] == []


def test_a_contact_whose_title_says_that_it_is_internal_is_dropped():
    contacts = [
        {"name": "Ada Canary", "title": "Staff only"},
        {"name": "Bo Shown", "title": "Director, Internal Medicine"},
    ]
    kept, findings = privacy.apply(record(contacts=contacts))
    assert kept.data["contacts"] == contacts[1:]
    assert "Canary" not in everything(kept, findings)


def test_the_office_of_an_internal_contact_keeps_its_number():
    """A real export gives the person who keeps a record up to date with the number of the office."""
    source = record(
        phones=[{"number": "604-534-1155"}],
        email="office@example.org",
        contacts=[
            {
                "name": "Ada Canary",
                "email": "office@example.org",
                "phones": [{"number": "604-534-1155"}],
                "withheld": "internal",
            }
        ],
    )
    kept, findings = privacy.apply(source)
    assert kept.data["phones"] == [{"number": "604-534-1155"}]
    assert kept.data["email"] == "office@example.org"
    assert "Canary" not in everything(kept, findings)


def test_a_member_that_held_nothing_but_a_secret_is_gone():
    source = record(email="a@canary.example", contacts=[{"email": "a@canary.example", "withheld": "confidential"}])
    assert privacy.apply(source)[0].data == {"id": "R1", "contacts": []}


def test_the_town_of_a_withheld_address_stays_in_other_texts():
    address = {"address_1": "Langley", "city": "Langley", "state_province": "BC", "withheld": "confidential"}
    linked = record(description="Serves Langley, BC.", service_areas=[{"name": "Langley"}])
    assert privacy.redact(linked, privacy.secrets(record("location", addresses=[address])))[0] is linked


def test_history_keeps_no_values():
    row = {"id": "m", "last_action_date": "2024-01-01", "last_action_type": "update", "field_name": "phone",
           "previous_value": "Canary 604-555-0142", "replacement_value": "Canary", "updated_by": "Canary person"}  # fmt: skip
    kept, findings = privacy.apply(record(metadata=[row], phones=[{"number": "211", "metadata": row}]))
    assert "Canary" not in everything(kept, findings)
    assert kept.data["metadata"][0]["last_action_date"] == "2024-01-01"


def test_a_withheld_name_is_redacted_in_either_order():
    source = record(
        contacts=[{"name": "Ada Canary", "withheld": "confidential"}], description="Ask Ada Canary, or Canary, Ada."
    )
    assert "Canary" not in everything(*privacy.apply(source))


def test_findings_of_cleaning_show_no_secret_of_a_linked_record():
    secrets = privacy.secrets(record("location", addresses=[{**PLACE, "withheld": "confidential"}]))
    prepared = prepare(record(description="<p>Come to 12&amp;nbsp;Canary Street</p>", name="x"), secrets)
    assert "Canary" not in everything(prepared.record, prepared.findings)
    assert prepared.findings


def test_a_false_flag_withholds_nothing():
    source = record("location", addresses=[{**PLACE, "withheld": False}, {**PLACE, "withheld": ""}])
    assert len(privacy.apply(source)[0].data["addresses"]) == 2


SAID = (
    "confidential", "Confidential", "undisclosed", "address", "location", "not to be published", "Not", "released",
    "staff only", "do not", "Don't", "give out", "give this", "safe house", "Safe-House", "unlisted", "secret", "withheld",
    "ne pas", "divulguer", "adresse secrète", "non publiée", "liste rouge", "private line", "back line", "office use",
    "women's shelter", "transition house", "Maison d'hébergement pour femmes", "violence", "fleeing", "for", "emergency",
    "housing", "12 Hope Street", "604-555-0100", "V2Y 0A2", "Food", "bank", "open", "PO Box 3", "conﬁdential", "ſecret",
    "<b>", "&nbsp;", "\\n", ":", ".", "(", "staff", "memo", "internal", "police only", "private", "(private)", "hidden",
    "adresse tenue secrète", "call for the address", "réservé aux intervenants", "only", "personal", "never", "- interne",
)  # fmt: skip
texts = st.lists(st.sampled_from(SAID), min_size=1, max_size=6).map(" ".join)
names = st.sampled_from(
    [
        "name",
        "alternate_name",
        "description",
        "editors_notes",
        "internal memo",
        "private note",
        "Notes (internal)",
        "alert",
    ]
)
phones = st.lists(
    st.fixed_dictionaries({"number": st.just("604-534-1155")}, optional={"type": texts, "description": texts}),
    max_size=2,
)
addresses = st.lists(
    st.fixed_dictionaries({"address_1": texts}, optional={"attention": texts, "address_type": st.just("postal")}),
    max_size=2,
)
codes = st.lists(
    st.sampled_from(["BH-1800.1500-100", " bh-1800.8500 ", "YX-0300", "BD-1800.2000"]).map(
        lambda code: {"taxonomy_term": {"code": code}}
    ),
    max_size=2,
)
given_data = st.fixed_dictionaries(
    {"name": texts},
    optional={
        "description": texts,
        "phones": phones,
        "addresses": addresses,
        "attributes": codes,
        "contacts": st.lists(
            st.fixed_dictionaries({"name": texts}, optional={"title": texts, "note": texts, "phones": phones}),
            max_size=2,
        ),
        "additional_urls": st.lists(st.fixed_dictionaries({"url": texts}, optional={"label": texts}), max_size=2),
        "location_type": st.sampled_from(["physical", "Redacted", "confidential"]),
        "metadata": st.just([{"previous_value": "x"}]),
        "notes": st.just("for us"),
        "withheld": st.sampled_from(["internal", False]),
        "restrictions": st.just(["deleted"]),
        "address_withheld": st.booleans(),
        "program": st.dictionaries(names, texts, max_size=2),
        "schedules": st.just([{"notes": "By the door", "withheld": "internal"}]),
    },
)


@pytest.mark.soak
@given(kind=st.sampled_from(KINDS), data=given_data, more=st.dictionaries(names, texts, max_size=2))
@settings(max_examples=count(quick=400, soak=100_000), deadline=None)
def test_a_record_that_looks_plain_has_nothing_to_withhold(kind, data, more):
    source = record(kind, **data, **{name: text for name, text in more.items() if name not in data})
    if privacy.is_plain(source.data, orjson.dumps(source.data)):
        found = privacy.withhold(source)
        assert found.record is source
        assert (found.findings, found.secrets) == ([], ())
        assert kind == "location" or not privacy.withholds_place(source)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "Food bank", "description": "Giving food to all who ask", "phones": [{"number": "604-534-1155"}]},
        {"name": "Café", "contacts": [{"name": "Léa Roy", "phones": [{"number": "604-534-1155", "type": "voice"}]}]},
        {"service_id": "1", "location_id": "2"},
    ],
)
def test_most_records_look_plain(data):
    assert privacy.is_plain(data, orjson.dumps(data))


WORDS_OF_SHELTERS = [
    ("Haven House", "A shelter for women"),
    ("Rosewood", "Emergency housing for women and their children fleeing domestic abuse."),
    ("Anishinaabe Kwe Gamig", "Shelter for Indigenous women and children experiencing family violence."),
    ("La Maison", "Maison d’aide et d’hébergement pour femmes et enfants."),
    ("Résidence Étape 2", "Logements de deuxième étape pour femmes ayant quitté un conjoint violent."),
    ("Hébergement d’urgence", "Pour toute femme victime de violence conjugale ou sexuelle."),
    ("Interval House", "Crisis shelter."),
    ("Nova", "VAW shelter"),
    ("Elder Safe Suite", "Temporary stay for seniors leaving abuse."),
    ("Auberge Transition", "Hébergement pour femmes en difficulté."),
    ("Safe Home Network", "Host families take in women at risk."),
    ("Haven House", "Women and children can stay here when home is not safe."),
]
WORDS_OF_OTHERS = [
    ("Animal shelter", "Dogs and cats, and pets of women who leave."),
    ("YWCA Pool", "Swimming for women and children."),
    ("Men's hostel", "Beds for men."),
    ("Family shelter", "Emergency shelter for homeless families."),
    ("Counselling for Abused Women", "Counselling for women who leave a violent partner."),
    ("Community legal clinic", "Advice on housing, tenants' rights and domestic violence."),
    ("Women's Centre", "Drop in for women. Referral to shelters and housing."),
    ("Maison des jeunes", "Activités pour les jeunes."),
    ("Centre des femmes", "Ateliers pour femmes; information sur la violence conjugale."),
    ("Centre de jour", "Repas, douches, hébergement pour personnes itinérantes, hommes et femmes."),
    ("Housing help", "Help to find housing for women, seniors and families."),
    ("Neighbourhood House", "Programs for families; counselling about abuse."),
    ("Maison de la famille", "Soutien aux parents, prévention de la violence familiale."),
    ("House of Friendship", "Food hampers; support for people at risk."),
    ("Community House", "Counselling for families leaving violence, and food."),
    ("Emergency shelter", "Shelter for homeless women and men."),
]


@pytest.mark.parametrize(("name", "description"), WORDS_OF_SHELTERS)
def test_a_shelter_is_recognised_by_its_name_and_text_together(name, description):
    source = record(name=name, description=description)
    assert privacy.withholds_place(source)
    assert not privacy.is_plain(source.data, orjson.dumps(source.data))


@pytest.mark.parametrize(("name", "description"), WORDS_OF_OTHERS)
def test_help_that_is_no_shelter_keeps_its_place(name, description):
    assert not privacy.withholds_place(record(name=name, description=description))


def test_coordinates_go_with_a_street_that_another_record_withholds():
    place = record(
        "location",
        addresses=[{"address_1": "12 Hope Street", "city": "Sudbury", "address_type": "physical"}],
        latitude="46.49123",
        longitude="-81.01234",
        transportation="Bus 4",
    )
    kept, findings = privacy.redact(place, ("street:12 hope street",))
    assert kept.data == {"id": "R1", "addresses": [], "address_withheld": True}
    assert {"latitude", "longitude"} <= {finding.member for finding in findings}
    both = record("location", addresses=[*place.data["addresses"], {"address_1": "3 King Road"}], latitude="46.49123")
    assert privacy.redact(both, ("street:12 hope street",))[0].data["latitude"] == "46.49123"


def test_an_address_whose_second_line_is_a_withheld_street_goes_whole():
    """A real export has the name of an office in the first line; its postal code and position say the street too."""
    office = {"address_1": "Tri-Cities Office", "address_2": "2nd Floor-12 Hope Street", "postal_code": "V3K 3P3"}
    place = record("location", addresses=[office], latitude="49.249", longitude="-122.849")
    kept, _findings = privacy.redact(place, ("street:12 hope street",))
    assert kept.data == {"id": "R1", "addresses": [], "address_withheld": True}
