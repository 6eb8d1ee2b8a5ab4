"""What is worn on a named part is asked of that part; what lips show is told by their colour."""

from dataclasses import replace

import pytest
from stand_in_words import word_model

from facegpt.generate.skin.paint import painted
from facegpt.language.changed_request import no_change
from facegpt.language.dialogue.conversation import Conversation
from facegpt.language.dialogue.questions.sights_network import LIPS, WORN, sight_named, worn_things


@pytest.mark.parametrize(
    ("text", "sight"),
    [
        ("what's he wearing on his eyes", "glasses"),
        ("is he wearing anything on his head?", "headwear"),
        ("What is she wearing on her lips", LIPS),
        ("does she have lipstick", LIPS),
        ("any makeup on her?", LIPS),
        ("what's around her neck", WORN),
        ("what is he wearing?", ""),
        ("how thick is his neck?", ""),
        ("what's the gap between his eyes", ""),
    ],
)
def test_a_named_part_says_what_is_looked_for(text, sight):
    assert sight_named(text) == sight


def test_things_at_a_named_part_are_looked_for():
    assert "necklace" in worn_things("what's around her neck") and worn_things("is her neck long?") == []


@pytest.mark.parametrize(("lips", "told"), [("red", "looks like lipstick"), ("natural", "no lipstick")])
def test_lips_of_a_made_head_are_told_as_they_are(lips, told):
    conversation, face = Conversation(word_model()), word_model().imagine("a woman")
    albedo = painted(face.model, face.params.albedo, replace(no_change(), lips=lips))
    conversation.say("", faces=[replace(face, params=face.params.replace(albedo=albedo))])
    assert told in conversation.say("is there any lipstick on the lips?").text
