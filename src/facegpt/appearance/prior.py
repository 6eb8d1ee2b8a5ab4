"""What the head model knows of textures: mean, basis, spread of real skin, and where photos may paint."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.appearance.eyes_and_teeth.corners import corners
from facegpt.appearance.eyes_and_teeth.tooth_shapes import shaped_teeth, teeth_of
from facegpt.appearance.eyes_and_teeth.usual_whites import usual_whites
from facegpt.appearance.skin_tones import SkinTones
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.kept_tables import kept_tables
from facegpt.morphable.makehuman.albedo import AlbedoModel
from facegpt.morphable.makehuman.local_shapes import unshaped
from facegpt.morphable.makehuman.painted_hair import tapered_brows
from facegpt.morphable.makehuman.planes import grown, shrunk
from facegpt.morphable.normals import vertex_normals
from facegpt.render.lighting import sh_basis
from facegpt.types import Array

#: Spread of real skin around the model, log units of brightness and of colour, for models that don't bring their own.
PLAIN_SD = (0.22, 0.07)
#: Side of the atlas that tells the tone of the skin and nothing else, and how many texels of the face it has at least.
TONE_SIZE, FEWEST_TEXELS = 64, 1200
#: Weights of red, green and blue in the brightness of a photo without colour.
LUMINANCE = (0.25, 0.65, 0.10)
#: Share of the eyeballs' texels on which a component acts that is the irises': skin at the seams reaches fewer.
IRIS_SHARE = 0.03
#: What lies so near the middle of an eyeball is of any colour: lids, their folds, make-up; over how many mm that ends.
ABOUT_EYES_MM, ABOUT_EYES_FADE_MM = 30.0, 6.0
#: Half the width of the bridge of the nose, and its ends above the middle of the eyes, mm.
BRIDGE_MM = (11.0, -16.0, 9.0)
#: How far from the lining of the mouth lips are their inner edge, and from where on they are not, mm.
RIM_MM = (2.0, 3.5)
#: Green albedo from which a texel of teeth is enamel, the quantile that gaps go towards, and what is kept of them.
ENAMEL_LEAST, ENAMEL_PALE, GAPS_KEPT = 0.2, 0.7, 0.3
#: Growth of beards from which a place counts as theirs; spread of shaven skin there at most, brightness and colour.
GROWN, SHAVEN_SD = 0.1, np.array([0.2, 0.07], np.float32)
#: SD of a component's brightness over bare skin below which it does not count as light; the spread up to which skin is
#: bare, log units.
LEAST_ACT, BARE_SD = 0.03, 0.3
_FLOOR = 2e-3
#: Folders whose program decides about the statistics.
PROGRAM = ("appearance", "morphable", "render")
#: Mean textures up to this side are kept in the cache folder, texels: the next larger one takes 50 MB.
MOST_KEPT_SIDE = 1024
_TONES = ("basis", "tone", "ends", "least", "iris")
_TABLES = (
    *("mean_log", "mask", "residual_sd", "eyes", "growth", "lips", "brows", "bridge", "hard", "rim", "like_light"),
    *_TONES,
)


#: Growth below which skin is bare on every face.
BARE = 0.01


@dataclass(frozen=True)
class TexturePrior:
    """A log-linear texture model on an H × W grid.

    Attributes:
        mean_log: (H, W, 3) log albedo. tones: how coefficients (A,) change it, (H, W, 3).
        mask: (H, W) in 0..1, where a photo may paint. residual_sd: (H, W, 2) SD of brightness and colour, log units.
        eyes: (H, W) bool, texels of the eyeballs. growth: (H, W) in 0..1, where beards and moustaches grow.
        lips: (H, W) in 0..1. brows: (H, W) in 0..1, with the skin about the eyes.
        bridge: (H, W) bool, the bridge of the nose, where glasses lie.
        hard: (H, W) bool, eyeballs and teeth: what skin has beside the model they have not.
        rim: (H, W) in 0..1, the lips' inner edges: what a photo shows there may be wet teeth.
        like_light: (A,) in 0..1, how much of what each coefficient does to bare skin a light would do as well.
    """

    mean_log: NDArray[np.float32]
    tones: SkinTones
    mask: NDArray[np.float32]
    residual_sd: NDArray[np.float32]
    eyes: NDArray[np.bool_]
    growth: NDArray[np.float32]
    lips: NDArray[np.float32]
    brows: NDArray[np.float32]
    bridge: NDArray[np.bool_]
    hard: NDArray[np.bool_]
    rim: NDArray[np.float32]
    like_light: NDArray[np.float64] | None = None

    @cached_property
    def irises(self) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Which components act on the eyeballs, and on which texels (H, W)."""
        rows, columns = np.nonzero(self.eyes)
        acts = np.abs(self.tones.basis[:, rows, columns]).max(-1) > 0.1
        chosen = np.flatnonzero(acts.mean(1) > IRIS_SHARE) if len(rows) else np.zeros(0, np.intp)
        texels = np.zeros_like(self.eyes)
        texels[rows, columns] = acts[chosen].any(0)
        return chosen, texels

    @cached_property
    def bare(self) -> NDArray[np.bool_]:
        """Which texels (H, W) are skin that a photo may paint where no hair grows: no lips, brows or eyeballs."""
        return (self.growth < BARE) & (self.mask > 0.9) & (self.brows + self.lips < 0.01) & ~self.eyes

    def greyed(self) -> TexturePrior:
        """The same statistics for a photo without colour: every channel is the luminance."""
        luminance = np.array(LUMINANCE, np.float32)
        mean = np.repeat((self.mean_log @ luminance)[..., None], 3, axis=-1)
        return replace(self, mean_log=mean, tones=self.tones.greyed(luminance))

    def shaven(self, share: float) -> TexturePrior:
        """The statistics of a face that surely (1) has no beard: where beards grow its skin is skin as elsewhere."""
        bare = (share * np.minimum(self.growth / GROWN, 1))[..., None]
        spread = self.residual_sd + bare * (np.minimum(self.residual_sd, SHAVEN_SD) - self.residual_sd)
        found = replace(self, residual_sd=spread.astype(np.float32), growth=self.growth * np.float32(1 - share))
        found.__dict__["irises"] = self.irises  # of eyes and tones, which stay: looked for once
        return found

    def expected(self, albedo: Array) -> NDArray[np.float32]:
        """The log albedo (H, W, 3) of a skin (A,)."""
        return np.asarray(self.mean_log + self.tones.change(albedo), np.float32)


