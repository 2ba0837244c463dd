"""Texts and questions meet whatever their case, accents, apostrophes and endings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.directories import service

from footbridge.directory.search.words import content_words, fold, language_of, stems, words

SAME = [
    ("food banks", "Food Bank"),
    ("L'AIDE", "aide"),
    ("l\u2019aide", "aides"),
    ("d\u2019emploi", "emplois"),
    ("qu'alimentaire", "alimentaires"),
    ("jusqu\u2019ici", "ici"),
    ("dépannages", "depannage"),
    ("DÉPANNAGE", "dépannage"),
    ("cœur", "coeur"),
    ("œuvres", "oeuvre"),
    ("Noël", "noel"),
    ("garçons", "garcon"),
    ("women\u2019s", "women"),
    ("veterans'", "veteran"),
    ("meals", "meal"),
    ("clothing", "clothings"),
    ("logements", "logement"),
    ("vêtements", "vetement"),
    ("aînés", "aine"),
    ("itinérance", "itinerance"),
    ("Straße", "strasse"),
    ("families", "family"),
    ("drop-in", "drop in"),
    ("non\u2010profit", "non-profit"),
    ("\ufb01nance", "finance"),
    ("cafe\u0301", "café"),
    ("immigrants", "immigrant"),
    ("bénévoles", "bénévole"),
]


def stemmed(text: str) -> set[str]:
    return {stem for word in words(text) for stem in stems(word)}


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_means_the_same_has_a_stem_in_common(one: str, other: str):
    assert stemmed(one) & stemmed(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("food", "foot"), ("rent", "parent"), ("emploi", "employeur"), ("poste", "paste"), ("repas", "répit"),
        ("house", "housing"), ("aide", "AIDS"), ("car", "care"), ("career", "care"), ("vet", "vêtements"),
        ("pets", "petits"), ("wife", "Wi-Fi"), ("tax", "taxi"), ("show", "shower"), ("métier", "Métis"),
    ],
)  # fmt: skip
def test_what_means_something_else_has_not(one: str, other: str):
    assert not stemmed(one) & stemmed(other)


def test_words_that_say_nothing_go():
    assert content_words("Where can I get the food? Où trouver de l'aide pour mon fils") == ["food", "aide", "fils"]


def test_a_word_in_pieces_is_also_one():
    assert words("drop-in centre", joined=True) == ["drop", "in", "dropin", "centre"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The centre offers meals to all of those who need them", "en"),
        ("Le centre offre des repas à tous ceux qui en ont besoin", "fr"),
        ("Centre communautaire", None),
        ("The programme du centre for les familles", None),
    ],
)
def test_the_language_of_a_text_is_that_of_its_function_words(text: str, language: str | None):
    assert language_of(words(text)) == language


@given(st.text())
def test_any_text_becomes_plain_words(text: str):
    for word in words(text, joined=True):
        assert word
        assert len(word) <= 40
        assert word.isalnum()
        assert not word.isascii() or word == word.lower()


@given(st.text())
def test_folding_twice_is_folding_once(text: str):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("I have nowhere to sleep tonight", "Family beds"),
        ("nulle part où aller cette nuit", "Family beds"),
        ("warm place to go", "Family beds"),
        ("avis d'expulsion", "Housing clinic"),
        ("pensées suicidaires", "Crisis line"),
        ("AA meeting", "Recovery group, for addiction"),
        ("mon fils est autiste", "Autism club"),
    ],
)
def test_what_people_say_of_their_trouble_finds_the_help(directory, question, first):
    directory.load(
        service("Family beds", needs=["homelessness"]),
        service("Housing clinic", needs=["housing-instability"]),
        service("Crisis line", needs=["stress"]),
        service("Recovery group, for addiction"),
        service("Autism club"),
        service("Amis de la ville : club"),
    )
    assert directory.names(question)[:1] == [first]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("somewhere to sleep tonight", "Refuge de nuit"),
        ("besoin de parler à quelqu'un", "Tel-Aide: ligne d'écoute"),
        ("grandmother's money stolen", "Elder abuse advice"),
        ("garden", "Jardin communautaire"),
        ("stop smoking", "Abandon du tabac"),
        ("winter coat for my child", "Snowsuit Fund"),
        ("repas à domicile pour ma mère", "Popote roulante"),
        ("walker", "Wheelchair loan"),
    ],
)
def test_what_is_meant_goes_before_what_only_shares_a_word(directory, question, first):
    directory.load(
        service("Refuge de nuit", description="Lits d'urgence."),
        service("Tel-Aide: ligne d'écoute", description="Des bénévoles répondent jour et nuit."),
        service("Elder abuse advice", description="For older adults who are exploited."),
        service("Jardin communautaire"),
        service("Abandon du tabac"),
        service("Snowsuit Fund"),
        service("Popote roulante", description="Livraison de repas chauds."),
        service("Wheelchair loan"),
        service("Walking group", description="Nature walks for seniors."),
        service("Toy library", description="For a child of any age, in winter too."),
        service("Relevailles", description="Une mère, un repas, du repos."),
        service("Stress group", description="Sleep better."),
    )
    assert directory.ask(question).services[0]["name"] == first


def test_the_word_that_was_asked_for_is_no_synonym_of_its_own(directory):
    directory.load(service("Winter circle", description="We quilt."), service("Knitting"))
    told = {one["name"]: [why["code"] for why in one["why"]] for one in directory.ask("quilting").services}
    assert "text" in told["Winter circle"]
    assert told["Knitting"] == ["synonym"]
