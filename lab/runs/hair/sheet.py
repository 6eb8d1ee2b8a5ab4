"""Draw every hair style, from the front, half-way and the side: `python -m lab.runs.hair.sheet OUT.jpg`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman import head as makehuman
from facegpt.render import plots as pictures
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, FaceParams, Hair, Pose

#: Linear RGB by name.
COLOURS = {
    **{"black": (0.012, 0.010, 0.009), "dark": (0.040, 0.025, 0.016), "brown": (0.08, 0.05, 0.03)},
    **{"auburn": (0.14, 0.045, 0.018), "sandy": (0.17, 0.105, 0.055), "blond": (0.30, 0.20, 0.10)},
}


@dataclass(frozen=True)
class Wearer:
    """Who wears a style: sex, hair, and the lightness of the skin (SDs of the albedo model's first coefficient)."""

    style: str
    sex: str
    colour: str
    lightness: float
    grey: float = 0.0


def wearer_of(number: int, style: str) -> Wearer:
    """Somebody who may well wear a style."""
    family = PRESETS[style].family
    woman = family in ("bob", "medium", "long_straight", "long_wavy_curly", "gathered") or style.startswith("pixie")
    if family == "coily_afro_locs" or style.startswith("afro"):
        return Wearer(style, "FM"[number % 2], "black", -1.4 + 0.3 * (number % 3))
    grey = 0.75 if number % 9 == 4 else 0.0
    return Wearer(style, "F" if woman else "M", list(COLOURS)[number % 6], (1.5, 0.4, 1.0, -0.3)[number % 4], grey)


YAWS_DEG = (0.0, -60.0, 150.0)
TILE_PX, COLUMNS, MOST_BYTES = 88, 5, 280_000
#: Distance of the camera, mm, and the share of a tile that a head with its hair fills.
DISTANCE_MM, FILLED = 1100.0, 0.9


def person(head: makehuman.MakeHumanHead, number: int, wearer: Wearer, yaw_deg: float) -> Face:
    """Make the wearer of a style: a random face and skin, the same from every side."""
    rng = np.random.default_rng(100 + number)
    albedo = rng.normal(size=head.sizes.albedo).astype(np.float32) * 0.4
    albedo[0] = wearer.lightness
    hair = Hair(wearer.style, COLOURS[wearer.colour], wearer.grey)
    params = FaceParams(
        model_id=head.model_id,
        identity=head.sample(1, seed=200 + number, sex=wearer.sex)[0] * 0.9,
        expression=np.zeros(head.sizes.expression, np.float32),
        joints=np.zeros((head.sizes.joints, 3), np.float32),
        pose=Pose(rotation_from_euler_deg(yaw_deg), np.array([0.0, 0.0, 900.0])),
        albedo=albedo,
        lighting=default_studio_lighting(),
        camera=Camera(900.0, (255.5, 255.5), 512, 512),
        hair=hair,
    )
    return Face(head, params)


def whole(face: Face) -> NDArray[np.uint8]:
    """Draw a head with all of its hair, however far it hangs: (TILE_PX, TILE_PX, 3)."""
    worn, rotation = face.proxies, np.asarray(face.params.pose.rotation)
    turned = np.concatenate([face.mesh.vertices, *(each.mesh.vertices for each in worn)]) @ rotation.T
    low, high = turned.min(0), turned.max(0)
    pose = Pose(rotation, np.array([0.0, 0.0, DISTANCE_MM]) - (low + high) / 2)
    focal_px = FILLED * TILE_PX * (DISTANCE_MM - (high - low)[2] / 2) / (high - low)[:2].max()
    middle = (TILE_PX - 1) / 2
    camera = Camera(float(focal_px), (middle, middle), TILE_PX, TILE_PX)
    return pictures.on_background(draw_picture(face.mesh, pose, camera, worn=worn))


def save(sheet: NDArray[np.uint8], target: Path) -> None:
    """Write a JPEG, of lower quality where the file would be too large."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for quality in range(72, 40, -4):
        Image.fromarray(sheet).save(target, quality=quality, optimize=True)
        if target.stat().st_size <= MOST_BYTES:
            break


def main() -> None:
    """Draw the sheet and write it as JPEG."""
    head = makehuman.load()
    rows = []
    for number, style in enumerate(PRESETS):
        wearer = wearer_of(number, style)
        tiles = [whole(person(head, number, wearer, yaw)) for yaw in YAWS_DEG]
        rows.append(np.concatenate(tiles, 1))
    rows += [np.full_like(rows[0], 225)] * (-len(rows) % COLUMNS)
    each = len(rows) // COLUMNS
    sheet = np.concatenate([np.concatenate(rows[i * each : (i + 1) * each], 0) for i in range(COLUMNS)], 1)
    target = Path(sys.argv[1])
    save(sheet, target)
    print(f"{target}: {sheet.shape[1]} × {sheet.shape[0]}, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
