"""The grammar of a turn: new or changed, how many, which of several."""

from __future__ import annotations

import pytest

from facegpt.language.dialogue import turns
from facegpt.language.dialogue.turn_questions import asks_of_the_head, asks_of_you
from facegpt.language.dialogue.who.counts import how_many


@pytest.mark.parametrize(
    "text",
    ["another man", "an old woman with a wide nose", "imagine a sad boy", "three bald men", "someone with jug ears"],
)
def test_a_new_person_is_asked_for(text):
    assert turns.asks_for_new(text)


@pytest.mark.parametrize(
    "text",
    [
        *("make her an old woman", "a wider nose", "turn him into a boy", "older", "now as a man", "another 2 mm"),
        *("give him the nose of a boxer", "what would she look like as a man?", "the same woman, sad"),
    ],
)
def test_a_change_is_asked_for(text):
    assert not turns.asks_for_new(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *(
            ("a man", 1),
            ("three different old men", 3),
            ("five bald women with big noses", 5),
            ("a pair of sisters", 2),
        ),
        *(("a mother and a daughter", 2), ("2 versions of an old king", 2), ("people with big ears, two of them", 2)),
        *(("the nose 3 mm wider and two big eyes", 1), ("there are two thousand people out there", 1)),
        *(
            ("twenty years old", 1),
            ("half a dozen monks", 6),
            ("a trio of bald bankers", 3),
            ("mum, dad and a baby", 3),
        ),
        *(("a widow with three sons", 1), ("he has seen two ghosts", 1), ("my boss needs four henchmen", 4)),
        *(("a row of five judges", 5), ("the king in two versions", 2), ("lips like a pair of slugs", 1)),
    ],
)
def test_heads_are_counted(text, count):
    assert how_many(text) == count


@pytest.mark.parametrize(
    "text", ["thanks, the jaw is fine now", "that's perfect, don't change a thing", "Great, done.", "ok"]
)
def test_who_is_content_with_the_face_at_hand_wants_no_other(text):
    assert turns.face_log_odds(text, True, asks_nothing=False) < 0


@pytest.mark.parametrize("text", ["thanks, but make the jaw wider", "Great. Now with a beard", "ok now less chin"])
def test_thanks_before_a_change_do_not_end_it(text):
    assert turns.face_log_odds(text, True, asks_nothing=False) > 0


def test_questions_are_told_from_requests():
    for text in ("Is she happy?", "who is that", "How wide is the nose?", "what stands out?"):
        assert turns.is_question(text)
    for text in ("what would she look like laughing?", "can you make her older?", "could he smile?", "smile"):
        assert not turns.is_question(text)


@pytest.mark.parametrize(
    ("text", "has_face", "only"),
    [
        *(("how wide is the nose", True, True), ("what is the capital of France?", False, True)),
        *(("translate 'nose' into French", False, True), ("a recipe for bread", False, True)),
        *(("who would live in a lighthouse? show me his face", False, False), ("with a beard?", True, False)),
        *(("what would she look like laughing?", True, False), ("an old man with a big nose", False, False)),
        *(("make her older", True, False), ("describe a friendly face without making one", False, True)),
        *(("cheers! and which river runs through Prague?", True, True), ("collar size?", True, True)),
        *(("is the mouth wide? narrow it then", True, False), ("is the mouth wide?", True, True)),
        *(("could the ears be flatter?", True, False), ("could the ears be a sign of age?", True, True)),
        *(("eye to eye in mm", True, True), ("eyes 2 mm closer", True, False)),
        *(("a limerick on a crooked nose", False, True), ("a crooked nose on a monk", False, False)),
        *(
            ("Any slips here? 'Him nose were red and long.'", False, True),
            ("shorten this: a girl with red hair ran", False, True),
        ),
    ],
)
def test_turns_that_want_only_words_are_known(text, has_face, only):
    assert (turns.face_log_odds(text, has_face, asks_nothing=False) < 0) is only


