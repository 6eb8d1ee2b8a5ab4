"""Draw docs/images/skin.jpg: what each named control of the skin does, people growing old, and beards.

python -m lab.runs.albedo.sheet [--out PATH] [--tile PIXELS]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.conventions import HEAD_TO_CAMERA_AXES, rotation_from_euler_deg
from facegpt.face import Face
from facegpt.morphable.makehuman import head as makehuman
from facegpt.morphable.makehuman.skin import skin_sample, skin_set, usual_greyness, usual_wrinkles
from facegpt.render.lighting import default_studio_lighting
from facegpt.render.plots import on_background
from facegpt.types import Camera, FaceParams, Hair, Pose

STEPS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
#: Control and the lightness of the skin that it is shown on, SDs.
ROWS = (
    ("skin_lightness", 0.0),
    ("skin_redness", 1.0),
    ("freckles", 1.2),
    ("wrinkles", 0.8),
    ("dark_circles", 0.8),
    ("lip_redness", 0.5),
    ("iris_lightness", 0.5),
)
AGES = (20.0, 40.0, 60.0, 80.0)
BROWN, BLACK, GINGER = (0.045, 0.028, 0.018), (0.012, 0.010, 0.009), (0.20, 0.065, 0.02)
BEARDS = ((0.0, 0.0), (0.15, 0.15), (0.3, 0.3), (0.5, 0.5), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
BROWS = ((-2.5, 0.0), (-1.0, 0.0), (1.5, 0.0), (3.0, 0.0), (0.0, -2.5), (0.0, 2.5), (1.0, 1.5))


def tile(model: makehuman.MakeHumanHead, size: int, **looks: object) -> NDArray[np.uint8]:
    """Draw one head: (size, size, 3), its face filling the picture. looks: fields of FaceParams."""
    yaw = float(looks.pop("yaw_deg", 0.0))  # type: ignore[arg-type]
    sizes = model.sizes
    params = FaceParams(
        model_id=model.model_id,
        identity=np.zeros(sizes.identity, np.float32),
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=Pose(HEAD_TO_CAMERA_AXES.copy(), np.array([0.0, 0.0, 1000.0])),
        albedo=np.zeros(sizes.albedo, np.float32),
        lighting=default_studio_lighting(),
        camera=Camera(1000.0, (255.5, 255.5), 512, 512),
    ).replace(**looks)
    params = params.replace(pose=Pose(rotation_from_euler_deg(yaw), params.pose.translation))
    whole = int(size / 0.62)
    picture = on_background(Face(model, params).render(whole))
    top, left = int(0.17 * whole), (whole - size) // 2
    return picture[top : top + size, left : left + size]


def rows_of_tiles(model: makehuman.MakeHumanHead, size: int) -> list[tuple[str, list[NDArray[np.uint8]]]]:
    """Draw every row with its name."""
    skin, rows = model.albedo, []
    for name, light in ROWS:
        wanted = [{"skin_lightness": light} | {name: step} for step in STEPS]
        rows.append((f"{name} -3 to 3 SD", [tile(model, size, albedo=skin_set(skin, look)) for look in wanted]))
    people = []
    for sex, seed, light in (("F", 11, 0.9), ("M", 5, -0.6)):
        start = skin_set(skin, {"skin_lightness": light}, skin_sample(skin, 1, seed, sex)[0])
        for age in AGES if sex == "F" else AGES[:3]:
            hair = Hair("cropped", BROWN if sex == "F" else BLACK, usual_greyness(age), 0.3 * (sex == "M"))
            albedo = skin_set(skin, {"wrinkles": usual_wrinkles(age)}, start)
            identity = model.sample(1, seed, sex, age)[0]
            people.append(tile(model, size, identity=identity, albedo=albedo, hair=hair))
    rows.append(("a woman of 20, 40, 60 and 80 years, a man of 20, 40 and 60", people))
    light = skin_set(skin, {"skin_lightness": 0.8})
    beards = [tile(model, size, albedo=light, hair=Hair("cropped", BROWN, 0.0, b, m), yaw_deg=25.0) for b, m in BEARDS]
    rows.append(("beard and moustache: none, 0.15, 0.3, 0.5, moustache, beard, both", beards))
    colours = ((GINGER, 0.0), (BLACK, 0.0), (BROWN, 0.4), (BROWN, 0.9))
    others = [
        tile(model, size, albedo=light, hair=Hair("cropped", colour, grey, 0.8, 0.8), yaw_deg=-20.0)
        for colour, grey in colours
    ]
    dark = skin_set(skin, {"skin_lightness": -1.6})
    others += [tile(model, size, albedo=dark, hair=Hair("cropped", BLACK, 0.0, b, b)) for b in (0.3, 0.6, 1.0)]
    rows.append(("hair of other colours, and on dark skin", others))
    brows = [tile(model, size, albedo=light, hair=Hair("bald", BROWN, 0.0, 0.0, 0.0, t, a)) for t, a in BROWS]
    rows.append(("brows: thickness -2.5, -1, 1.5, 3; arch -2.5, 2.5; both", brows))
    return rows


def main() -> None:
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[3] / "docs/images/skin.jpg")
    parser.add_argument("--tile", type=int, default=190)
    options = parser.parse_args()
    rows = rows_of_tiles(makehuman.load(), options.tile)
    label = 16
    sheet = Image.new("RGB", (7 * options.tile, len(rows) * (options.tile + label)), (255, 255, 255))
    pen = ImageDraw.Draw(sheet)
    for k, (name, tiles) in enumerate(rows):
        top = k * (options.tile + label)
        pen.text((4, top + 2), name, fill=(40, 40, 40))
        for column, picture in enumerate(tiles):
            sheet.paste(Image.fromarray(picture), (column * options.tile, top + label))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(options.out, quality=80, optimize=True)
    print(options.out, options.out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
