"""Features of hair that `learn_traits` learns from: of labelled photos, and of drawn heads as cameras spoil them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from facegpt.api import FaceGPT, load
from facegpt.data.images import read_image
from facegpt.hair.from_photo.seen import hair_seen
from facegpt.hair.from_photo.strands import strand_features, strands_of
from facegpt.hair.from_photo.traits import FEATURES, outline_features
from facegpt.reconstruct.photo import faces_seen
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.types import Array, FaceParams
from facegpt_lab.assets import PHOTO_SPLIT
from facegpt_lab.evaluate.hair.photo import known_head, photo_of_head

#: Drawn heads, and the number of the first: those of `facegpt eval hair` are others.
DRAWN, FIRST = 150, 500_000
#: Pictures of each photo: as it is, without colour, and as two poor cameras show it.
PICTURES = 4


@cache
def model() -> FaceGPT:
    """The default model."""
    return load()


def features_of(picture: Path | NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """Features (19,) of the largest head of a picture; None without one."""
    looked = _looked_at(picture)
    return None if looked is None else _features(*looked)


def _looked_at(picture: Path | NDArray[np.uint8]) -> tuple[FaceParams, SeenFace] | None:
    """The largest head of a picture as `balanced` fits it, in pixels of the photo as kept, and what is seen of it."""
    faces = model().reconstruct(picture, quality="balanced", hair="none")
    looks = list(faces_seen(model(), read_image(picture)))
    if not faces or not looks:
        return None
    seen = max(looks, key=lambda look: float(np.prod(np.ptp(look.detection.points[:, :2], axis=0))))
    if seen.parts is None:
        return None
    return faces[0].params.replace(camera=faces[0].params.camera.scaled(seen.photo.scale)), seen


def _features(params: FaceParams, seen: SeenFace) -> NDArray[np.float64]:
    assert seen.parts is not None
    hair = hair_seen(model().head, params, seen.parts)
    strands = strands_of(seen.photo.pixels, seen.parts, hair.hair)
    return np.concatenate([strand_features(strands), outline_features(hair)])


def _as_poor_cameras_show(seen: SeenFace, number: int, seed: int) -> SeenFace:
    """The same face in its photo spoilt; number 1 without colour."""
    pixels = spoilt(seen.photo.pixels, np.random.default_rng([seed, number]))
    if number == 1:
        pixels = np.repeat(np.round(pixels.mean(-1, keepdims=True)).astype(np.uint8), 3, -1)
    return replace(seen, photo=replace(seen.photo, pixels=pixels))


def photo_examples(folder: Path, out: Path, labelled: list[str]) -> dict[str, Array]:
    """Features (PICTURES, 19) by name of the labelled photos of the training half: as they are, and spoilt."""
    with PHOTO_SPLIT.open(encoding="utf-8", newline="") as file:
        half = {row["name"] for row in csv.DictReader(file) if row["split"] == "training"}
    found = _kept(out / "photos.npz")
    for seed, name in enumerate(labelled):
        if name in half and name not in found:
            looked = _looked_at(folder / name)
            rows = np.full((PICTURES, len(FEATURES)), np.nan)
            if looked is not None:
                params, seen = looked
                views = [seen, *(_as_poor_cameras_show(seen, number, seed) for number in range(1, PICTURES))]
                rows = np.stack([_features(params, view) for view in views])
            found[name] = rows
            np.savez(out / "photos.npz", **found)
    return {name: rows for name, rows in found.items() if np.isfinite(rows[0]).any()}


def drawn_examples(out: Path, count: int) -> dict[str, tuple[Array, str]]:
    """Features and style by number of drawn heads; every other one is as poor cameras show it."""
    found = _kept(out / "drawn.npz")
    made = {}
    for seed in range(FIRST, FIRST + count):
        truth, style = known_head(seed)
        if str(seed) not in found:
            picture = photo_of_head(truth, seed)
            features = features_of(spoilt(picture, np.random.default_rng(seed + 7)) if seed % 2 else picture)
            found[str(seed)] = np.full(len(FEATURES), np.nan) if features is None else features
            np.savez(out / "drawn.npz", **found)
        if np.isfinite(found[str(seed)]).any():
            made[str(seed)] = (found[str(seed)], style)
    return made


def spoilt(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A picture blurred, with another tone curve, noise, less colour and JPEG's blocks, each by chance."""
    image = Image.fromarray(picture).convert("RGB")
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.6))))
    values = np.asarray(image).astype(np.float32) / 255
    if rng.random() < 0.6:
        values = np.clip(values, 0, 1) ** float(np.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.6:
        values = (values - 0.5) * float(np.exp(rng.normal(0, 0.2))) + 0.5 + float(rng.normal(0, 0.05))
    if rng.random() < 0.4:
        values = values + rng.normal(0, rng.uniform(0.005, 0.03), values.shape)
    if rng.random() < 0.3:
        values = values.mean(-1, keepdims=True) * 0.7 + values * 0.3
    image = Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))
    if rng.random() < 0.5:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=int(rng.integers(40, 95)))
        image = Image.open(file).convert("RGB")
    return np.asarray(image)


def _kept(file: Path) -> dict[str, Array]:
    if not file.is_file():
        return {}
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)
