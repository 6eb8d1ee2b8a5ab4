"""Answers in other languages: sentence by sentence, numbers kept; with one that is not known all is English."""

from __future__ import annotations

import re

import pytest
from stand_in_words import word_model

from facegpt.describe.attribute_words import poles
from facegpt.describe.measure_words import MOVEMENT_WORDS
from facegpt.describe.sentences import Facts, expression_words, trait_words
from facegpt.language.dialogue.answering import language_spoken
from facegpt.language.dialogue.set_answers import answers
from facegpt.language.glosses.reading import LANGUAGES, glossed, language_of
from facegpt.language.glosses.replies import answer_in, load_table, said_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_an_expression_is_there_already_is_told_in_the_language_of_the_turn(language):
    face = "her face shows a smile; it looks most like happiness."
    for told in (f"Nothing changed on the woman: {face}", f"Her expression stays as it is: {face}"):
        assert said_in(face, language) in said_in(told, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(MOVEMENT_WORDS))
def test_every_movement_that_an_answer_tells_has_words(language, name):
    sides = ("",) if name in ("jawOpen", "cheekPuff", "tongueOut", "jawForward", "mouthPucker") else ("Left", "Right")
    if name in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
        pytest.skip("told of no face that moves otherwise")
    weights = {f"{name}{side}": 0.9 for side in sides}
    told = said_in(expression_words(Facts({}, blendshapes=weights, emotion="anger")), language)
    assert "nglish" not in told and "nglese" not in told and "nglés" not in told and "nglais" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_stay_and_nothing_else_is_english(language):
    told = said_in("Her nose width is 37.1 mm, a little above average (75th percentile of adults).", language)
    assert re.findall(r"[\d,]*\d", told) == ["37,1", "75"] and "nose" not in told


def test_whose_something_is_goes_along_among_several():
    assert said_in("The man's nose width is 35.4 mm.", "german") == "Breite der Nase (der Mann): 35,4 mm."
    assert said_in("Lena's nose width is 35.4 mm.", "french") == "Largeur du nez (Lena) : 35,4 mm."


def test_an_answer_with_a_sentence_that_the_table_does_not_know_is_english_as_a_whole():
    told = "Done. It has a chin like a boot."
    assert said_in(told, "german") == f"Das kann ich nur auf Englisch sagen: {told}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trait_of_shape_and_its_poles_have_names(language):
    english = {"german": "Englisch", "french": "anglais", "spanish": "inglés", "italian": "inglese"}
    of_the_whole = ("age", "masculinity", "heaviness", "skin_lightness", "beard", "moustache", "iris_lightness")
    for name in poles():
        if name in of_the_whole or name.startswith("hair_"):
            continue
        for degree in (-3.5, -2.5, -2.0, -0.8, 0.0, 1.2, 2.0, 2.5, 3.5):
            told = trait_words(Facts({}, attributes={name: degree}), name)
            assert english[language] not in said_in(told, language), told


def test_set_answers_of_the_table_are_those_of_the_program():
    assert set(load_table().answers) <= set(answers())
    assert all(answer_in(key, language) for key in load_table().answers for language in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("wer hat das gebaut und warum ist es so klein", "german"),
        ("pourquoi est-ce que tu es si lent avec mes photos", "french"),
        ("por qué eres tan lento con mis fotos", "spanish"),
        ("perché sei così lento con le mie foto", "italian"),
    ],
)
def test_the_language_of_a_text_is_the_one_that_knows_most_of_its_words(text, language):
    assert language_of(text) == language


def test_a_turn_in_german_is_answered_in_german():
    model = word_model()
    first = model.chat([{"role": "user", "content": "eine alte Frau"}])
    assert len(first.faces) == 1
    talk = [
        {"role": "user", "content": "eine alte Frau"},
        first.message,
        {"role": "user", "content": "rückgängig bitte"},
    ]
    for reply in (first, model.chat(talk)):
        assert not re.search(r"\b(?:here|the|face|is)\b", reply.text, re.IGNORECASE)


def test_what_costs_is_answered_in_the_language_of_the_question():
    reply = word_model().chat([{"role": "user", "content": "ist das kostenlos?"}])
    assert reply.text == answer_in("rights", "german")


@pytest.mark.parametrize("text", ["hello", "Hello, machine!", "is he older?", "more", "a blond man", "make him smile"])
def test_english_is_answered_in_english(text):
    assert language_spoken(text) == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [("¿cuál es la capital de Australia?", "spanish"), ("was ist die Hauptstadt von Spanien", "german")],
)
def test_the_language_is_the_one_that_knows_most_words(text, language):
    assert language_of(text) == language


def test_what_leads_to_sentences_is_said_before_them():
    told = said_in(
        "So far I changed this: Her nose width is 37.3 mm, up from 35.1 mm. Then: She wears no glasses.", "spanish"
    )
    assert told == "Cambiado hasta ahora: Ancho de la nariz: ahora 37,3 mm, antes 35,1 mm. Luego: Sin gafas."


def test_units_are_known_in_every_language():
    assert glossed("hazle la nariz 3 mm más corta").unknown == ()
