"""`facegpt eval photos`: fits with the dense network beside fits to MediaPipe's points, on real photos without truth.

The photos are the validation half of the optional data's photos and portraits, split by person. What can be told
without truth: how well the drawn head agrees with the photo's colours and with the network's map of skin (the network
is no neutral judge of the fits made with it), how far it is from the detector's points (which the other fit was given),
and whether the head looks like the person (likeness.py: neither fit has seen that judge).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from facegpt.assets import FOLDER
from facegpt.detail.texture import texture_from_photo
from facegpt.evaluate.likeness import describe_head, describe_photo, likeness_rows
from facegpt.evaluate.networks import detector, head, landmarker
from facegpt.evaluate.out_of_model import ALONE
from facegpt.evaluate.paired import in_processes, interval, mean_of_picks
from facegpt.evaluate.protocol import Report, Row, figure, optional_data
from facegpt.face import Face
from facegpt.fitting import fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68, SURFACE
from facegpt.fitting.occlusion import HAIR, OCCLUDER
from facegpt.render.picture import draw_picture
from facegpt.types import Array, DensePoints, Detection

QUICK_COUNT, TEXTURE_PX = 16, 512
#: Parts of the network's map that are the face itself: skin, eyes, mouth; and the neck, which the head ends in.
FACE_PARTS, NECK = (1, 4, 5), 2
#: Added to sRGB levels before the log: noise and quantisation.
_FLOOR = 8.0


@dataclass(frozen=True)
class Judged:
    """One fit to one photo.

    Attributes:
        landmark_percent: mean distance of the 468 points to the detector's, % of √(box area).
        photometric: mean |log ratio| of the drawn head's sRGB levels to the photo's, where both heads and skin are.
        mask_iou: of the drawn head and the network's map of the face, hair, neck and things in front left out.
        plain, textured: (2, 128) descriptors of the head with the model's skin, and with the photo's.
        confidence: of the face.
    """

    landmark_percent: float
    photometric: float
    mask_iou: float
    plain: Array
    textured: Array
    confidence: float


@dataclass(frozen=True)
class Compared:
    """One photo: its name and person, its own descriptor (128,), that of the mean shape, and both fits judged."""

    name: str
    person: int
    descriptor: Array
    mean_shape: Array
    fits: dict[str, Judged]


def validation_photos() -> list[tuple[str, int]]:
    """Give the validation half: (file relative to the optional data, number of the person)."""
    with (FOLDER / "photo_split.csv").open(newline="", encoding="utf-8") as file:
        return [(row["name"], int(row["person"])) for row in csv.DictReader(file) if row["split"] == "validation"]


def fitted(image: NDArray[np.uint8], detection: Detection, dense: DensePoints | None) -> Face:
    """Make the head of `balanced`, with a texture of 512 texels a side."""
    fit = fit_photo(head(), detection, image, dense=dense)
    skin = texture_from_photo(image, head(), fit.params, TEXTURE_PX, dense)
    params = fit.params.replace(albedo=skin.albedo, lighting=skin.lighting)
    return Face.fitted(head(), replace(fit, params=params), image, skin.texture)


def both_fits(path: Path) -> tuple[NDArray[np.uint8], Detection, DensePoints, dict[str, Face]] | None:
    """Fit the largest face of a photo with the network and without; None where no face is found."""
    with Image.open(path) as opened:
        image = np.asarray(opened.convert("RGB"))
    found = detector().detect(image)
    if not found:
        return None
    dense = landmarker().predict(image, found[0])
    return image, found[0], dense, {"": fitted(image, found[0], dense), ALONE: fitted(image, found[0], None)}


def compare_photo(job: tuple[str, int]) -> Compared | None:
    """Fit one photo twice and judge both; None where no face is found."""
    name, person = job
    made = both_fits(optional_data() / name)
    if made is None:
        return None
    image, detection, dense, faces = made
    plain = {key: replace(face, photo_texture=None) for key, face in faces.items()}
    drawn = {key: crop_of(draw_picture(f.mesh, f.params.pose, f.params.camera, f.params.lighting, 1), dense)
             for key, f in plain.items()}  # fmt: skip
    photo, own = crop_of(image, dense), skin_of(dense)
    common = np.logical_and.reduce([d[..., 3] > 250 for d in drawn.values()]) & (own > 0.8)
    judged = {}
    for key, face in faces.items():
        off = np.linalg.norm(face.landmarks("mediapipe478")[:SURFACE] - detection.points[:SURFACE, :2], axis=1)
        logs = np.log((drawn[key][..., :3] + _FLOOR) / (photo + _FLOOR))[common]
        judged[key] = Judged(
            100 * float(off.mean()) / box_side_px(detection.points),
            float(np.abs(logs).mean()) if len(logs) else np.nan,
            mask_iou(drawn[key][..., 3] / 255.0, dense),
            describe_head(plain[key]),
            describe_head(face),
            float(face.confidence or 0.0),
        )
    shape = plain[""].params.replace(identity=np.zeros_like(plain[""].params.identity))
    mean_shape = describe_head(replace(plain[""], params=shape))
    descriptor = describe_photo(image, detection.points[list(MEDIAPIPE_68), :2])
    return Compared(name, person, descriptor, mean_shape, judged)


def box_side_px(points: Array) -> float:
    """Give √(w h) of the box around the 468 skin points, pixels: what errors are divided by."""
    return float(np.sqrt(np.prod(np.ptp(np.asarray(points)[:SURFACE, :2], axis=0))))


def crop_of(image: NDArray[np.uint8], dense: DensePoints) -> NDArray[np.float64]:
    """Sample a picture (H, W, C) at each pixel of the network's crop, the nearest one; 0 outside."""
    side, crop = dense.crop_px, np.asarray(dense.crop, np.float64)
    row, column = np.mgrid[:side, :side]
    places = np.linalg.solve(crop[:, :2], np.stack([column.ravel(), row.ravel()]) - crop[:, 2:])
    x, y = np.rint(places).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < image.shape[1]) & (y < image.shape[0])
    out = np.zeros((side * side, image.shape[2]))
    out[inside] = image[y[inside], x[inside]]
    return out.reshape(side, side, -1)


