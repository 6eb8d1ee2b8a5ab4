"""The description of one picture of the studio: who, doing what, wearing what, in which light, before which camera.

A `PhotoScene` says what there is, not how it is drawn: every engine draws the same scene. All draws come from one
generator seeded by the picture's number. Frames and units: conventions.py; lengths in mm, colours linear RGB.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import numpy as np

from facegpt.types import Array
from facegpt_lab.synthesis.studio.expression import draw_expression, draw_gaze
from facegpt_lab.synthesis.studio.hair_meshes import MESH_STYLES
from facegpt_lab.synthesis.studio.records import (
    Backdrop,
    Body,
    Cloth,
    Colour,
    EyeLook,
    Framing,
    Glasses,
    HairLook,
    Hat,
    Lamp,
    Lens,
    Occluder,
    SkinLook,
)

Option = TypeVar("Option")
#: Hair colours that pictures start from: black, dark brown, brown, auburn, blond, white.
HAIR_COLOURS = (
    *((0.010, 0.008, 0.007), (0.022, 0.014, 0.009), (0.050, 0.028, 0.015), (0.085, 0.042, 0.018)),
    *((0.110, 0.035, 0.012), (0.24, 0.15, 0.07), (0.38, 0.28, 0.16), (0.34, 0.33, 0.315)),
)
HAIR_SHARES = (0.22, 0.22, 0.18, 0.09, 0.04, 0.1, 0.06, 0.09)
#: Longer side of the face's box in a usual crop, px: blurs are drawn for it.
USUAL_FACE_PX = 103.0
#: Iris colours: dark brown, brown, hazel, green, blue, grey.
IRISES = (
    *((0.020, 0.010, 0.006), (0.055, 0.025, 0.010), (0.10, 0.055, 0.020), (0.085, 0.095, 0.040)),
    *((0.075, 0.13, 0.22), (0.15, 0.18, 0.20)),
)


@dataclass(frozen=True)
class PhotoScene:
    """All that one picture shows. Arrays: identity (I,), expression (E,), joints (J, 3), ambient (9, 3)."""

    seed: int
    identity: Array
    expression: Array
    joints: Array
    yaw_deg: float
    pitch_deg: float
    framing: Framing
    skin: SkinLook
    eyes: EyeLook
    hair: HairLook
    body: Body | None
    glasses: Glasses | None
    hat: Hat | None
    occluders: tuple[Occluder, ...]
    lamps: tuple[Lamp, ...]
    ambient: Array = field(repr=False)
    backdrop: Backdrop = field(repr=False)
    lens: Lens = field(repr=False)


def draw_scene(seed: int, framing: str, size_px: int) -> PhotoScene:
    """Draw the scene of a picture's number. framing: "crop" or "photo"."""
    rng = np.random.default_rng([seed, 7])
    yaw = float(_yaw_deg(rng))
    spread = 1.0 if rng.random() < 0.85 else 1.3
    identity = (spread * rng.standard_normal(60)).astype(np.float32)
    expression = draw_expression(rng)
    gaze = draw_gaze(rng, expression)
    joints = np.zeros((4, 3), np.float32)
    joints[2:] = gaze
    if rng.random() < 0.6:
        joints[:2] = rng.normal(0, 0.06, (2, 3))
    hair = _hair(rng)
    hat = _hat(rng) if rng.random() < 0.14 else None
    lamps, ambient = _light(rng)
    sits = _framing(rng, framing)
    face_px = size_px / (1.4 * sits.margin) if framing == "crop" else size_px * sits.margin
    return PhotoScene(
        seed=seed,
        identity=identity,
        expression=expression,
        joints=joints,
        yaw_deg=yaw,
        pitch_deg=float(np.clip(rng.normal(0, 13), -38, 38)),
        framing=sits,
        skin=_skin(rng),
        eyes=_eyes(rng),
        hair=hair,
        body=_body(rng) if rng.random() < 0.93 else None,
        glasses=_glasses(rng) if rng.random() < 0.2 else None,
        hat=hat,
        occluders=tuple(_occluder(rng) for _ in range(_pick(rng, range(3), (0.78, 0.17, 0.05)))),
        lamps=lamps,
        ambient=ambient,
        backdrop=_backdrop(rng),
        lens=_lens(rng, face_px / USUAL_FACE_PX),
    )


