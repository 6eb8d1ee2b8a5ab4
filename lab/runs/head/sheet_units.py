"""Draw the 52 units and the usual combinations of the default head: `python -m lab.runs.head.sheet_units [--out DIR]`.

Writes units.jpg (each pair of left and right units together, weight 1) and combinations.jpg (close-ups) for the docs.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import facegpt
from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, Pose
from facegpt_lab.evaluate.judges.expression_samples import NEEDS, expression, stems

#: What a close-up shows: its middle (head frame, mm) and its width in mm.
WHOLE, MOUTH, EYE = ((0.0, -16.0, 40.0), 190.0), ((0.0, -46.0, 70.0), 90.0), ((33.0, 20.0, 60.0), 52.0)
DISTANCE_MM, BACKDROP = 700.0, (92, 97, 107)
MOUTHS = (
    {"jawOpen": 1.0},
    {"jawOpen": 0.3},
    {"mouthSmile": 1.0, "jawOpen": 0.4},
    {"mouthSmile": 1.0, "jawOpen": 1.0},
    {"mouthPucker": 1.0, "jawOpen": 0.5},
    {"mouthUpperUp": 1.0, "jawOpen": 0.5},
    {"mouthFunnel": 1.0, "jawOpen": 0.5},
    {"jawOpen": 1.0, "mouthClose": 1.0},
    {"jawOpen": 0.5, "mouthClose": 0.5},
    {"tongueOut": 1.0, "jawOpen": 0.5},
    {"mouthRollUpper": 1.0, "mouthRollLower": 1.0},
    {"mouthSmile": 0.6, "mouthUpperUp": 1.0},
)
EYES = (
    {},
    {"eyeBlink": 1.0},
    {"eyeBlink": 0.5},
    {"eyeBlink": 1.0, "eyeSquint": 1.0},
    {"eyeBlink": 1.0, "eyeWide": 1.0},
    {"eyeBlink": 1.0, "eyeLookDown": 1.0},
)


def draw(face: Face, weights: dict[str, float], view: tuple, size: int) -> Image.Image:
    """Draw one expression: its name is written into the picture."""
    made = replace(face, params=face.params.replace(expression=expression(weights)))
    made.__dict__["texture"] = face.texture  # the same for every expression: painted once
    middle, width_mm = view
    rotation = rotation_from_euler_deg(0.0)
    pose = Pose(rotation, np.array([0.0, 0.0, DISTANCE_MM]) - rotation @ np.array(middle))
    camera = Camera(size * DISTANCE_MM / width_mm, ((size - 1) / 2,) * 2, size, size)
    picture = Image.new("RGBA", (size, size), (*BACKDROP, 255))
    picture.alpha_composite(Image.fromarray(draw_picture(made.mesh, pose, camera)))
    title = ", ".join(name if weight == 1 else f"{name} {weight:g}" for name, weight in weights.items())
    ImageDraw.Draw(picture).text((4, 3), title or "at rest", fill=(255, 255, 255, 255))
    return picture.convert("RGB")


def sheet(pictures: list[Image.Image], columns: int) -> Image.Image:
    """Lay pictures of one size out in rows."""
    size = pictures[0].width
    whole = Image.new("RGB", (columns * size, -(-len(pictures) // columns) * size), BACKDROP)
    for k, picture in enumerate(pictures):
        whole.paste(picture, (k % columns * size, k // columns * size))
    return whole


def main() -> None:
    """Draw both sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[3] / "docs" / "images")
    folder = parser.parse_args().out
    face = facegpt.load().mean_face()
    alone = [{**NEEDS.get(name, {}), name: 1.0} for name in stems()]
    sheet([draw(face, weights, WHOLE, 210) for weights in alone], 7).save(folder / "units.jpg", quality=85)
    close = [draw(face, weights, MOUTH, 230) for weights in MOUTHS] + [draw(face, w, EYE, 230) for w in EYES]
    sheet(close, 6).save(folder / "combinations.jpg", quality=85)


if __name__ == "__main__":
    main()
