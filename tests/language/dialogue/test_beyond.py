"""What a conversation does not do itself is told with the verb that does it; everything else is none of that."""

from __future__ import annotations

import pytest
from stand_in_words import word_model

from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.set_answers import set_answer
from facegpt.language.reading.prompts import is_foreign


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("let him say 'welcome to our show'", "speech"),
        ("have her sing", "speech"),
        ("please animate him nodding and smiling", "film"),
        ("a short video of him laughing please", "film"),
        ("could you export that as usdz", "file"),
        ("I want this as an obj file", "file"),
        ("put him on a beach", "surroundings"),
        ("give her a red dress in the photo", "surroundings"),
        ("make her laugh", "none"),
        ("make the skin brighter", "none"),
        ("print her nose width", "none"),
        ("make him look like he is singing", "none"),
        ("write a poem about her", "none"),
        ("what's the capital of Peru?", "none"),
    ],
)
def test_wishes_for_speech_films_files_and_pictures_are_told_apart(text, kind):
    answer = set_answer(text)
    assert (answer.key if answer else "none") == kind


@pytest.mark.parametrize(
    ("text", "verb"),
    [("let her say hello", "--say"), ("make a video where he winks", "animate"), ("save as fbx", "/save")],
)
def test_the_answer_names_the_verb_and_changes_nothing(text, verb):
    conversation = Conversation(word_model())
    conversation.say("an old man")
    before = conversation.face
    answer = conversation.say(text)
    assert verb in answer.text and not answer.faces and conversation.face is before


def test_a_bit_more_is_more_of_the_same_alone():
    conversation = Conversation(word_model())
    conversation.say("a man with a narrow nose")
    widths = [conversation.face.measure()["nose_breadth"].value_mm]
    for text in ("make his nose broader", "a bit more", "even a little more please"):
        conversation.say(text)
        widths.append(conversation.face.measure()["nose_breadth"].value_mm)
    assert widths == sorted(widths) and widths[-1] > widths[1]


def test_a_question_that_leaves_the_sex_open_sets_none():
    conversation = Conversation(word_model())
    conversation.say("an old man")
    conversation.say("is she or he wearing glasses?")
    assert conversation.cast.person(1).sex == "M"


@pytest.mark.parametrize(
    ("text", "foreign"), [("zrób mu większe oczy", True), ("a café owner with a moustache", False)]
)
def test_words_with_letters_of_other_languages_and_no_english_ones_are_foreign(text, foreign):
    assert is_foreign(text) is foreign
