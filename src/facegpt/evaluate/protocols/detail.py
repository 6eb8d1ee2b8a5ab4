"""The skin's relief: known sculptures found again, marks left alone, photos explained, folds moved without tearing.

Sculptures that the network was not trained on (other seeds of the same sculptor) give angles and correlations; people
of the ICT head with folds by another sculptor, path traced under two lights, give the error after a change of light
(detail_relit.py). Each figure stands beside that of the coarse head, and of shape from shading per photo; and beside
what can be reached at all: by the true relief without what 2 mm do not show, by a relief that is free to explain every
shade of a photo, and by the true folds in another light.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from facegpt.appearance.light import estimate_light, shading
from facegpt.conventions import ARKIT_NAMES, rotation_from_euler_deg
from facegpt.detail.explained_light import Stiffness, explained
from facegpt.detail.from_photo import relief_seen, skin_trust, trusted
from facegpt.detail.network import LARGEST_MM, detail_network
from facegpt.detail.observation import Observation, observe
from facegpt.detail.relief import Detail, split
from facegpt.detail.skin_window import HEIGHT, WIDTH, Maps, skin_geometry, skin_window
from facegpt.evaluate.judges.likeness import describe_head, describe_photo
from facegpt.evaluate.photo_processes import in_processes
from facegpt.evaluate.protocols.detail_relit import relit_rows
from facegpt.evaluate.registry import Report, Row, figure
from facegpt.evaluate.shared_networks import detector, head, whole_look
from facegpt.evaluate.skin_relief.parted_folds import judged, sitters
from facegpt.evaluate.skin_relief.score import ReliefScore, fine, relief_score
from facegpt.evaluate.skin_relief.worn_things import with_thing
from facegpt.evaluate.validation_photos import read_photo, validation_photos
from facegpt.face import Face
from facegpt.fitting import fit_photo
from facegpt.fitting.mediapipe_points import MEDIAPIPE_68
from facegpt.morphable.base import head_vertices
from facegpt.reconstruct.photo import finished
from facegpt.reconstruct.seen_face import SeenFace
from facegpt.reconstruct.skin_detail import with_detail
from facegpt.render.lighting import default_studio_lighting, sh_basis
from facegpt.train.detail.examples import Example, Studio
from facegpt.types import Array, FaceGPTError

#: Seeds of the sculptures, far from those of training; how many of each thing, and in the quick version.
SEED, SCULPTURES, PHOTOS, QUICK = 500_000, 24, 24, (8, 4)
#: A relief as steep as this turns a normal by more than 75°: a spike.
LEAST_COSINE = 0.26
#: Shape from shading without a network: as soft everywhere as beside it in folds.
ALONE = Stiffness(smooth=1.0, folded=1.0, hollow=1.0)
#: A relief that may take whatever shape explains the light: no skin looks so, but none explains more.
FREE = Stiffness(smooth=0.01, folded=0.01, size=0.001, hollow=1.0, steps=60)
#: Blur in texels that halves waves of 2 mm: what a photo of 640 pixels shows of a relief at best.
SHOWN_TEXELS = 0.53


def evaluate(quick: bool = False, workers: int | None = None, sheet: Path | None = None) -> Report:
    """Run all parts; the quick version leaves out the path-traced people."""
    count, photos = QUICK if quick else (SCULPTURES, PHOTOS)
    rows = [*sculpture_rows(range(SEED, SEED + count)), *mark_rows(range(SEED, SEED + count // 2))]
    chosen = validation_photos()[:: max(len(validation_photos()) // photos, 1)][:photos]
    faces = [face for face in in_processes(look, [name for name, _ in chosen], "photos", workers) if face is not None]
    rows += [*laid_rows(range(SEED, SEED + count // 2)), *photo_rows(faces)]
    rows += [*parted_rows(range(SEED, SEED + (4 if quick else count))), *sweep_rows(3 if quick else 12)]
    if not quick:
        rows += relit_rows(sheet)
    said = f"{count} sculpted heads, {len(faces)} validation photos"
    return Report(said if quick else f"{said}, path-traced ICT people with another sculptor's folds", tuple(rows))


# Sculptures


def sculpture_rows(seeds: Sequence[int]) -> list[Row]:
    """Angles and correlations of the network and of its rival on sculptures."""
    studio, network = Studio.ready(), detail_network()
    mask = network.mask.numpy()
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    finders: dict[str, Callable[[Observation], Maps]] = {
        "detail": lambda seen: relief_seen(seen, network)[0],
        "network alone": lambda seen: relief_seen(seen, network, refined=False)[0],
        "shape from shading alone": lambda seen: explained(seen, none, trusted(seen, mask), ALONE) * mask,
    }
    examples = [studio.example(seed) for seed in seeds]
    rows: list[Row] = []
    for name, find in finders.items():
        started = time.process_time()
        found = [find(example.observation) for example in examples]
        seconds = (time.process_time() - started) / len(examples)
        scored = [score for e, d in zip(examples, found, strict=True) if (score := _score(e, d, mask)) is not None]
        target = name == "detail"
        rows += _told(name, scored, seconds, target, _pooled(examples, found, mask))
    best = [fine(gaussian_filter(example.relief, SHOWN_TEXELS)) * mask for example in examples]
    scored = [score for e, d in zip(examples, best, strict=True) if (score := _score(e, d, mask)) is not None]
    return [*rows, *_told("ceiling, the true relief as far as 2 mm show it", scored, None, False, None)]


def _where(example: Example, mask: Maps) -> np.ndarray:
    return (example.observation.weight > 0.5) & (mask > 0.5)


def _score(example: Example, found: Maps, mask: Maps) -> ReliefScore | None:
    return relief_score(example.observation.geometry, found, example.relief, _where(example, mask))


def _pooled(examples: Sequence[Example], found: Sequence[Maps], mask: Maps) -> float:
    """Correlation over the texels of all sculptures together."""
    pairs = [[fine(d)[_where(e, mask)] for d in (f, e.relief)] for e, f in zip(examples, found, strict=True)]
    one, two = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return float(np.corrcoef(one, two)[0, 1])


def _told(
    name: str, scored: Sequence[ReliefScore], seconds: float | None, judged: bool, pooled: float | None
) -> list[Row]:
    coarse, found = (np.mean([getattr(s, key) for s in scored]) for key in ("coarse", "found"))
    deep, ours = (np.mean([getattr(s, key) for s in scored]) for key in ("coarse_folds", "found_folds"))
    each = float(np.mean([s.correlation for s in scored]))
    rows = [
        figure(f"{name}: normal error lower than coarse ({coarse:.2f}°)", 100 * (1 - found / coarse), "%",
               at_least=30.0 if judged else None),
        figure(f"{name}: the same where skin is folded ({deep:.1f}°)", 100 * (1 - ours / deep), "%"),
    ]  # fmt: skip
    if pooled is None or seconds is None:
        return rows
    return [
        *rows,
        figure(f"{name}: correlation of displacements, all texels", pooled, "",
               at_least=0.6 if judged else None),
        figure(f"{name}: the same, mean over heads", each, ""),
        figure(f"{name}: time of a face, one core", seconds, "s"),
    ]  # fmt: skip


# Marks


def mark_rows(seeds: Sequence[int]) -> list[Row]:
    """What share of the contrast of albedo marks is explained by a relief, on skin without any."""
    studio, network = Studio.ready(), detail_network()
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    explained, painted = [], []
    for seed in seeds:
        plain, marked = studio.example(seed, none, np.zeros((HEIGHT, WIDTH, 3), np.float32)), studio.example(seed, none)
        pair = [relief_seen(example.observation, network)[0] for example in (plain, marked)]
        difference = (marked.observation.channels[:3] - plain.observation.channels[:3]).mean(0) / 10
        down, across = np.gradient(pair[1] - pair[0])
        where = _where(marked, network.mask.numpy()) & (np.abs(difference) > 0.1)
        explained.append((marked.observation.channels[5] * across + marked.observation.channels[6] * down)[where])
        painted.append(difference[where])
    both = [float(np.sqrt((np.concatenate(part) ** 2).mean())) for part in (explained, painted)]
    return [figure("albedo marks that became shape, share of their contrast", 100 * both[0] / both[1], "%", at_most=15)]


def laid_rows(seeds: Sequence[int]) -> list[Row]:
    """What share of the contrast of wires, strands and straps is explained by a relief, on skin without any."""
    studio, network = Studio.ready(), detail_network()
    mask = network.mask.numpy()
    none, plain = np.zeros((HEIGHT, WIDTH), np.float32), np.zeros((HEIGHT, WIDTH, 3), np.float32)
    explained_by, drawn, deepest = [], [], []
    for seed in seeds:
        photo = studio.example(seed, none, plain).photo
        rows, columns = np.nonzero(np.isfinite(photo.texel[..., 0]))
        box = (float(columns.min()), float(rows.min()), float(columns.max()), float(rows.max()))
        worn = replace(photo, image=with_thing(photo.image, box, np.random.default_rng([SEED, seed])))
        pair = [studio.seen(each, np.random.default_rng([SEED, seed, 1])).observation for each in (photo, worn)]
        reliefs = [relief_seen(each, network)[0] for each in pair]
        change = (pair[1].channels[:3] - pair[0].channels[:3]).mean(0) / 10
        down, across = np.gradient(reliefs[1] - reliefs[0])
        where = (pair[1].weight > 0.5) & (mask > 0.5) & (np.abs(change) > 0.1)
        explained_by.append((pair[1].channels[5] * across + pair[1].channels[6] * down)[where])
        drawn.append(change[where])
        deepest.append(float(np.abs(reliefs[1] - reliefs[0]).max()))
    both = [float(np.sqrt((np.concatenate(part) ** 2).mean())) for part in (explained_by, drawn)]
    return [
        figure("wires, strands and straps that became shape, share of their contrast", 100 * both[0] / both[1], "%",
               at_most=5),
        figure("wires, strands and straps: deepest relief that they leave, mean over heads", float(np.mean(deepest)),
               "mm"),
    ]  # fmt: skip


# Photos


@dataclass(frozen=True)
class Looked:
    """What one validation photo says, each without and with detail.

    Attributes:
        errors: photometric, in the light that was fitted; the third is that of a relief which may explain all it can.
        relit: in a light that was fitted again to each skin.
        apart: identity distances. seconds: of balanced fitting, and that detail adds.
    """

    errors: tuple[float, float, float]
    relit: tuple[float, float]
    apart: tuple[float, float]
    seconds: tuple[float, float]


def look(name: str) -> Looked | None:
    """Fit a photo and compare its light on the skin with and without detail; None where no face is found."""
    from facegpt.appearance.texture import texture_from_photo
    from facegpt.data.images import photo_of

    photo = photo_of(read_photo(name))
    found = detector().detect(photo.pixels)
    if not found:
        return None
    dense = whole_look(photo.pixels, found[0])
    seen = SeenFace(photo, found[0], dense)
    started = time.process_time()
    fit = fit_photo(head(), found[0], photo.pixels, dense=dense)
    fitted = time.process_time()
    skin = texture_from_photo(photo.pixels, head(), fit.params, 1024, dense, seen.parts)
    face = finished(head(), seen, fit, skin.albedo, skin.lighting, skin.texture)
    begun = time.process_time()
    detailed = with_detail(face, seen)
    seconds = fitted - started, time.process_time() - begun
    observation = observe(head(), photo.pixels, face.params, dense, seen.parts)
    assert detailed.displacement is not None
    reliefs = np.zeros((HEIGHT, WIDTH), np.float32), detailed.displacement
    mask = detail_network().mask.numpy()
    free = np.clip(explained(observation, reliefs[0], trusted(observation, mask), FREE) * mask, -LARGEST_MM, LARGEST_MM)
    errors = [_photometric(observation, d, face.params.lighting) for d in (*reliefs, free)]
    again = [_photometric(observation, d, _light_again(observation, d)) for d in reliefs]
    own = describe_photo(photo.pixels, found[0].points[list(MEDIAPIPE_68), :2])
    apart = [float(np.linalg.norm(describe_head(each) - own, axis=1).mean()) for each in (face, _baked(detailed))]
    return Looked((errors[0], errors[1], errors[2]), (again[0], again[1]), (apart[0], apart[1]), seconds)


def _baked(face: Face) -> Face:
    """The head with its relief's light in its texture, for judges that draw without detail."""
    lit = face._lit(rotation_from_euler_deg(0.0), default_studio_lighting())
    return replace(face, photo_texture=lit.texture, detail=None)


