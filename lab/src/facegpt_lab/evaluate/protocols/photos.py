"""`facegpt eval photos`: fits with the dense network beside fits to MediaPipe's points, on real photos without truth.

The photos are the validation half of the optional data's photos and portraits, split by person. What can be told
without truth: how well the drawn head agrees with the photo's colours; with the skin that its colour gives away between
eyes and chin, found from what both fits agree on and by no network (skin_colour.py); and whether the head looks like
the person (likeness.py). Neither fit has seen the first two of these judges. The third, the recognition network, is no
judge from outside for the fit with the network: that one starts from what it says of the person (encode/identity.py),
so that its likeness is agreement as much as quality. Two more figures are agreement alone: with the network's map of
skin, which the fit with the network was given, and with the detector's points, which both were.

`sheet` draws the photos where the two fits differ most (photo_sheet.py). About 4 s of one core a photo; photos that
are done are kept (processes.py), so that a run which was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facegpt.appearance.texture import texture_from_photo
from facegpt.encode.dense_landmarks import crop_window
from facegpt.export.params_json import params_to_json
from facegpt.face import Face
from facegpt.fitting import fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68, SURFACE
from facegpt.fitting.occlusion import HAIR, OCCLUDER
from facegpt.render.portrait import draw_picture
from facegpt.runtime.atomic_files import make_folder
from facegpt.types import Array, Camera, DensePoints, Detection
from facegpt_lab.evaluate.judges.likeness import describe_head, describe_photo, likeness_rows
from facegpt_lab.evaluate.judges.paired import interval, mean_of_picks
from facegpt_lab.evaluate.judges.skin_colour import overlap, skin_by_colour
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.protocols.out_of_model import ALONE
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import detector, head, whole_look
from facegpt_lab.evaluate.sheets.photo_sheet import draw_sheet
from facegpt_lab.evaluate.validation_photos import (
    Compared,
    Judged,
    identify,
    read_compared,
    read_photo,
    some_validation_photos,
    validation_photos,
)

QUICK_COUNT, TEXTURE_PX, SHEET_COUNT = 16, 512, 20
#: Side of the wide crop, pixels, and its side over that of the network's crop: twice the face's box.
WIDE_PX, WIDER = 192, 1.6
#: Parts of the network's map that are the face itself: skin, eyes, mouth; and the neck, which the head ends in.
FACE_PARTS, NECK = (1, 4, 5), 2
#: Added to sRGB levels before the log: noise and quantisation.
_FLOOR = 8.0


def fitted(image: NDArray[np.uint8], detection: Detection, dense: DensePoints | None) -> Face:
    """Make the head of `balanced`, with a texture of 512 texels a side."""
    fit = fit_photo(head(), detection, image, dense=dense)
    skin = texture_from_photo(image, head(), fit.params, TEXTURE_PX, dense)
    params = fit.params.replace(albedo=skin.albedo, lighting=skin.lighting)
    return Face.fitted(head(), replace(fit, params=params), image, skin.texture)


def both_fits(image: NDArray[np.uint8]) -> tuple[Detection, DensePoints, dict[str, Face]] | None:
    """Fit the largest face of a photo with the network and without; None where no face is found."""
    found = detector().detect(image)
    if not found:
        return None
    dense = whole_look(image, found[0])
    return found[0], dense, {"": fitted(image, found[0], dense), ALONE: fitted(image, found[0], None)}


def compare_photo(job: tuple[str, int]) -> Compared | None:
    """Fit one photo twice and judge both; None where no face is found."""
    name, person = job
    image = read_photo(name)
    made = both_fits(image)
    if made is None:
        return None
    detection, dense, faces = made
    plain = {key: replace(face, photo_texture=with_model_skin(face)) for key, face in faces.items()}
    drawn = {key: drawn_in(face, dense.crop, dense.crop_px) for key, face in plain.items()}
    photo, own = sampled(image, dense.crop, dense.crop_px), skin_of(dense)
    common = np.logical_and.reduce([d[..., 3] > 250 for d in drawn.values()]) & (own > 0.8)
    outlines = colour_ious(image, detection.points, plain)
    judged = {}
    for key, face in faces.items():
        off = np.linalg.norm(face.landmarks("mediapipe478")[:SURFACE] - detection.points[:SURFACE, :2], axis=1)
        logs = np.log((drawn[key][..., :3] + _FLOOR) / (photo + _FLOOR))[common]
        judged[key] = Judged(
            100 * float(off.mean()) / box_side_px(detection.points),
            float(np.abs(logs).mean()) if len(logs) else np.nan,
            outlines[key],
            mask_iou(drawn[key][..., 3] / 255.0, dense),
            describe_head(plain[key]),
            describe_head(face),
            float(face.confidence or 0.0),
            params_to_json(face.params),
        )
    shape = plain[""].params.replace(identity=np.zeros_like(plain[""].params.identity))
    mean_shape = describe_head(replace(plain[""], params=shape))
    descriptor = describe_photo(image, detection.points[list(MEDIAPIPE_68), :2])
    return Compared(name, person, apart_percent(*faces.values()), descriptor, mean_shape, judged)


def with_model_skin(face: Face) -> NDArray[np.uint8]:
    """Paint the model's skin of a face: made once, while a Face makes it anew for each pose and expression."""
    return replace(face, photo_texture=None).texture


def apart_percent(one: Face, other: Face) -> float:
    """The mean distance of two heads' 468 points in a photo, % of that of the eyes' outer corners, unturned."""
    gap = np.linalg.norm(one.landmarks("mediapipe478") - other.landmarks("mediapipe478"), axis=1)[:SURFACE].mean()
    corners = one.landmarks("ibug68", "head")[[36, 45]]
    depth = one.params.pose.apply(corners)[:, 2].mean()
    return float(100 * gap / (np.linalg.norm(corners[1] - corners[0]) * one.params.camera.focal_px / depth))


