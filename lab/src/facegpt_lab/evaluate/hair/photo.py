"""Hair from photos: heads with known grooms found again, and real photos beside what is seen of them.

Known grooms are styles with every setting moved, on people, in light and before backdrops that nothing was tuned on,
drawn by the renderer with heads turned up to 60°. Silhouettes are those that the fit draws too: the true head with its
true hair, and the head found with the hair found, each drawn from the same side. Real photos are compared with the
mask that the fit used: how well it agrees with what is seen, not how well that was seen. Their family, kind and length
are compared with labels set by eye (photo_labels.csv).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from facegpt.api import FaceGPT, load
from facegpt.cielab import lab_from_linear
from facegpt.conventions import HEAD_TO_CAMERA_AXES, linear_to_srgb, rotation_from_euler_deg
from facegpt.encode.parts import BEARD, EAR, GLASSES, HAT, SKIN, FaceParts, parts
from facegpt.face import Face
from facegpt.face.pictures import over
from facegpt.hair.from_photo.drawer import Drawer
from facegpt.hair.from_photo.seen import hair_seen, heights
from facegpt.hair.groom import varied
from facegpt.hair.presets import LENGTHS, PRESETS, length_step
from facegpt.render.lighting import default_studio_lighting
from facegpt.types import Array, Camera, FaceParams, Groom, Hair, Pose
from facegpt_lab.evaluate.hair.over_face import OverFace, over_face
from facegpt_lab.evaluate.hair.photo_labels import Agrees, agrees, photo_labels
from facegpt_lab.evaluate.registry import Report, Row, figure
from facegpt_lab.evaluate.shared_networks import head
from facegpt_lab.evaluate.skin_light.colour_difference import delta_e
from facegpt_lab.evaluate.validation_photos import read_photo, validation_photos
from facegpt_lab.synthesis.studio.backdrop import paint_backdrop
from facegpt_lab.synthesis.studio.records import Backdrop

#: How many known heads and photos, and in the quick version; side of the known pictures, px; seed of the first.
KNOWN, PHOTOS, QUICK, SIDE, SEED = 24, 47, 3, 512, 91_000
#: Sides from which silhouettes are compared as well, degrees.
ASIDE_DEG = (-30.0, 30.0)
#: Where the chin ends, mm along the head's y axis: below it only hair counts.
CHIN_MM = -95.0


@dataclass(frozen=True)
class FoundAgain:
    """One known head, found again.

    Attributes:
        fitted: IoU of the fitted hair in the photo's view. aside: mean of both sides. nearest: of the style alone.
        family, length: whether they are right, the length within one step. colour: ΔE (CIE 76).
    """

    fitted: float
    aside: float
    nearest: float
    family: bool
    length: bool
    colour: float


@cache
def loaded() -> FaceGPT:
    """The default model."""
    return load()


def known_head(seed: int) -> tuple[FaceParams, str]:
    """A person with hair of a moved style before a camera, and the style's name."""
    rng, model = np.random.default_rng(seed), head()
    names = [name for name in PRESETS if name != "bald"]
    style = names[int(rng.integers(len(names)))]
    rotation = rotation_from_euler_deg(float(rng.uniform(-60, 60)), float(rng.normal(0, 8)), 0.0)
    lightness = float(np.exp(rng.uniform(np.log(0.012), np.log(0.3))))
    warmth = np.array([1.0, rng.uniform(0.55, 0.8), rng.uniform(0.3, 0.6)])
    colour = tuple(float(v) for v in lightness * warmth)
    hair = Hair(style, colour, groom=varied(PRESETS[style].groom, rng))  # type: ignore[arg-type]
    sizes = model.sizes
    light = default_studio_lighting() * np.exp(rng.normal(0, 0.15)) * np.exp(rng.normal(0, 0.05, 3))
    return FaceParams(
        model_id=model.model_id,
        identity=rng.standard_normal(sizes.identity).astype(np.float32),
        expression=np.zeros(sizes.expression, np.float32),
        joints=np.zeros((sizes.joints, 3), np.float32),
        pose=Pose(rotation, np.array([0.0, rng.uniform(-10, 30), 1000.0])),
        albedo=rng.standard_normal(sizes.albedo).astype(np.float32),
        lighting=np.asarray(light, np.float32),
        camera=Camera(1.9 * SIDE, ((SIDE - 1) / 2, (SIDE - 1) / 2), SIDE, SIDE),
        hair=hair,
    ), style