def _yaw_deg(rng: np.random.Generator) -> float:
    if rng.random() < 0.4:
        return rng.uniform(-90, 90)
    return float(np.clip(rng.normal(0, 24), -90, 90))


def _colour(rng: np.random.Generator, brightest: float = 0.8) -> Colour:
    """Draw a colour: greys and strong colours, dark and light."""
    value = brightest * rng.random() ** 2.0 + 0.008
    tint = np.exp(_pick(rng, (0.08, 0.4, 1.0)) * rng.standard_normal(3))
    return _rgb(value * tint / tint.max())


def _rgb(values: Array) -> Colour:
    r, g, b = np.asarray(values).tolist()
    return (min(max(r, 0.0), 4.0), min(max(g, 0.0), 4.0), min(max(b, 0.0), 4.0))


def _pick(rng: np.random.Generator, options: Sequence[Option], shares: tuple[float, ...] | None = None) -> Option:
    """Draw one of some options, alike or by shares. Generator.choice draws the same, and takes ten times as long."""
    if shares is None:
        return options[int(rng.integers(len(options)))]
    return options[bisect_right(_steps(shares), rng.random())]


@cache
def _steps(shares: tuple[float, ...]) -> list[float]:
    """Where in 0..1 each option ends."""
    sums = np.cumsum(shares)
    return (sums / sums[-1]).tolist()


def _cloth(rng: np.random.Generator) -> Cloth:
    pattern = _pick(rng, ("plain", "stripes", "checks", "noise"), (0.55, 0.12, 0.08, 0.25))
    return Cloth(_colour(rng), _colour(rng), pattern, float(rng.uniform(3, 40)), float(_pick(rng, (0.0, 0.02, 0.15))))


def _framing(rng: np.random.Generator, kind: str) -> Framing:
    distance = float(np.exp(rng.uniform(np.log(300), np.log(2500))))
    off = rng.normal(0, 0.08, 2)
    if kind == "crop":
        shift = rng.normal(0, 0.03, 2)
        margin, roll = float(np.exp(rng.normal(0, 0.06))), float(rng.normal(0, 4))
    else:
        shift = rng.uniform(-0.5, 0.5, 2)
        margin = float(rng.uniform(0.25, 0.7))
        roll = float(rng.normal(0, 12)) if rng.random() < 0.8 else float(rng.uniform(-180, 180))
    return Framing(distance, (float(off[0]), float(off[1])), margin, (float(shift[0]), float(shift[1])), roll)


def _skin(rng: np.random.Generator) -> SkinLook:
    mix = 0.0 if rng.random() < 0.6 else float(rng.uniform(0.15, 0.6))
    gain = np.exp(rng.normal(0, 0.16)) * np.exp(rng.normal(0, 0.05, 3))
    under = rng.uniform(0.3, 1.3) * np.array([0.22, 0.10, 0.06])
    return SkinLook(
        first=float(rng.random()),
        second=float(rng.random()),
        mix=mix,
        gain=_rgb(gain),
        gloss=float(_pick(rng, (0.01, 0.03, 0.06, 0.12), (0.3, 0.35, 0.25, 0.1))),
        exponent=float(np.exp(rng.uniform(np.log(8), np.log(40)))),
        under=_rgb(under),
    )


def _eyes(rng: np.random.Generator) -> EyeLook:
    iris = np.array(IRISES[_pick(rng, range(6), (0.3, 0.25, 0.12, 0.09, 0.15, 0.09))]) * np.exp(rng.normal(0, 0.25))
    white = rng.uniform(0.28, 0.5) * np.array([1.0, rng.uniform(0.86, 0.97), rng.uniform(0.80, 0.95)])
    teeth = rng.uniform(0.55, 1.15) * np.array([1.0, rng.uniform(0.9, 1.0), rng.uniform(0.75, 1.0)])
    return EyeLook(_rgb(iris), _rgb(white), float(rng.uniform(0.25, 0.6)), float(rng.uniform(0.004, 0.05)), _rgb(teeth))


