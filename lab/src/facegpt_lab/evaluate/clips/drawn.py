"""Clips drawn with the project's renderer, so that pose, expression and every vertex of each frame are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from facegpt.appearance.prior import model_texture, opacity
from facegpt.conventions import ARKIT_NAMES, linear_to_srgb, rotation_from_euler_deg
from facegpt.fitting import gaze
from facegpt.fitting.embedded import densely_embedded
from facegpt.hair.worn import worn
from facegpt.morphable.base import head_vertices
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import draw_over
from facegpt.types import Camera, FaceParams, Hair, Mesh, Pose
from facegpt.video.clip import ClipInfo, Frame
from facegpt_lab.evaluate.clips.curves import FPS, Motion
from facegpt_lab.evaluate.clips.hand import Wave, hand_at, random_wave

WIDTH, HEIGHT = 480, 360
#: Distance of the head in mm, and focal length as a share of the width.
DISTANCE_MM, FOCAL_SHARE = 750.0, 1.05
STYLES = ("short", "bob", "cropped", "long")
#: The tip of the nose among MediaPipe's points.
_NOSE_TIP = 1


@dataclass(frozen=True)
class Filming:
    """What a camera adds: SD of each pixel's noise (sRGB levels), blur in pixels, JPEG quality, and the room's light.

    light: share by which the light comes and goes. The default is a webcam in a lit room.
    """

    noise_levels: float = 4.0
    blur_px: float = 0.6
    quality: int = 80
    light: float = 0.06


#: A cheap camera in a dark room, out of focus; a lamp that is turned up and down.
POOR, FLICKER = Filming(10.0, 1.5, 55), Filming(light=0.45)


@dataclass(eq=False)
class MadeUpClip:
    """A drawn clip: a `clip.Clip` in memory.

    Attributes:
        truth: parameters of each frame. frames: what the camera saw. motion: the curves. wave: of a hand.
        info, skipped, truncated: as in `clip.Clip`.
    """

    truth: tuple[FaceParams, ...]
    frames: tuple[Frame, ...]
    motion: Motion
    info: ClipInfo
    skipped: int = 0
    truncated: bool = False
    wave: Wave | None = None

    def __iter__(self) -> Iterator[Frame]:
        return iter(self.frames)

    def __enter__(self) -> MadeUpClip:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def made_up_clip(
    model: MakeHumanHead, motion: Motion, seed: int, filming: Filming | None = None, hand: bool = False
) -> MadeUpClip:
    """Draw a random person who moves as `motion` says, as a webcam would see them; with a hand that comes and goes."""
    filming = filming or Filming()
    random = np.random.default_rng(seed)
    truth = _truth(model, motion, random, filming.light)
    texture = model_texture(model, truth[0].albedo, 512)
    colour = np.round(np.dstack([linear_to_srgb(texture), opacity(model, 512)]) * 255).astype(np.uint8)
    wall = _wall(random)
    wave = random_wave(len(truth), int(motion.rest.sum()), random) if hand else None
    nose = model.embedding("mediapipe478")
    frames = []
    for k, params in enumerate(truth):
        vertices = head_vertices(model, params)
        parts = (model.triangles, model.uv, model.uv_triangles, model.part, model.part_names)
        mesh = Mesh(vertices, *parts, colour)
        drawn = draw_over(mesh, params.pose, params.camera, params.lighting, wall, worn=worn(model, params))
        if wave is not None:
            drawn = _with_hand(drawn, wave, k, params, params.pose.apply(nose(vertices)[_NOSE_TIP]))
        frames.append(Frame(k, k / FPS, as_filmed(drawn, filming, random)))
    info = ClipInfo(f"made up {seed}", WIDTH, HEIGHT, FPS, len(frames))
    return MadeUpClip(truth, tuple(frames), motion, info, wave=wave)


def _with_hand(
    drawn: NDArray[np.uint8], wave: Wave, frame: int, params: FaceParams, nose: NDArray
) -> NDArray[np.uint8]:
    """Lay the hand over a drawn frame: it is nearer than the whole head."""
    mesh = hand_at(wave, frame, nose)
    if mesh is None:
        return drawn
    return draw_over(mesh, Pose(np.eye(3), np.zeros(3)), params.camera, params.lighting, drawn)


def _truth(
    model: MakeHumanHead, motion: Motion, random: np.random.Generator, light_change: float
) -> tuple[FaceParams, ...]:
    """Parameters of every frame; the light breathes by a share, as clouds and screens make it."""
    seed = int(random.integers(1 << 30))
    identity = model.sample(1, seed)[0]
    albedo = random.normal(0, 0.7, model.sizes.albedo).astype(np.float32)
    hair = Hair(str(random.choice(STYLES)))
    camera = Camera(FOCAL_SHARE * WIDTH, ((WIDTH - 1) / 2, (HEIGHT - 1) / 2), WIDTH, HEIGHT)
    base = np.asarray(default_studio_lighting(), np.float32) * random.uniform(0.6, 1.0)
    side = random.uniform(-0.35, 0.35, (3, 1)).astype(np.float32)
    base[1:4] += base[0] * side
    away = random.uniform(-25, 25, 2)
    out = []
    for k in range(len(motion.expression)):
        yaw, pitch, roll = motion.turn_deg[k]
        expression, joints = _with_gaze(model, identity, motion.expression[k], motion.gaze_deg[k])
        sway = motion.turn_deg[k] - motion.turn_deg[0]
        place = np.array([away[0] + 1.2 * sway[0], away[1] + 10 + 1.0 * sway[1], DISTANCE_MM + 1.5 * sway[2]])
        light = base * (1 + light_change * np.sin(k / 11.0) * (not motion.rest[k]))
        pose = Pose(rotation_from_euler_deg(yaw, pitch, roll), place)
        out.append(
            FaceParams(
                model.model_id, identity, expression, joints, pose, albedo, light.astype(np.float32), camera, hair
            )
        )
    return tuple(out)


def _with_gaze(
    model: MakeHumanHead, identity: NDArray, weights: NDArray, gaze_deg: NDArray
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Expression (52,) with the lids that go with a gaze (side, up), and the joints (J, 3) that turn the eyes."""
    straight = np.array([gaze.STRAIGHT_SIDE_DEG, gaze.STRAIGHT_UP_DEG])
    angles = np.stack([straight, straight * (-1, 1)]) + gaze_deg
    expression = weights.astype(np.float32).copy()
    for name, value in gaze.look_weights(angles).items():
        expression[ARKIT_NAMES.index(name)] = value
    face = densely_embedded(model)  # type: ignore[arg-type]
    centres = face.eye_centre + face.eye_basis @ identity
    theta = np.concatenate([identity, np.zeros(len(ARKIT_NAMES))])
    irises = face.iris(theta)[[5, 0]]
    joints = np.zeros((model.sizes.joints, 3), np.float32)
    for joint, iris, centre, angle in zip(face.eye_joints, irises, centres, angles, strict=True):
        joints[joint] = gaze.eye_rotvec(iris - centre, angle)
    return expression, joints


def _wall(random: np.random.Generator) -> NDArray[np.uint8]:
    """A soft, uneven background."""
    coarse = random.integers(60, 200, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def as_filmed(drawn: NDArray[np.uint8], filming: Filming, random: np.random.Generator) -> NDArray[np.uint8]:
    """Blur, noise and compression of a webcam."""
    import io

    blurred = np.asarray(Image.fromarray(drawn).filter(ImageFilter.GaussianBlur(filming.blur_px)), np.float32)
    noisy = np.clip(blurred + random.normal(0, filming.noise_levels, drawn.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, format="JPEG", quality=filming.quality)
    file.seek(0)
    return np.asarray(Image.open(file).convert("RGB"))
