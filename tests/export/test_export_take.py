"""Files of a take: Live Link Face, curves, animated GLB, videos with their sound, packets."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from glb_reader import Glb

import facegpt
from facegpt.appearance.texture import texture_from_photo
from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.export.curves import Curves, read_curves_npz, write_curves_json, write_curves_npz
from facegpt.export.gltf.motion import HeadAnimation, joint_turns
from facegpt.export.live import livelink_udp, vmc
from facegpt.export.livelink_csv import LiveLinkTake, livelink_text, read_livelink, timecode, write_livelink
from facegpt.export.take_pictures import OverlayPainter, contact_sheet, curve_plots
from facegpt.types import FaceGPTError


@pytest.fixture
def curves() -> Curves:
    random = np.random.default_rng(0)
    count = 30
    return Curves(
        track_id=0,
        model_id="made-up/1",
        fps=30.0,
        frame=np.arange(count),
        time_s=np.arange(count) / 30,
        expression=random.uniform(0, 1, (count, 52)).astype(np.float32),
        rotation=np.stack([rotation_from_euler_deg(k, -k / 2, k / 3) for k in range(count)]),
        translation_mm=random.normal(0, 10, (count, 3)) + np.array([0, 0, 800]),
        gaze_deg=random.normal(0, 5, (count, 2, 2)),
        eyes_rotvec=random.normal(0, 0.1, (count, 2, 3)),
        confidence=np.ones(count),
        identity=random.normal(0, 1, 60),
        focal_px=700.0,
        light=random.uniform(0, 3, (count, 9, 3)),
    )


@pytest.mark.parametrize("name", ["alex_rom_3.csv", "alex_rom_4.csv"])
def test_real_recordings_come_back_character_by_character(shared_data, name, tmp_path):
    path = shared_data / "livelink" / name
    take = read_livelink(path)
    written = write_livelink(tmp_path / "a.csv", take).read_text().splitlines()
    assert written[1:] == path.read_text().splitlines()[1:]
    assert [c.lower() for c in written[0].split(",")] == path.read_text().splitlines()[0].lower().split(",")


def test_columns_are_matched_by_name_in_any_order(tmp_path, curves):
    lines = [line.split(",") for line in livelink_text(curves.as_livelink()).splitlines()]
    order = np.random.default_rng(1).permutation(len(lines[0]))
    shuffled = [[line[k] for k in order] for line in lines]
    shuffled[0] = [name.upper() for name in shuffled[0]]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(line) for line in shuffled))
    assert np.abs(read_livelink(path, 30.0).expression - curves.expression).max() < 1e-9


def test_jaw_and_mouth_sides_are_not_swapped(curves):
    values = np.zeros((1, 52))
    values[0, ARKIT_NAMES.index("jawLeft")] = 0.25
    values[0, ARKIT_NAMES.index("mouthRight")] = 0.75
    take = LiveLinkTake(np.zeros(1), 30.0, values, np.zeros((1, 3)), np.zeros((1, 2, 3)))
    header, row = (line.split(",") for line in livelink_text(take).splitlines())
    assert float(row[header.index("JawLeft")]) == 0.25
    assert float(row[header.index("JawRight")]) == 0.0
    assert float(row[header.index("MouthRight")]) == 0.75


@pytest.mark.parametrize(
    ("time_s", "fps", "text"),
    [(0.0, 30, "00:00:00:00.000"), (3661.5, 60, "01:01:01:30.000"), (59.99999, 30, "00:01:00:00.000")],
)
def test_time_codes(time_s, fps, text):
    assert timecode(time_s, fps) == text


def test_damaged_recordings_are_refused_with_the_line(tmp_path, curves):
    path = tmp_path / "a.csv"
    lines = livelink_text(curves.as_livelink()).splitlines()
    path.write_text("\n".join([*lines[:3], "12:00:00:00.000,61,oops", *lines[4:]]))
    with pytest.raises(FaceGPTError, match="line 4"):
        read_livelink(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FaceGPTError, match="no Live Link Face recording"):
        read_livelink(path)


def test_recorded_packets_are_read_and_written_byte_by_byte(shared_data):
    data = (shared_data / "livelink" / "packets.bin").read_bytes()
    (count,) = struct.unpack_from(">I", data, 1)
    at, frames = 5, []
    for _ in range(count):
        (length,) = struct.unpack_from(">I", data, at)
        packet = data[at + 4 : at + 4 + length]
        at += 4 + length
        found = livelink_udp.decoded(packet)
        assert livelink_udp.encoded(found) == packet
        frames.append(found.frame)
    assert count == 180
    assert found.rate == 60
    assert (np.diff(frames) > 0).all()
    assert 0 <= found.expression.min() <= found.expression.max() <= 1


def test_broken_packets_are_refused():
    packet = livelink_udp.LiveLinkPacket("id", "me", 1, 0.5, 60, 1, np.zeros(52, np.float32), np.zeros(9, np.float32))
    data = livelink_udp.encoded(packet)
    for broken in (b"", data[:20], data[:-1], bytes([5]) + data[1:], data + b"x"):
        with pytest.raises(FaceGPTError):
            livelink_udp.decoded(broken)


def test_the_packets_order_is_arkits_own():
    """ARKit's header lists jawForward, jawLeft, jawRight, jawOpen; the app's CSV has right before left."""
    assert livelink_udp.UNITS[14:18] == ("jawForward", "jawLeft", "jawRight", "jawOpen")
    assert livelink_udp.UNITS[21:23] == ("mouthLeft", "mouthRight")
    assert sorted(livelink_udp.UNITS) == sorted(ARKIT_NAMES)


def test_vmc_mirrors_turns_into_unitys_frame():
    """A head turned towards the subject's left: about +y here, about -y in a left-handed frame with x mirrored."""
    turns = joint_turns(np.stack([rotation_from_euler_deg(30)]), np.zeros((1, 2, 3)))
    messages = vmc.frame_messages(np.zeros(52), {name: turn[0] for name, turn in turns.items()}, 0.0)
    head = next(values for address, values in messages if address == "/VMC/Ext/Bone/Pos" and values[0] == "Head")
    assert turns["head"][0, 1] > 0
    assert head[5] < 0
    assert sum(address == "/VMC/Ext/Blend/Val" for address, _ in messages) == 52
    assert messages[-1][0] == "/VMC/Ext/Blend/Apply"


