"""Readings of faces whose person is known: `python -m lab.runs.compare.readings photos|studio|clips FILE [PART OF]`.

photos: every photo and portrait of the optional data as it is, and VIEWS of each made worse by one of `worse`.
studio: PHOTOS pictures of each of PEOPLE of this project's studio, who keep shape, skin, eyes and hair while light,
pose, expression, lens, glasses and what covers them differ.
clips: frames of the optional data's clips; for evaluation only, never for fitting.
Each row has the person, the kind of picture, the descriptor and the conditions under which it was read
(facegpt.analyze.conditions). Needs FACEGPT_DATA.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from facegpt.analyze.conditions import conditions_of
from facegpt.api import FaceGPT, load
from facegpt.assets import FOLDER
from facegpt.data.images import photo_of
from facegpt.reconstruct.photo import faces_seen
from facegpt_lab.evaluate.protocols.person import same_person
from facegpt_lab.evaluate.registry import optional_data
from facegpt_lab.synthesis.studio.sample import StudioSettings, photograph
from facegpt_lab.synthesis.studio.scene import draw_scene

VIEWS, PEOPLE, PHOTOS, FIRST_SEED, SIDE_PX = 3, 60, 3, 810_000_000, 320
#: Frames of each long clip, and of each clip of a sentence.
LONG_FRAMES, SHORT_FRAMES = 8, 2
#: Width, px, to which a picture of a face that fills two thirds of it is shrunk.
SMALL_PX = (30.0, 200.0)

Picture = NDArray[np.uint8]


def small(image: Picture, rng: np.random.Generator) -> Picture:
    """Shrunk, the face to 20 to 130 px."""
    side = int(np.exp(rng.uniform(*np.log(SMALL_PX))))
    return np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS))


def blurred(image: Picture, rng: np.random.Generator) -> Picture:
    """Out of focus."""
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(rng.uniform(2, 9))))


def compressed(image: Picture, rng: np.random.Generator) -> Picture:
    """Half as large, as a bad JPEG."""
    data = io.BytesIO()
    half = Image.fromarray(image).resize((image.shape[1] // 2, image.shape[0] // 2), Image.Resampling.LANCZOS)
    half.save(data, "JPEG", quality=int(rng.integers(5, 25)))
    return np.asarray(Image.open(data))


def grey(image: Picture, rng: np.random.Generator) -> Picture:
    """Without colour, with another contrast."""
    level = image.mean(-1, keepdims=True) / 255
    return np.repeat((255 * level ** rng.uniform(0.6, 1.6)).astype(np.uint8), 3, -1)


def relit(image: Picture, rng: np.random.Generator) -> Picture:
    """Darker or brighter, of another white, one side darker than the other."""
    light = (image / 255.0) ** rng.uniform(0.5, 2.0) * rng.uniform(0.75, 1.25, 3)
    side = np.linspace(*rng.uniform(0.4, 1.3, 2), image.shape[1])[None, :, None]
    return (255 * np.clip(light * side, 0, 1)).astype(np.uint8)


def mirrored(image: Picture, rng: np.random.Generator) -> Picture:
    """As in a mirror, a little turned."""
    turned = Image.fromarray(np.ascontiguousarray(image[:, ::-1])).rotate(
        rng.uniform(-15, 15), Image.Resampling.BICUBIC
    )
    return np.asarray(turned)


def noisy(image: Picture, rng: np.random.Generator) -> Picture:
    """With the grain of a high ISO."""
    return np.clip(image + rng.normal(0, rng.uniform(10, 40), image.shape), 0, 255).astype(np.uint8)


def covered(image: Picture, rng: np.random.Generator) -> Picture:
    """With a bar before the eyes or the mouth."""
    out, height = image.copy(), image.shape[0]
    top = rng.choice([0.36, 0.62]) * height
    out[int(top) : int(top + rng.uniform(0.06, 0.14) * height)] = rng.integers(0, 256, 3)
    return out


WORSE: tuple[Callable[[Picture, np.random.Generator], Picture], ...] = (
    *(small, small, blurred, compressed, grey, relit, mirrored, noisy, covered),
)


def photos() -> Iterator[tuple[str, str, str, Picture]]:
    """Split, person, kind and picture of the photos and portraits."""
    with (FOLDER / "photo_split.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        rng = np.random.default_rng([number, 7])
        image = photo_of(optional_data() / row["name"]).pixels
        of = row["split"], f"photo {row['person']}"
        yield *of, "plain", image
        for worse in rng.choice(np.array(WORSE, object), VIEWS, replace=False):
            yield *of, worse.__name__, worse(image, rng)


def studio() -> Iterator[tuple[str, str, str, Picture]]:
    """The same of the studio's people; every fifth measures only."""
    settings = StudioSettings("photo", SIDE_PX)
    for person in range(PEOPLE):
        seed = FIRST_SEED + 100 * person
        known = draw_scene(seed, "photo", SIDE_PX)
        for number in range(seed, seed + PHOTOS):
            photo = photograph(same_person(draw_scene(number, "photo", SIDE_PX), known), settings)
            yield "validation" if person % 5 == 0 else "training", f"studio {person}", "studio", photo.image


def clips() -> Iterator[tuple[str, str, str, Picture]]:
    """Frames of the clips. Whoever speaks in a clip of `clips_grid` is named by the part before the second "_"."""
    import av

    for file in sorted((optional_data() / "clips").glob("*.mp4")):
        yield from _frames(av, file, f"clip {file.stem}", LONG_FRAMES)
    grid = optional_data() / "clips_grid"
    for file in [*sorted(grid.glob("s1_*.mpg"))[::12], *sorted(grid.glob("other_*.mpg"))]:
        yield from _frames(av, file, "clip s1" if file.stem.startswith("s1_") else f"clip {file.stem}", SHORT_FRAMES)


def _frames(av: Any, file: Path, person: str, count: int) -> Iterator[tuple[str, str, str, Picture]]:
    with av.open(str(file)) as clip:
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(video=0)]
    for k in np.linspace(0, len(frames) - 1, count).astype(int):
        yield "clips", person, "clip", frames[k]


def read(model: FaceGPT, image: Picture) -> dict[str, Any] | None:
    """Descriptor and conditions of the largest face; None without a face."""
    for seen in faces_seen(model, photo_of(image)):
        if seen.dense is not None and seen.dense.belief is not None:
            return {"descriptor": seen.dense.belief.descriptor, "conditions": conditions_of(seen)}
    return None


def main(kind: str, file: str, part: int = 0, of: int = 1) -> None:
    """Write what is read of all pictures of a kind, or of every `of`-th."""
    model, rows, lost = load(), [], 0
    for number, (split, person, view, image) in enumerate({"photos": photos, "studio": studio, "clips": clips}[kind]()):
        if number % of != part:
            continue
        found = read(model, image)
        lost += found is None
        if found is not None:
            rows.append({"split": split, "person": person, "view": view, "number": number} | found)
    np.savez(file, **{name: np.array([row[name] for row in rows]) for name in rows[0]})
    print(f"{len(rows)} faces, {lost} pictures without one")


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(int, sys.argv[3:5]))
