"""Make hair_gallery.npz: pictures of every named style as features, for `facegpt eval hair`.

python -m lab.runs.hair.gallery             # about five minutes on one core
python -m lab.runs.hair.gallery sheet.png   # the pictures too
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from PIL import Image

from facegpt.face import Face
from facegpt.generate.request_to_head import studio_params
from facegpt.hair.presets import PRESETS
from facegpt.morphable.makehuman.head import load
from facegpt.types import Hair
from facegpt_lab.assets import FOLDER, register
from facegpt_lab.evaluate.hair.picture_judge import GALLERY, colours_seen, features, length_seen, views_of


def main() -> None:
    """Draw every style on the mean head, write and register the asset."""
    model = load()
    expression = np.zeros(model.sizes.expression, np.float32)
    rows, families, tiles = [], [], []
    for name, preset in PRESETS.items():
        if preset.family in ("bald", "shaved"):
            continue
        hair = Hair(style=name, colour=(0.12, 0.075, 0.045), groom=replace(preset.groom, seed=7))
        params = studio_params(model, np.zeros(model.sizes.identity), expression, np.zeros(model.sizes.albedo), hair)
        views = views_of(Face(model, params))
        rows.append(features(views))
        families.append(preset.family)
        print(f"{name:20} {preset.family:18} seen {length_seen(views):9} {colours_seen(views)[:2]}", flush=True)
        tiles.append(np.hstack(list((views.worn[..., :3] * 255).astype(np.uint8))))
    if len(sys.argv) > 1:
        tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 4)
        Image.fromarray(np.vstack([np.hstack(tiles[k : k + 4]) for k in range(0, len(tiles), 4)])).save(sys.argv[1])
    packed = np.round(np.clip(np.array(rows) * 200, 0, 65535)).astype(np.uint16)
    np.savez_compressed(
        FOLDER / GALLERY, features=packed, families=np.frombuffer(" ".join(families).encode(), np.uint8)
    )
    print(GALLERY, register(GALLERY), (FOLDER / GALLERY).stat().st_size, "bytes")


if __name__ == "__main__":
    main()