def test_vmc_frames_are_osc_bundles():
    osc_bundle = pytest.importorskip("pythonosc.osc_bundle")
    datagram = vmc.frame_datagram(np.linspace(0, 1, 52), {"head": np.array([0.0, 0.0, 0.0, 1.0])}, 1.5)
    bundle = osc_bundle.OscBundle(datagram)
    values = {m.params[0]: m.params[1] for m in bundle if m.address == "/VMC/Ext/Blend/Val"}
    assert values["tongueOut"] == pytest.approx(1.0)
    assert len(values) == 52


def test_curves_come_back(tmp_path, curves):
    found = read_curves_npz(write_curves_npz(tmp_path / "a.npz", curves))
    for name in ("expression", "rotation", "translation_mm", "time_s"):
        assert np.array_equal(getattr(found, name), getattr(curves, name))
    assert (found.fps, found.track_id, found.model_id) == (curves.fps, 0, "made-up/1")


def test_curves_say_their_units(tmp_path, curves):
    told = json.loads(write_curves_json(tmp_path / "a.json", curves).read_text())
    assert told["units"]["angles"] == "degrees"
    assert set(told["weights"]) == set(ARKIT_NAMES)
    assert np.allclose(told["head_yaw_deg"], np.arange(30), atol=1e-3)
    assert np.allclose(told["head_pitch_deg"], -np.arange(30) / 2, atol=1e-3)


def test_turns_of_neck_and_head_add_up_to_the_heads(curves):
    from scipy.spatial.transform import Rotation

    turns = joint_turns(curves.rotation, curves.eyes_rotvec)
    whole = Rotation.from_quat(turns["neck"]) * Rotation.from_quat(turns["head"])
    upright = rotation_from_euler_deg(0).T @ curves.rotation  # what turns the upright head into the seen one
    assert np.abs(whole.as_matrix() - upright).max() < 1e-6


