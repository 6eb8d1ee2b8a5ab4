"""Pictures of known irises, as the regression sees them: `python -m lab.runs.iris.examples FILE [FIRST COUNT]`.

Faces of the studio without things before the eyes, 200 to 480 px, seldom blurred. Who has which iris goes with skin
and brows, as in people: nearly all irises are brown where skin or hair is dark, and of any colour where both are light;
light ones are drawn more often than people have them, so that they are learnt as well. The
head is where the truth has it, moved by about what a fit is off: place, lids and gaze.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from facegpt.appearance.iris import iris_features
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.texture import tone_light
from facegpt.conventions import ARKIT_NAMES
from facegpt.runtime.progress import Progress
from facegpt.types import Array, FaceParams
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.synthesis.studio.sample import StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import IRISES, PhotoScene, draw_scene
from facegpt_lab.synthesis.studio.skins import DARK_SKIN, SkinPool, matched, skin_pool

FIRST_SEED, COUNT = 640_000_000, 1800
SIDES = (200, 320, 480)
#: Mean over the visible ring of what fibres and limbus leave of `EyeLook.iris` (synthesis/studio/shade.py).
RING = 0.75
#: One in so many of the darkest skins is drawn: their irises are all brown.
DARK_SELDOM = 4
#: An iris is no brown one from this ratio of its blue to its red.
LIGHT_BLUE = 0.45
#: SD of what a fit is off: mm across the view, radians of gaze, weights of the lids.
OFF_MM, OFF_GAZE, OFF_LIDS = 0.5, 0.05, 0.06
#: Shares of light irises (hazel, green, blue, grey) among all by log odds: at middle skin and dark brown hair, and per
#: SD of the skin's lightness and log unit of the hair's. About four in five people have brown ones.
ODDS = (-2.0, 1.3, 0.8)
#: By how much log odds light irises are drawn more often than people have them.
OFTEN = 1.7
#: Linear RGB and shares of irises: dark brown, brown, light brown; and hazel, amber, green, blue-green, blue, grey.
BROWN, BROWN_SHARES = (*IRISES[:2], (0.085, 0.042, 0.016)), (0.45, 0.4, 0.15)
LIGHT = (IRISES[2], (0.15, 0.075, 0.022), IRISES[3], (0.080, 0.125, 0.130), *IRISES[4:])
LIGHT_SHARES = (0.2, 0.1, 0.17, 0.15, 0.23, 0.15)
#: From this picture on all of them are drawn; before, two browns, and hazel, green, blue and grey.
WIDE_FROM = 5000
FEW_BROWN, FEW_LIGHT = (IRISES[:2], (0.6, 0.4)), (IRISES[2:], (0.2, 0.2, 0.35, 0.25))


def drawn(seed: int, pool: SkinPool) -> tuple[PhotoScene, int]:
    """A scene whose eyes are seen, and the side of its picture."""
    rng = np.random.default_rng([seed, 41])
    side = int(rng.choice(SIDES))
    scene = draw_scene(seed, "crop", side)
    skin = pool.index(scene.skin.first)
    hair = np.log(max(float(np.nan_to_num(pool.hair[skin], nan=0.02).mean()), 1e-3) / 0.02)
    odds = ODDS[0] + ODDS[1] * float(pool.albedo[skin, 0]) + ODDS[2] * hair
    light = rng.random() < 1 / (1 + np.exp(-odds - OFTEN))
    if seed < FIRST_SEED + WIDE_FROM:
        colours, shares = FEW_LIGHT if light else FEW_BROWN
    else:
        colours, shares = (LIGHT, LIGHT_SHARES) if light else (BROWN, BROWN_SHARES)
    iris = np.array(colours[rng.choice(len(colours), p=shares)]) * np.exp(rng.normal(0, 0.2) + rng.normal(0, 0.05, 3))
    eyes = replace(scene.eyes, iris=(float(iris[0]), float(iris[1]), float(iris[2])))
    yaw = float(np.clip(scene.yaw_deg, -50, 50))
    lens = replace(scene.lens, grey=False, blur_px=0.0, motion_px=0.0, noise=min(scene.lens.noise, 0.02))
    if rng.random() < 0.7:
        lens = replace(lens, defocus_px=0.0, scale=1.0)
    scene = replace(scene, eyes=eyes, yaw_deg=yaw, glasses=None, hat=None, occluders=(), lens=lens)
    return matched(scene, pool), side


def moved(params: FaceParams, rng: np.random.Generator) -> FaceParams:
    """Parameters off by what fits are off."""
    joints, expression = np.array(params.joints), np.array(params.expression)
    joints[2:] += rng.normal(0, OFF_GAZE, joints[2:].shape)
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        k = ARKIT_NAMES.index(name)
        expression[k] = np.clip(expression[k] + rng.normal(0, OFF_LIDS), 0, 1)
    shift = np.append(rng.normal(0, OFF_MM, 2), 0.0)
    pose = replace(params.pose, translation=params.pose.translation + shift)
    return params.replace(joints=joints, expression=expression, pose=pose)


def example(seed: int) -> tuple[Array, Array, bool] | None:
    """Features (F,), the true colour (3,), log of linear RGB, and whether it is light; None where no iris is seen."""
    pool = skin_pool()
    scene, side = drawn(seed, pool)
    if pool.brightness[pool.index(scene.skin.first)] < DARK_SKIN and seed % DARK_SELDOM:
        return None
    photo = photograph(scene, StudioSettings("crop", side))
    params = moved(photo.params, np.random.default_rng([seed, 43]))
    light = tone_light(photo.image, head(), params)
    features = iris_features(photo.image, pose_head(head(), params), head(), light)
    iris = np.array(scene.eyes.iris)
    return None if features is None else (features, np.log(iris * RING), bool(iris[2] > LIGHT_BLUE * iris[0]))


def main() -> None:
    """Make the examples and write them."""
    first, count = (int(a) for a in sys.argv[2:4]) if len(sys.argv) > 3 else (0, COUNT)
    found = []
    with Progress("pictures", count) as show:
        for k in range(count):
            if (one := example(FIRST_SEED + first + k)) is not None:
                found.append(one)
            show(k + 1)
            if k % 50 == 49 or k == count - 1:
                features, colour, light = (np.stack(column) for column in zip(*found, strict=True))
                np.savez(Path(sys.argv[1]), features=features, colour=colour, light=light)


if __name__ == "__main__":
    main()
