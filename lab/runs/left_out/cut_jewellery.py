"""Cut out what jewellery is learnt from: windows of photos at ears, at necks and anywhere, and jewellery drawn on some.

    python -m lab.runs.left_out.cut_jewellery --photos FOLDER --out windows.npz

FOLDER holds photos/ and portraits/. Windows lie where the fit of quality "balanced" has lobes and chins. Those of the
training half are cut several times, moved and lit otherwise: bare ones as they are and with jewellery drawn on them,
whose cells are known; those with jewellery, of which only the whole is known. Every window is also cut once as it is.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter, maximum_filter

import facegpt
from facegpt.data.images import read_image
from facegpt.detect.windows import Photo, Window
from facegpt.encode.parts import FaceParts
from facegpt.morphable.makehuman.head import MakeHumanHead
from facegpt.reconstruct.ears import with_ears
from facegpt.reconstruct.left_out import at_ears, jewellery
from facegpt.reconstruct.left_out.jewellery import EAR_FRAME, GROUPS, NECK_FRAME, PX_PER_MM, Frame
from facegpt.reconstruct.left_out.jewellery_network import FIRST_PX, STEP_PX
from facegpt.reconstruct.photo import faces_seen
from facegpt.types import Array, FaceParams
from facegpt_lab.evaluate.validation_photos import photos_of
from lab.runs.left_out.drawn_jewellery import Canvas, draw_earring, draw_necklace

LABELS = Path(__file__).with_name("labels.csv")
FRAMES, SIDES = {"ear": EAR_FRAME, "neck": NECK_FRAME}, ("right", "left")
#: What a window shows. How often each is cut of the training half; of bare pictures windows near the face and anywhere.
BARE, DRAWN, WORN = 0, 1, 2
TIMES, PLAIN = {BARE: 3, DRAWN: 6, WORN: 6}, (5, 4)
#: How far windows are moved: turn in radians, log of their size, share of their side; how far plain ones lie, mm.
TURN, GROWTH, SHIFT, PLAIN_MM = 0.12, 0.12, 0.023, 65.0


@dataclass
class Views:
    """Windows (N, …): colours (H, W, 3) uint8, beliefs (h, w, 4), covers (h, w) 0..1 by what is drawn.

    inside: (h, w), what counts. kind: BARE, DRAWN or WORN. name: the photo's. teaches: of the training half and moved.
    taught: of the training half. numbers: (7,) of the pixels, of ears as they are, nan of others.
    """

    colours: list[NDArray[np.uint8]] = field(default_factory=list)
    beliefs: list[Array] = field(default_factory=list)
    covers: list[Array] = field(default_factory=list)
    inside: list[NDArray[np.bool_]] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    teaches: list[bool] = field(default_factory=list)
    taught: list[bool] = field(default_factory=list)
    numbers: list[NDArray[np.float64]] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """A photo, what is seen around its largest face, and the head's fit in pixels of the photo as it is kept."""

    name: str
    photo: Photo
    parts: FaceParts
    head: MakeHumanHead
    params: FaceParams
    alone: bool