def _photometric(seen: Observation, displacement: Maps, lighting: Array) -> float:
    """Mean |log ratio| of the photo to the statistical albedo in a light, on skin that is seen."""
    where = _judged_skin(seen)
    if not where.any():
        return float("nan")
    light = shading(seen.geometry.displaced_normal(displacement)[where], lighting)
    ratio = np.maximum(seen.colour[where], 4e-3) / np.maximum(seen.expected[where] * light, 4e-3)
    return float(np.abs(np.log(ratio)).mean())


def _light_again(seen: Observation, displacement: Maps) -> Array:
    """The light (9, 3) that best explains a photo on skin with a relief, its albedo given."""
    where = _judged_skin(seen)
    albedo = np.log(np.maximum(seen.expected[where], 4e-3))
    normals = seen.geometry.displaced_normal(displacement)[where]
    none = np.zeros((0, *albedo.shape))
    return estimate_light(seen.colour[where], sh_basis(normals), albedo, none, np.ones(len(albedo))).lighting


def _judged_skin(seen: Observation) -> np.ndarray:
    mask = detail_network().mask.numpy()
    return (seen.weight > 0.5) & (mask > 0.5) & (skin_trust(seen, mask) > 0.5)


def photo_rows(faces: Sequence[Looked]) -> list[Row]:
    """Sum up the photos."""
    told = [f for f in faces if np.isfinite(f.errors[0])]
    if not told:
        raise FaceGPTError("none of the validation photos shows a face that could be fitted")
    errors, relit, apart, seconds = (
        np.array([getattr(f, name) for f in told]) for name in ("errors", "relit", "apart", "seconds")
    )
    (coarse, detailed, free), (again, both), (before, after), (fit, added) = (
        each.mean(0) for each in (errors, relit, apart, seconds)
    )
    worse = [100 * float((each[:, 1] > each[:, 0] + slack).mean()) for each, slack in ((errors, 0), (apart, 0.02))]
    said = "validation photos"
    return [
        figure(f"{said}: photometric error lower than coarse ({coarse:.3f})", 100 * (1 - detailed / coarse), "%",
               at_least=25),
        figure(f"{said}: ceiling, a relief free to explain every shade, marks too", 100 * (1 - free / coarse), "%"),
        figure(f"{said}: the same, light fitted again to each ({again:.3f})", 100 * (1 - both / again), "%"),
        figure(f"{said}: light fitted again with the relief, beside coarse as fitted", 100 * (1 - both / coarse), "%"),
        figure(f"{said}: made worse by detail", worse[0], "%", at_most=0),
        figure(f"{said}: identity distance changed (from {before:.3f})", after - before, "", at_most=0.005),
        figure(f"{said}: identity distance more than .02 longer", worse[1], "%"),
        figure("time that detail adds, over that of balanced fitting", added / fit, "ratio", at_most=1.0),
        figure("time that detail adds, one core", added, "s"),
    ]  # fmt: skip


