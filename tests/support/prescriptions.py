"""Prescriptions for tests: a hypothesis strategy over all members, and fixed ones for every category and kind."""

import copy
import datetime as dt
from typing import Any

import orjson
from hypothesis import strategies as st

from footbridge.model.prescription import Prescription
from footbridge.terminology import categories

Json = dict[str, Any]
KINDS = ("signpost", "warm-connection", "navigator")
JURISDICTIONS = ("us", "ca")
CATEGORIES = [one.code for one in categories()]
SNOMED, LOINC = "http://snomed.info/sct", "http://loinc.org"

# Anything that a text may hold: every script, white space, mark-up, characters that XML lacks; no controls.
_CHARACTERS = st.characters(exclude_categories=("Cc", "Cs")) | st.sampled_from("\n\t<>&\"' \u00a0\ufffe")
TEXTS = st.text(_CHARACTERS, min_size=1, max_size=40).filter(lambda text: text.strip("\ufeff \t\n\u00a0").strip() != "")
NAMES = st.text(_CHARACTERS, min_size=1, max_size=12).filter(lambda text: text.strip("\ufeff").strip() != "")
LANGUAGES = st.sampled_from(["en", "en-CA", "fr", "fr-CA", "es", "zh-Hant-TW", "iu", "und"])
CODES = st.sampled_from(
    [
        {"system": SNOMED, "code": "733423003"},
        {"system": SNOMED, "code": "422650009", "display": "Social isolation"},
        {"system": SNOMED, "code": "710925007"},
        {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "Z59.41"},
        {"system": "http://211hsis.org", "code": "BD-1800.2000"},
        {"system": "urn:footbridge:test:codes", "code": "a b", "display": "Un code à nous"},
    ]
)
AUTHORED = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1)).flatmap(  # noqa: DTZ001 - the zone follows
    lambda moment: st.sampled_from([0, -300, 330, 825, -210, 840]).map(
        lambda minutes: moment.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes))).isoformat()
    )
)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).map(dt.date.isoformat)


def _part(required: Json, optional: Json | None = None) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(required, optional=optional or {})


def _identifier() -> st.SearchStrategy[Json]:
    systems = st.sampled_from(["urn:footbridge:test:a", "https://ids.invalid/b", "urn:oid:2.16.840.1.113883.4.1"])
    return _part({"system": systems, "value": NAMES})


def _contact() -> st.SearchStrategy[Json]:
    systems = st.sampled_from(["phone", "fax", "email", "pager", "url", "sms", "other"])
    uses = st.sampled_from(["home", "work", "temp", "old", "mobile"])
    return _part({"system": systems, "value": NAMES}, {"use": uses, "preferred": st.booleans()})


def _address() -> st.SearchStrategy[Json]:
    lines = st.lists(NAMES, min_size=1, max_size=2)
    return _part({}, {"line": lines, "city": NAMES, "state": NAMES, "postalCode": NAMES, "country": NAMES}).filter(bool)


def _name() -> st.SearchStrategy[Json]:
    return _part({}, {"family": NAMES, "given": st.lists(NAMES, min_size=1, max_size=2), "preferred": NAMES}).filter(
        bool
    )


def _organization() -> st.SearchStrategy[Json]:
    several = {"identifiers": st.lists(_identifier(), max_size=2), "contacts": st.lists(_contact(), max_size=2)}
    return _part({"name": NAMES}, several | {"address": _address()})


def _said(**more: Any) -> st.SearchStrategy[Json]:
    required = {name: one for name, one in more.items() if not isinstance(one, tuple)}
    optional = {name: one[0] for name, one in more.items() if isinstance(one, tuple)}
    return _part({"text": TEXTS, **required}, {"language": LANGUAGES, **optional})


def _client() -> st.SearchStrategy[Json]:
    skill = _part({"code": LANGUAGES}, {"preferred": st.booleans(), "interpreterNeeded": st.booleans()})
    return _part(
        {"identifiers": st.lists(_identifier(), min_size=1, max_size=2)},
        {
            "name": _name(),
            "birthDate": DAYS,
            "gender": st.sampled_from(["male", "female", "other", "unknown"]),
            "languages": st.lists(skill, max_size=3, unique_by=lambda one: one["code"]),
            "contacts": st.lists(_contact(), max_size=3),
            "address": _address(),
            "safeToContact": st.booleans(),
            "contactNote": TEXTS,
        },
    )


def _requester() -> st.SearchStrategy[Json]:
    roles = st.sampled_from(["clinician", "social-worker", "navigator", "community-worker", "person", "relative"])
    several = {"identifiers": st.lists(_identifier(), max_size=2), "contacts": st.lists(_contact(), max_size=2)}
    return _part({"role": roles, "organization": _organization()}, several | {"name": _name(), "profession": NAMES})


