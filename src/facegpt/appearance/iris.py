"""The colour of the irises, from the photo's few eye texels and from who usually has which.

The cornea mirrors what is before it, lids and lashes shade what is behind it, and most irises are a few pixels wide: so
no one statistic of those pixels is the iris' colour. What several of them say of it, beside the whites of the eyes, the
skin and the brows, was learnt on pictures of people whose irises are known (lab/runs/iris); where the pixels say
little, the learnt colour goes back to what people of such skin and brows have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import atlas_of
from facegpt.appearance.eyes_and_teeth.iris_tones import tones_of
from facegpt.appearance.eyes_and_teeth.seen_iris import COUNT, SeenIrises
from facegpt.appearance.light import LightFit, shading
from facegpt.appearance.prior import TexturePrior, prior_of
from facegpt.appearance.unwrap import Posed, Unwrapped, unwrap
from facegpt.assets import load_arrays
from facegpt.morphable.base import MorphableModel
from facegpt.morphable.makehuman.albedo import NAMED
from facegpt.morphable.makehuman.iris_colours import HUES, iris_bend
from facegpt.runtime.blur import gaussian_blur
from facegpt.types import Array

#: Weights of the regression, made by lab/runs/iris.
ASSET = "networks/iris.npz"
#: Side of the atlas whose eye texels are looked at.
SIDE = 256
#: Least visibility of a texel, and the fewest texels of irises that tell anything.
SEEN, FEWEST = 0.3, 12
#: How likely something must lie before a texel for it to count as hidden.
HIDDEN = 0.5
#: Albedo up to which the model's eye is pupil, and the least share of an iris texel's light that is its own.
PUPIL, LEFT = 0.012, 0.15
#: Quantiles of the irises' texels that are read.
QUANTILES = (0.1, 0.3, 0.5, 0.7)
#: Coefficients of the albedo that are read: tone of the skin and of the brows, redness, yellowness.
SKIN = (0, 1, 2, 3, 22, 31, 32)
#: Where they stand among all features.
SKIN_COLUMNS = slice(19, 19 + len(SKIN))
#: Where the irises' own colour, the whites' and the sharpness stand.
OWN, PALE, FINE = slice(12, 15), slice(16, 19), SKIN_COLUMNS.stop
#: SD of brightness and hue that coefficients are drawn to the colour with, log units; how far they go.
SOLVED_SD, MOST_SD = 0.15, 3.5
#: Hues of irises that are tried, SDs.
HUES_TRIED = np.linspace(-MOST_SD, HUES[-1], 121)
#: How far a photo may lie outside the studio's pictures, their SDs.
MOST_SCALES = 3.0
#: Log odds by which irises that are hardly seen are rather brown: blue ones that are none are the worse fault.
DOUBT = 1.0
#: How much more decided than its odds the mix of brown and light is: what lies between the two is nobody's.
DECIDED = 2.5
#: Share of belief in what is seen of an iris below which its hue is what goes with the skin.
HARDLY = 0.5
_DARKEST = 2e-3


@dataclass(frozen=True, eq=False)
class EyeTexels:
    """Texels of the eyeballs in one row: triangle (1, N), corner (1, N, 3); iris, pupil (N,) bool; mean_log (N, 3)."""

    texel: NDArray[np.int32]
    corner: NDArray[np.float32]
    iris: NDArray[np.bool_]
    pupil: NDArray[np.bool_]
    mean_log: NDArray[np.float32]


@lru_cache(maxsize=2)
def eye_texels(model: MorphableModel) -> EyeTexels:
    """The eyeballs' texels of a model."""
    prior, atlas = prior_of(model, SIDE), atlas_of(model, SIDE)
    rows = np.nonzero(prior.eyes)
    mean, iris = prior.mean_log[rows], prior.irises[1][rows]
    texel = np.ascontiguousarray(atlas.texel[rows][None])
    corner = np.ascontiguousarray(atlas.corner[rows][None])
    return EyeTexels(texel, corner, iris, mean.max(-1) < np.log(PUPIL), mean)


def iris_features(
    image: NDArray[np.uint8],
    posed: Posed,
    model: MorphableModel,
    light: LightFit,
    hidden: Callable[[Array], Array] | None = None,
) -> Array | None:
    """What a photo (H, W, 3) shows of the irises, as numbers (F,) for the regression; None where it shows too little.

    Args:
        image: the photo of the camera of `posed`.
        posed: the head in front of its camera.
        model: the head.
        light: of the photo, with the skin's albedo.
        hidden: how likely something lies before places (N, 3), camera frame, 0..1.
    """
    eyes = eye_texels(model)  # type: ignore[arg-type]
    seen, visible = _texels_seen(image, posed, model, hidden)
    iris, pupil, white = (visible & kind for kind in (eyes.iris, eyes.pupil, ~eyes.iris & ~eyes.pupil))
    if iris.sum() < FEWEST:
        return None
    lit = seen.colour[0] / np.maximum(shading(seen.normal[0], light.lighting), 1e-3)
    logs = np.log(np.maximum(lit, _DARKEST))
    steps = np.quantile(logs[iris], QUANTILES, axis=0)
    dark = np.quantile(lit[pupil if pupil.sum() >= FEWEST / 2 else iris], 0.25, axis=0).min()
    own = np.median(np.maximum(np.maximum(lit[iris] - dark, LEFT * lit[iris]), _DARKEST), 0)
    pale = np.quantile(logs[white], 0.8, axis=0) if white.sum() >= FEWEST else np.full(3, np.log(0.35))
    px_per_mm = posed.camera.focal_px / max(float(np.median(posed.vertices[:, 2])), 1.0)
    fine = np.log(np.clip(px_per_mm, 0.2, 4.0))
    share = iris.sum() / max(eyes.iris.sum(), 1)
    skin = skin_features(light.albedo)
    told = np.concatenate([steps.ravel(), np.log(own), [np.log(max(dark, _DARKEST))], pale])
    return np.concatenate([told, skin, [fine, share], fine * (told - told.mean())])


