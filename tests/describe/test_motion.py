"""Who does what when: movements found where curves of known shape have them, and sentences in their order."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facegpt.animate.account import account_of
from facegpt.api import FaceGPT
from facegpt.cli.main import main
from facegpt.conventions import ARKIT_NAMES
from facegpt.describe.motion.events import movements
from facegpt.describe.motion.words import PersonMotion, account
from facegpt.video.sources import is_take

FPS = 30.0
TIMES = np.arange(240) / FPS


def bump(onset_s, peak_s, end_s, height=1.0):
    """A raised cosine up and another down: it begins, peaks and ends at known times."""
    up = np.clip((TIMES - onset_s) / (peak_s - onset_s), 0, 1)
    down = np.clip((end_s - TIMES) / (end_s - peak_s), 0, 1)
    return height * (0.5 - 0.5 * np.cos(np.pi * np.minimum(up, down)))


def curves(**moved):
    weights = {name: np.zeros(len(TIMES)) for name in ARKIT_NAMES}
    return weights | {name: np.asarray(curve) for name, curve in moved.items()}


def both(base, curve):
    return {f"{base}Left": curve, f"{base}Right": curve}


def only(weights, turn_deg=None, gaze_deg=None):
    (one,) = movements(weights, FPS, turn_deg, gaze_deg)
    return one


def test_onset_peak_and_end_are_where_the_curve_has_them():
    one = only(curves(**both("mouthSmile", bump(1.0, 2.0, 4.0, 0.8))))
    assert (one.name, one.side) == ("mouthSmile", "")
    assert one.peak_s == pytest.approx(2.0, abs=1 / FPS)
    assert one.peak == pytest.approx(0.8, abs=0.01)
    # a tenth of the height: arccos(0.8) / π = .205 of each flank
    assert one.onset_s == pytest.approx(1.0 + 0.205, abs=1.5 / FPS)
    assert one.end_s == pytest.approx(4.0 - 0.41, abs=1.5 / FPS)


def test_movements_are_told_in_the_order_in_which_they_begin():
    weights = curves(**both("browOuterUp", bump(4.0, 4.5, 5.0)), browInnerUp=bump(4.1, 4.6, 5.2))
    weights |= both("mouthSmile", bump(1.0, 1.5, 2.5)) | {"eyeBlinkLeft": bump(6.0, 6.2, 6.4)}
    found = movements(weights, FPS)
    assert [one.name for one in found] == ["mouthSmile", "browUp", "wink"]
    text = account([PersonMotion(0, 0.0, 8.0, tuple(found))], 8.0)
    assert [line.split(" ")[0] for line in text.split("\n")] == ["First", "Then", "Then"]
    assert (
        "smile" in text.split("\n")[0] and "raised brows" in text.split("\n")[1] and "left eye" in text.split("\n")[2]
    )


def test_a_smile_of_one_corner_has_its_side_and_what_is_shown_all_the_time_is_said_so():
    weights = curves(mouthSmileRight=bump(1, 2, 3), **both("browDown", np.full(len(TIMES), 0.5)))
    smile, brows = sorted(movements(weights, FPS), key=lambda one: one.name, reverse=True)
    assert smile.side == "right"
    assert brows.open_start and brows.open_end
    assert "all the time" in account([PersonMotion(0, 0.0, 8.0, (brows,))], 8.0)


def test_blinks_are_counted_and_shut_eyes_are_none():
    lids = sum(bump(t, t + 0.1, t + 0.25) for t in (1.0, 2.0, 6.0)) + bump(3.0, 3.2, 5.0)
    names = [one.name for one in movements(curves(**both("eyeBlink", lids)), FPS)]
    assert names.count("blink") == 3 and names.count("eyeBlink") == 1


def test_lids_that_are_lowered_after_a_blink_are_no_shut_eyes():
    lids = np.maximum(bump(2.0, 2.1, 2.3), np.where(TIMES > 2.1, 0.28, 0.0))
    one = only(curves(**both("eyeBlink", lids)))
    assert one.name == "blink" and one.end_s < 2.3 and not one.open_end


def test_speech_is_one_movement():
    jaw = np.where((TIMES > 2) & (TIMES < 6), 0.15 + 0.15 * np.sin(2 * np.pi * 4 * TIMES), 0.0)
    lips = np.where((TIMES > 2) & (TIMES < 6), 0.3 + 0.3 * np.sin(2 * np.pi * 3 * TIMES), 0.0)
    one = only(curves(jawOpen=jaw, mouthFunnel=lips))
    assert one.name == "speech"
    assert one.onset_s == pytest.approx(2.0, abs=0.25)
    assert one.end_s == pytest.approx(6.0, abs=0.25)


def test_turns_nods_and_looks_have_directions():
    still = np.zeros((len(TIMES), 3))
    turn = still + bump(1, 2, 5, 20.0)[:, None] * [1, 0, 0]
    assert (only(curves(), turn).name, only(curves(), turn).side) == ("turn", "left")
    nod = still + np.where((TIMES > 2) & (TIMES < 4), 5 * np.sin(2 * np.pi * 2 * TIMES), 0)[:, None] * [0, 1, 0]
    assert only(curves(), nod).name == "nod"
    gaze = np.zeros((len(TIMES), 2, 2)) + bump(1, 2, 3, 15.0)[:, None, None] * [-1, 0]
    look = only(curves(), still, gaze)
    assert (look.name, look.side) == ("look", "right")


def test_rest_and_noise_are_no_movements():
    noise = np.abs(np.random.default_rng(0).normal(0, 0.03, (len(TIMES), 52)))
    weights = {name: 0.1 + noise[:, k] for k, name in enumerate(ARKIT_NAMES) if name != "jawOpen"}
    assert movements(weights, FPS) == []
    assert account([PersonMotion(0, 0.0, 8.0, ())], 8.0) == "The face stays at rest."


@pytest.fixture
def take(tmp_path):
    weights = curves(**both("mouthSmile", bump(1, 2, 3)), **both("eyeBlink", bump(5.0, 5.1, 5.25)))
    table = np.stack([weights[name] for name in ARKIT_NAMES], 1)
    for number in range(2):
        (tmp_path / f"person_{number}").mkdir()
        place = tmp_path / f"person_{number}" / "curves.npz"
        np.savez(place, names=np.array(ARKIT_NAMES), weights=table * (1 - number), time_s=TIMES, fps=FPS)
    return tmp_path


def test_each_person_of_a_take_is_told(take):
    assert is_take(take)
    one, two = account_of(None, take).people
    assert [m.name for m in one.movements] == ["mouthSmile", "blink"] and two.movements == ()
    text = account_of(None, take).text
    assert "Person 1:" in text and "Person 2:\nThe face stays at rest." in text


def test_the_verb_tells_a_take_in_words_and_as_json(take, capsys, monkeypatch, head):
    monkeypatch.setattr("facegpt.api.load", lambda **options: FaceGPT(head))
    assert main(["describe", str(take)]) == 0
    assert "smile" in capsys.readouterr().out
    assert main(["describe", str(take), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["people"][0]["movements"][0]
    assert told["name"] == "mouthSmile" and told["onset_s"] < told["peak_s"] < told["end_s"]