def _hair(rng: np.random.Generator) -> HairLook:
    base = np.array(HAIR_COLOURS[_pick(rng, range(len(HAIR_COLOURS)), HAIR_SHARES)])
    colour = _rgb(base * np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.06, 3)))
    if rng.random() < 0.02:
        colour = _colour(rng)
    kind = rng.random()
    style = "" if kind < 0.17 else "shell" if kind < 0.42 else _pick(rng, MESH_STYLES)
    wave = (
        float(rng.uniform(0.02, 0.15)),
        float(rng.uniform(0, 6)),
        float(rng.normal(0, 0.06)),
        float(rng.normal(0, 0.06)),
    )
    return HairLook(
        style,
        colour,
        stretch=float(np.exp(rng.normal(0, 0.18))),
        volume=float(np.exp(rng.normal(0, 0.2))),
        mirrored=bool(rng.random() < 0.5),
        top_mm=float(rng.uniform(32, 80)),
        side_mm=float(rng.uniform(-45, 30) if rng.random() < 0.7 else rng.uniform(-160, -40)),
        thickness_mm=float(_pick(rng, (1.5, 4, 9, 18, 30)) * rng.uniform(0.7, 1.3)),
        wave=wave,
        gloss=float(_pick(rng, (0.05, 0.2, 0.5))),
        as_brows=bool(rng.random() < 0.85),
    )


def _body(rng: np.random.Generator) -> Body:
    collar = float(_pick(rng, (0.0, 8.0, 22.0, 40.0), (0.5, 0.25, 0.15, 0.1)) * rng.uniform(0.7, 1.3))
    neckline = float(rng.uniform(0, 25) if rng.random() < 0.6 else rng.uniform(25, 120))
    return Body(_cloth(rng), float(rng.normal(0, 14)), collar, neckline, float(np.exp(rng.normal(0, 0.1))))


def _glasses(rng: np.random.Generator) -> Glasses:
    dark = float(rng.uniform(0.55, 0.98)) if rng.random() < 0.27 else float(rng.uniform(0, 0.12))
    frame = np.array(_colour(rng, 0.5)) * (0.15 if rng.random() < 0.6 else 1.0)
    return Glasses(
        half_width=float(rng.uniform(21, 30)),
        half_height=float(rng.uniform(14, 24)),
        power=float(rng.uniform(2, 5)),
        wire=float(rng.uniform(0.5, 2.2)),
        colour=_rgb(frame),
        tint=_rgb(np.array(_colour(rng, 0.25)) * 0.4),
        dark=dark,
        drop=float(rng.uniform(-2, 10)),
        rimless=bool(rng.random() < 0.12),
        mirror=float(rng.uniform(0.1, 0.6)) if rng.random() < 0.3 else 0.0,
    )


def _hat(rng: np.random.Generator) -> Hat:
    kind = _pick(rng, ("beanie", "cap", "brim", "scarf", "band", "mask"), (0.26, 0.22, 0.14, 0.14, 0.08, 0.16))
    return Hat(kind, _cloth(rng), float(rng.uniform(8, 48)), float(rng.uniform(35, 80)), float(rng.uniform(5, 14)))


def _occluder(rng: np.random.Generator) -> Occluder:
    kind = _pick(rng, ("hand", "stick", "box", "ball", "flat"), (0.42, 0.14, 0.14, 0.12, 0.18))
    sizes = {"stick": (6, 6, 120), "box": (40, 70, 5), "ball": (30, 38, 30), "flat": (40, 40, 1), "hand": (1, 1, 1)}
    size = np.array(sizes[kind]) * np.exp(rng.normal(0, 0.15 if kind == "hand" else 0.4, 3))
    if kind == "hand":
        size[:] = size[0]
    shape = tuple(float(v) for v in rng.random(16))
    lift = float(rng.uniform(4, 25) if rng.random() < 0.6 else rng.uniform(25, 90))
    return Occluder(
        *(kind, float(rng.random()), lift, float(rng.uniform(-180, 180)), float(rng.normal(0, 30))),
        *((float(size[0]), float(size[1]), float(size[2])), _cloth(rng), shape),
    )


