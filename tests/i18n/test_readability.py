"""How hard a text is: plain sentences are, those of an office are not, and of other languages nothing is said."""

import pytest

from footbridge.i18n.readability import readability

PLAIN = {
    "en-CA": "Go to the food bank on Tuesday. Bring a bag. Ana will call you.",
    "fr-CA": "Allez à la banque alimentaire mardi. Apportez un sac. Ana vous appellera.",
}
HARD = {
    "en": "Individuals experiencing multidimensional vulnerability should investigate interdisciplinary opportunities.",
    "fr": "Les personnes vulnérables devraient considérer les possibilités interdisciplinaires et multidimensionnelles.",
}


@pytest.mark.parametrize("language", PLAIN)
def test_short_sentences_of_short_words_are_plain(language):
    assert readability(PLAIN[language], language).is_plain


@pytest.mark.parametrize("language", HARD)
def test_a_long_sentence_of_long_words_is_not(language):
    assert not readability(HARD[language], language).is_plain


def test_the_formula_is_the_published_one():
    """Five words of one syllable in one sentence: 0.39 * 5 + 11.8 - 15.59, which is below the first grade."""
    assert readability("The cat sat on mats.", "en").value == 0.0
    assert readability("Le chat dort au lit.", "fr").value == pytest.approx(100.0)
    six = "We sat down and ate bread"  # one sentence, six words, six syllables, and no stop at its end
    assert readability(f"{six}. {six}.", "en").value == readability(six, "en").value


@pytest.mark.parametrize(
    ("word", "language", "syllables"),
    [("about", "en", 2), ("mats", "en", 1), ("community", "en", 4), ("école", "fr", 2), ("banque", "fr", 1)],
)
def test_a_word_counts_its_syllables(word, language, syllables):
    """Five times the same word in one sentence: the formula leads back to the syllables of one."""
    found = readability(" ".join([word] * 5), language)
    if found.measure == "grade":
        assert found.value == pytest.approx(max(0.39 * 5 + 11.8 * syllables - 15.59, 0), abs=0.05)
    else:
        assert found.value == pytest.approx(min(207 - 1.015 * 5 - 73.6 * syllables, 100), abs=0.05)


@pytest.mark.parametrize("text", ["", "Four words are few.", "\U0001f331 !!! 12 34 56 78 90"])
def test_of_too_little_nothing_is_said(text):
    assert readability(text, "en") is None


def test_of_another_language_nothing_is_said():
    assert readability("Geh am Dienstag zur Tafel. Nimm eine Tasche mit.", "de") is None