def _whole(cells: Array, dense: DensePoints) -> Array:
    """Repeat the cells (h, w) of the network's map to the pixels of its crop."""
    step = dense.crop_px // len(cells)
    return np.kron(cells, np.ones((step, step)))


def skin_of(dense: DensePoints) -> Array:
    """Give the belief that a pixel of the crop shows skin (crop_px, crop_px)."""
    return _whole(dense.parts[..., 1], dense)


def mask_iou(covered: Array, dense: DensePoints) -> float:
    """Compare where the head is drawn (crop_px, crop_px) with where the network sees the face: intersection over union.

    Both are shares in 0..1; the minimum is the intersection, the maximum the union.
    """
    face = _whole(dense.parts[..., FACE_PARTS].sum(-1), dense)
    counts = np.clip(1 - _whole(dense.parts[..., (HAIR, OCCLUDER, NECK)].sum(-1), dense), 0, 1)
    return float((counts * np.minimum(covered, face)).sum() / max((counts * np.maximum(covered, face)).sum(), 1e-9))


def rows(compared: Sequence[Compared]) -> list[Row]:
    """Sum up: each measure of both fits, and the interval of the change that the network brings."""
    out: list[Row] = []
    for key, text, unit in (
        ("landmark_percent", "mean distance to the detector's points", "% of box"),
        ("photometric", "photometric error, |log ratio|", "1"),
        ("mask_iou", "IoU of the head and the skin that the network sees", "share"),
    ):
        ours, other = (np.array([getattr(c.fits[suffix], key) for c in compared]) for suffix in ("", ALONE))
        out += [
            figure(f"{text}: network", np.nanmean(ours), unit),
            figure(f"{text}:{ALONE}", np.nanmean(other), unit),
            *interval(f"{text}: change", mean_of_picks(ours - other), len(ours), unit),
        ]
    heads = {"the mean shape, skin of the photo's tone": np.stack([c.mean_shape for c in compared])}
    for kind, key in (("model's skin", "plain"), ("photo's skin", "textured")):
        for name, suffix in (("MediaPipe's points", ALONE), ("network", "")):
            heads[f"{name}, {kind}"] = np.stack([getattr(c.fits[suffix], key) for c in compared])
    photos, person = np.stack([c.descriptor for c in compared]), np.array([c.person for c in compared])
    return out + likeness_rows(photos, heads, person, "MediaPipe's points, model's skin")


def evaluate(quick: bool = False) -> Report:
    """Compare both fits on the validation half."""
    chosen = validation_photos()
    if quick:
        chosen = [chosen[k] for k in np.linspace(0, len(chosen) - 1, QUICK_COUNT).astype(int)]
    found = [one for one in in_processes(compare_photo, chosen) if one is not None]
    table = [figure("photos in which a face was found", len(found) / len(chosen), "share"), *rows(found)]
    return Report(f"{len(chosen)} photos and portraits of the validation half of the optional data", tuple(table))


def sheet(names: Sequence[str], width: int = 400) -> Image.Image:
    """Draw photos of the optional data in rows: the photo, the head fitted with the network, the one without."""
    out = Image.new("RGB", (3 * width, width * len(names)))
    for row, name in enumerate(names):
        made = both_fits(optional_data() / name)
        if made is None:
            continue
        image, _, _, faces = made
        tiles = [image, *(replace(face, photo_texture=None).overlay() for face in faces.values())]
        for column, tile in enumerate(tiles):
            picture = Image.fromarray(tile)
            picture.thumbnail((width, width))
            out.paste(picture, (column * width, row * width))
        ImageDraw.Draw(out).text(
            (4, row * width + 4), f"{name}: photo | network | MediaPipe's points", fill=(255, 255, 0)
        )
    return out