def _light(rng: np.random.Generator) -> tuple[tuple[Lamp, ...], Array]:
    """Draw lamps and the light from around: mostly from above and from the camera's side."""
    count = int(_pick(rng, range(4), (0.2, 0.35, 0.3, 0.15)))
    lamps = []
    for k in range(count):
        direction = rng.standard_normal(3) * [1.0, 0.7, 0.8] + [0.0, -0.5, -0.7 if k == 0 else 0.0]
        direction /= np.linalg.norm(direction)
        colour = rng.uniform(0.15, 1.2) * np.exp(rng.normal(0, 0.12, 3))
        lamps.append(Lamp(_rgb3(direction), _rgb(colour), bool(k == 0 and rng.random() < 0.6)))
    ambient = np.zeros((9, 3))
    level = rng.uniform(0.12, 0.9) if count else rng.uniform(0.4, 0.9)
    tint = np.exp(rng.normal(0, 0.08, 3))
    ambient[0] = 3.5449 * level * tint
    sky = rng.normal([-0.35, -0.2, 0.0], [0.35, 0.3, 0.4])  # y, z, x: light comes from above and before
    ambient[1:4] = 1.6 * level * sky[:, None] * tint * np.exp(rng.normal(0, 0.12, (3, 3)))
    ambient[4:] = rng.normal(0, 0.18, (5, 1)) * level * np.exp(rng.normal(0, 0.15, (5, 3)))
    return tuple(lamps), ambient.astype(np.float32)


def _rgb3(vector: Array) -> tuple[float, float, float]:
    return (float(vector[0]), float(vector[1]), float(vector[2]))


def _backdrop(rng: np.random.Generator) -> Backdrop:
    kind = _pick(rng, ("photo", "noise", "plain", "shapes"), (0.45, 0.2, 0.15, 0.2))
    return Backdrop(kind, int(rng.integers(1 << 31)), float(rng.uniform(0.35, 1.1)))


def _lens(rng: np.random.Generator, unit: float) -> Lens:
    """Draw what the camera does. Blurs are those of a face of USUAL_FACE_PX, times `unit`."""
    often = rng.random(9)
    balance = np.exp(rng.normal(0, 0.05, 3))
    return Lens(
        exposure=float(np.clip(0.2 * np.exp(rng.normal(0, 0.4)), 0.03, 0.55)),
        balance=_rgb(balance / balance.mean()),
        gamma=float(np.exp(rng.normal(0, 0.12))),
        contrast=float(np.exp(rng.normal(0, 0.14))),
        saturation=float(np.clip(np.exp(rng.normal(-0.05, 0.18)), 0.5, 1.35)),
        defocus_px=float(rng.uniform(0.5, 5.0)) * unit if often[0] < 0.6 else 0.0,
        blur_px=float(rng.uniform(0.3, 1.7)) * unit if often[1] < 0.3 else 0.0,
        motion_px=float(rng.uniform(2, 7)) * unit if often[2] < 0.08 else 0.0,
        motion_deg=float(rng.uniform(0, 180)),
        noise=float(np.exp(rng.uniform(np.log(0.004), np.log(0.06)))) if often[3] < 0.6 else 0.0,
        noise_grain=float(rng.random() < 0.3),
        scale=float(rng.uniform(0.3, 0.95)) if often[4] < 0.3 else 1.0,
        jpeg=int(rng.integers(25, 95)) if often[5] < 0.45 else 0,
        grey=bool(often[6] < 0.07),
        vignette=float(rng.uniform(0.1, 0.5)) if often[7] < 0.15 else 0.0,
    )
