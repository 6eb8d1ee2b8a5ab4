"""Draw every hair style, from the front, half-way and the side: `python runs/hair/sheet.py OUT.jpg`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from facegpt import pictures
from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.morphable import makehuman
from facegpt.morphable.hair import HAIR_STYLES
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Camera, FaceParams, Hair, Pose

#: Linear RGB: black, dark brown, brown, auburn, dark blond, blond.
COLOURS = ((0.012, 0.010, 0.009), (0.045, 0.028, 0.018), (0.08, 0.05, 0.03), (0.14, 0.045, 0.018), (0.17, 0.105, 0.055))
COLOURS += ((0.33, 0.22, 0.11),)
#: Styles, their wearers' sex, and whether with beard.
ROWS = (
    *(("bald", "M", 0.6), ("cropped", "M", 0.3), ("short", "M", 0.0), ("short_tousled", "M", 0.25)),
    *(("short_parted", "M", 0.0), ("short_swept", "M", 0.8), ("bob", "F", 0.0), ("bob_layered", "F", 0.0)),
    *(("long", "F", 0.0), ("ponytail", "F", 0.0), ("braid", "F", 0.0), ("curly", "F", 0.0)),
)
YAWS_DEG = (0.0, 38.0, -85.0)
TILE_PX, COLUMNS = 210, 2


def person(head: makehuman.MakeHumanHead, number: int, row: tuple[str, str, float], yaw_deg: float) -> Face:
    """Make the wearer of a style: a random identity, skin and hair colour, the same from every side."""
    style, sex, beard = row
    rng = np.random.default_rng(100 + number)
    albedo = rng.normal(size=head.sizes.albedo).astype(np.float32) * 0.6
    albedo[0] = rng.normal() * 0.9
    grey = 0.45 if number == 5 else 0.0
    hair = Hair(style, COLOURS[number % len(COLOURS)], grey, beard=beard, moustache=0.8 * beard)
    params = FaceParams(
        model_id=head.model_id,
        identity=head.sample(1, seed=200 + number, sex=sex)[0] * 0.9,
        expression=np.zeros(head.sizes.expression, np.float32),
        joints=np.zeros((head.sizes.joints, 3), np.float32),
        pose=Pose(rotation_from_euler_deg(yaw_deg), np.array([0.0, 0.0, 900.0])),
        albedo=albedo,
        lighting=default_studio_lighting(),
        camera=Camera(900.0, (255.5, 255.5), 512, 512),
        hair=hair,
    )
    return Face(head, params)


def main() -> None:
    """Draw the sheet and write it as JPEG."""
    head = makehuman.load()
    missing = set(HAIR_STYLES) - {row[0] for row in ROWS}
    if missing:
        raise SystemExit(f"ROWS lacks {sorted(missing)}")
    rows = []
    for number, row in enumerate(ROWS):
        tiles = [pictures.on_background(person(head, number, row, yaw).render(TILE_PX)) for yaw in YAWS_DEG]
        rows.append(np.concatenate(tiles, 1))
    each = len(rows) // COLUMNS
    sheet = np.concatenate([np.concatenate(rows[i * each : (i + 1) * each], 0) for i in range(COLUMNS)], 1)
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(target, quality=88)
    print(f"{target}: {sheet.shape[1]} × {sheet.shape[0]}, {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
