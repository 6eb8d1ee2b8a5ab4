"""Hair and glasses of people in clips: taken from frames of drawn heads that wear them, kept, drawn and written."""

from __future__ import annotations

import numpy as np
import pytest
from glb_reader import Glb
from scripted_look import ScriptedLook, descriptor, head_at, scripted_frames

from facegpt.appearance.prior import model_texture, opacity
from facegpt.conventions import linear_to_srgb
from facegpt.export.take_folder import take_of, write_animations
from facegpt.export.take_pictures import OverlayPainter
from facegpt.hair.accessories import AS_SEEN, Accessories, Wishes
from facegpt.hair.presets import LENGTHS, length_step
from facegpt.hair.worn import with_roots, worn
from facegpt.morphable.base import head_vertices
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import draw_over
from facegpt.types import Glasses, Hair, Mesh, Worn
from facegpt.video.accessories import Picture, accessories_of
from facegpt.video.clip import ClipInfo
from facegpt.video.first_looks import FirstLooks
from facegpt.video.observation import View, stacked
from facegpt.video.people import Person
from facegpt.video.records import TakeFiles
from facegpt.video.survey import parts_of
from facegpt.video.tracker import FaceTracker

DRESSED = Accessories(Hair("bob", (0.09, 0.05, 0.03)), Glasses("round"), Worn("fitted", False, "clear"))


@pytest.fixture(scope="module")
def texture(head):
    colour = linear_to_srgb(model_texture(head, np.zeros(head.sizes.albedo, np.float32), 512))
    return np.round(np.dstack([colour, opacity(head, 512)]) * 255).astype(np.uint8)


@pytest.fixture(scope="module")
def rows_and_frames(head):
    """Five frames of a head that looks into the camera, and their records."""
    person = Person(0, [descriptor("anna")], identity=np.zeros(head.sizes.identity), focal_px=700.0, frozen=True)
    frames = scripted_frames(5)
    tracker = FaceTracker(head, ScriptedLook(head, lambda number: {"anna": head_at(head, z_mm=600.0)}), [person])
    return stacked([row for frame in frames for row in tracker.step(frame)]), frames


def take_with(head, texture, rows, accessories):
    person = Person(0, [descriptor("anna")], identity=np.zeros(head.sizes.identity), focal_px=700.0, frozen=True)
    person.albedo, person.lighting = np.zeros(head.sizes.albedo, np.float32), default_studio_lighting()
    person.accessories = accessories
    return take_of(head, ClipInfo("drawn", 640, 480, 30.0, 5), View(640, 480), [person], {0: texture}, rows)


def picture_of(head, texture, params, accessories):
    """A picture of a dressed head before a light wall (480, 640, 3)."""
    dressed = accessories.on(params)
    skin = with_roots(head, texture, accessories.hair)
    mesh = Mesh(
        head_vertices(head, params), head.triangles, head.uv, head.uv_triangles, head.part, head.part_names, skin
    )
    wall = np.full((480, 640, 3), 190, np.uint8)
    return draw_over(mesh, params.pose, params.camera, params.lighting, wall, worn=worn(head, dressed))


def test_the_overlay_shows_hair_and_glasses(head, texture, rows_and_frames):
    rows, frames = rows_and_frames
    bald, dressed = (take_with(head, texture, rows, each) for each in (Accessories(), DRESSED))
    painter = OverlayPainter({0: head}, {0: texture})
    white = np.full_like(frames[0].pixels, 255)
    without, wearing = (
        painter.draw(white, [(0, each.params(0, rows[0]))], 1.0).astype(int) for each in (bald, dressed)
    )
    darker = (wearing.sum(-1) < 250) & (without.sum(-1) > 300)  # of brown hair, not of skin or the white wall
    assert darker.mean() > 0.02
    assert (wearing == without).all(-1).mean() > 0.5  # all around is as it was


def test_the_animated_head_wears_them_too(head, texture, rows_and_frames, tmp_path):
    take = take_with(head, texture, rows_and_frames[0], DRESSED)
    glb = write_animations(tmp_path, take, 0, take.curves(0))[0]
    names = {mesh["name"] for mesh in Glb(glb).json["meshes"]}
    assert {"hair", "glasses"} <= names


def test_a_take_keeps_what_people_wear(tmp_path, head):
    people = [Person(0, [descriptor("anna")], identity=np.ones(3), accessories=DRESSED), Person(1, identity=np.ones(3))]
    with TakeFiles(tmp_path) as files:
        files.write_people(people, {})
        back, _ = files.people()
    assert [one.accessories for one in back] == [DRESSED, Accessories()]


@pytest.mark.slow
def test_hair_and_glasses_of_drawn_frames_are_found(head, texture):
    frames, rig = scripted_frames(1), ScriptedLook(head, lambda number: {"anna": head_at(head, z_mm=600.0)})
    params = head_at(head, z_mm=600.0).replace(lighting=default_studio_lighting())
    glasses = Glasses("square", (0.01, 0.01, 0.01))
    pictures = []
    for yaw in (0.0, -20.0, 20.0):
        posed = params.replace(pose=head_at(head, z_mm=600.0, yaw=yaw).pose)
        pixels = picture_of(head, texture, posed, Accessories(Hair("long", (0.05, 0.03, 0.02)), glasses))
        seen = rig._seen(posed)
        frame = frames[0].__class__(**{**vars(frames[0]), "pixels": pixels})
        pictures.append(Picture(pixels, posed, seen.dense, parts_of(frame, seen, [])))
    found = accessories_of(head, pictures, texture, AS_SEEN)
    assert found.hair is not None and found.hair.groom is not None
    assert LENGTHS.index(length_step(found.hair.groom)) >= LENGTHS.index("shoulder")
    assert np.mean(found.hair.colour) < 0.12
    assert found.glasses is not None
    assert accessories_of(head, pictures, texture, Wishes("none", "none")) == Accessories()


@pytest.mark.slow
def test_people_of_streams_get_their_hair_from_the_first_frontal_frame(head, texture):
    params = head_at(head, z_mm=600.0).replace(lighting=default_studio_lighting())
    side = head_at(head, z_mm=600.0, yaw=35.0)
    frames = scripted_frames(2)
    for frame, posed in zip(frames, (side, params), strict=True):
        number = frame.pixels[0, 0].copy()
        lit = posed.replace(lighting=params.lighting)
        frame.pixels[:] = picture_of(head, texture, lit, Accessories(Hair("bob", (0.05, 0.03, 0.02))))
        frame.pixels[0, 0] = number
    look = ScriptedLook(head, lambda number: {"anna": (side, params)[number]})
    tracker, textures = FaceTracker(head, look), {}
    looks, taken = FirstLooks(textures, AS_SEEN), []
    for frame in frames:
        rows = tracker.step(frame)
        taken.append(looks(tracker, frame, rows))
    assert taken == [False, True] and list(textures) == [0]
    assert tracker.people[0].accessories.hair is not None