def _texels_seen(
    image: NDArray[np.uint8], posed: Posed, model: MorphableModel, hidden: Callable[[Array], Array] | None
) -> tuple[Unwrapped, NDArray[np.bool_]]:
    """The texels of the eyeballs in a photo, and which of them (N,) are seen; arguments as of `iris_features`."""
    eyes, triangles = eye_texels(model), atlas_of(model, SIDE).triangles  # type: ignore[arg-type]
    seen = unwrap(image, posed, triangles, eyes.texel, eyes.corner)
    visible = seen.weight[0] > SEEN
    if hidden is not None:
        places = np.einsum("nk,nkx->nx", eyes.corner[0], posed.vertices[triangles[eyes.texel[0]]])
        visible &= hidden(places) < HIDDEN
    return seen, visible


def skin_features(albedo: Array) -> Array:
    """What a skin (A,) says of the irises that go with it: (len(SKIN),)."""
    return np.asarray(albedo, np.float64)[list(SKIN)]


@dataclass(frozen=True, eq=False)
class IrisReader:
    """The regression on features (F,), set off by `mean` over `scale`.

    Irises are brown or they are light (hazel to blue and grey): something between the two is nobody's. So `odds`
    (F + 1,) gives the log odds that they are light, and the rows of `brown` and `light` (3, F + 1) the colour in either
    case, log of linear RGB; the last column is the constant. `usual` (7, len(SKIN) + 1) is the same of the skin alone.
    Photos mirror more in eyes than the studio does: `real` (5,) weighs `evidence` as labelled photos say, and how sharp
    they are not at all (lab/runs/iris/real.py). `seen` (COUNT + 1,) weighs what a photo says without a head, which
    decides where there is such evidence (eyes_and_teeth/seen_iris.py), and `goes_with` (3,) what skin and hair say.
    """

    mean: Array
    scale: Array
    odds: Array
    brown: Array
    light: Array
    usual: Array
    real: Array
    seen: Array = field(default_factory=lambda: np.zeros(COUNT + 1))
    goes_with: Array = field(default_factory=lambda: np.zeros(3))

    def read(self, features: Array, seen: SeenIrises | None = None) -> Array:
        """The most probable colour of an iris, log of linear RGB (3,); seen: what the photo says without a head."""
        if seen is not None:
            return self.read_seen(features[SKIN_COLUMNS], seen)
        odds = float(self.evidence(features) @ self.real)
        return _mixed(self._row(features, slice(None)), odds, self.brown, self.light)

    def read_seen(self, skin: Array, seen: SeenIrises) -> Array:
        """The same by what photos say without a head; skin: `skin_features`, which count where irises are hidden."""
        if seen.share < HARDLY or seen.beside is None:
            return self.read_skin(skin, seen)
        over_skin, over_white = seen.beside
        return _between(self.light_odds(seen), *tones_of(over_skin, over_white, float(seen.goes_with[0])))

    def light_odds(self, seen: SeenIrises) -> float:
        """Log odds that an iris is light, by what the photo says without a head: of it, or of what goes with it."""
        usual = float(np.append(seen.goes_with, 1.0) @ self.goes_with) - DOUBT
        own = 0.0 if seen.evidence is None else float(np.append(seen.evidence, 1.0) @ self.seen)
        return seen.share * own + (1 - seen.share) * usual

    def evidence(self, features: Array) -> Array:
        """What tells light irises from brown ones, (5,).

        Log odds by the pixels and by the skin alone, log of the irises over the whites, log of px per mm, 1.
        """
        skin = self._row(features[SKIN_COLUMNS], SKIN_COLUMNS)
        over_white = features[OWN].mean() - features[PALE].mean()
        told = self.odds @ self._row(features, slice(None)), self.usual[0] @ skin, over_white, features[FINE], 1.0
        return np.array(told)

    def read_skin(self, features: Array, seen: SeenIrises | None = None) -> Array:
        """The same where only the skin is seen: `skin_features`; seen: what the photo says without a head."""
        row = self._row(features, SKIN_COLUMNS)
        odds = float(self.usual[0] @ row) if seen is None else np.copysign(np.inf, self.light_odds(seen))
        return _mixed(row, odds, self.usual[1:4], self.usual[4:])

    def _row(self, features: Array, columns: slice) -> Array:
        standard = (features - self.mean[columns]) / self.scale[columns]
        return np.append(np.clip(standard, -MOST_SCALES, MOST_SCALES), 1.0)


