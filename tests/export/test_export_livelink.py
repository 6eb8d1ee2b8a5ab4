"""Live Link Face as the app writes it: signs of the angles, time codes at any frame rate, frames without the face.

The app's signs come from its own recordings: an eye's by the eyeLook units beside it, the head's by the reflex that
turns the eyes against the head while they rest on something (the vestibulo-ocular reflex).
"""

from __future__ import annotations

import struct

import numpy as np
import pytest

from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.export.curves import Curves
from facegpt.export.live import livelink_udp
from facegpt.export.live.output import packet_of
from facegpt.export.livelink_angles import eye_angles_rad, gaze_deg, head_angles_rad, head_turn_deg
from facegpt.export.livelink_csv import livelink_text, read_livelink, write_livelink
from facegpt.fitting.gaze import STRAIGHT_SIDE_DEG, STRAIGHT_UP_DEG, look_weights, straight_deg
from facegpt.types import Camera, FaceParams, Pose
from facegpt.video.observation import RECORD


def curves_at(time_s, gaze=None) -> Curves:
    """A head that looks around."""
    count, random = len(time_s), np.random.default_rng(0)
    gaze = random.normal(0, 8, (count, 2, 2)) if gaze is None else gaze
    weights = np.zeros((count, 52))
    for row, angles in zip(weights, gaze, strict=True):
        for name, value in look_weights(angles).items():
            row[ARKIT_NAMES.index(name)] = value
    rotation = np.stack([rotation_from_euler_deg(*random.normal(0, 10, 3)) for _ in range(count)])
    zeros = np.zeros((count, 9, 3))
    return Curves(
        track_id=0,
        model_id="made-up/1",
        fps=30.0,
        frame=np.arange(count),
        time_s=np.asarray(time_s),
        expression=weights,
        rotation=rotation,
        translation_mm=np.zeros((count, 3)),
        gaze_deg=gaze,
        eyes_rotvec=np.zeros((count, 2, 3)),
        confidence=np.ones(count),
        identity=np.zeros(2),
        focal_px=700.0,
        light=zeros,
    )


def recordings(shared_data):
    """(weights (N, 52), angles (N, 9) of head, left and right eye) of the app's own recordings."""
    folder = shared_data / "livelink"
    takes = [read_livelink(path) for path in sorted(folder.glob("*.csv"))]
    found = [(take.expression, np.hstack([take.head_rad, take.eyes_rad.reshape(-1, 6)])) for take in takes]
    data, at, packets = (folder / "packets.bin").read_bytes(), 5, []
    for _ in range(struct.unpack_from(">I", data, 1)[0]):
        (length,) = struct.unpack_from(">I", data, at)
        packets.append(livelink_udp.decoded(data[at + 4 : at + 4 + length]))
        at += 4 + length
    found.append((np.stack([p.expression for p in packets]), np.stack([p.angles_rad for p in packets])))
    return found


def eye_correlations(weights, angles):
    """Of the left and right eye's yaw, and pitch, with what the eyeLook units say of left, and up."""
    look = {name: weights[:, ARKIT_NAMES.index(name)] for name in ARKIT_NAMES if name.startswith("eyeLook")}
    left = [look["eyeLookOutLeft"] - look["eyeLookInLeft"], look["eyeLookInRight"] - look["eyeLookOutRight"]]
    up = [look[f"eyeLookUp{side}"] - look[f"eyeLookDown{side}"] for side in ("Left", "Right")]
    pairs = [(angles[:, 3], left[0]), (angles[:, 6], left[1]), (angles[:, 4], up[0]), (angles[:, 7], up[1])]
    return np.array([np.corrcoef(*pair)[0, 1] for pair in pairs])


def test_eyes_have_the_signs_of_the_apps_own_recordings(shared_data):
    """In files and in packets an eye's yaw grows as it looks to the right, its pitch as it looks down."""
    theirs = [eye_correlations(*recording) for recording in recordings(shared_data)]
    assert len(theirs) == 3
    assert np.max(theirs) < -0.98
    curves = curves_at(np.arange(60) / 30)
    take = curves.as_livelink()
    ours = eye_correlations(take.expression, np.hstack([take.head_rad, take.eyes_rad.reshape(-1, 6)]))
    assert ours.max() < -0.98


def straight_rad(weights, angles):
    """The yaw and pitch (2, 2) of left and right eye at look weights of 0, by a line through all frames."""
    look = {name: weights[:, ARKIT_NAMES.index(name)] for name in ARKIT_NAMES if name.startswith("eyeLook")}
    found = []
    for eye, side in enumerate(("Left", "Right")):
        for way, (more, less) in enumerate((("Out", "In"), ("Up", "Down"))):
            line = np.column_stack([look[f"eyeLook{more}{side}"] - look[f"eyeLook{less}{side}"], np.ones(len(weights))])
            found.append(np.linalg.lstsq(line, angles[:, 3 + 3 * eye + way], rcond=None)[0][1])
    return np.reshape(found, (2, 2))


def test_eyes_that_look_straight_ahead_have_the_apps_angles(shared_data):
    ours = eye_angles_rad(straight_deg())[:, :2]
    for recording in recordings(shared_data):
        assert np.abs(ours - straight_rad(*recording)).max() < 0.02  # 1.1 degrees


