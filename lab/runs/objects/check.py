"""Hint at what CC0 photos show, for judging by eye: a table of every hint, and a contact sheet.

    FACEGPT_DATA=… python -m lab.runs.objects.check --out FOLDER [--half chosen|held_back]

Writes hints.csv (photo, kind, word, share) and hints.png (every photo with a hint, the hints above it).
"""

from __future__ import annotations

import argparse
import csv
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from facegpt.describe.scene import scene_of
from facegpt.encode.objects import Thing, things_around
from facegpt.encode.parts import parts

TILE_PX, LINE_PX, COLUMNS = 200, 14, 8


def photos(data: Path, half: str) -> list[tuple[Path, np.ndarray]]:
    """Photos with their (478, 3) points: those that chose the shares, or portraits that had no say."""
    found = []
    for folder in ("photos", "portraits"):
        known = np.load(data / folder / "landmarks.npz")
        for k, name in enumerate(known["names"]):
            chosen = folder == "photos" or k % 3 == 0
            if chosen == (half == "chosen"):
                found.append((data / folder / str(name), known["mediapipe_xyz"][k].astype(float)))
    return found


def hints_of(path: Path, points: np.ndarray) -> tuple[Thing, ...]:
    """What is hinted at in one photo."""
    photo = np.asarray(Image.open(path).convert("RGB"))
    box = np.concatenate([points[:, :2].min(0), points[:, :2].max(0)])
    scene = scene_of(photo, parts(photo, points), box, (photo.shape[1], photo.shape[0]), [])
    things = things_around(photo, points, bool(scene.headwear))
    if things is None:
        raise SystemExit("run `facegpt models pull objects` first")
    return things


def sheet(rows: list[tuple[Path, tuple[Thing, ...]]]) -> Image.Image:
    """Contact sheet: a tile a photo, its hints above it."""
    high = TILE_PX + 4 * LINE_PX
    picture = Image.new("RGB", (COLUMNS * TILE_PX, -(-len(rows) // COLUMNS) * high), "white")
    draw = ImageDraw.Draw(picture)
    for k, (path, things) in enumerate(rows):
        x, y = k % COLUMNS * TILE_PX, k // COLUMNS * high
        lines = [path.stem, *(f"{thing.word} {thing.share:.2f}" for thing in things[:3])]
        draw.text((x + 2, y), "\n".join(lines), fill="black")
        picture.paste(Image.open(path).convert("RGB").resize((TILE_PX, TILE_PX)), (x, y + 4 * LINE_PX))
    return picture


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--half", choices=("chosen", "held_back"), default="held_back")
    options = parser.parse_args()
    listed = photos(Path(os.environ["FACEGPT_DATA"]), options.half)
    rows = [(path, things) for path, points in listed if (things := hints_of(path, points))]
    options.out.mkdir(parents=True, exist_ok=True)
    with (options.out / "hints.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("photo", "kind", "word", "share"))
        table.writerows((p.stem, t.kind, t.word, f"{t.share:.3f}") for p, things in rows for t in things)
    sheet(rows).save(options.out / "hints.png")
    print(f"{sum(len(things) for _, things in rows)} hints on {len(rows)} of {len(listed)} photos")


if __name__ == "__main__":
    main()
