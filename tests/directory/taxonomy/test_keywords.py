"""Guesses from words: both languages, what is forgiven, and what is no offer."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.data import read_json
from footbridge.directory.taxonomy.categories import by_words
from footbridge.directory.taxonomy.keywords import keyword_table, keyword_table_for_persons
from footbridge.directory.taxonomy.phrases import PhraseTable, spelled_out
from footbridge.directory.taxonomy.words import words


def _codes(description: str = "", **more: Any) -> list[str]:
    return [match["code"] for match in by_words({"description": description, **more})]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Banque alimentaire", "BANQUES ALIMENTAIRES"),
        ("dépannage alimentaire", "depannage alimentaire"),
        ("dépannage alimentaire", "de\u0301pannage alimentaire"),  # accents apart
        ("hébergement d'urgence", "hébergement d\u2019urgence"),
        ("aide à l'emploi", "Aide à l’emploi"),
        ("food pantry", "Food pantries"),
        ("women's shelter", "Womens' shelter"),
        ("women's shelter", "women\u2019s shelters"),
        ("auberge du cœur", "auberges du coeur"),
        ("drop-in program", "drop in programs"),
        ("épicerie communautaire", "les épiceries communautaires"),
        ("locaux", "local"),
        ("recherche de logement", "recherche du logement"),
    ],
)
def test_the_same_words_otherwise_written(one: str, other: str) -> None:
    dropped = set(read_json("mappings", "directory", "keywords.json")["dropped"])
    assert [word for word in words(one) if word not in dropped] == [
        word for word in words(other) if word not in dropped
    ]
    if one != "locaux":
        assert _codes(name=one) == _codes(name=other) != []


@pytest.mark.parametrize(
    "text",
    [
        "We are not a food bank.",
        "This is not a shelter and not a food pantry.",
        "No housing or food.",
        "We do not offer food, clothing or emergency shelter to anybody.",
        "This office no longer offers hot meals.",
        "Cannot offer rent assistance.",
        "Unable to provide transportation to medical appointments.",
        "Refers clients to food banks, shelters and housing search services.",
        "Information and referral on food banks, emergency shelter and job training.",
        "Donations of food and clothing are needed.",
        "Food and clothing donations accepted on Mondays.",
        "Collects clothing and furniture.",
        "Shelter is not available here.",
        "The church no longer runs or offers hot meals.",
        "Not a food bank, a soup kitchen or a furniture bank.",
        "Located in the food bank building.",
        "Next to the community centre and the homeless shelter.",
        "Animal shelter. Pet food on Fridays.",
        "Nous ne sommes pas une banque alimentaire.",
        "N'offre pas d'hébergement d'urgence ni de repas chauds.",
        "N’offre plus de dépannage alimentaire.",
        "Aucun hébergement d'urgence.",
        "L'hébergement d'urgence n'est pas offert.",
        "Dirige les personnes vers les banques alimentaires et les refuges.",
        "Référence vers les soupes populaires.",
        "Accepte les dons de vêtements et de meubles.",
        "Nous avons besoin de dons de nourriture.",
        "Refuge pour animaux.",
        "Accessible en transport en commun.",
    ],
)
def test_what_is_no_offer(text: str) -> None:
    assert _codes(text) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("No cost. Food pantry.", "food-insecurity"),
        ("No appointment necessary for the food pantry.", "food-insecurity"),
        ("Not only a food pantry.", "food-insecurity"),
        ("Free meals, donations welcome.", "food-insecurity"),
        ("Free meals, donations are needed.", "food-insecurity"),
        ("Refers to food banks, but offers free clothing.", "material-hardship"),
        ("Located in the library, provides hot meals.", "food-insecurity"),
        ("We do not run a shelter. Hot meals and soup every day.", "food-insecurity"),
        ("Distributes donated food, hot meals too.", "food-insecurity"),
        ("N'offre pas de repas, mais donne des vêtements.", "material-hardship"),
        ("Aucun frais. Distribution de nourriture.", "food-insecurity"),
    ],
)
def test_a_denial_ends_where_something_is_offered(text: str, wanted: str) -> None:
    assert _codes(text) == [wanted]


@pytest.mark.parametrize(
    ("name", "text", "unmeant"),
    [
        # what it brings with it, and whom it is for
        (
            "Community Kitchen Class",
            "Cook a week of meals. For people who are on social assistance.",
            "financial-insecurity",
        ),
        ("Head Start", "Preschool at no cost. Children who are homeless are categorically eligible.", "homelessness"),
        ("Aide aux devoirs", "Soutien scolaire. Priorité aux prestataires de l'aide sociale.", "financial-insecurity"),
        ("Job Club", "Job search help. Veterans and spouses have priority.", "veteran-status"),
        # papers
        ("Food Bank", "Groceries once a month. Bring lease, health card and proof of income.", "housing-instability"),
        ("Food Bank", "Groceries once a month. Bring health card, bus pass.", "health-insurance-coverage-status"),
        ("Comptoir alimentaire", "Sacs d'épicerie. Apporter bail et carte d'assurance maladie.", "housing-instability"),
        ("Magasin-Partage", "Épicerie à bas prix. Avis de cotisation et baux exigés.", "housing-instability"),
        # extras
        (
            "Prenatal Classes",
            "Six evenings with a nurse. Child care and bus tickets provided.",
            "transportation-insecurity",
        ),
        ("Maison d'aide", "Pour femmes victimes de violence conjugale. Interprètes au besoin.", "language-access"),
        ("Youth Employment", "Job search. Snacks and a hot lunch upon request.", "food-insecurity"),
        # others, and the organization
        ("Tenant Hotline", "Advice on leases. For emergency shelter, please call 211.", "homelessness"),
        ("Tenant Hotline", "Advice on leases. The centre also runs a food bank and a thrift store.", "food-insecurity"),
        (
            "Clinique d'impôts",
            "Déclarations simples. Pour un dépannage alimentaire, communiquez avec le CAB.",
            "food-insecurity",
        ),
        ("Diabetes Education", "A dietitian teaches. Our mission is to end homelessness and hunger.", "homelessness"),
        ("Comptoir alimentaire", "Dépannage une fois par mois. Membre de la table sur l'itinérance.", "homelessness"),
        (
            "Rural Clinic",
            "Family doctor. Medicaid, Medicare and most insurance accepted.",
            "health-insurance-coverage-status",
        ),
        # money for one purpose is help with that
        ("Rent Bank", "Financial assistance for rent arrears.", "financial-insecurity"),
        ("Fonds d'aide pour médicaments", "Aide financière pour l'achat de médicaments.", "financial-insecurity"),
        # services that meet no need
        ("Permits and Inspections", "Permits for home renovation, pools and wood heating.", "inadequate-housing"),
        ("Écocentre", "Dépôt de peinture et d'électroménagers.", "material-hardship"),
        ("Bird Sanctuary", "A shelter and food for wounded birds.", "homelessness"),
        (
            "Clinique de sages-femmes",
            "Suivi de grossesse, gratuit avec la carte d'assurance maladie.",
            "health-insurance-coverage-status",
        ),
        # hobbies without company
        ("Public Skating", "Sunday from 1 to 2. Helmets are required.", "social-connection"),
        ("Spring Concert", "The symphony plays in March.", "social-connection"),
    ],
)
def test_what_stands_beside_what_is_given(name: str, text: str, unmeant: str) -> None:
    assert unmeant not in _codes(text, name=name)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Offers meals and food hampers. Also offers free clothing.", {"food-insecurity", "material-hardship"}),
        (
            "A charity founded in 1987.\n\nServices:\n- food bank\n- friperie\n\nWho: residents.",
            {"food-insecurity", "material-hardship"},
        ),
        (
            "Fondé en 1987, l'organisme est voué aux familles.\n\nServices :\n- dépannage alimentaire\n- friperie",
            {"food-insecurity", "material-hardship"},
        ),
        (
            "The Fund gives financial help to veterans with rent, heating bills, food and medication.",
            {"financial-insecurity", "veteran-status"},
        ),
        ("Safe homes for women who are fleeing domestic violence.", {"intimate-partner-violence"}),
        ("Mentors for men who are on parole.", {"incarceration-status"}),
        ("Beds and support for people who are homeless.", {"homelessness"}),
        ("Logement pour vétérans sans abri.", {"veteran-status", "homelessness"}),
    ],
)
def test_what_is_given(text: str, wanted: set[str]) -> None:
    assert wanted <= set(_codes(text))


@pytest.mark.parametrize("need", ["food bank", "emergency shelter", "rent assistance", "bus passes", "crisis line"])
@pytest.mark.parametrize(
    "frame",
    [
        "Refers clients to {}.",
        "Does not provide {}.",
        "For {}, please call the city.",
        "Located in the {} building.",
        "Proof of {} required.",
        "Funded by the {}.",
        "The centre also houses a {}.",
        "We are hiring for the {}: we are not a {}.",
        "If you need {}, call 211.",
        "Enquiries about {} go to City Hall.",
        "Next door to the {}.",
        "Meets at the {}.",
        "Excludes {}.",
        "Money raised supports the {}.",
        "Other programs of the agency: {}.",
        "Connects callers with {}.",
        "Inspects {}.",
    ],
)
def test_a_need_that_is_not_given_is_not_claimed_in_any_frame(frame: str, need: str) -> None:
    assert _codes("Story time for toddlers. " + frame.replace("{}", need)) == []


@pytest.mark.parametrize("need", ["banque alimentaire", "hébergement d'urgence", "aide au loyer", "ligne d'écoute"])
@pytest.mark.parametrize(
    "frame",
    [
        "Dirige les gens vers une {}.",
        "N'offre pas de {}.",
        "Pour une {}, communiquez avec la ville.",
        "Situé dans le local de la {}.",
        "Preuve de {} exigée.",
        "Financé par la {}.",
        "Le centre abrite aussi une {}.",
        "Si vous avez besoin d'une {}, composez le 211.",
        "La {} n'est pas incluse.",
        "Rencontres dans les locaux de la {}.",
        "Sauf {}.",
        "Autres services de l'organisme : {}.",
        "Formation pour le personnel de la {}.",
    ],
)
def test_the_same_in_french(frame: str, need: str) -> None:
    assert _codes("Heure du conte pour les tout-petits. " + frame.replace("{}", need)) == []


def test_every_role_is_explained() -> None:
    table = read_json("mappings", "directory", "clause-roles.json")
    for row in table["roles"]:
        assert row["about"].endswith(".")
        assert row["counts"] in {"beside", "never", "denied"}
        assert row.get("after") or row.get("before")
        assert any(row["markers"].values()), row["role"]


def test_a_denied_service_is_not_guessed_from_its_organization() -> None:
    assert _codes("Call us.", organization={"name": "North Food Bank"}) == ["food-insecurity"]
    assert _codes("We are not a food bank.", organization={"name": "North Food Bank"}) == []


def test_terms_do_not_hide_what_the_description_gives() -> None:
    texts = {
        "name": "Citadel Corps",
        "terms": "FINANCIAL ASSISTANCE",
        "description": "Provides emergency food, clothing and furniture vouchers to families in times of crisis.",
    }
    found = {match["code"] for match in keyword_table().guess(texts)}
    assert {"food-insecurity", "material-hardship"} <= found


def test_a_name_weighs_more_than_a_description() -> None:
    assert _codes(name="Meals") == ["food-insecurity"]
    assert _codes("Meals") == []


def test_words_in_one_list_with_sure_ones_count() -> None:
    assert set(_codes("Gives out clothing, food and shelter.")) == {
        "material-hardship",
        "food-insecurity",
        "homelessness",
    }


def test_words_beside_sure_ones_without_a_list_do_not() -> None:
    assert _codes("Offers a summer reading club.") == ["educational-attainment"]


def test_evidence_is_the_words_as_they_are_written() -> None:
    text = "Offre de l'aide  alimentaire\nd'urgence, et une Soupe Populaire. Les Banques d'alimentation."
    (match,) = by_words({"name": "Comptoir", "description": text})
    assert match == {"code": "food-insecurity", "basis": "keyword", "evidence": ["aide alimentaire", "Soupe Populaire"]}


@given(st.text(), st.text())
def test_any_text_can_be_looked_at(name: str, description: str) -> None:
    for match in by_words({"name": name, "description": description}):
        assert match["basis"] == "keyword"
        assert match["evidence"]
        for words_found in match["evidence"]:
            assert (
                words_found in " ".join(name.split())
                or words_found in " ".join(description.split())
                or not (name + description).isascii()
            )


def test_the_table_has_every_need_in_both_languages() -> None:
    table = read_json("mappings", "directory", "keywords.json")
    known = {row["code"] for row in read_json("terminology", "categories.json")["categories"]}
    assert set(table["categories"]) == known - {"sdoh-category-unspecified", "protective-factor"}
    for by_language in table["categories"].values():
        assert set(by_language) == {"en", "fr"}
        for by_strength in by_language.values():
            assert set(by_strength) <= set(table["strengths"])
            assert len(by_strength["strong"]) >= 10


def test_no_phrase_means_two_things() -> None:
    table = read_json("mappings", "directory", "keywords.json")
    roles = read_json("mappings", "directory", "clause-roles.json")
    kinds: dict[tuple[str, ...], set[tuple[object, ...]]] = defaultdict(set)
    for phrase in PhraseTable(table, roles)._phrases(table, roles):
        assert phrase.words, "a phrase of dropped words alone"
        kinds[phrase.words].add((bool(phrase.categories), phrase.role, phrase.ends, phrase.offers, phrase.lists))
    assert {words: found for words, found in kinds.items() if len(found) > 1} == {}


DENIALS = [
    "We are not able to help with {}.",
    "We can't help with {}.",
    "We can\u2019t help with {}.",
    "Unable to assist with {}.",
    "We aren't able to provide {}.",
    "No longer provides {}.",
    "The agency does not fund {}.",
    "Staff cannot arrange {}.",
    "We do not have {}.",
    "We have no {}.",
    "Never {}.",
    "Grants cannot be used for {}.",
    "We have stopped giving {}.",
    "No help with {}.",
    "Assistance with {} is not available.",
    "{}: not available.",
    "{} is no longer offered.",
    "{} is not something we can do.",
    "{} is not part of this program.",
    "{} has been discontinued.",
    "{} is outside our mandate.",
    "The {} is suspended until further notice.",
]
FRENCH_DENIALS = [
    "Nous ne sommes pas en mesure d'aider pour {}.",
    "L'organisme n'est pas en mesure d'offrir {}.",
    "Ne peut pas aider pour {}.",
    "Nous ne pouvons pas offrir {}.",
    "Aucune aide pour {}.",
    "Il n'y a plus de {}.",
    "Nous n'avons pas de {}.",
    "Ne finance pas {}.",
    "Ne rembourse pas {}.",
    "Incapable d'offrir {}.",
    "Dans l'impossibilité d'offrir {}.",
    "Les fonds ne peuvent servir à {}.",
    "Nous n'offrons jamais {}.",
    "{} : non offert.",
    "{} n'est plus offert.",
    "{} ne fait pas partie de nos services.",
    "{} n'est pas de notre ressort.",
    "{} est suspendu.",
]
NEEDS = ["rent", "rent assistance", "food bank", "emergency shelter", "utility bills", "bus passes", "job search help"]
FRENCH_NEEDS = ["loyer", "aide au loyer", "banque alimentaire", "hébergement d'urgence", "factures d'électricité"]


@pytest.mark.parametrize(
    ("frame", "needs"), [*((text, NEEDS) for text in DENIALS), *((text, FRENCH_NEEDS) for text in FRENCH_DENIALS)]
)
def test_what_it_says_that_it_does_not_give_is_not_claimed(frame: str, needs: list[str]) -> None:
    for need in needs:
        written = frame.replace("{}", need)
        assert _codes(written[0].upper() + written[1:], name="Information") == [], need
        assert _codes(f"Hot meals every day. {written}", name="Information") == ["food-insecurity"], need


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The agency can help with rent arrears.", "housing-instability"),
        ("We can offer emergency shelter to women.", "homelessness"),
        ("Rent arrears loans for tenants who cannot pay their rent.", "housing-instability"),
        ("For families who are not able to pay their hydro bill: help with utility bills.", "utility-insecurity"),
        ("Food hampers for people who can't afford groceries.", "food-insecurity"),
        ("Prêts pour les arriérés de loyer à ceux qui ne peuvent pas payer leur loyer.", "housing-instability"),
        ("Paniers de nourriture pour ceux qui n'ont pas assez à manger.", "food-insecurity"),
    ],
)
def test_what_people_cannot_do_denies_nothing(text: str, wanted: str) -> None:
    assert _codes(text) == [wanted]


@pytest.mark.parametrize(
    ("place", "text", "wanted"),
    [
        ("statement", "No longer able to pay rent arrears.", "housing-instability"),
        ("statement", "Unable to arrange transportation to medical appointments.", "transportation-insecurity"),
        ("statement", "Cannot do her groceries, needs meals on wheels.", "food-insecurity"),
        ("name", "hungry", "food-insecurity"),
        ("name", "can't pay rent", "housing-instability"),
        ("name", "ne peut plus payer son loyer", "housing-instability"),
    ],
)
def test_what_a_person_does_not_have_is_a_need(place: str, text: str, wanted: str) -> None:
    assert [match["code"] for match in keyword_table_for_persons().guess({place: text})] == [wanted]


def test_what_a_person_is_said_not_to_need_is_none() -> None:
    assert keyword_table_for_persons().guess({"statement": "No food insecurity, not homeless."}) == ()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Helps tenants look for an apartment.", "housing-instability"),
        ("Workers help you find a safe and affordable place to live.", "housing-instability"),
        ("Assistance in finding rental accommodation.", "housing-instability"),
        ("Aide les gens à trouver un appartement.", "housing-instability"),
        ("Soutien à la recherche d'un toit.", "housing-instability"),
        ("Coaches help you get and keep a job.", "employment-status"),
        ("Accompagnement pour décrocher un premier emploi.", "employment-status"),
    ],
)
def test_help_to_find_something_is_help_with_it(text: str, wanted: str) -> None:
    assert _codes(text) == [wanted]


def test_a_word_right_behind_one_of_giving_counts_as_sure() -> None:
    assert _codes("Provides produce to the community.") == ["food-insecurity"]
    assert _codes("Distributes clothes.") == ["material-hardship"]
    assert _codes("A market with produce of farmers.") == []
    assert _codes("Open to all. A talk on the year's produce.") == []


def test_a_list_in_a_sentence_ends_with_it() -> None:
    text = "Services include a food bank. Youth of the club can attend outings, and bus tickets are there for them."
    assert _codes(text) == ["food-insecurity"]
    lines = "Services include:\n- friendly visiting\n- food bank\n- bus tickets"
    assert {"social-connection", "food-insecurity", "transportation-insecurity"} <= set(_codes(lines))


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("Riverside Centre", "A place in the old mill. Open to all. There is a stall with food bank hampers.", []),
        ("Energy North", "We install meters in shops.", []),  # the name alone says it half
        ("Energy North", "Help with the heating bill of a household.", ["utility-insecurity"]),
        ("Employment for all", "Ask at the desk.", ["employment-status"]),  # it says it plainly
        ("Food Pantry for Pets", "Dogs and cats.", []),
        ("Annuaire des associations", "Un annuaire regroupe : banque alimentaire, aide aux devoirs.", []),
    ],
)
def test_weak_words_are_left_out_and_plain_names_are_not(name: str, text: str, wanted: list[str]) -> None:
    assert _codes(text, name=name) == wanted


ITEMS = ["Food bank", "Emergency shelter", "Rent assistance", "Bus tickets", "Crisis counselling"]
ALL_FIVE = {
    "food-insecurity",
    "homelessness",
    "housing-instability",
    "transportation-insecurity",
    "stress",
}


@pytest.mark.parametrize("bullet", ["* ", "- ", "\u2022 ", "\u2013 ", "1. ", "\t\u00b7 "])
@pytest.mark.parametrize(
    ("head", "between"),
    [
        ("Services:\n", "\n"),
        ("We offer:\r\n", "\r\n"),
        ("Programs and services include:\n\n", "\n"),
        ("Services :\n\n", "\n\n"),
        ("Open on Mondays.\n", "\n"),
        ("", "\n"),
    ],
)
def test_a_list_is_read_however_it_is_written(bullet: str, head: str, between: str) -> None:
    text = head + between.join(bullet + item for item in ITEMS)
    assert set(_codes(text, name="Riverside Place")) == ALL_FIVE
    assert set(_codes(text.upper(), name="RIVERSIDE PLACE")) == ALL_FIVE


@pytest.mark.parametrize(
    "head", ["Bring:", "Documents required:", "Does not provide:", "Referral to:", "Apporter :", "N'offre pas :"]
)
def test_a_list_below_a_line_that_gives_nothing_gives_nothing(head: str) -> None:
    lines = "\n".join(f"* {item}" for item in ITEMS)
    assert _codes(f"{head}\n{lines}", name="Riverside Place") == []
    text = f"We offer:\n* clothing\n\n{head}\n{lines}"
    assert _codes(text, name="Riverside Place") == ["material-hardship"]


def test_braces_stand_for_every_choice() -> None:
    assert list(spelled_out("{find|keep} {|a }home")) == ["find home", "find a home", "keep home", "keep a home"]
    assert list(spelled_out("food bank")) == ["food bank"]


@pytest.mark.parametrize(
    ("name", "description", "expected"),
    [
        ("Low-cost Dental Clinic", "Students clean teeth.", "medical-cost-burden"),
        ("Quit Smoking Clinic", "Eight weeks of coaching.", "personal-health-literacy"),
        ("Abandon du tabac", "Soutien pour cesser de fumer.", "personal-health-literacy"),
        ("Snowsuit Fund", "For children up to twelve.", "material-hardship"),
        ("Funeral costs", "For families who cannot pay for a burial.", "financial-insecurity"),
        ("Maison de chambres", "Un intervenant est sur place.", "housing-instability"),
        ("Relevailles", "Aide à domicile après la naissance.", "stress"),
        ("Tech help", "Young people show older adults how to use smartphones.", "digital-literacy"),
        ("Collective kitchen", "We plan, cook and share.", "social-connection"),
        ("Prêt de vélos", "Des vélos pour l'été.", "transportation-insecurity"),
    ],
)
def test_what_211s_call_their_services(name: str, description: str, expected: str) -> None:
    assert expected in _codes(description, name=name)


@pytest.mark.parametrize(
    ("name", "unmeant"),
    [
        ("Nature Prescription Walks", "medical-cost-burden"),
        ("Vérification de casier judiciaire", "incarceration-status"),
        ("Police record check", "incarceration-status"),
        ("Child custody and access advice", "incarceration-status"),
        ("Toy library", "material-hardship"),
        ("Tool loan", "financial-insecurity"),
        ("Wellness Centre", "personal-health-literacy"),
        ("Écocentre: peinture et piles", "social-connection"),
        ("Bail hearings", "housing-instability"),
    ],
)
def test_a_word_that_is_only_the_instrument(name: str, unmeant: str) -> None:
    assert unmeant not in _codes(name=name)


def test_a_single_mention_far_into_a_long_text_decides_nothing() -> None:
    far = "We help families who adopt a child, with courses and with a library of books about it. " * 4
    assert _codes("Food bank. " + far) == ["food-insecurity"]
    assert "food-insecurity" not in _codes(far + "Parents bring food bank parcels.")


def test_a_place_beside_another_is_not_the_other() -> None:
    assert _codes(name="Food cupboard beside the shelter") == ["food-insecurity"]
