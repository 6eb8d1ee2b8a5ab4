"""What a change denies comes to rest, and nothing else does; a smile takes along what it opened."""

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.emotion_blendshapes import movements_of
from facegpt.generate.draw_expression import emotion_expression
from facegpt.generate.request_to_head import edited_expression
from facegpt.language.head_request import HeadRequest
from facegpt.language.model.face_reading import FaceReading, History
from facegpt.language.reading.edits.denied_states import at_rest, clauses_without_denial
from facegpt.language.reading.edits.smile_company import with_company
from facegpt.language.targets import ATTRIBUTES

NONE = np.zeros(len(ATTRIBUTES))


def face(**weights):
    """(52,) weights by name; a name without side is both."""
    plain = {name: name.removesuffix("Left").removesuffix("Right") for name in ARKIT_NAMES}
    return np.array([weights.get(name, weights.get(plain[name], 0.0)) for name in ARKIT_NAMES])


def at(name):
    return ARKIT_NAMES.index(name)


def change(**weights):
    """A change that names these movements."""
    wanted = face(**weights)
    named = face(**dict.fromkeys(weights, 1.0)) > 0
    return HeadRequest(NONE, NONE, expression=wanted, expression_named=named, is_edit=True)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("she is no longer sad", ["sad"]),
        ("stop smiling", ["smiling"]),
        ("he isn't scared now", ["scared"]),
        ("older, and he has stopped being angry any more", ["angry"]),
        ("furious, I said, not sad", ["sad"]),
        ("angry not sad", ["sad"]),
        ("the same without the anger", ["anger"]),
        ("not so sad", []),
        ("a sad old man", []),
    ],
)
def test_the_clause_is_read_without_its_denial(text, plain):
    assert clauses_without_denial(text) == plain


def test_what_is_denied_rests_and_a_wink_stays():
    worn = np.maximum(emotion_expression("anger", 1.0, 3), face(eyeBlinkLeft=0.9))
    denied = HeadRequest(NONE, NONE, emotion="anger")
    found = at_rest(HeadRequest(NONE, NONE, emotion="neutral", is_edit=True), denied, worn)
    after = edited_expression(worn, found, 0)
    assert after[at("eyeBlinkLeft")] == pytest.approx(0.9)
    assert np.delete(after, at("eyeBlinkLeft")).max() < 0.05


@pytest.mark.parametrize("name", ["happiness", "sadness", "fear", "anger", "disgust", "surprise", "awed"])
def test_an_emotion_moves_nothing_beside_its_movements(name):
    for seed in range(6):
        shown = {ARKIT_NAMES[k] for k in np.flatnonzero(emotion_expression(name, 1.0, seed) > 0.01)}
        assert shown <= movements_of(name)


def test_a_smaller_smile_closes_the_jaw_that_the_smile_opened():
    laughing = face(mouthSmile=0.8, jawOpen=0.4, browInnerUp=0.3)
    less = with_company(change(mouthSmile=0.4), FaceReading(NONE, expression=laughing))
    assert less.expression[at("jawOpen")] == pytest.approx(0.2) and not less.expression_named[at("browInnerUp")]
    opened_before = FaceReading(NONE, expression=laughing, history=History(wore=(face(jawOpen=0.4),)))
    assert not with_company(change(mouthSmile=0.4), opened_before).expression_named[at("jawOpen")]
    more = with_company(change(mouthSmile=1.0), FaceReading(NONE, expression=laughing))
    assert not more.expression_named[at("jawOpen")]


@pytest.mark.parametrize(
    ("text", "worn", "rests", "stays"),
    [
        ("she's no longer afraid", "fear", "jawOpen", ""),
        ("stop being surprised", "surprise", "browInnerUp", ""),
        ("he has stopped being disgusted", "disgust", "noseSneerLeft", ""),
        ("not winking any more", {"mouthSmile": 0.7, "eyeBlinkLeft": 1.0}, "eyeBlinkLeft", "mouthSmileLeft"),
    ],
)
def test_denied_states_are_read(shipped_words, text, worn, rests, stays):
    shown = emotion_expression(worn) if isinstance(worn, str) else face(**worn)
    read = shipped_words.read(text, FaceReading(NONE, expression=shown), True).request
    after = edited_expression(shown, read, 0)
    assert after[at(rests)] < 0.1
    assert not stays or after[at(stays)] == pytest.approx(shown[at(stays)])
