"""Jewellery and paint that a photo shows: drawn heads with things of which everything is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from facing_params import facing_params
from torch.nn import functional

from facegpt.assets import load_arrays
from facegpt.detect.windows import Photo
from facegpt.encode.parts import BACKGROUND, MAP_PX, PARTS, SKIN, FaceParts
from facegpt.encode.recognition import FaceRecognition
from facegpt.face import Face
from facegpt.face.pictures import over
from facegpt.morphable.base import head_vertices
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, NECK_FRAME, odds_at_neck, told_places
from facegpt.reconstruct.left_out.jewellery_network import ASSET, BLOCKS, cells, jewellery_network
from facegpt.reconstruct.left_out.light import painted_share
from facegpt.reconstruct.left_out.sentences import PAINTED
from facegpt.render.portrait import default_studio_lighting

SIDE, WALL = 1024, (150, 160, 150)


@pytest.fixture(scope="module")
def drawn(head):
    """The mean head before a wall: its parameters, picture and map of parts."""
    params = facing_params(head, default_studio_lighting())
    params = params.replace(camera=params.camera.scaled(SIDE / params.camera.width))
    wall = np.full((SIDE, SIDE, 3), WALL, np.uint8)
    picture = over(Face(head, params, photo=wall), wall, params.camera)
    scale = MAP_PX / SIDE
    to_map = np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    at = np.clip(np.rint((np.arange(MAP_PX) + 0.5) / scale - 0.5).astype(int), 0, SIDE - 1)
    kinds = np.where((picture[np.ix_(at, at)] != WALL).any(-1), SKIN, BACKGROUND)
    beliefs = np.eye(len(PARTS), dtype=np.float32)[kinds]
    points = params.camera.project(params.pose.apply(head.embedding("mediapipe478")(head_vertices(head, params))))
    return params, picture, FaceParts(beliefs, np.ones_like(kinds, bool), to_map, points=points)


def with_beads(picture, head, params):
    """Golden beads of 5 mm on a string that hangs from the sides of the neck to 55 mm below the chin."""
    chin = head.landmarks.points(head_vertices(head, params))[head.landmarks.row["menton"]]
    in_camera = params.pose.apply(chin[None])
    at, scale = params.camera.project(in_camera)[0], params.camera.focal_px / float(in_camera[0, 2])
    rows, columns = np.indices(picture.shape[:2])
    out = picture.copy()
    for across in np.arange(-50, 51, 5.5):
        x, y = at[0] + across * scale, at[1] + (55 - 35 * (across / 50) ** 2) * scale
        for radius, colour, off in ((2.6, (150, 110, 40), 0.0), (1.0, (255, 240, 190), 0.8)):
            out[np.hypot(columns - x + off * scale, rows - y + off * scale) < radius * scale] = colour
    return out


def test_beads_about_a_neck_are_seen(head, drawn):
    params, picture, parts = drawn
    bare = odds_at_neck(Photo(picture), head, params, parts)
    beads = odds_at_neck(Photo(with_beads(picture, head, params)), head, params, parts)
    assert beads > bare + 2


def test_of_a_neck_that_the_photo_does_not_show_nothing_is_told(head, drawn):
    params, picture, parts = drawn
    above = picture[: int(np.asarray(parts.points)[152, 1])]
    assert odds_at_neck(Photo(np.ascontiguousarray(above)), head, params, parts) == -np.inf


@pytest.mark.parametrize(("where", "frame"), [("ear", EAR_FRAME), ("neck", NECK_FRAME)])
def test_the_network_says_what_its_layers_say_in_torch(where, frame):
    random, arrays = np.random.default_rng(3), load_arrays(ASSET)
    size = (cells(frame.height_px), cells(frame.width_px))
    colours = random.uniform(0, 255, (1, 3, frame.height_px, frame.width_px)).astype(np.float32)
    around = np.concatenate([random.uniform(-0.5, 1.5, (4, *size)), told_places(frame)])[None].astype(np.float32)
    network, own = FaceRecognition(), {name: torch.from_numpy(a.astype(np.float32)) for name, a in arrays.items()}
    with torch.no_grad():
        seen = functional.relu(network.stem((torch.from_numpy(colours) - network.mean) / 255))
        seen = functional.max_pool2d(seen, 3, 2)
        for block in list(network.blocks)[:BLOCKS]:
            seen = block(seen)
        seen = (seen - own["mean"][:, None, None]) / own["sd"][:, None, None]
        told, count = torch.cat([seen, torch.from_numpy(around)], 1), len(own[f"{where}_last"])
        for name, settings in (("first", {}), ("second", {"dilation": 2}), ("last", {})):
            weight, bias = own[f"{where}_{name}"], own[f"{where}_{name}_bias"]
            pad, groups = {"first": 1, "second": 2, "last": 0}[name], 1 if name == "first" else count
            told = functional.conv2d(told, weight, bias, padding=pad, groups=groups, **settings)
            told = told if name == "last" else torch.relu(told)
    found = jewellery_network(where).run(None, {"colours": colours, "around": around})[0]
    np.testing.assert_allclose(found, told.numpy(), atol=2e-3)


def test_paint_on_cheeks_is_told_and_plain_skin_is_not(drawn):
    _, picture, parts = drawn
    assert painted_share(Photo(picture), parts) < PAINTED / 3
    painted = picture.copy()
    low, high = np.asarray(parts.points)[:468].min(0), np.asarray(parts.points)[:468].max(0)
    middle = int((low[1] + high[1]) / 2)
    painted[middle : middle + int(0.2 * (high[1] - low[1])), int(low[0]) : int(high[0])] = (40, 90, 200)
    assert painted_share(Photo(painted), parts) > PAINTED