def _navigator() -> st.SearchStrategy[Json]:
    several = {"identifiers": st.lists(_identifier(), max_size=2), "contacts": st.lists(_contact(), max_size=2)}
    return _part({"name": _name()}, several | {"role": NAMES, "organization": _organization()})


def _need() -> st.SearchStrategy[Json]:
    loinc = st.sampled_from(
        [{"system": LOINC, "code": "88122-7"}, {"system": LOINC, "code": "88124-3", "display": "x"}]
    )
    local = st.just({"system": "urn:footbridge:test:questions", "code": "q1"})
    evidence = _part(
        {"question": loinc | local},
        {"instrument": loinc | local, "answer": loinc | local, "answerText": TEXTS, "date": DAYS},
    )
    return _part(
        {"category": st.sampled_from(CATEGORIES), "statement": TEXTS},
        {"code": CODES, "language": LANGUAGES, "evidence": evidence},
    )


def _service() -> st.SearchStrategy[Json]:
    named = _part(
        {},
        {
            "partner": st.sampled_from(["north-end-hub", "Ünï partner"]),
            "directoryId": NAMES,
            "organization": _organization(),
            "description": TEXTS,
            "language": LANGUAGES,
            "code": CODES,
        },
    )
    alone = _part({"self": st.just(value=True)}, {"description": TEXTS, "code": CODES})
    return named | alone


def _consent() -> st.SearchStrategy[Json]:
    scopes = ["contact", "needs", "goals", "strengths", "barriers", "supports", "own-words", "notes", "identifiers"]
    return _part(
        {"status": st.sampled_from(["given", "refused", "withdrawn"])},
        {
            "basis": st.sampled_from(["express", "implied"]),
            "how": st.sampled_from(["verbal", "written", "electronic"]),
            "given": DAYS,
            "until": DAYS,
            "scope": st.lists(st.sampled_from(scopes), max_size=4),
        },
    )


def _follow_up() -> st.SearchStrategy[Json]:
    methods = st.sampled_from(["phone", "fax", "email", "sms", "other", "letter", "in-person"])
    questions = st.lists(st.sampled_from(["did-it-happen", "barriers", "une question"]), max_size=3)
    return _part(
        {"due": DAYS}, {"method": methods, "by": st.sampled_from(["navigator", "requester"]), "questions": questions}
    )


@st.composite
def prescriptions(draw: st.DrawFn) -> Prescription:
    """Any prescription that the model takes and whose links hold; the rules that span members are not all kept."""
    needs = draw(st.lists(_need(), min_size=1, max_size=3))
    barrier_kinds = st.sampled_from(["economic", "geographic", "interpersonal", "psychological", "other"])
    barriers = draw(
        st.lists(_said(kind=barrier_kinds, category=(st.sampled_from(CATEGORIES),), code=(CODES,)), max_size=2)
    )
    goal = _part(
        {"description": TEXTS},
        {"need": st.integers(0, len(needs) - 1), "language": LANGUAGES, "code": CODES, "due": DAYS},
    )
    support_kinds = st.sampled_from(["transport", "childcare", "accompaniment", "interpreter", "equipment", "other"])
    removes = {"barrier": (st.integers(0, len(barriers) - 1),)} if barriers else {}
    support = _said(kind=support_kinds, required=(st.booleans(),), **removes)
    document = draw(
        _part(
            {
                "identifier": _identifier(),
                "kind": st.sampled_from(KINDS),
                "authored": AUTHORED,
                "language": LANGUAGES,
                "client": _client(),
                "requester": _requester(),
            },
            {
                "jurisdiction": st.sampled_from(JURISDICTIONS),
                "priority": st.sampled_from(["routine", "urgent", "asap", "stat"]),
                "journey": _identifier(),
                "navigator": _navigator(),
                "goals": st.lists(goal, max_size=3),
                "inTheirWords": st.lists(_said(said=(AUTHORED,)), max_size=2),
                "strengths": st.lists(_said(gift=(st.booleans(),), code=(CODES,)), max_size=2),
                "interests": st.lists(_said(code=(CODES,)), max_size=2),
                "supports": st.lists(support, max_size=3),
                "service": _service(),
                "consent": _consent(),
                "followUp": _follow_up(),
                "instructions": _said(),
                "notes": st.lists(_said(), max_size=2),
            },
        )
    )

    return Prescription.model_validate_json(orjson.dumps(document | {"needs": needs, "barriers": barriers}))


MINIMAL: Json = {
    "identifier": {"system": "urn:footbridge:test:order", "value": "RX-1"},
    "kind": "navigator",
    "authored": "2026-11-03T10:15:00.250-05:00",
    "language": "en",
    "client": {"identifiers": [{"system": "urn:footbridge:test:mrn", "value": "77"}]},
    "requester": {"role": "clinician", "organization": {"name": "Riverside"}},
    "needs": [{"category": "food-insecurity", "statement": "Skips meals."}],
}

