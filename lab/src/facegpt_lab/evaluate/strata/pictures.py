"""One person, one thing that makes the photo hard: ICT heads path traced by Mitsuba, of exact geometry.

The plain picture of a person has a calm, soft light and the face nearly from the front. Each stratum changes one thing
about it and nothing else, so that what is lost there is lost to that thing. Frames and units: conventions.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.metrics import within_radius
from facegpt.types import Array, Camera, Pose
from facegpt_lab.evaluate.protocols.out_of_model import Sample
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.evaluate.strata.covers import beard, beside, headscarf, made_up, masked, slats, spectacled, veiled
from facegpt_lab.evaluate.strata.drawing import drawn
from facegpt_lab.evaluate.strata.people import as_child, strong_expression
from facegpt_lab.synthesis.studio.ict_person import IctHead, IctPerson
from facegpt_lab.synthesis.studio.mitsuba_scene import Look, directions, render_photo

SIDE_PX, SAMPLES = 256, 8
STRATA = (
    *("plain", "make-up", "beard", "mask", "hard shadow", "half dark", "30 px"),
    *("profile", "telephoto", "selfie"),
    *("headscarf", "veil", "glasses", "expression", "child", "drawing"),
    *("telephoto with EXIF", "selfie with EXIF"),
)
#: Ending of strata whose pictures are those of another one, and say their focal length.
EXIF = " with EXIF"
#: What is worn or painted on, by stratum.
DRESSES = {
    "make-up": made_up,
    "beard": beard,
    "mask": masked,
    "headscarf": headscarf,
    "veil": veiled,
    "glasses": lambda person, _ict, rng: spectacled(person, rng),
}
#: Width of the face in the pictures of few pixels, px; of the 68 points.
SMALL_PX = 30.0


@dataclass(frozen=True)
class Setting:
    """What a stratum changes: the person's geometry and colours, how far and turned the face is, and the light."""

    person: IctPerson
    distance_mm: float
    yaw_deg: float
    look: Look


def draw(stratum: str, seed: int) -> Sample:
    """Draw the picture of person `seed` in a stratum: the same person, expression and noise in each stratum."""
    if stratum.endswith(EXIF):
        return _drawn(stratum.removesuffix(EXIF), seed, True)
    return _drawn(stratum, seed, False)


def _drawn(stratum: str, seed: int, tells_focal: bool) -> Sample:
    """The picture of a stratum, with or without its focal length."""
    ict, rng, own = _ict(), np.random.default_rng([17, seed]), np.random.default_rng([18, seed])
    weights = {"mouthSmileLeft": 0.0, "mouthSmileRight": 0.0}
    smile = float(np.clip(rng.normal(0.1, 0.25), 0, 0.8))
    weights |= {"mouthSmileLeft": smile, "mouthSmileRight": smile, "jawOpen": float(rng.random() < 0.2) * 0.25}
    shape = rng.normal(0, 1, 100)
    person = ict.person(shape, strong_expression(own) if stratum == "expression" else weights, rng)
    if stratum == "child":
        person = as_child(person, own)
    yaw_deg, side = float(rng.uniform(-30, 30)), float(rng.choice([-1.0, 1.0]))
    turn = rng.normal(0, [6.0, 5.0])
    setting = _changed(stratum, Setting(person, 900.0, yaw_deg, _soft(rng)), side, ict, rng)
    pose, camera = _placed(person, setting, turn, rng)
    shown = setting.person
    image = render_photo(shown.vertices, shown.triangles, shown.colours, pose, camera, setting.look, rng, 0.3)
    skin = person.vertices[ict.face_vertices]
    near = skin[within_radius(skin, person.landmarks68[30])]
    seen = camera.project(pose.apply(person.landmarks68))
    if stratum == "30 px":
        image, seen = _shrunk(image, seen)
    if stratum == "drawing":
        image = drawn(image, own)
    focal_px = camera.focal_px if tells_focal else None
    return Sample(image, near, person.landmarks68, seen, setting.yaw_deg, focal_px)


def _changed(stratum: str, plain: Setting, side: float, ict: IctHead, rng: np.random.Generator) -> Setting:
    """The setting of a stratum."""
    if stratum in DRESSES:
        return replace(plain, person=DRESSES[stratum](plain.person, ict, rng))
    if stratum == "hard shadow":
        towards = _direction(side * rng.uniform(35, 60), rng.uniform(25, 45))
        person = plain.person
        middle, turned = person.landmarks68[30], rotation_from_euler_deg(plain.yaw_deg, 0, 0).T
        caster = slats(middle, turned @ (towards * [1, -1, -1]), rng)
        look = _lamp(towards, 0.03, ambient=0.08)
        return replace(plain, person=beside(person, *caster, np.full(3, 0.02)), look=look)
    if stratum == "half dark":
        return replace(plain, look=_lamp(_direction(side * rng.uniform(80, 105), rng.uniform(-5, 25)), 0.2, 0.015))
    if stratum == "profile":
        return replace(plain, yaw_deg=side * float(rng.uniform(60, 90)))
    if stratum == "telephoto":
        return replace(plain, distance_mm=float(rng.uniform(5000, 9000)))
    if stratum == "selfie":
        return replace(plain, distance_mm=float(rng.uniform(230, 300)))
    return plain


def _placed(person: IctPerson, setting: Setting, turn: Array, rng: np.random.Generator) -> tuple[Pose, Camera]:
    """The pose that shows the face in the middle, about half as wide as the picture."""
    rotation = rotation_from_euler_deg(setting.yaw_deg, float(turn[0]), float(turn[1]))
    focal_px = SIDE_PX * rng.uniform(0.48, 0.56) * setting.distance_mm / 150
    middle = person.landmarks68[[27, 30, 8]].mean(0)
    middle = middle - [0.0, 0.0, 45.0] if setting.distance_mm > 400 else middle
    half = (SIDE_PX - 1) / 2
    return (
        Pose(rotation, np.array([0.0, 0.0, setting.distance_mm]) - rotation @ middle),
        Camera(focal_px, (half, half), SIDE_PX, SIDE_PX),
    )


def _direction(azimuth_deg: float, up_deg: float) -> Array:
    """Unit vector towards a lamp in the environment's frame (+x right, +y up, +z to the camera), from the face."""
    azimuth, up = np.radians([azimuth_deg, up_deg])
    return np.array([np.cos(up) * np.sin(azimuth), np.sin(up), np.cos(up) * np.cos(azimuth)])


def _lamp(towards: Array, spread: float, ambient: float) -> Look:
    """One lamp of so many radians (SD) and a grey rest of the world, which gives `ambient` of the lamp's light."""
    lobe = np.exp((directions(128, 256) @ towards - 1) / spread**2) / spread**2
    return Look(np.repeat((lobe + 2 * ambient)[..., None], 3, 2).astype(np.float32), SAMPLES, 0.01)


def _soft(rng: np.random.Generator) -> Look:
    """A broad lamp from before and above, and much light from everywhere."""
    return _lamp(_direction(rng.uniform(-50, 50), rng.uniform(10, 50)), 0.6, ambient=0.25)


def _shrunk(image: NDArray[np.uint8], seen: Array) -> tuple[NDArray[np.uint8], Array]:
    """A picture and its points, made so small that the face is SMALL_PX wide."""
    factor = SMALL_PX / np.ptp(seen[:, 0])
    side = round(len(image) * factor)
    small = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BOX))
    return small, (seen + 0.5) * side / len(image) - 0.5


@cache
def _ict() -> IctHead:
    return IctHead(optional_data() / "ict_facekit.npz")