def test_an_animated_glb_moves_weights_and_joints(tmp_path, head, curves):
    from facegpt.export.bundle import from_model
    from facegpt.export.gltf.document import write_glb
    from facegpt.types import Camera, FaceParams, Pose

    sizes = head.sizes
    params = FaceParams(
        head.model_id,
        np.zeros(60),
        np.zeros(52),
        np.zeros((4, 3)),
        Pose(np.eye(3), np.zeros(3)),
        np.zeros(sizes.albedo),
        np.zeros((9, 3)),
        Camera(1.0, (0.0, 0.0), 1, 1),
    )
    texture = np.full((64, 64, 4), 255, np.uint8)
    motion = HeadAnimation(curves.time_s, curves.expression, joint_turns(curves.rotation, curves.eyes_rotvec))
    glb = Glb(write_glb(tmp_path / "a.glb", from_model(head, params, texture), motion=motion))
    (animation,) = glb.json["animations"]
    channels = {(c["target"]["path"], c["target"]["node"]): c["sampler"] for c in animation["channels"]}
    nodes = glb.json["nodes"]
    mesh = next(k for k, node in enumerate(nodes) if "mesh" in node)
    assert {nodes[node]["name"] for path, node in channels if path == "rotation"} == {
        "neck",
        "head",
        "left_eye",
        "right_eye",
    }
    sampler = animation["samplers"][channels["weights", mesh]]
    weights = glb.numbers(sampler["output"]).reshape(30, 52)
    assert np.abs(weights - curves.expression).max() < 1e-6
    assert np.allclose(glb.numbers(sampler["input"]).ravel(), curves.time_s)
    times = glb.json["accessors"][sampler["input"]]
    assert times["min"][0] == 0
    assert times["max"][0] == pytest.approx(29 / 30)


def test_videos_keep_times_and_sound(tmp_path):
    av = pytest.importorskip("av")
    from fractions import Fraction

    from facegpt.export.video_file import VideoFile
    from facegpt.video.reading import open_clip

    source = tmp_path / "source.mkv"
    tone = np.sin(np.arange(44100 * 2) * 2 * np.pi * 440 / 44100)
    with av.open(str(source), "w") as out:
        video, sound = out.add_stream("mpeg4", rate=25), out.add_stream("pcm_s16le", rate=44100, layout="mono")
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        for k in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 4 * k, np.uint8), format="rgb24")
            frame.pts, frame.time_base = k, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        samples = av.AudioFrame.from_ndarray((tone * 9000).astype(np.int16)[None], format="s16", layout="mono")
        samples.rate = 44100
        out.mux(sound.encode(samples))
        out.mux(sound.encode())
    times = [0.0, 0.1, 0.15, 1.0, 1.9]
    with VideoFile(tmp_path / "a.mp4", 25.0, source) as file:
        for k, time_s in enumerate(times):
            file.add(np.full((49, 65, 3), 40 * k, np.uint8), time_s)  # odd sizes too
    with open_clip(tmp_path / "a.mp4") as clip:
        assert clip.info.has_sound
        assert np.allclose([frame.time_s for frame in clip], times, atol=2e-3)
    with av.open(str(tmp_path / "a.mp4")) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
        rate = container.streams.audio[0].rate
    spectrum = np.abs(np.fft.rfft(heard[:rate]))
    assert abs(int(spectrum.argmax()) - 440) <= 2
    assert 1.7 < len(heard) / rate < 2.2
    assert not list(tmp_path.glob(".*"))


def test_pictures_of_a_take_have_what_they_show(curves):
    plots = curve_plots(curves)
    assert plots.ndim == 3
    assert len(plots) > 40 * 46  # the head's, the gaze's and most of the units' curves
    frames = [(k / 10, np.full((60, 80, 3), 10 * k, np.uint8), np.full((60, 80, 3), 200, np.uint8)) for k in range(7)]
    assert contact_sheet(frames).shape == (2 * (2 * 240 + 4), 5 * 320, 3)


def test_a_head_drawn_over_its_picture_has_the_picture_s_colours(astronaut):
    """Skin sends back some of the light as it comes; drawn without it a head is darker and redder than the face."""
    face = facegpt.load().reconstruct(astronaut, "fast", detail="off")[0]
    skin = texture_from_photo(astronaut, face.model, face.params)
    params = face.params.replace(albedo=skin.albedo, lighting=skin.lighting)
    drawn = OverlayPainter({0: face.model}, {0: skin.texture}).draw(astronaut, [(0, params)], 1.0)
    cheeks = face.landmarks("mediapipe478")[[50, 280, 117, 346]].round().astype(int)
    near = [(slice(y - 4, y + 5), slice(x - 4, x + 5)) for x, y in cheeks]
    apart = np.mean([drawn[place].mean((0, 1)) - astronaut[place].mean((0, 1)) for place in near], axis=0)
    assert np.abs(apart).max() < 8  # levels of 255