# Motion


def parted_rows(seeds: Sequence[int]) -> list[Row]:
    """How well what stays at rest is told from one photo of an expression; people of another sculptor."""
    told = judged(sitters(seeds), split)
    said = "folds of an expression"
    return [
        figure(f"{said}: squared error of what it made, over that of leaving all at rest", told.made, "ratio",
               at_most=1.0),
        figure(f"{said}: correlation of what it made with the truth", told.correlation, ""),
        figure(f"{said}: share that is left at rest", 100 * told.left, "%"),
        figure(f"{said}: share of lasting folds that is kept", 100 * told.kept, "%"),
        figure(f"{said}: squared error of the change to another expression, over changing nothing", told.other, "ratio",
               at_most=1.0),
    ]  # fmt: skip


def sweep_rows(people: int) -> list[Row]:
    """Move all 52 units of people with deep sculpted detail: the steepest place and the largest step to a neighbour."""
    studio, model, window = Studio.ready(), head(), skin_window(head())
    mask, steepest, deepest = detail_network().mask.numpy(), 1.0, 0.0
    for person in range(people):
        rng = np.random.default_rng([SEED, person])
        params = studio.person(rng).replace(joints=np.zeros((model.sizes.joints, 3), np.float32))
        static, dynamic = split(studio.relief(rng) * mask, params.expression, 55.0)
        detail = Detail(static, dynamic, params.expression, 0.7)
        for unit in range(len(ARKIT_NAMES)):
            weights = np.zeros(len(ARKIT_NAMES), np.float32)
            weights[unit] = 1.0
            moved = params.replace(expression=weights)
            geometry = skin_geometry(window, head_vertices(model, moved))
            displacement = detail.displacement(weights)
            cosine = (geometry.displaced_normal(displacement) * geometry.normal).sum(-1)[
                (mask > 0) & (window.triangle >= 0)
            ]
            steepest, deepest = min(steepest, float(cosine.min())), max(deepest, float(np.abs(displacement).max()))
    return [
        figure(f"52 units × {people} people: steepest relief, cosine to the coarse normal", steepest, "",
               at_least=LEAST_COSINE),
        figure(f"52 units × {people} people: largest displacement", deepest, "mm", at_most=4.0),
    ]  # fmt: skip