def photo_of_head(params: FaceParams, seed: int) -> NDArray[np.uint8]:
    """The picture of a head before a backdrop of the studio (SIDE, SIDE, 3)."""
    wall = paint_backdrop(Backdrop("noise" if seed % 2 else "plain", seed, 0.7), SIDE, "", 4.0)
    behind = np.round(linear_to_srgb(np.clip(wall, 0, 1)) * 255).astype(np.uint8)
    return over(Face(head(), params), behind, params.camera)


def found_again(seed: int) -> FoundAgain | None:
    """Make a known head, find it in its picture, and compare; None if no face is found."""
    truth, style = known_head(seed)
    assert truth.hair is not None and truth.hair.groom is not None
    faces = loaded().reconstruct(photo_of_head(truth, seed), detail="off")
    if not faces:
        return None
    found = faces[0].params
    wrong = found.hair is None
    hair = Hair() if found.hair is None else found.hair
    groom = PRESETS[hair.style].groom if hair.groom is None else hair.groom
    family = PRESETS[hair.style].family == PRESETS[style].family
    steps = [LENGTHS.index(length_step(each)) for each in (groom, truth.hair.groom)]
    return FoundAgain(
        fitted=_iou(truth, found, groom, 0.0),
        aside=float(np.mean([_iou(truth, found, groom, turn) for turn in ASIDE_DEG])),
        nearest=_iou(truth, found, PRESETS[hair.style].groom, 0.0),
        family=family and not wrong,
        length=abs(steps[0] - steps[1]) <= 1,
        colour=float(delta_e(lab_from_linear(hair.colour), lab_from_linear(truth.hair.colour))),
    )


def _iou(truth: FaceParams, found: FaceParams, groom: Groom, turn_deg: float) -> float:
    """IoU of the true hair and a groom on the head found, both heads turned about their own y axis."""
    assert truth.hair is not None and truth.hair.groom is not None
    one, other = (_hair_mask(p, g, turn_deg) for p, g in ((truth, truth.hair.groom), (found, groom)))
    either = (one | other).sum()
    return float((one & other).sum() / either) if either else 1.0


def _hair_mask(params: FaceParams, groom: Groom, turn_deg: float) -> NDArray[np.bool_]:
    """Where hair covers the whole picture's map (S, S) when the head is turned."""
    turn = HEAD_TO_CAMERA_AXES.T @ rotation_from_euler_deg(turn_deg, 0.0, 0.0)  # about the head's own y axis
    pose = Pose(np.asarray(params.pose.rotation) @ turn, params.pose.translation)
    whole = params.replace(pose=pose)
    size = params.camera.width
    side = 192
    to_map = np.array([[side / size, 0, 0], [0, side / size, 0]], float)
    to_map[:, 2] = 0.5 * side / size - 0.5
    nothing = np.zeros((side, side, 9), np.float32)
    parts = FaceParts(nothing, np.ones((side, side), bool), to_map)
    return Drawer.of(head(), whole, hair_seen(head(), whole, parts)).draw(groom).cover > 0.5


def known_rows(made: list[FoundAgain | None]) -> list[Row]:
    """The figures of known heads."""
    seen = [one for one in made if one is not None]

    def mean(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in seen])) if seen else float("nan")

    return [
        figure("known heads found", len(seen) / max(len(made), 1), "share"),
        figure("hair IoU in the photo's view", mean("fitted"), "", at_least=0.85),
        figure("hair IoU at ±30°", mean("aside"), "", at_least=0.75),
        figure("hair IoU in the photo's view, nearest style alone", mean("nearest"), ""),
        figure("family right", 100 * mean("family"), "%", at_least=75),
        figure("length within one step", 100 * mean("length"), "%", at_least=85),
        figure("colour ΔE", mean("colour"), "", at_most=8),
    ]