def _mixed(row: Array, odds: float, brown: Array, light: Array) -> Array:
    """The colour (3,) between that of brown irises and that of light ones, by a regression each."""
    return _between(odds, brown @ row, light @ row)


def _between(odds: float, brown: Array, light: Array) -> Array:
    """The colour (3,) between brown and light by the log odds that it is light."""
    share = 1 / (1 + np.exp(-np.clip(DECIDED * odds, -30, 30)))
    return np.asarray(brown + share * (light - brown))


@lru_cache(maxsize=1)
def iris_reader() -> IrisReader:
    """The package's regression."""
    arrays = load_arrays(ASSET)
    names = ("mean", "scale", "odds", "brown", "light", "usual", "real", "seen", "goes_with")
    return IrisReader(*(arrays[name].astype(np.float64) for name in names))


def with_iris_colour(
    image: NDArray[np.uint8],
    posed: Posed,
    model: MorphableModel,
    prior: TexturePrior,
    light: LightFit,
    hidden: Callable[[Array], Array] | None = None,
    evidence: SeenIrises | None = None,
) -> tuple[Array, NDArray[np.float32]]:
    """Estimate the irises from the photo; arguments as of `iris_features`, evidence as `seen` of `IrisReader.read`.

    Gives the albedo (A,) of the fit with their coefficients, and what to add to the log of the model at the irises'
    texels besides (H, W, 3), on the grid of `prior`; pupil and limbus keep their contrast to the iris.
    """
    if not has_irises(prior, light.albedo):
        return light.albedo, np.zeros((*prior.irises[1].shape, 3), np.float32)
    reader, skin = iris_reader(), skin_features(light.albedo)
    if evidence is not None:  # of the head's own irises it asks only whether they are seen
        irises = eye_texels(model).iris  # type: ignore[arg-type]
        shown = _texels_seen(image, posed, model, hidden)[1][irises].sum() >= FEWEST
        found = reader.read_seen(skin, evidence) if shown else reader.read_skin(skin, evidence)
        return coloured(model, prior, light.albedo, found)
    features = iris_features(image, posed, model, light, hidden)
    return coloured(model, prior, light.albedo, reader.read_skin(skin) if features is None else reader.read(features))


@lru_cache(maxsize=2)
def _usual_iris(model: MorphableModel, chosen: tuple[int, ...]) -> tuple[Array, Array]:
    """The mean iris, log of linear RGB (3,), and how its coefficients, K numbers, change it (K, 3)."""
    eyes, small = eye_texels(model), prior_of(model, SIDE)  # type: ignore[arg-type]
    own = small.tones.basis[list(chosen)][:, small.irises[1]]
    return np.median(eyes.mean_log[eyes.iris], 0), np.median(own, 1)


def _nearest_iris(wanted: Array, basis: Array, is_hue: NDArray[np.bool_]) -> tuple[Array, Array]:
    """The coefficients (K,) nearest to a change of colour (3,) that people's irises have, and what is left of it (3,).

    basis: (K, 3) log units per SD. The hue is tried out, since its colours bend; the others follow in closed form.
    """
    hues = HUES_TRIED if is_hue.any() else np.zeros(1)
    others = basis[~is_hue]
    gap = wanted - hues[:, None] * basis[is_hue].sum(0) - (iris_bend(hues) if is_hue.any() else 0.0)
    hessian = np.eye(len(others)) + others @ others.T / SOLVED_SD**2
    rest = np.clip(np.linalg.solve(hessian, others @ gap.T / SOLVED_SD**2), -MOST_SD, MOST_SD)  # (K', N)
    left = gap - rest.T @ others
    best = int(np.argmin((left**2).sum(1) / SOLVED_SD**2 + hues**2 + (rest**2).sum(0)))
    found = np.zeros(len(basis))
    found[is_hue], found[~is_hue] = hues[best], rest[:, best]
    return found, left[best]


def has_irises(prior: TexturePrior, albedo: Array) -> bool:
    """Whether a model's albedo (A,) colours irises, and says of the skin what the regression asks."""
    return len(prior.irises[0]) > 0 and len(albedo) > max(SKIN)


def coloured(
    model: MorphableModel, prior: TexturePrior, albedo: Array, found: Array
) -> tuple[Array, NDArray[np.float32]]:
    """An albedo (A,) with irises of a colour (3,), log of linear RGB; gives what `with_iris_colour` gives."""
    chosen, texels = prior.irises
    mean, own = _usual_iris(model, tuple(map(int, chosen)))  # type: ignore[arg-type]
    wanted = found - mean
    albedo = np.array(albedo)
    albedo[chosen], left = _nearest_iris(wanted, own, chosen == NAMED["iris_hue"])
    rest = gaussian_blur(texels.astype(np.float32), len(texels) / 400)[..., None] * left * prior.eyes[..., None]
    return albedo, rest.astype(np.float32)