def main() -> None:
    """Cut all windows and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    with open(LABELS, encoding="utf-8", newline="") as file:
        labels = {row["name"]: row for row in csv.DictReader(file)}
    model, random, found = facegpt.load(), np.random.default_rng(1), {"ear": Views(), "neck": Views()}
    for half in ("training", "validation"):
        for name, _ in sorted(photos_of(half)):
            if (seen := seen_in(model, given.photos, name)) is not None:
                _cut(found, seen, labels[name], half == "training", random)
    arrays = {
        f"{where}_{one.name}": np.stack(getattr(views, one.name))
        for where, views in found.items()
        for one in fields(views)
    }
    np.savez(given.out, **arrays)  # type: ignore[arg-type]


def seen_in(model: facegpt.FaceGPT, folder: Path, name: str) -> Seen | None:
    """The largest face of a photo, fitted as quality "balanced" does."""
    faces = list(faces_seen(model, read_image(folder / name)))
    if not faces:
        return None
    seen = max(faces, key=lambda one: float(np.ptp(one.detection.points[:, 0])))
    if seen.parts is None or seen.parts.points is None or model.fit_colours is None:
        return None
    fit = model.fit_colours(model.head, seen.detection, seen.photo.pixels, seen.photo.focal_px, dense=seen.fitted_to)
    params = with_ears(model.head, seen, fit).params
    params = params.replace(camera=params.camera.scaled(seen.photo.scale))
    assert isinstance(model.head, MakeHumanHead)
    return Seen(name, seen.levels, seen.parts, model.head, params, len(faces) == 1)


def _cut(found: dict[str, Views], seen: Seen, label: dict[str, str], taught: bool, random: Generator) -> None:
    """Add all windows of a photo."""
    palette = at_ears._palette(seen.photo, seen.parts)
    for side in SIDES:
        at = at_ears.lobe_window(seen.photo, seen.head, seen.params, side, EAR_FRAME.side_mm, EAR_FRAME.at_mm)
        view = at_ears.lobe_view(seen.photo, seen.head, seen.params, seen.parts, side)
        if at is None or view is None or not label[f"{side}_ear"]:
            continue
        enough = view.px_per_mm >= at_ears.LEAST_PX_PER_MM
        numbers = at_ears.lobe_features(view, palette) if enough else np.full(7, np.nan)
        _several(found["ear"], seen, at[0], EAR_FRAME, label[f"{side}_ear"] == "1", taught, random, numbers)
    assert seen.parts.points is not None
    if label["necklace"]:
        neck = jewellery.neck_window(seen.head, seen.params, seen.parts.points)
        _several(found["neck"], seen, neck, NECK_FRAME, label["necklace"] == "1", taught, random, np.full(7, np.nan))
    if taught and label["right_ear"] == label["left_ear"] == "0":
        for window in _plain(seen, seen.alone and label["necklace"] == "0", random):
            _add(found["ear"], seen, window, EAR_FRAME, BARE, random, (True, True), np.full(7, np.nan))


def _several(
    views: Views,
    seen: Seen,
    window: Window,
    frame: Frame,
    worn: bool,
    taught: bool,
    random: Generator,
    numbers: NDArray[np.float64],
) -> None:
    """Add a window as it is, and moved if it teaches."""
    _add(views, seen, window, frame, WORN if worn else BARE, random, (taught, False), numbers)
    for kind in ((WORN,) if worn else (BARE, DRAWN)) if taught else ():
        for _ in range(TIMES[kind]):
            moved = _moved(window, frame, random)
            _add(views, seen, moved, frame, kind, random, (True, True), np.full(7, np.nan))


def _plain(seen: Seen, anywhere: bool, random: Generator) -> list[Window]:
    """Windows of the size of those of ears where no jewellery is: on the face, and if allowed anywhere."""
    assert seen.parts.points is not None
    nose, roll = np.asarray(seen.parts.points)[4, :2], jewellery.parts_window(seen.parts.points).roll_rad
    found = jewellery.neck_window(seen.head, seen.params, seen.parts.points)
    scale = found.side / NECK_FRAME.side_mm
    places = [nose + random.uniform(-PLAIN_MM, PLAIN_MM, 2) * scale for _ in range(PLAIN[0])]
    if anywhere:
        places += [random.uniform(0, 1, 2) * (seen.photo.width, seen.photo.height) for _ in range(PLAIN[1])]
    side = EAR_FRAME.side_mm * scale
    return [Window(float(x), float(y), side, roll, bool(random.random() < 0.5)) for x, y in places]


def _moved(window: Window, frame: Frame, random: Generator) -> Window:
    """A window turned, grown and moved a little; one of two necks is mirrored."""
    x, y = np.array([window.x, window.y]) + random.normal(size=2) * SHIFT * window.side
    turned, side = window.roll_rad + TURN * random.normal(), window.side * float(np.exp(GROWTH * random.normal()))
    mirrored = window.mirrored != (frame is NECK_FRAME and random.random() < 0.5)
    return replace(window, x=float(x), y=float(y), side=side, roll_rad=float(turned), mirrored=mirrored)


def _add(
    views: Views,
    seen: Seen,
    window: Window,
    frame: Frame,
    kind: int,
    random: Generator,
    taught_teaches: tuple[bool, bool],
    numbers: NDArray[np.float64],
) -> None:
    """Add one window, drawn on if its kind says so, and lit otherwise if it teaches."""
    crop = seen.photo.crop(window, frame.width_px, repeat_border=True)[:, : frame.height_px].transpose(1, 2, 0)
    at = jewellery.places_in(window, frame)
    every = seen.parts.at(at.reshape(-1, 2)).reshape(*at.shape[:2], -1)
    beliefs = np.stack([every[..., list(group)].sum(-1) for group in GROUPS], -1).astype(np.float32)
    colours: Array = np.clip(crop, 0, 1)
    covers: Array = np.zeros((frame.height_px, frame.width_px))
    if kind == DRAWN:
        colours, covers = _drawn_on(colours, beliefs, jewellery.inside(seen.photo, window, frame), frame, random)
    if taught_teaches[1]:
        colours = colours ** np.exp(0.15 * random.normal()) * np.exp(0.25 * random.normal())
        colours = colours * np.exp(0.05 * random.normal(size=3)) + 0.006 * random.random() * random.normal(
            size=colours.shape
        )
    shown = maximum_filter(covers, 7)[int(FIRST_PX) :: STEP_PX, int(FIRST_PX) :: STEP_PX]
    views.covers.append(shown[: at.shape[0], : at.shape[1]].astype(np.float32))
    views.colours.append((255 * np.clip(colours, 0, 1)).astype(np.uint8))
    views.beliefs.append(beliefs)
    every_cell = np.ones(at.shape[:2], np.bool_)  # the product too repeats the border beside ears
    views.inside.append(every_cell if frame is EAR_FRAME else jewellery.inside(seen.photo, window, frame))
    views.kind.append(kind)
    views.name.append(seen.name)
    views.taught.append(taught_teaches[0])
    views.teaches.append(taught_teaches[1])
    views.numbers.append(numbers)


def _drawn_on(
    colours: Array, beliefs: Array, inside: NDArray[np.bool_], frame: Frame, random: Generator
) -> tuple[Array, Array]:
    """Colours with jewellery drawn at random, as sharp as photos are, and what it covers.

    Hair hides some earrings, cloth most necklaces; none lies outside of the photo.
    """
    height, width = frame.height_px, frame.width_px
    bright = float(np.quantile(colours.mean(-1), 0.8))
    light = float(np.clip(1.15 * bright * np.exp(0.25 * random.normal()), 0.15, 1.1))
    canvas = Canvas((height, width), PX_PER_MM, light, random)
    place = np.array(frame.at_mm) * PX_PER_MM + random.normal(size=2) * 2.7
    (draw_earring if frame is EAR_FRAME else draw_necklace)(canvas, (float(place[0]), float(place[1])))
    maps = [*np.moveaxis(beliefs, -1, 0), inside.astype(np.float32)]
    skin, hair, _, cloth, within = (np.asarray(Image.fromarray(each).resize((width, height))) for each in maps)
    shows = (within > 0.9).astype(np.float64)
    if frame is NECK_FRAME:
        shows *= (skin > 0.5) | ((cloth > 0.5) & (random.random() < 0.25))
    elif random.random() < 0.5:
        strands = gaussian_filter(random.normal(size=(height, width)), (6, 1.2))
        shows *= np.where((hair > 0.4) & (strands > 0.6 * random.normal() * strands.std()), 0.1, 1)
    soft = random.uniform(0.3, 0.9)
    drawn = gaussian_filter(canvas.colours * shows[..., None], (soft, soft, 0))
    covers = gaussian_filter(canvas.covers * shows, soft)
    return colours * (1 - covers[..., None]) + drawn, covers


if __name__ == "__main__":
    main()