def found_in_photo(name: str) -> tuple[float, Agrees, OverFace | None] | None:
    """A real photo: IoU of head and hair with what is seen, what agrees with its label, and what hair does on the face.

    None without a face; the last is None without hair.
    """
    photo = read_photo(name)
    faces = loaded().reconstruct(photo, detail="off")
    if not faces:
        return None
    detection = loaded().detector.detect(photo)[0]
    params = faces[0].params
    seen_parts = parts(photo, detection.points)
    agreed = agrees(photo_labels()[name], params.hair)
    return head_iou(params, seen_parts), agreed, hair_over_face(params, seen_parts)


def hair_over_face(params: FaceParams, seen_parts: FaceParts) -> OverFace | None:
    """`over_face` of a head's hair; None where none grows."""
    if params.hair is None:
        return None
    seen = hair_seen(head(), params, seen_parts)
    groom = PRESETS[params.hair.style].groom if params.hair.groom is None else params.hair.groom
    return over_face(head(), params, seen, Drawer.of(head(), params, seen).draw(groom).cover)


def photo_rows(names: list[str]) -> list[Row]:
    """The figures of real photos: silhouettes, and what was labelled by eye."""
    found = [one for one in map(found_in_photo, names) if one is not None]

    def percent(what: str) -> float:
        told = [getattr(agreed, what) for _, agreed, _ in found if getattr(agreed, what) is not None]
        return 100 * float(np.mean(told)) if told else float("nan")

    iou = float(np.mean([iou for iou, *_ in found])) if found else float("nan")
    faces = [one for *_, one in found if one is not None]
    inner = [one.iou for one in faces if np.isfinite(one.iou)]
    gaps = np.abs([gap for one in faces for gap in one.gaps_mm])
    return [
        figure("photos: IoU of head and hair", iou, "", at_least=0.85),
        figure("photos: IoU of hair on the face", float(np.mean(inner)) if inner else float("nan"), ""),
        figure("photos: hairline off by", float(np.nanmean(gaps)) if np.isfinite(gaps).any() else float("nan"), "mm"),
        figure("photos: family as labelled", percent("family"), "%", at_least=75),
        figure("photos: straight, wavy, curly or coily as labelled", percent("kind"), "%"),
        figure("photos: length within one step of the label", percent("length"), "%"),
    ]


def head_iou(params: FaceParams, seen_parts: FaceParts) -> float:
    """IoU of a head with its hair and the parts seen, below the chin of the hair alone; what hats hide is left out."""
    model = head()
    seen = hair_seen(model, params, seen_parts)
    drawn_hair = np.zeros_like(seen.mask)
    if params.hair is not None:
        groom = PRESETS[params.hair.style].groom if params.hair.groom is None else params.hair.groom
        drawn_hair = Drawer.of(model, params, seen).draw(groom).cover > 0.5
    skin = _halved(seen_parts.share(SKIN, EAR, BEARD, GLASSES)) > 0.5
    above = heights(seen.view) > CHIN_MM
    drawn, there = drawn_hair | (seen.view.head & above), seen.mask | (skin & above)
    hat = _halved(seen_parts.share(HAT)) > 0.5
    known = seen.known | seen.view.head & above & ~hat
    either = ((drawn | there) & known).sum()
    return float((drawn & there & known).sum() / max(either, 1))


def _halved(values: Array) -> Array:
    side = len(values) // 2
    return values.reshape(side, 2, side, 2).mean((1, 3))


def evaluate(quick: bool) -> Report:
    """`facegpt eval hair`: known grooms found again, and real photos of the validation half."""
    known = [found_again(SEED + k) for k in range(QUICK if quick else KNOWN)]
    names = [name for name, _ in validation_photos() if name.startswith("photos")][: QUICK if quick else PHOTOS]
    told = f"{len(known)} drawn heads with known grooms, {len(names)} photos of the validation half"
    return Report(told, (*known_rows(known), *photo_rows(names)))
