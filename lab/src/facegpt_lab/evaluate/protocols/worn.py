"""`facegpt eval glasses` and `facegpt eval coverings`: what people wear, found in photos and drawn into photos.

Photos are the validation half's. Drawn glasses have lenses of random contours and rims, drawn caps and scarves random
edges and thicknesses; they are drawn into photos of bare people over the head that was fitted to them, so that brows,
hair and light are real and the outline is known.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

import facegpt
from facegpt.encode.parts import HAT, map_crop, parts
from facegpt.face import Face
from facegpt.glasses.contour import ALIKE, BOUNDS, STYLE_CONTOURS
from facegpt.glasses.fit import fit_front, wearer_of
from facegpt.render.plots import draw_over
from facegpt.types import Array, Glasses, Headwear
from facegpt.wear.cloth_mask import cloth_mask
from facegpt_lab.evaluate.hair.photo_labels import COVERED, photo_labels
from facegpt_lab.evaluate.photo_processes import Kept, in_processes
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.validation_photos import read_photo, validation_photos

#: Pictures of CC0 people with glasses, by eye, clear or dark; all others wear none.
WITH_GLASSES = frozenset(
    [f"photos/photo_{k:03d}.jpg" for k in (4, 8, 10, 15, 16, 20, 23, 26, 29, 32, 34, 38, 43, 45, 48, 50, 53, 62, 65)]
    + [f"photos/photo_{k:03d}.jpg" for k in (67, 75, 82, 92, 99)]
    + ["portraits/female_069.jpg", "portraits/male_095.jpg"]
)
QUICK_COUNT = 12
#: Colours of drawn frames and of drawn cloth, linear RGB.
COLOURS = ((0.012, 0.012, 0.013), (0.07, 0.028, 0.012), (0.2, 0.2, 0.21), (0.42, 0.27, 0.09), (0.02, 0.03, 0.12))
CLOTHS = ((0.35, 0.04, 0.03), (0.02, 0.03, 0.10), (0.5, 0.45, 0.38), (0.02, 0.02, 0.02), (0.08, 0.15, 0.06))
#: Change of level from which a pixel is of what was drawn.
DRAWN = 10


def evaluate_glasses(quick: bool = False, workers: int | None = None) -> Report:
    """Run `facegpt eval glasses`."""
    chosen = _chosen(quick, WITH_GLASSES)
    kept: Kept[str, dict[str, Any] | None] = Kept("glasses", dict)
    told = [one for one in in_processes(look_for_glasses, chosen, "photos", workers, kept) if one]
    worn = [one["found"] for one in told if one["worn"]]
    bare = [one for one in told if not one["worn"]]
    edges = [one["apart_mm"] for one in bare if one["drawn_found"]]
    rows = [
        figure("photos with glasses: found", 100 * _mean(worn), "%", at_least=95),
        figure("photos without: found all the same", 100 * _mean([one["found"] for one in bare]), "%", at_most=0.5),
        figure("drawn into photos: found", 100 * _mean([one["drawn_found"] for one in bare]), "%", at_least=95),
        figure("drawn: mean distance of the lens' edge", _mean(edges), "mm"),
        figure("drawn: error of the lower rim's width", _mean([one["rim_mm"] for one in bare if edges]), "mm"),
    ]
    return Report(f"{len(worn)} photos with glasses, {len(bare)} without, glasses drawn into these", tuple(rows))


def evaluate_coverings(quick: bool = False, workers: int | None = None) -> Report:
    """Run `facegpt eval coverings`."""
    chosen = _chosen(quick, covered())
    kept: Kept[str, dict[str, Any] | None] = Kept("coverings", dict)
    told = [one for one in in_processes(look_for_coverings, chosen, "photos", workers, kept) if one]
    worn, bare = [one for one in told if one["worn"]], [one for one in told if not one["worn"]]
    rows: list[Row] = [
        figure("covered heads: kept as cloth", 100 * _mean([one["found"] for one in worn]), "%", at_least=95),
        figure("bare heads: covered all the same", 100 * _mean([one["found"] for one in bare]), "%", at_most=0.5),
    ]
    for kind in ("cap", "hood"):
        drawn = [one[kind] for one in bare if one[kind]]
        rows += [
            figure(f"drawn {kind}s: found", 100 * _mean([one["found"] for one in drawn]), "%"),
            figure(f"drawn {kind}s: IoU of what is seen of cloth", _mean([one["seen"] for one in drawn]), "0..1"),
            figure(f"drawn {kind}s: the same of the network of parts", _mean([one["parts"] for one in drawn]), "0..1"),
        ]
    return Report(f"{len(worn)} covered heads, {len(bare)} bare ones, cloth drawn over these", tuple(rows))


def look_for_glasses(name: str) -> dict[str, Any] | None:
    """What is found in one photo, and in it with drawn glasses."""
    photo = read_photo(name)
    face = _largest(photo)
    if face is None:
        return None
    told: dict[str, Any] = {"worn": name in WITH_GLASSES, "found": face.glasses is not None}
    if told["worn"]:
        return told
    truth = random_glasses(_seed(name))
    again = _largest(_drawn_into(face, face.params.replace(glasses=truth)))
    look = None if again is None else again.glasses
    told |= {"drawn_found": look is not None, "apart_mm": None, "rim_mm": None}
    if look is not None and again is not None:
        edges = [_edge(face, truth), _edge(again, look)]
        below = look.rims_mm[0] if look.rims_mm else np.nan
        told |= {"apart_mm": apart_mm(*edges), "rim_mm": abs(below - truth.rims_mm[0])}
    return told


def look_for_coverings(name: str) -> dict[str, Any] | None:
    """What is found in one photo, and in it with a drawn cap and a drawn scarf."""
    photo = read_photo(name)
    face = _largest(photo)
    if face is None:
        return None
    told: dict[str, Any] = {"worn": name in covered(), "found": face.headwear is not None}
    for kind in () if told["worn"] else ("cap", "hood"):
        cover = random_covering(kind, _seed(name))
        picture = _drawn_into(face, face.params.replace(headwear=cover))
        truth = np.abs(picture.astype(int) - face.photo).max(-1) > DRAWN  # type: ignore[operator]
        again = _model().detector.detect(picture)
        if not again:
            told[kind] = None
            continue
        seen = parts(picture, again[0].points)
        on = map_crop(np.repeat(truth[..., None] * np.uint8(255), 3, -1), seen)[..., 0] > 0.5
        mask = cloth_mask(map_crop(picture, seen), seen) > 0.5
        whole = _largest(picture)
        told[kind] = {
            "found": whole is not None and whole.headwear is not None,
            "seen": _iou(mask & seen.seen, on & seen.seen),
            "parts": _iou((seen.share(HAT) > 0.5) & seen.seen, on & seen.seen),
        }
    return told


def random_glasses(seed: int) -> Glasses:
    """Glasses between two of the eight frames, with rims of any width that is sold."""
    rng = np.random.default_rng([seed, 7])
    one, other = (np.array(list(STYLE_CONTOURS.values())[k]) for k in rng.choice(7, 2, replace=False))
    low, high = np.array(BOUNDS[:ALIKE]).T
    lens = np.clip(one + rng.uniform() * (other - one), low, high).round(3)
    rim = round(float(rng.uniform(1.0, 4.0)), 2)
    colour = COLOURS[int(rng.integers(len(COLOURS)))]
    size = round(float(rng.uniform(0.88, 1.08)), 3)
    return Glasses("square", colour, size=size, lens=tuple(lens.tolist()), rims_mm=(rim, rim))


def random_covering(kind: str, seed: int) -> Headwear:
    """A cap above the ears or a scarf about the face, of plain cloth."""
    rng = np.random.default_rng([seed, len(kind)])
    usual = (72.0, 80.0, 92.0, 106.0, 110.0, 106.0, 92.0, 80.0) if kind == "cap" else (120.0,) * 8
    edge = tuple((np.array(usual) + rng.normal(0, 4, 8)).round(2).tolist())
    colour = CLOTHS[int(rng.integers(len(CLOTHS)))]
    return Headwear(kind, edge, (round(float(rng.uniform(8, 20)), 2),), 1, colour)


def apart_mm(one: Array, other: Array) -> float:
    """Mean distance of two closed lines (N, 2) and (M, 2), mm, both ways."""
    across = np.linalg.norm(one[:, None] - other, axis=-1)
    return float(across.min(0).mean() + across.min(1).mean()) / 2


@cache
def covered() -> frozenset[str]:
    """Pictures whose hair is covered, by eye."""
    return frozenset(name for name, label in photo_labels().items() if label.families == (COVERED,))


@cache
def _model() -> facegpt.FaceGPT:
    return facegpt.load()


def _largest(picture: NDArray[np.uint8]) -> Face | None:
    faces = _model().reconstruct(picture, "fast")
    return faces[0] if faces else None


def _drawn_into(face: Face, params: Any) -> NDArray[np.uint8]:
    """The photo of a head with what other parameters put on it."""
    assert face.photo is not None
    bare = replace(face, params=params.replace(glasses=None, headwear=None, hair=None))
    dressed = replace(face, params=params.replace(hair=None))
    one, other = (
        draw_over(each.mesh, params.pose, params.camera, params.lighting, face.photo, worn=each.proxies)
        for each in (bare, dressed)
    )
    changed = np.abs(one.astype(int) - other).max(-1, keepdims=True) > DRAWN
    return np.where(changed, other, face.photo)


def _edge(face: Face, look: Glasses) -> Array:
    """The edge of the left lens (N, 2) mm as the person wears it, from the pupils' height."""
    wearer = wearer_of(face.model, face.params.identity)  # type: ignore[arg-type]
    front = fit_front(look, wearer)
    return np.asarray(front.edge + np.array([0.0, front.origin[1] - float(wearer.pupils[:, 1].mean())]))


def _iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return float((one & other).sum() / max(int((one | other).sum()), 1))


def _chosen(quick: bool, asked: frozenset[str]) -> list[str]:
    """Photos: all of the validation half, or a few of those asked for and of the others."""
    names = [name for name, _ in validation_photos()]
    if not quick:
        return names
    some, rest = [n for n in names if n in asked], [n for n in names if n not in asked and n not in WITH_GLASSES]
    half = QUICK_COUNT // 2
    return some[:half] + [rest[k] for k in np.linspace(0, len(rest) - 1, half).astype(int)]


def _mean(values: list[Any]) -> float:
    known = [float(value) for value in values if value is not None and np.isfinite(float(value))]
    return float(np.mean(known)) if known else float("nan")


def _seed(name: str) -> int:
    return int("".join(filter(str.isdigit, name)))
