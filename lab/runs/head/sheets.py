"""Pictures of the default head for the docs: `python -m lab.runs.head.sheets NAME… [--out docs/images]`.

Each sheet is one function in SHEETS; a new one is a function that gives rows of tiles, and a line there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import facegpt
from facegpt.conventions import rotation_from_euler_deg
from facegpt.face import Face
from facegpt.generate.request_to_head import edit_params, imagine_params
from facegpt.language.head_request import HeadRequest
from facegpt.language.targets import ATTRIBUTES
from facegpt.morphable.makehuman.controls import CONTROLS, STEERING_ONLY
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.render import plots as pictures
from facegpt.render.plots import on_background
from facegpt.render.portrait import draw_picture
from facegpt.types import Camera, Pose

Pixels = NDArray[np.uint8]
Array = NDArray[np.float64]

DOCS = Path(__file__).parents[3] / "docs" / "images"
#: Coefficient 0 of the albedo (dark to light) of sheets that show shape.
SKIN = 0.8
LABEL_PX, QUALITY = 20, 86
#: Height of a tile at the head, the point in its middle (head frame), and the distance of the camera, mm.
TILE_MM, MIDDLE_MM, DISTANCE_MM = 272.0, np.array([0.0, 4.0, 40.0]), 1400.0


@dataclass(frozen=True)
class Tile:
    """One picture of a sheet, with words below it."""

    picture: Pixels
    label: str = ""


class Artist:
    """Draws heads of the default model."""

    def __init__(self, size: int) -> None:
        """`size`: side of a tile, pixels."""
        self.size = size
        self.start = facegpt.load().mean_face()
        model = self.start.model
        assert isinstance(model, MakeHumanHead)
        self.model = model

    def face(self, identity: Array | None = None, expression: Array | None = None, yaw_deg: float = 0.0) -> Face:
        """A head with skin of SKIN; None is the mean, or a face at rest."""
        sizes, params = self.model.sizes, self.start.params
        albedo = np.zeros(sizes.albedo, np.float32)
        albedo[0] = SKIN
        changes = {
            "identity": np.zeros(sizes.identity) if identity is None else identity,
            "expression": np.zeros(sizes.expression) if expression is None else expression,
        }
        arrays = {name: np.asarray(value, np.float32) for name, value in changes.items()}
        pose = Pose(rotation_from_euler_deg(yaw_deg), params.pose.translation)
        return Face(self.model, params.replace(albedo=albedo, pose=pose, **arrays))

    def tile(self, face: Face, label: str = "") -> Tile:
        """Draw a face alone, all at one scale: a tile is TILE_MM high and its middle is MIDDLE_MM above the ears."""
        rotation, middle = face.params.pose.rotation, (self.size - 1) / 2
        pose = Pose(rotation, np.array([0.0, 0.0, DISTANCE_MM]) - rotation @ MIDDLE_MM)
        camera = Camera(self.size / TILE_MM * DISTANCE_MM, (middle, middle), self.size, self.size)
        return Tile(on_background(draw_picture(face.mesh, pose, camera)), label)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font."""
    return ImageFont.load_default(size)


