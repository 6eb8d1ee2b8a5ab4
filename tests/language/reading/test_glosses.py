"""Other languages: their words for faces are read, those of the world are not, and English stays as it is."""

import pytest

from facegpt.language.glosses.reading import glossed, speaks_of_faces


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Mach die Nase breiter", "make the nose wider"),
        ("eine alte Frau mit grauen Haaren", "a old woman with grey hair"),
        ("une femme aux yeux bleus", "a woman with the blue eyes"),
        ("un hombre viejo con barba blanca", "a old man with white beard"),
        ("un uomo con i capelli neri", "a man with the black hair"),
        ("wie alt ist er?", "how old is he?"),
        ("eine Frau mit runder Brille", "a woman with round glasses"),
        ("mach die Brille runder", "make the glasses rounder"),
        ("un uomo con occhiali tondi", "a man with round glasses"),
        ("une femme avec de grosses boucles d'oreilles", "a woman with the big earrings"),
        ("un vieux comptable fatigué", "a old tired accountant"),
        ("una ragazza con le trecce, stupita", "a girl with the braids, surprised"),
        ("ein Mann mit Kopfbedeckung", "a man with hat"),
        ("Hazme una versión sonriente de esta mujer", "make a smiling version of this woman"),
    ],
)
def test_words_for_faces_are_put_into_english_in_its_order(text, english):
    assert glossed(text).text == english


@pytest.mark.parametrize(
    "text",
    [
        "make him older", "an old lady in a hat", "a blond man, long hair", "petite blonde", "ok", "more", "no",
        "the nose a bit larger", "what is the capital of France?", "Quelle est la capitale de la France?", "",
    ],
)  # fmt: skip
def test_english_and_what_is_not_about_faces_stay_as_they_are(text):
    assert glossed(text) is None


def test_lengths_and_unknown_words_stay_in_the_text():
    found = glossed("mach die Nase 3 mm breiter und gib ihm einen Schnörkelbart")
    assert "3 mm wider" in found.text and found.unknown == ("Schnörkelbart",)


def test_words_for_people_tell_that_a_text_speaks_of_faces():
    assert speaks_of_faces("eine Frau, deren Haare im Winde wehen") and not speaks_of_faces("La vie est belle")


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("ein müder junger Mann", "a tired young man"),
        ("mach ihn müder", "make him more tired"),
        ("ein größerer Mund", "a bigger mouth"),
        ("eine Frau mit Habichtsnase", "a woman with hawk nose"),
        ("ein alter Mann mit Halbglatze", "a old man with tonsure"),
    ],
)
def test_german_endings_and_compounds(german, english):
    found = glossed(german)
    assert found is not None
    assert found.text == english


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("sie ärgert sich über den Nachbarn", "she is annoyed about the neighbour"),
        ("sie lacht", "she laughs"),
        ("eine Narbe über dem Auge", "a scar above the eyes"),
        ("ein Mann, der seine Wut kaum zurückhält", "a man, who holds back his anger hardly"),
    ],
)
def test_german_subjects_verbs_and_prepositions(german, english):
    found = glossed(german)
    assert found is not None
    assert found.text == english