@pytest.mark.parametrize(
    "text",
    [
        *("good evening to you", "hey there", "thanks a lot, that will be all", "Don't draw anything yet.", "Not now."),
        *("never mind", "I only need the figure, no picture", "wow, well done"),
    ],
)
@pytest.mark.parametrize("has_face", [True, False])
def test_greetings_thanks_and_refusals_want_no_face(text, has_face):
    assert turns.face_log_odds(text, has_face, asks_nothing=True) <= turns.REFUSED


@pytest.mark.parametrize(
    "text",
    [
        *(
            "A smith with burnt brows. May I see?",
            "Is this on? Flat nose, thin lips. Go ahead.",
            "AU 9 and 25, at B",
        ),
        *("cheers for the train times. now show me a shepherd", "I'd love to meet a woman with a squint"),
        *("conjure up a witch, would you", "knock out a baby with fat cheeks"),
    ],
)
def test_a_face_is_asked_for_in_roundabout_ways(text):
    assert turns.face_log_odds(text, has_face=False, asks_nothing=False) >= turns.ASKS


@pytest.mark.parametrize(
    "text", ["widen the mouth and leave the rest alone", "More chin. Don't touch the nose.", "older, but keep the hair"]
)
def test_what_is_kept_in_a_change_refuses_nothing(text):
    assert turns.face_log_odds(text, has_face=True, asks_nothing=False) > 0


@pytest.mark.parametrize(
    "text", ["a 3D head of this photo", "I want a bust from my picture", "do a face for every one of us"]
)
def test_a_head_of_who_is_there_is_nobody_new(text):
    assert not turns.asks_for_new(text)


@pytest.mark.parametrize(
    ("text", "about"),
    [
        *(("how thick are her lips?", True), ("neck circumference in inches", True), ("does he smile?", True)),
        *(("why do noses run?", False), ("which muscles close the lips?", False), ("what's the time in Oslo?", False)),
        *(("how do I export the head to blender", False), ("how many vertices does this head have?", False)),
    ],
)
def test_questions_that_measuring_answers_are_told_from_questions_about_the_world(text, about):
    assert asks_of_the_head(text) is about


@pytest.mark.parametrize(
    "text",
    [
        *(
            "He paid through the nose for that boat.",
            "We met face to face, it went well",
            "a casserole that feeds nine of us",
        ),
        *("Correct my essay: the king had a long neck and big ears", "grade this: her lips was red"),
        *("let's keep an eye on the budget this quarter", "a slogan for the village choir fair"),
    ],
)
def test_idioms_texts_at_hand_and_other_matters_want_no_face(text):
    assert turns.face_log_odds(text, has_face=False, asks_nothing=False) <= turns.NOTHING_OF_A_FACE


@pytest.mark.parametrize(
    "text", ["moody", "a baker. stout. merry.", "hollow cheeks and a beak", "he paid with his nose"]
)
def test_words_of_looks_and_short_texts_are_left_to_the_language_model(text):
    assert turns.face_log_odds(text, has_face=False, asks_nothing=False) >= 0.0


@pytest.mark.parametrize(
    "text",
    [
        *(
            "ok go ahead",
            "yes, do that please",
            "here's a picture of me, surprise me",
            "I've attached a snap from 1980",
        ),
        *("Is this a joke? Thicker brows, please.", "what happened here? the chin should be wider"),
    ],
)
def test_a_face_at_hand_is_changed_when_the_turn_says_go(text):
    assert turns.face_log_odds(text, has_face=True, asks_nothing=True) > turns.ABOUT_A_FACE_AT_HAND


@pytest.mark.parametrize("text", ["is her nose wide? I wonder", "this is the wrong photo, delete it", "how old is he?"])
def test_a_question_or_a_photo_to_be_left_alone_asks_for_no_change(text):
    assert turns.face_log_odds(text, has_face=True, asks_nothing=True) <= turns.ABOUT_A_FACE_AT_HAND


def test_questions_about_the_one_who_answers_are_about_no_face():
    assert asks_of_you("So, who are you?")
    assert asks_of_you("what are u")
    assert not asks_of_you("who is she?")
    assert not asks_of_you("how old are they?")


@pytest.mark.parametrize("has_face", [True, False])
def test_a_token_typed_by_a_user_asks_for_nothing(has_face):
    assert turns.face_log_odds("<FACE>", has_face, asks_nothing=True) < 0