def sheet(rows: Sequence[Sequence[Tile]]) -> Image.Image:
    """Lay out rows of tiles of one size, a white strip with the label below each."""
    height, width = rows[0][0].picture.shape[:2]
    labelled = LABEL_PX if any(tile.label for row in rows for tile in row) else 0
    page = Image.new("RGB", (width * max(map(len, rows)), (height + labelled) * len(rows)), "white")
    pen = ImageDraw.Draw(page)
    for y, row in enumerate(rows):
        for x, tile in enumerate(row):
            corner = (x * width, y * (height + labelled))
            page.paste(Image.fromarray(tile.picture), corner)
            middle = (corner[0] + width // 2, corner[1] + height + labelled // 2)
            pen.text(middle, tile.label, "black", font(12), anchor="mm")
    return page


def strongest_controls(model: MakeHumanHead, count: int) -> list[str]:
    """Names of the controls that move the skin most (99th percentile over its vertices), in the vocabulary's order."""
    skin = np.unique(model.triangles[model.part == model.part_names.index("skin")])
    identities = [model.controls.identity({name: 1.0}) for name in model.controls.names]
    moved = np.tensordot(np.array(identities), model.identity_basis[:, skin], 1)
    strength = np.percentile(np.linalg.norm(moved, axis=2), 99, axis=1)
    order = [k for k in np.argsort(-strength) if not model.controls.names[k].startswith(STEERING_ONLY)]
    return [model.controls.names[k] for k in sorted(order[:count])]


def controls() -> Image.Image:
    """The 20 strongest controls, each at -2 and +2 SD on the mean head, a quarter turned."""
    artist = Artist(190)
    tiles = []
    for name in strongest_controls(artist.model, 20):
        for value in (-2.0, 2.0):
            face = artist.face(artist.model.controls.identity({name: value}), yaw_deg=25)
            tiles.append(artist.tile(face, f"{name} {value:+.0f}"))
    return sheet([tiles[k : k + 8] for k in range(0, len(tiles), 8)])


def measurement_landmarks() -> Image.Image:
    """The points and tape lines of anthropometry on the mean head, from the front and from its right."""
    artist = Artist(760)
    front, side = _marked(artist, 0.0), _marked(artist, 90.0)
    page = Image.new("RGB", (front.width + side.width + 250, front.height), "white")
    page.paste(front, (0, 0))
    page.paste(side, (front.width, 0))
    pen = ImageDraw.Draw(page)
    for k, name in enumerate(_stems(artist.model)):
        pen.text((front.width + side.width + 16, 22 + 22 * k), f"{k + 1}  {name.replace('_', ' ')}", "black", font(15))
    return page


def _stems(model: MakeHumanHead) -> list[str]:
    """Names of the landmarks without their side; points of tape lines left out."""
    bare = (name.removesuffix("_left").removesuffix("_right") for name in model.landmarks.row)
    return sorted({name for name in bare if not name.rsplit("_", 1)[-1].isdigit()})


def _marked(artist: Artist, yaw_deg: float) -> Image.Image:
    """The mean head with numbered points (see _stems) and tape lines, seen from one side."""
    model, size = artist.model, artist.size
    face = artist.face(yaw_deg=yaw_deg)
    rotation = face.params.pose.rotation
    turned = face.vertices() @ rotation.T
    pose = Pose(rotation, np.array([0.0, 0.0, 1400.0]) - (turned.min(0) + turned.max(0)) / 2)
    camera = Camera(0.94 * 1400 * size / np.ptp(turned[:, 1]), ((size - 1) / 2, (size - 1) / 2), size, size)
    image = Image.fromarray(on_background(draw_picture(face.mesh, pose, camera)))
    pen = ImageDraw.Draw(image)
    placed = pose.apply(model.landmarks.points(face.vertices()))
    pixels = camera.project(placed)
    nearest = placed[:, 2] < placed[:, 2].mean() + (25 if yaw_deg == 0 else 8)
    for chain in ("head_ring", "neck_ring", "chin_arc", "submandibular_arc"):
        rows = model.landmarks.chain(chain)
        for a, b in zip(rows, rows[1:] + rows[:1] * chain.endswith("ring"), strict=False):
            if nearest[a] and nearest[b]:
                pen.line([tuple(pixels[a]), tuple(pixels[b])], (40, 110, 220), 2)
    for number, stem in enumerate(_stems(model), 1):
        for name in (stem, f"{stem}_right", f"{stem}_left"):
            row = model.landmarks.row.get(name)
            if row is not None and nearest[row]:
                _dot(pen, pixels[row], str(number), outward=name.endswith("_left") and yaw_deg == 0)
    return image


def _dot(pen: ImageDraw.ImageDraw, at: Array, number: str, outward: bool) -> None:
    x, y = float(at[0]), float(at[1])
    pen.ellipse([x - 3, y - 3, x + 3, y + 3], (220, 30, 30), "white")
    side = 1 if outward else -1
    for shift, colour in (((1, 1), "white"), ((0, 0), (150, 0, 0))):
        pen.text(
            (x + side * 6 + shift[0], y - 6 + shift[1]), number, colour, font(14), anchor="lm" if outward else "rm"
        )


# People: complete heads, as `imagine` makes them from words that name a sex or an age and nothing else.

#: Ages of the sheet of ages, and the seeds of its two women and two men.
AGES, FAMILY = (8, 14, 20, 30, 40, 52, 65, 75, 85), ((0.0, 3), (0.0, 11), (1.0, 5), (1.0, 17))
#: Steps of the sheet of attributes, SDs of adults; the person that is changed: (sex, seed).
STEPS, CHANGED = (-3, -2, -1, 0, 1, 2, 3), (1.0, 11)


def head_request(man: float = 0.5, years: float | None = None, change: tuple[str, float] | None = None) -> HeadRequest:
    """Say what is wanted: a sex and an age of a new head, or one attribute changed by some SDs."""
    mean = np.zeros(len(ATTRIBUTES))
    if change is not None:
        mean[ATTRIBUTES.index(change[0])] = change[1]
    spread = np.ones(len(ATTRIBUTES)) if change is None else np.zeros(len(ATTRIBUTES))
    return HeadRequest(mean, spread, man, None if years is None else (years, years), is_edit=change is not None)


def _shown(face: Face, size: int, label: str = "", yaw_deg: float = 0.0) -> Tile:
    """Draw all of a head, hair included, turned by yaw."""
    rotation = rotation_from_euler_deg(yaw_deg)
    drawn = pictures.draw_alone(face.mesh, rotation, size, face.proxies)
    return Tile(on_background(drawn), label)


def people(man: float) -> Image.Image:
    """Two dozen people of one sex as they come (women: seeds 0 to 23, men: 24 to 47), all else left to the prior."""
    model, tiles = Artist(0).model, []
    first = 24 if man > 0.5 else 0
    for seed in range(first, first + 24):
        face = Face(model, imagine_params(model, head_request(man), seed))
        tiles.append(_shown(face, 208, yaw_deg=(-20.0, 0.0, 20.0)[seed % 3]))
    return sheet([tiles[k : k + 8] for k in range(0, 24, 8)])


def ages() -> Image.Image:
    """Four people, each drawn for ages from 8 to 85 with the same seed."""
    model, rows = Artist(0).model, []
    for man, seed in FAMILY:
        faces = [(years, Face(model, imagine_params(model, head_request(man, years), seed))) for years in AGES]
        rows.append([_shown(face, 192, f"{years} years") for years, face in faces])
    return sheet(rows)


def attributes() -> Image.Image:
    """One person, one attribute of the whole changed at a time, by -3 to +3 SD of adults."""
    model, rows = Artist(0).model, []
    start = imagine_params(model, head_request(CHANGED[0], 38), CHANGED[1])
    for name in ("masculinity", "age", "heaviness", "skin_lightness"):
        changed = [edit_params(model, start, head_request(change=(name, step))) if step else start for step in STEPS]
        faces = [(step, Face(model, params)) for step, params in zip(STEPS, changed, strict=True)]
        rows.append([_shown(face, 192, f"{name} {step:+d}" if step else name) for step, face in faces])
    return sheet(rows)


#: Sheet → (how it is made, largest size of the file in bytes).
SHEETS: dict[str, tuple[Callable[[], Image.Image], int]] = {
    "controls": (controls, 400_000),
    "measurement_landmarks": (measurement_landmarks, 150_000),
    "women": (partial(people, 0.0), 150_000),
    "men": (partial(people, 1.0), 120_000),
    "ages": (ages, 350_000),
    "attributes": (attributes, 350_000),
}


def vocabulary() -> str:
    """The table of named controls, Markdown."""
    rows = [f"| `{name}` | {sentence} | {source} |" for name, (source, sentence) in CONTROLS.items()]
    title = ["# Named controls of the default head", "", "Written by `lab/runs/head/sheets.py --vocabulary`."]
    title.append("One unit is one SD of adults; `macro_` controls are set from words only and never read from a photo.")
    return "\n".join([*title, "", "| name | a positive value | from |", "|---|---|---|", *rows, ""])


def save(image: Image.Image, path: Path, most_bytes: int) -> None:
    """Write a JPEG, of lower quality where the file would be too large."""
    for quality in range(QUALITY, 40, -4):
        image.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= most_bytes:
            break
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB, quality {quality}")


def main() -> None:
    """Draw the sheets that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *SHEETS], help="sheets (default: all)")
    parser.add_argument("--out", type=Path, default=DOCS, help="folder of the pictures (default: docs/images)")
    parser.add_argument("--vocabulary", action="store_true", help="write docs/head-controls.md instead")
    args = parser.parse_args()
    if args.vocabulary:
        (DOCS.parent / "head-controls.md").write_text(vocabulary(), encoding="utf-8")
        return
    for name in args.names or SHEETS:
        draw, most_bytes = SHEETS[name]
        save(draw(), args.out / f"{name}.jpg", most_bytes)


if __name__ == "__main__":
    main()