def test_the_apps_head_yaw_and_pitch_run_against_its_eyes_own_signs(shared_data):
    """The eyes rest on the phone: as the face turns left they turn right in the head, and their yaw grows with its."""
    weights, angles = recordings(shared_data)[2]
    lids = [weights[:, ARKIT_NAMES.index(name)] for name in ("eyeBlinkLeft", "eyeBlinkRight")]
    open_eyes = np.max(lids, 0) < 0.5
    angles = angles[open_eyes]
    head = np.column_stack([angles[:, :3], np.ones(len(angles))])
    (yaw, *_), *_ = np.linalg.lstsq(head, (angles[:, 3] + angles[:, 6]) / 2, rcond=None)
    (_, pitch, *_), *_ = np.linalg.lstsq(head, (angles[:, 4] + angles[:, 7]) / 2, rcond=None)
    assert 0.7 < yaw < 1.3  # the reflex makes up for all of a turn
    assert 0.3 < pitch < 1.3


@pytest.mark.parametrize(
    ("turn_deg", "column", "sign"),
    [
        ((20, 0, 0), 0, 1),  # the face to the subject's left
        ((0, -20, 0), 1, 1),  # the chin lifted
        ((0, 0, -20), 2, 1),  # the top of the head to the subject's right
    ],
)
def test_a_turn_of_the_head_has_the_apps_sign(turn_deg, column, sign):
    angles = np.degrees(head_angles_rad(rotation_from_euler_deg(*turn_deg)[None]))[0]
    assert angles[column] == pytest.approx(20 * sign)
    assert np.abs(np.delete(angles, column)).max() < 1e-9


def test_angles_come_back():
    random = np.random.default_rng(3)
    turns, gaze = random.uniform(-40, 40, (20, 3)), random.uniform(-30, 30, (20, 2, 2))
    rotations = np.stack([rotation_from_euler_deg(*turn) for turn in turns])
    assert np.allclose(head_turn_deg(head_angles_rad(rotations)), turns)
    assert np.allclose(gaze_deg(eye_angles_rad(gaze)), gaze)


def test_a_packet_has_the_same_angles_as_the_file():
    row = np.zeros((), RECORD)
    row["gaze"] = [[7.0, -3.0], [5.0, -3.0]]
    rotation = rotation_from_euler_deg(15, 8, -5)
    zeros = np.zeros(2)
    params = FaceParams(
        *("made-up/1", zeros, np.zeros(52, np.float32), np.zeros((4, 3)), Pose(rotation, np.array([0, 0, 700.0]))),
        *(zeros, np.zeros((9, 3)), Camera(600.0, (319.5, 239.5), 640, 480)),
    )
    angles = np.degrees(packet_of("id", 0, row, params).angles_rad)
    straight = np.degrees(eye_angles_rad(straight_deg())).ravel()
    off = [7.0 - STRAIGHT_SIDE_DEG, -3.0 - STRAIGHT_UP_DEG, 5.0 + STRAIGHT_SIDE_DEG, -3.0 - STRAIGHT_UP_DEG]
    assert np.allclose(angles[:3], [15, -8, 5], atol=1e-4)
    assert np.allclose(angles[3:], np.add(straight, [-off[0], -off[1], 0, -off[2], -off[3], 0]), atol=1e-4)


VARIABLE = np.cumsum(np.random.default_rng(4).uniform(0.02, 0.09, 120))


RATES = (2, 10, 12.5, 15, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60, 90, 120, 240, "variable")


@pytest.mark.parametrize("rate", RATES)
def test_times_come_back_at_any_frame_rate(tmp_path, rate):
    times = VARIABLE if rate == "variable" else np.arange(int(4 * rate)) / rate
    take = read_livelink(write_livelink(tmp_path / "a.csv", curves_at(times).as_livelink()))
    assert take.fps == 60
    assert np.abs(take.time_s - times).max() < 1e-4


@pytest.mark.parametrize("rate", [24, 25, 30, 60])
def test_files_that_count_in_their_own_rate_are_read_in_it(tmp_path, rate):
    """Other programs count whole frames in the rate of the video."""
    text = livelink_text(curves_at(np.arange(3 * rate) / rate).as_livelink()).splitlines()
    lines = [line.split(",") for line in text]
    for k, line in enumerate(lines[1:]):
        line[0] = f"00:00:{k // rate:02d}:{k % rate:02d}"
    (tmp_path / "a.csv").write_text("\n".join(",".join(line) for line in lines))
    take = read_livelink(tmp_path / "a.csv")
    assert np.allclose(take.time_s, np.arange(3 * rate) / rate)


def test_a_frame_without_the_face_is_a_row_without_values(tmp_path):
    seen = np.r_[15:35, 45:65] / 30
    path = write_livelink(tmp_path / "a.csv", curves_at(seen).as_livelink(np.arange(65) / 30))
    lines = [line.split(",") for line in path.read_text().splitlines()[1:]]
    assert len(lines) == 65
    assert {len(line) for line in lines} == {63}
    assert [k for k, line in enumerate(lines) if line[1] == "0"] == [*range(15), *range(35, 45)]
    assert all(cell == "" for line in lines if line[1] == "0" for cell in line[2:])
    assert [line[0] for line in lines[14:17]] == ["00:00:00:28.000", "00:00:00:30.000", "00:00:00:32.000"]
    take = read_livelink(path)
    assert np.allclose(take.time_s, seen, atol=1e-4)
    assert len(take.lost_s) == 25


def test_a_short_row_of_the_app_is_a_lost_frame(tmp_path):
    lines = livelink_text(curves_at(np.arange(4) / 30).as_livelink()).splitlines()
    lines[2] = lines[2].split(",")[0] + ",0"
    (tmp_path / "a.csv").write_text("\n".join(lines))
    take = read_livelink(tmp_path / "a.csv")
    assert (len(take.time_s), len(take.lost_s)) == (3, 1)
