"""Curves from files: whatever the program, the rate and the columns, the motion is the one that was written."""

from __future__ import annotations

import json

import numpy as np
import pytest

from facegpt.animate.curves import Curves, evened, gaze_of_looks, looks_of_gaze
from facegpt.animate.motion_files import read_motion
from facegpt.conventions import ARKIT_NAMES
from facegpt.export.livelink_csv import LiveLinkTake, livelink_text, read_livelink
from facegpt.types import FaceGPTError

JAW, SMILE = ARKIT_NAMES.index("jawOpen"), ARKIT_NAMES.index("mouthSmileLeft")


def wave(time_s):
    """A known motion: the jaw to and fro 1.3 times a second."""
    return 0.5 + 0.4 * np.sin(2 * np.pi * 1.3 * np.asarray(time_s))


def waved(time_s):
    weights = np.zeros((len(time_s), 52))
    weights[:, JAW] = wave(time_s)
    return weights


@pytest.mark.parametrize(("rate", "fps"), [(60, 30), (30, 24), (25, 60), (59.94, 30)])
def test_another_rate_is_the_same_motion(rate, fps):
    curves = evened(np.arange(300) / rate, waved(np.arange(300) / rate), fps)
    assert curves.fps == fps
    assert len(curves) == int(299 / rate * fps + 1e-3) + 1
    assert np.abs(curves.weights[:, JAW] - wave(curves.time_s)).max() < 0.01


def test_uneven_times_and_lost_frames_are_interpolated():
    random = np.random.default_rng(0)
    times = np.sort(random.uniform(0, 4, 400))
    times = times[(times < 1.5) | (times > 1.58)]
    curves = evened(times, waved(times), 30.0)
    assert np.abs(curves.weights[:, JAW] - wave(curves.time_s + times[0])).max() < 0.02


def test_nothing_overshoots_between_samples():
    weights = np.zeros((8, 52))
    weights[4:, JAW] = 1.0
    curves = evened(np.arange(8) / 10, weights, 120.0)
    assert (np.diff(curves.weights[:, JAW]) >= -1e-12).all()
    assert curves.weights.max() == 1.0


def test_gaze_and_eye_look_weights_say_the_same():
    gaze = np.random.default_rng(1).uniform(-29, 29, (20, 2, 2))
    weights = np.zeros((20, 52))
    whole = Curves(ARKIT_NAMES, weights, 30.0, None, gaze).complete()
    assert np.abs(gaze_of_looks(whole.weights) - gaze).max() < 1e-9
    assert looks_of_gaze(gaze).shape == (20, 8)
    left = whole.weights[gaze[:, 0, 0] > 0]
    assert (left[:, ARKIT_NAMES.index("eyeLookOutLeft")] > 0).all()  # the subject's left


@pytest.mark.parametrize("name", ["alex_rom_3.csv", "alex_rom_4.csv"])
def test_real_live_link_takes_keep_their_times(shared_data, name):
    """The phone's frames drift from 30 a second: what is played at a time is what was recorded then."""
    path = shared_data / "livelink" / name
    take, curves = read_livelink(path), read_motion(path)
    times = take.time_s - take.time_s[0]
    assert curves.fps == 30.0
    assert abs(curves.time_s[-1] - times[-1]) < 1 / 30
    straight = np.stack([np.interp(curves.time_s, times, column) for column in take.expression.T], 1)
    off = np.abs(curves.weights - straight)
    assert np.quantile(off, 0.99) < 0.02
    assert off.mean() < 0.001


def test_rows_without_the_face_are_interpolated(tmp_path):
    times = np.arange(60) / 60
    lost = (times > 0.3) & (times < 0.36)
    take = LiveLinkTake(
        times[~lost], 60.0, waved(times[~lost]), np.zeros((57, 3))[: (~lost).sum()],
        np.zeros(((~lost).sum(), 2, 3)), times[lost],
    )  # fmt: skip
    path = tmp_path / "a.csv"
    path.write_text(livelink_text(take))
    curves = read_motion(path)
    assert len(curves) == 60
    assert np.abs(curves.weights[:, JAW] - wave(curves.time_s)).max() < 0.02


def test_a_table_with_a_few_columns_in_any_order(tmp_path):
    path = tmp_path / "a.csv"
    times = np.arange(50) / 25
    rows = [f"{wave(t)},happy,{t},0.25" for t in times]
    rows[10] = f",happy,{times[10]},0.25"  # a cell that was lost
    path.write_text("\n".join(["JawOpen,mood,time_s,mouthSmileLeft", *rows]))
    curves = read_motion(path)
    assert curves.fps == 25
    assert np.abs(curves.weights[:, JAW] - wave(times)).max() < 0.02
    assert np.allclose(curves.weights[:, SMILE], 0.25)
    assert np.abs(np.delete(curves.weights, [JAW, SMILE], axis=1)).max() == 0


def test_live_link_files_that_lack_columns_are_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        "Timecode,BlendshapeCount,JawOpen\n" + "".join(f"10:00:00:{2 * k:02d}.0,61,0.{k}\n" for k in range(9))
    )
    curves = read_motion(path)
    assert curves.fps == 30
    assert np.allclose(curves.weights[:, JAW], np.arange(9) / 10)


def test_npz_and_json_of_other_programs(tmp_path):
    np.savez(tmp_path / "a.npz", names=np.array(["jawOpen"]), weights=waved(np.arange(9) / 20)[:, [JAW]], fps=20.0)
    (tmp_path / "b.json").write_text(
        json.dumps({"time_s": [k / 20 for k in range(9)], "weights": {"jawOpen": wave(np.arange(9) / 20).tolist()}})
    )
    for name in ("a.npz", "b.json"):
        curves = read_motion(tmp_path / name)
        assert curves.fps == 20
        assert np.allclose(curves.weights[:, JAW], wave(np.arange(9) / 20))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.csv", "", "holds no curves"),
        ("a.csv", "x,y\n1,2\n", "no column is named"),
        ("a.csv", "jawOpen\n", "no frame"),
        ("a.csv", "jawOpen,smile\n0.1,2\noops,2\n", "line 3"),
        ("a.json", "{}", "holds no curves"),
        ("a.json", "not json", "holds no curves"),
        ("a.npz", "not a zip", "holds no curves"),
        ("a.txt", "jawOpen\n1\n", "give a .csv"),
    ],
)
def test_what_holds_no_curves_is_refused_by_name(tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(FaceGPTError, match=said) as refused:
        read_motion(path)
    assert name in str(refused.value)


def test_a_folder_without_curves_and_a_missing_file(tmp_path):
    with pytest.raises(FaceGPTError, match="holds no curves"):
        read_motion(tmp_path)
    with pytest.raises(FaceGPTError, match="there is no file"):
        read_motion(tmp_path / "nothing.csv")