def colour_ious(image: NDArray[np.uint8], points: Array, faces: dict[str, Face]) -> dict[str, float]:
    """Compare where each head is drawn with the photo's skin by its colour, between eyes and chin.

    points: (478, 2+) of the detector, which only say where to look. What all heads cover, less a margin, gives the
    colours of skin, and what none covers, those of the rest: no head has more of a say than another.
    """
    crop = wide_crop(points)
    covers = {key: drawn_in(face, crop, WIDE_PX)[..., 3] > 127 for key, face in faces.items()}
    rows = np.asarray(points)[[33, 263, 152], :2] @ crop[:, :2].T + crop[:, 2:].T  # the eyes' outer corners; the chin
    window = np.zeros((WIDE_PX, WIDE_PX), bool)
    window[max(0, round(rows[:2, 1].mean())) : max(0, round(rows[2, 1]))] = True
    window &= sampled(np.full((*image.shape[:2], 1), 255, np.uint8), crop, WIDE_PX)[..., 0] > 0  # what the photo shows
    skin = skin_by_colour(sampled(image, crop, WIDE_PX), list(covers.values()), window)
    return {key: np.nan if skin is None else overlap(cover & window, skin) for key, cover in covers.items()}


def box_side_px(points: Array) -> float:
    """√(w h) of the box around the 468 skin points, pixels: what errors are divided by."""
    return float(np.sqrt(np.prod(np.ptp(np.asarray(points)[:SURFACE, :2], axis=0))))


def wide_crop(points: Array) -> Array:
    """The affine map (2, 3) from a photo's pixels to those of a crop with room around the face, upright."""
    window = crop_window(np.asarray(points))
    scale = WIDE_PX / (window.side * WIDER)
    cosine, sine = scale * np.cos(window.roll_rad), scale * np.sin(window.roll_rad)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    return np.column_stack([turn, (WIDE_PX - 1) / 2 - turn @ [window.x, window.y]])


def sampled(image: NDArray[np.uint8], crop: Array, side: int) -> NDArray[np.float64]:
    """Sample a picture (H, W, C) at each pixel of a crop: (side, side, C); 0 outside.

    crop: similarity (2, 3) from the picture's pixels to the crop's. Each is the mean of the picture's pixels there.
    """
    crop = np.asarray(crop, np.float64)
    shrink = min(1.0, float(np.sqrt(np.linalg.det(crop[:, :2]))))
    size = np.maximum(1, np.rint(np.array(image.shape[1::-1]) * shrink)).astype(int)
    factor = size / image.shape[1::-1]
    small = np.asarray(Image.fromarray(image.squeeze()).resize(tuple(size), Image.Resampling.BOX))
    small = small.reshape(size[1], size[0], -1)
    row, column = np.mgrid[:side, :side]
    places = np.linalg.solve(crop[:, :2], np.stack([column.ravel(), row.ravel()]) - crop[:, 2:])
    x, y = np.rint((places + 0.5) * factor[:, None] - 0.5).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < size[0]) & (y < size[1])
    out = np.zeros((side * side, small.shape[2]))
    out[inside] = small[y[inside], x[inside]]
    return out.reshape(side, side, -1)


def drawn_in(face: Face, crop: Array, side: int) -> NDArray[np.float64]:
    """Draw a head as a crop of its photo (see `sampled`) shows it: (side, side, 4) sRGB with alpha, 0..255.

    It is drawn as it stands in the photo and turned afterwards, because light is told in the camera's frame.
    """
    crop = np.asarray(crop, np.float64)
    scale, own = float(np.sqrt(np.linalg.det(crop[:, :2]))), face.params.camera
    centre = np.linalg.solve(crop[:, :2], (side - 1) / 2 - crop[:, 2])
    room = int(np.ceil(side * np.sqrt(2))) + 2
    x, y = scale * (np.asarray(own.principal_px) - centre) + (room - 1) / 2
    camera = Camera(own.focal_px * scale, (float(x), float(y)), room, room)
    drawn = draw_picture(face.mesh, face.params.pose, camera, face.params.lighting)
    turn = crop[:, :2] / scale
    return sampled(drawn, np.column_stack([turn, (side - 1) / 2 - turn @ np.full(2, (room - 1) / 2)]), side)


def _whole(cells: Array, dense: DensePoints) -> Array:
    """Repeat the cells (h, w) of the network's map to the pixels of its crop."""
    step = dense.crop_px // len(cells)
    return np.kron(cells, np.ones((step, step)))


def skin_of(dense: DensePoints) -> Array:
    """The belief that a pixel of the crop shows skin (crop_px, crop_px)."""
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
        ("colour_iou", "IoU of the head and the skin by its colour, eyes to chin", "share"),
        ("mask_iou", "agreement with the skin that the network sees, IoU (it is no judge)", "share"),
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


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Compare both fits on the validation half. sheet: file for a picture of those that differ most."""
    chosen = some_validation_photos(QUICK_COUNT) if quick else validation_photos()
    if sheet is not None:
        make_folder(sheet.parent)
    kept = Kept("photos", read_compared, identify)
    found = [one for one in in_processes(compare_photo, chosen, "photos", workers, kept) if one is not None]
    if sheet is not None:
        draw_sheet(sorted(found, key=lambda one: -one.apart_percent)[:SHEET_COUNT]).save(sheet)
    table = [figure("photos in which a face was found", len(found) / len(chosen), "share"), *rows(found)]
    data = (
        f"{len(chosen)} photos and portraits of the validation half of the optional data; no truth, so agreement with "
        "the photo's colours and likeness, and with the detector's points, which the fits were given"
    )
    return Report(data, tuple(table))
