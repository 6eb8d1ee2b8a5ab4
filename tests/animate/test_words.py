"""Performances in words: what is read from the order, the adverbs and the numbers shows in time."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from made_up_head import made_up_head, made_up_params

from facegpt.animate.script import movements
from facegpt.animate.words import LEAD_S, ONSET_S, motion_of_words
from facegpt.conventions import ARKIT_NAMES
from facegpt.face import Face
from facegpt.language.head_request import HeadRequest
from facegpt.types import FaceGPTError

KNOWN = {"smil": ("mouthSmileLeft", "mouthSmileRight"), "mouth": ("jawOpen",), "brow": ("browInnerUp",)}


class Reader:
    """A language model that knows three movements, and notes what it was asked to read."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.language = self

    def seen(self, face):
        return None

    def read(self, text, face=None, is_edit=False):
        self.heard.append(text)
        named, weights = np.zeros(52, bool), np.zeros(52)
        for stem, names in KNOWN.items():
            for name in names:
                named[ARKIT_NAMES.index(name)] |= stem in text
                weights[ARKIT_NAMES.index(name)] = 0.0 if "stop" in text else 0.8
        request = HeadRequest(np.zeros(1), np.zeros(1), expression=weights, expression_named=named, is_edit=True)
        return SimpleNamespace(request=request)


@pytest.fixture(scope="module")
def face() -> Face:
    head = made_up_head()
    return Face(head, made_up_params(head, seed=1))


def played(face, text, alive=False, seed=0):
    curves, remarks = motion_of_words(Reader(), face, text, seed, 50.0, alive)
    return curves, {name: curves.weights[:, k] for k, name in enumerate(ARKIT_NAMES)}, remarks


def first(curve, share=0.5):
    """When a curve first reaches a share of its peak, seconds."""
    return float(np.flatnonzero(curve >= share * curve.max())[0]) / 50


def test_what_is_said_first_comes_first(face):
    curves, of, remarks = played(face, "slowly smiles, then winks with the left eye, looks left and nods")
    smile, wink = first(of["mouthSmileLeft"]), first(of["eyeBlinkLeft"])
    look, nod = first(curves.gaze[:, 0, 0]), first(curves.turns[:, 1])
    assert smile < wink < look < nod
    assert nod - look < 0.6  # "and": together
    assert of["eyeBlinkRight"].max() == 0
    assert of["mouthSmileRight"][int(50 * look)] == pytest.approx(0.8, abs=0.05)  # the smile stays
    assert curves.gaze[:, 1, 0].max() > 15  # to the subject's left
    assert remarks == ()


def test_slowly_and_quickly_are_slower_and_faster(face):
    rise = []
    for adverb in ("quickly ", "", "slowly "):
        smile = played(face, f"{adverb}smiles")[1]["mouthSmileLeft"]
        rise.append(first(smile, 0.95) - first(smile, 0.05))
    assert rise[0] < 0.6 * rise[1] < 0.6 * 0.6 * rise[2]


def test_seconds_are_kept(face):
    smile = played(face, "smiles for 2 seconds, then raises the brows")[1]["mouthSmileLeft"]
    assert (smile > 0.99 * smile.max()).sum() / 50 == pytest.approx(2.0, abs=0.25)
    assert smile[-1] < 0.01
    opening = played(face, "opens the mouth over one and a half seconds")[1]["jawOpen"]
    assert first(opening, 0.999) - LEAD_S == pytest.approx(1.5, abs=0.15)


@pytest.mark.parametrize(("words", "count"), [("blinks", 1), ("blinks twice", 2), ("blinks three times", 3)])
def test_times_are_counted(face, words, count):
    lids = played(face, words)[1]["eyeBlinkLeft"] > 0.5
    assert int((lids[1:] & ~lids[:-1]).sum()) == count


def test_a_nod_goes_down_and_a_shake_to_both_sides(face):
    nod, shake = (played(face, words)[0].turns for words in ("nods", "shakes her head"))
    assert nod[:, 1].max() > 5 and nod[:, 1].min() > -1
    assert shake[:, 0].max() > 5 and shake[:, 0].min() < -5
    assert np.abs(nod[-1]).max() < 0.1 and np.abs(shake[-1]).max() < 0.1


def test_heads_turn_and_tilt_to_the_side_that_is_said(face):
    left, right = (played(face, f"turns to the {side}")[0].turns[-1, 0] for side in ("left", "right"))
    assert left == pytest.approx(-right) and left > 15
    assert (
        played(face, "tilts his head to the right")[0].turns[-1, 2] < -8
    )  # its top to the subject's right, the image's left
    assert played(face, "lowers the head")[0].turns[-1, 1] > 8
    assert played(face, "turns to the left, then back to the camera")[0].turns[-1, 0] == pytest.approx(0, abs=0.1)


def test_a_new_face_takes_the_place_of_the_old_one_and_stopping_ends_it(face):
    of = played(face, "smiles, then opens the mouth")[1]
    assert of["mouthSmileLeft"][-1] < 0.01 and of["jawOpen"][-1] > 0.7
    of = played(face, "smiles and opens the mouth")[1]
    assert of["mouthSmileLeft"][-1] > 0.7 and of["jawOpen"][-1] > 0.7
    assert played(face, "smiles, then stops smiling")[1]["mouthSmileLeft"][-1] < 0.01


def test_while_is_at_the_same_time(face):
    curves, of, _ = played(face, "while smiling, she nods")
    assert abs(first(of["mouthSmileLeft"]) - first(curves.turns[:, 1])) < ONSET_S


def test_nothing_pops(face):
    text = "smiles, suddenly opens the mouth, then nods twice while raising the brows, and quickly turns left"
    curves, of, _ = played(face, text, alive=True)
    others = [of[name] for name in ARKIT_NAMES if not name.startswith(("eyeBlink", "eyeLook"))]
    assert np.abs(np.diff(others, axis=1)).max() * 50 < 9  # units a second: 0.1 s from rest to full is the fastest
    assert np.abs(np.diff(curves.turns, axis=0)).max() * 50 < 250  # degrees a second


def test_the_reader_is_given_no_words_of_time(face):
    reader = Reader()
    motion_of_words(reader, face, "slowly smiles for 2 seconds, then opens the mouth twice", 0, 50.0, False)
    assert reader.heard == ["smiles", "opens the mouth"]


def test_what_moves_no_face_is_told(face):
    assert "juggles" in played(face, "smiles, then juggles")[2][0]
    with pytest.raises(FaceGPTError, match="moves a face"):
        played(face, "juggles")
    with pytest.raises(FaceGPTError):
        played(face, "  ")


def test_expressions_are_no_looks_and_no_turns():
    kinds = [
        movements(words)[0].kind for words in ("looks sad", "turns the corners of the mouth down", "drops the jaw")
    ]
    assert kinds == ["face"] * 3
    assert [one.ways for one in movements("looks left, right, then up and to the left")] == [
        ("left",),
        ("right",),
        ("up", "left"),
    ]


@pytest.mark.slow
def test_the_shipped_reader_shows_what_is_asked(shipped_words):
    from facegpt import load

    model = load()
    take = model.animate(model.mean_face(), words="smiles, then opens the mouth, then raises the eyebrows", seed=2)
    peaks = [int(take.weights[:, ARKIT_NAMES.index(n)].argmax()) for n in ("mouthSmileLeft", "jawOpen", "browInnerUp")]
    assert peaks == sorted(peaks)
    assert take.weights[peaks, [ARKIT_NAMES.index(n) for n in ("mouthSmileLeft", "jawOpen", "browInnerUp")]].min() > 0.4