_known: weakref.WeakValueDictionary[int, MorphableModel] = weakref.WeakValueDictionary()
_priors: dict[tuple[int, int], TexturePrior] = {}
_means: dict[tuple[int, int], tuple[NDArray[np.float32], NDArray[np.uint8]]] = {}


def prior_of(model: MorphableModel, size: int) -> TexturePrior:
    """Evaluate a model's texture statistics at a size, once for each model object; local shapes change nothing."""
    model = unshaped(model)
    _forget_others(model)
    key = (id(model), size)
    if key not in _priors:
        _priors[key] = _build(model, size)
    return _priors[key]


def tone_size(model: MorphableModel) -> int:
    """TONE_SIZE, or more where the face takes so little of a model's atlas that few texels would tell its tone."""
    size = TONE_SIZE
    while size < 4 * TONE_SIZE and (prior_of(model, size).mask > 0.5).sum() < FEWEST_TEXELS:
        size *= 2
    return size


def fine_mean(model: MorphableModel, size: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The model's mean texture (size, size, 3) linear RGB and opacity (size, size) uint8, evaluated once."""
    model = unshaped(model)
    _forget_others(model)
    key = (id(model), size)
    if key not in _means:
        own = size <= MOST_KEPT_SIDE and getattr(model, "albedo", None) is AlbedoModel.load()
        sources = sources_of(model, size)
        made = kept_tables("mean_texture", sources, PROGRAM, lambda: _fine(model, size)) if own else None
        mean, alpha = made or _fine(model, size)
        _means[key] = mean, alpha
    return _means[key]


def _fine(model: MorphableModel, size: int) -> tuple[NDArray, NDArray]:
    """What `fine_mean` gives."""
    mean = model_texture(model, np.zeros(model.sizes.albedo), size)
    if isinstance(getattr(model, "albedo", None), AlbedoModel):
        mean = painted(tapered_brows(mean), model)
    return mean, np.round(opacity(model, size) * 255).astype(np.uint8)


def painted(texture: NDArray[np.floating], model: MorphableModel) -> NDArray[np.float32]:
    """A texture (S, S, 3), linear RGB, with single teeth, usual whites and corners of eyes; of other heads as it is."""
    if not isinstance(getattr(model, "albedo", None), AlbedoModel):
        return np.asarray(texture, np.float32)
    atlas, names = atlas_of(model, len(texture)), model.part_names
    place = atlas.interpolate(model.mean_vertices, teeth_of(atlas.part, names))
    out, whites = soft_teeth(texture, atlas.part, names), usual_whites(atlas.part, names)
    white = (whites[..., 0] != 0) | (whites[..., 1] != 0)
    out[white] *= np.exp(whites[white])
    beside, change = corners(model, len(texture))  # type: ignore[arg-type]
    out.reshape(-1, 3)[beside] *= np.exp(change)
    return shaped_teeth(out, atlas, place, names)


def soft_teeth(mean: Array, part: NDArray[np.integer], names: Sequence[str]) -> NDArray[np.float32]:
    """A mean texture (H, W, 3), linear RGB, whose gaps between teeth are fainter, as they are in photos of smiles.

    Enamel is translucent: light goes through its edges into the gaps, and painted ones lack that.
    """
    out = np.array(mean, np.float32)
    for name in ("upper_teeth", "lower_teeth"):
        rows = part == (names.index(name) if name in names else -2)
        enamel = rows & (out[..., 1] > ENAMEL_LEAST)
        if enamel.any():
            logs = np.log(out[enamel])
            out[enamel] = np.exp(np.quantile(logs, ENAMEL_PALE, axis=0) * (1 - GAPS_KEPT) + GAPS_KEPT * logs)
    return out


def _forget_others(model: MorphableModel) -> None:
    """Drop what was kept for a model object that is gone and whose id this one has taken over."""
    if _known.get(id(model)) is not model:
        _priors.clear()
        _means.clear()
        _known[id(model)] = model


def _build(model: MorphableModel, size: int) -> TexturePrior:
    """The statistics at a size; those of the package's own textures on a head are kept from process to process."""
    if getattr(model, "albedo", None) is not AlbedoModel.load():
        return _evaluated(model, size)
    made = kept_tables("skin_statistics", sources_of(model, size), PROGRAM, lambda: _tables(_evaluated(model, size)))
    own = dict(zip(_TABLES, made, strict=True))
    tones = SkinTones(*(own.pop(name) for name in _TONES))
    return TexturePrior(**own, tones=tones)


def sources_of(model: MorphableModel, size: int) -> tuple[object, ...]:
    """What decides about the textures of a model at a size, beside the package."""
    names = f"{model.model_id} {size} {' '.join(model.part_names)}"
    return names, model.mean_vertices, model.triangles, model.part


def _tables(prior: TexturePrior) -> list[NDArray]:
    return [np.asarray(getattr(prior.tones if name in _TONES else prior, name)) for name in _TABLES]


def _evaluated(model: MorphableModel, size: int) -> TexturePrior:
    atlas = atlas_of(model, size)
    names = [model.part_names[p] if p >= 0 else "" for p in range(-1, len(model.part_names))]
    eyes = np.isin(atlas.part, [i - 1 for i, name in enumerate(names) if name.endswith("_eye")])
    teeth = np.isin(atlas.part, [i - 1 for i, name in enumerate(names) if name.endswith("_teeth")])
    albedo = getattr(model, "albedo", None)
    if isinstance(albedo, AlbedoModel):
        plain, basis = tapered_brows(np.exp(_last(albedo.mean_at(size)))), albedo.basis
        mean = np.log(soft_teeth(plain, atlas.part, model.part_names))
        mask, spread = _resized(albedo.photo_mask[..., None], size)[..., 0], _resized(albedo.residual_sd, size)
        planes = np.stack([_resized(plane, size) for plane in _last(basis)])
        grown = albedo.beards, albedo.lips, albedo.brows
        beards, red, brows = (_resized(plane[..., None], size)[..., 0] for plane in grown)
        about, bridge = _about_eyes(model, atlas)
        brows = np.maximum(brows, about)
        tone = _resized(albedo.tone[..., None], size)[..., 0]
        iris = _resized(albedo.iris[..., None], size)[..., 0]
        tones = SkinTones(planes, tone, albedo.bend, albedo.least, iris)
        rim = red * _beside_mouth(model, atlas)
        like = _like_light(model, atlas, planes, mask * (spread[..., 0] < BARE_SD) * ~(eyes | teeth))
        return TexturePrior(mean, tones, mask, spread, eyes, beards, red, brows, bridge, eyes | teeth, rim, like)
    import torch

    with torch.no_grad():
        steps = torch.cat([torch.zeros(1, model.sizes.albedo), torch.eye(model.sizes.albedo)])
        logs = np.stack(
            [np.log(np.maximum(_resized(_last(t.numpy()), size), _FLOOR)) for t in model.albedo_texture(steps)]
        )
    mask = (atlas.part == model.part_names.index("skin")).astype(np.float32)
    spread = np.broadcast_to(np.array(PLAIN_SD, np.float32), (size, size, 2))
    none = np.zeros((size, size), np.float32)
    return TexturePrior(
        logs[0], SkinTones(logs[1:] - logs[0]), mask, spread, eyes, none, none, none, none > 0, eyes | teeth, none
    )


def _about_eyes(model: MorphableModel, atlas: Atlas) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Skin about the eyes (H, W) in 0..1, by its distance from an eyeball's middle; and the bridge of the nose."""
    place, near = atlas.interpolate(model.mean_vertices), np.zeros(atlas.part.shape, np.float32)
    skin, middle = atlas.part == model.part_names.index("skin"), None
    for name in [name for name in ("left_eye", "right_eye") if name in model.part_names]:
        eye = np.unique(model.triangles[model.part == model.part_names.index(name)])
        middle = model.mean_vertices[eye].mean(0)
        away = np.linalg.norm(place - middle, axis=-1)
        near = np.maximum(near, np.clip((ABOUT_EYES_MM - away) / ABOUT_EYES_FADE_MM, 0, 1))
    if middle is None:
        return near, skin & False
    width, low, high = BRIDGE_MM
    rise = place[..., 1] - middle[1]
    bridge = (np.abs(place[..., 0]) < width) & (rise > low) & (rise < high) & (place[..., 2] > middle[2] / 2)
    return (near * skin).astype(np.float32), bridge & skin


def _like_light(model: MorphableModel, atlas: Atlas, planes: Array, bare: Array) -> NDArray[np.float64]:
    """Share (A,) of the variance of a component's brightness (A, H, W, 3) over bare skin (H, W) that light explains.

    Shading has found its way into statistics that were learnt from photos: nine harmonics on the mean head draw up to
    half of what some components do. The first is the tone of all skin, and what hardly acts on skin is no light.
    """
    normals = atlas.interpolate(vertex_normals(model.mean_vertices, np.asarray(model.triangles)))
    sure = bare > 0.5
    harmonics = sh_basis(normals[sure] / np.maximum(np.linalg.norm(normals[sure], axis=1, keepdims=True), 1e-6))
    brightness = planes[:, sure].mean(-1).T.astype(np.float64)
    left = brightness - harmonics @ np.linalg.lstsq(harmonics, brightness, rcond=None)[0]
    share = 1 - left.var(0) / np.maximum(brightness.var(0), 1e-9)
    share[(brightness.std(0) < LEAST_ACT) | (np.arange(len(share)) == 0)] = 0
    return np.asarray(share)


def _beside_mouth(model: MorphableModel, atlas: Atlas) -> NDArray[np.float32]:
    """How near texels (H, W) lie to the lining of the mouth, 1 to 0 over RIM_MM; 0 where a model has none."""
    if "mouth" not in model.part_names:
        return np.zeros(atlas.part.shape, np.float32)
    lining = np.unique(model.triangles[model.part == model.part_names.index("mouth")])
    away = cKDTree(model.mean_vertices[lining]).query(atlas.interpolate(model.mean_vertices))[0]
    near, far = RIM_MM
    return np.clip((far - away) / (far - near), 0, 1).astype(np.float32)


def model_texture(model: MorphableModel, albedo: Array, size: int) -> NDArray[np.float32]:
    """Evaluate the model's texture at any size: (size, size, 3) linear RGB."""
    coefficients, own = np.asarray(albedo, np.float32)[None], getattr(model, "albedo", None)
    if isinstance(own, AlbedoModel):
        return _resized(_last(own.texture(coefficients, min(size, own.size))[0]), size)
    import torch

    with torch.no_grad():
        texture = model.albedo_texture(torch.from_numpy(coefficients))[0].numpy()
    return _resized(_last(texture), size)


def opacity(model: MorphableModel, size: int) -> NDArray[np.float32]:
    """The model's opacity (size, size) in 0..1."""
    return _resized(np.asarray(model.opacity_texture(), np.float32)[..., None], size)[..., 0]


def _last(values: NDArray) -> NDArray[np.float32]:
    """Move channels (..., 3, H, W) to the end."""
    return np.ascontiguousarray(np.moveaxis(values, -3, -1), np.float32)


def _resized(values: NDArray, size: int) -> NDArray[np.float32]:
    """Resize (H, W, C) to a square: averages when it shrinks, bilinear when it grows."""
    if values.shape[:2] == (size, size):
        return np.ascontiguousarray(values, np.float32)
    own, planes = values.shape[0], np.ascontiguousarray(np.moveaxis(values, -1, 0), np.float32)
    return _last(shrunk(planes, size) if own % size == 0 else grown(planes, size))