RICH: Json = {
    **MINIMAL,
    "priority": "urgent",
    "journey": {"system": "urn:footbridge:test:journey", "value": "J-7"},
    "client": {
        "identifiers": [{"system": "urn:footbridge:test:hcn", "value": "9876543217"}],
        "name": {"family": "Okafor", "given": ["Grace", "Ada"], "preferred": "Gracie"},
        "birthDate": "1951-04-12",
        "gender": "female",
        "languages": [{"code": "fr-CA", "preferred": True, "interpreterNeeded": True}, {"code": "en-CA"}],
        "contacts": [
            {"system": "email", "value": "gracie@mail.invalid"},
            {"system": "phone", "use": "mobile", "value": "+1 416 555 0142", "preferred": True},
        ],
        "address": {
            "line": ["12 Sample Street"],
            "city": "Toronto",
            "state": "ON",
            "postalCode": "M5V 0A1",
            "country": "CA",
        },
        "contactNote": "After four; leave no voicemail.",
    },
    "requester": {
        "role": "social-worker",
        "name": {"family": "Tremblay", "given": ["Louis"]},
        "identifiers": [{"system": "urn:footbridge:test:licence", "value": "00000"}],
        "contacts": [{"system": "phone", "value": "+1 416 555 0100", "use": "work"}],
        "organization": {
            "name": "Riverside Family Health Team",
            "identifiers": [{"system": "urn:footbridge:test:org", "value": "rfht"}],
            "contacts": [{"system": "fax", "value": "+1 416 555 0101"}],
            "address": {"line": ["1 Main Street"], "city": "Toronto"},
        },
    },
    "navigator": {
        "name": {"given": ["Kit"], "preferred": "K"},
        "role": "receptionist",
        "organization": {"name": "Hub staff"},
    },
    "needs": [
        {
            "category": "food-insecurity",
            "statement": "Skips meals at the end of the month.",
            "evidence": {
                "instrument": {"system": LOINC, "code": "88121-9"},
                "question": {"system": LOINC, "code": "88122-7"},
                "answer": {"system": LOINC, "code": "LA28397-0"},
                "date": "2026-11-02",
            },
        },
        {"category": "social-connection", "statement": "Ne voit personne.", "language": "fr-CA"},
    ],
    "goals": [
        {"need": 1, "description": "De la compagnie.", "language": "fr-CA"},
        {"need": 1, "description": "Has company twice a week.", "due": "2027-01-31"},
        {"description": "Feels well."},
    ],
    "inTheirWords": [
        {"text": "Je veux chanter\nde nouveau !", "language": "fr-CA", "said": "2026-11-03T10:05:00.5-05:00"},
        {"text": "I'm fine <really> & all."},
    ],
    "strengths": [
        {"text": "Led the church choir."},
        {"text": "Sews, and would teach it.", "gift": True, "code": {"system": SNOMED, "code": "229065009"}},
    ],
    "interests": [{"text": "Randonnée", "language": "fr"}],
    "barriers": [
        {"kind": "economic", "text": "Bus fare."},
        {"kind": "geographic", "text": "No bus after six.", "category": "transportation-insecurity"},
    ],
    "supports": [
        {"kind": "transport", "text": "Two bus tickets a week.", "barrier": 0, "required": True},
        {"kind": "childcare", "text": "Une gardienne.", "language": "fr-CA"},
    ],
    "service": {
        "partner": "north-end-hub",
        "directoryId": "svc-1",
        "organization": {"name": "North End Hub", "contacts": [{"system": "phone", "value": "+1 416 555 0199"}]},
        "description": "Good Food Box and seniors' lunch club",
    },
    "consent": {
        "status": "given",
        "basis": "express",
        "how": "verbal",
        "given": "2026-11-03",
        "scope": ["contact", "needs", "goals"],
        "until": "2027-11-03",
    },
    "followUp": {
        "due": "2026-12-01",
        "method": "letter",
        "by": "navigator",
        "questions": ["did-it-happen", "barriers"],
    },
    "instructions": {"text": "Appelez le centre.", "language": "fr-CA"},
    "notes": [{"text": "Walks with a stick; ground floor only."}, {"text": "Deuxième note.", "language": "fr"}],
}


def document(base: Json, **changes: Any) -> Json:
    """A copy of a document with some members replaced; None takes one out."""
    found = copy.deepcopy(base) | changes
    return {name: value for name, value in found.items() if value is not None}


def prescription(base: Json = MINIMAL, **changes: Any) -> Prescription:
    """The typed prescription of ``document``."""

    return Prescription.model_validate_json(orjson.dumps(document(base, **changes)))
