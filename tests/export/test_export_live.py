"""Live output as it is received: by an OSC server, by a decoder of Live Link's packets, by a WebSocket client."""

from __future__ import annotations

import json
import socket
import threading

import numpy as np
import pytest
from glb_reader import Glb
from scipy.spatial.transform import Rotation

import facegpt
from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.export.bundle import from_model
from facegpt.export.gltf.document import write_glb
from facegpt.export.live import livelink_udp
from facegpt.export.live.output import LiveOutput
from facegpt.fitting.gaze import told_deg
from facegpt.types import Camera, FaceGPTError, FaceParams, Pose
from facegpt.video.observation import RECORD

SMILE = 0.625


@pytest.fixture
def face():
    row = np.zeros((), RECORD)
    row["gaze"], row["confidence"] = [[5.0, -2.0], [4.0, -2.0]], 0.75
    weights = np.zeros(52, np.float32)
    weights[ARKIT_NAMES.index("mouthSmileLeft")] = SMILE
    pose = Pose(rotation_from_euler_deg(30.0), np.array([10.0, -20.0, 700.0]))
    camera = Camera(600.0, (319.5, 239.5), 640, 480)
    return row, FaceParams(
        "made-up/1", np.zeros(2), weights, np.zeros((4, 3)), pose, np.zeros(2), np.zeros((9, 3)), camera
    )


def test_an_osc_server_gets_every_unit_by_name(face):
    dispatcher = pytest.importorskip("pythonosc.dispatcher").Dispatcher()
    osc_server = pytest.importorskip("pythonosc.osc_server")
    weights, applied = {}, threading.Event()
    dispatcher.map("/VMC/Ext/Blend/Val", lambda address, name, value: weights.update({name: value}))
    dispatcher.map("/VMC/Ext/Blend/Apply", lambda address: applied.set())
    with osc_server.BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with LiveOutput(vmc_to=f"127.0.0.1:{server.server_address[1]}") as output:
            output.send(0, *face, 0.5)
        assert applied.wait(10)
    assert set(weights) == set(ARKIT_NAMES)
    assert weights["mouthSmileLeft"] == SMILE


def test_a_udp_receiver_decodes_live_links_packets(face):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        with LiveOutput(livelink_to=f"127.0.0.1:{receiver.getsockname()[1]}") as output:
            output.send(0, *face, 0.5)
        packet = livelink_udp.decoded(receiver.recv(4096))
    assert packet.expression[ARKIT_NAMES.index("mouthSmileLeft")] == pytest.approx(SMILE)
    assert np.degrees(packet.angles_rad[0]) == pytest.approx(30.0, abs=1e-3)


def test_a_websocket_client_gets_the_newest_frame_of_each_person(face):
    client = pytest.importorskip("websockets.sync.client")
    with (
        LiveOutput(websocket=0) as output,
        client.connect(f"ws://127.0.0.1:{output.websocket.port}") as listener,
    ):
        output.send(0, *face, 0.5)
        message = json.loads(listener.recv(timeout=10))
        output.send(1, *face, 0.75)
        other = json.loads(listener.recv(timeout=10))
    assert (message["track_id"], message["time_s"], other["track_id"]) == (0, 0.5, 1)
    assert message["blendshapes"]["mouthSmileLeft"] == SMILE
    w, x, y, z = message["head"]["quaternion_wxyz"]
    turned = Rotation.from_quat([x, y, z, w]).as_rotvec(degrees=True)
    assert np.allclose(turned, [0, 30, 0], atol=1e-2)  # towards the subject's left is about +y
    assert message["gaze_deg"]["left"] == told_deg(np.array([[5.0, -2.0], [0.0, 0.0]]))[0].round(2).tolist()


def test_pages_of_other_sites_cannot_listen_to_a_websocket():
    client = pytest.importorskip("websockets.sync.client")
    exceptions = pytest.importorskip("websockets.exceptions")
    with LiveOutput(websocket=0) as output:
        place = f"ws://127.0.0.1:{output.websocket.port}"
        for origin in ("https://example.org", "http://localhost.example.org", "null"):
            with pytest.raises(exceptions.InvalidStatus), client.connect(place, origin=origin):
                pass
        with client.connect(place, origin="http://localhost:8000"):
            pass


def test_a_listener_who_leaves_or_sleeps_holds_up_nobody(face):
    client = pytest.importorskip("websockets.sync.client")
    with LiveOutput(websocket=0) as output:
        place = f"ws://127.0.0.1:{output.websocket.port}"
        with client.connect(place):
            pass
        with client.connect(place, close_timeout=0.2):  # never reads
            for frame in range(2000):
                output.send(0, *face, frame / 1000)
            with client.connect(place) as awake:
                assert json.loads(awake.recv(timeout=10))["time_s"] == 1.999
                output.send(0, *face, 9.0)
                assert json.loads(awake.recv(timeout=10))["time_s"] == 9.0


def test_a_port_that_is_taken_is_said(face):
    pytest.importorskip("websockets")
    with LiveOutput(websocket=0) as output, pytest.raises(FaceGPTError, match="name another"):
        LiveOutput(websocket=output.websocket.port)


def test_vmc_bones_are_where_the_glb_has_its_joints(face, tmp_path):
    """EVMC and the like place bones by these: a head in its neck, or eyes in the middle of the head, would be wrong."""
    dispatcher = pytest.importorskip("pythonosc.dispatcher").Dispatcher()
    osc_server = pytest.importorskip("pythonosc.osc_server")
    model = facegpt.load().head
    row, params = face
    identity = np.random.default_rng(0).normal(0, 1, model.sizes.identity).astype(np.float32)
    params = params.replace(
        model_id=model.model_id, identity=identity, joints=np.zeros((model.sizes.joints, 3), np.float32)
    )
    bones, applied = {}, threading.Event()
    dispatcher.map("/VMC/Ext/Bone/Pos", lambda address, name, *place: bones.update({name: place[:3]}))
    dispatcher.map("/VMC/Ext/Blend/Apply", lambda address: applied.set())
    with osc_server.BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with LiveOutput(vmc_to=f"127.0.0.1:{server.server_address[1]}") as output:
            output.send(0, row, params, 0.5, model)
        assert applied.wait(10)
    colour = np.zeros(model.sizes.albedo, np.float32)
    exported = from_model(model, params.replace(albedo=colour), np.zeros((8, 8, 4), np.uint8))
    file = Glb(write_glb(tmp_path / "head.glb", exported))
    nodes = {node["name"]: node["translation"] for node in file.json["nodes"] if "translation" in node}
    names = {"neck": "Neck", "head": "Head", "left_eye": "LeftEye", "right_eye": "RightEye"}
    for joint, bone in names.items():
        x, y, z = nodes[joint]
        assert bones[bone] == pytest.approx((-x, y, z), abs=1e-5)  # Unity's x runs to the subject's right
    assert bones["LeftEye"][0] < -0.02 < 0.02 < bones["RightEye"][0]
