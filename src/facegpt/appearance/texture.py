"""One photo and the head fitted to it → a texture of the whole head, free of the photo's light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from facegpt.appearance.atlas import Atlas, atlas_of
from facegpt.appearance.complete import (
    Layers,
    bare_skin,
    plan_layers,
    skin_hue,
    skin_likelihood,
    usual_hue,
)
from facegpt.appearance.compose import compose
from facegpt.appearance.even_skin import evened, one_hue, with_usual_redness
from facegpt.appearance.exposure import declipped, dehued
from facegpt.appearance.eyes_and_teeth.lashes import opacity_of
from facegpt.appearance.eyes_and_teeth.seen_iris import quick_evidence, seen_evidence
from facegpt.appearance.eyes_and_teeth.teeth import teeth_change
from facegpt.appearance.eyes_and_teeth.whites import own_whites
from facegpt.appearance.features import lid_stretch, no_glasses, no_rims, own_features
from facegpt.appearance.gloss import gloss_of, in_light, shades_of, shadow_of, sheens_of, surface_sd
from facegpt.appearance.hiding import THIN_GROWTH, Hiding, hair_of_face, unhidden_texels
from facegpt.appearance.iris import with_iris_colour
from facegpt.appearance.light import GLARE, LightFit, estimate_light, left_of_sheen, nowhere_black
from facegpt.appearance.lines import lined, lines_gone, softened, with_lines, with_lines_gone, without_lines
from facegpt.appearance.over_skin.skin_grain import with_grain
from facegpt.appearance.over_skin.strands import without_strands
from facegpt.appearance.over_skin.things_on_lips import with_lips
from facegpt.appearance.posed_head import pose_head
from facegpt.appearance.prior import LUMINANCE, TexturePrior, fine_mean, model_texture, prior_of, tone_size
from facegpt.appearance.resolution import iris_resolution, matched_resolution
from facegpt.appearance.seam import without_step
from facegpt.appearance.uneven_light import (
    SHADOW,
    best_lit,
    dim_light,
    hollow_glow,
    lit_beards,
    make_up,
    one_sided_shadows,
    open_brightness,
)
from facegpt.appearance.unwrap import Posed, Unwrapped, unwrap
from facegpt.conventions import linear_to_srgb, srgb_to_linear
from facegpt.encode.parts import FaceParts
from facegpt.morphable.base import MorphableModel, check_model, head_vertices
from facegpt.morphable.normals import vertex_normals
from facegpt.render import channels
from facegpt.render.lighting import sh_basis
from facegpt.render.shelter import kept_shelter
from facegpt.render.texel_grids import between_corners
from facegpt.runtime.blur import gaussian_blur
from facegpt.runtime.threads import one_thread
from facegpt.types import Array, DensePoints, FaceParams, ShapeError, SkinSeen

#: The analysis grid is this much coarser than the texture, and never finer than so many texels a side.
COARSENESS, FINEST_ANALYSIS = 4, 256
#: A photo is grey when its channels differ by less than this (mean over the face, sRGB levels).
GREY_LEVELS = 3.0
#: Where real skin spreads more than this (brows, beards; log units) a texel says little about the light.
HAIRY_SD = 0.3
#: How varied skin is taken to be where the networks are sure of it and no glasses are seen (1: of any colour, as brows
#: and beards): sun, folds and stubble leave the statistics of skins too. By photos of the training half.
LEAST_VARIED = 0.3
#: How much of the weight of a beard is taken when light is looked for, and by how much beards spread more than skin.
BEARD_BLIND, BEARD_SD = 0.98, (0.7, 0.1)
#: Belief in a beard from which a texel may be as grey as one.
BEARD_SHOWN = 0.5
#: What skins of photos are bluer by, log units, than the statistics of skin say: by the mean of 48 faces. Even light
#: has no sheen, which is white, and the sheen of photos is taken off.
HUE_OF_PHOTOS = np.array([-0.02, -0.025, 0.045], np.float32)
#: How free the hue is about the eyes, where make-up may be (0: as on cheeks).
MADE_UP = 0.5
#: Weight of the mirrored photo relative to the photo itself.
MIRROR_TRUST = 0.8


@dataclass(frozen=True)
class PhotoTexture:
    """A texture from a photo.

    Attributes:
        texture: (size, size, 4) uint8 sRGB albedo of the whole atlas, with the model's opacity.
        confidence: (size, size) float32 in 0..1: 1 seen in the photo, 0.5 mirrored, 0 from the model.
        lighting: (9, 3) float32 estimated SH light, camera frame. albedo: (A,) float32 fitted coefficients.
        skin: how much of it the photo shows. Of a grey photo the hues are what the statistics say of skin so bright.
    """

    texture: NDArray[np.uint8]
    confidence: NDArray[np.float32]
    lighting: NDArray[np.float32]
    albedo: NDArray[np.float32]
    skin: SkinSeen


@one_thread()
def texture_from_photo(
    image: NDArray[np.uint8],
    model: MorphableModel,
    params: FaceParams,
    size: int = 1024,
    dense: DensePoints | None = None,
    parts: FaceParts | None = None,
) -> PhotoTexture:
    """Unwrap a photo (H, W, 3) uint8 sRGB onto the head that was fitted to it.

    What the photo shows of the face is delit and kept; hair, glasses and other things in front are replaced by the
    mirrored other half, or by the albedo model, which also gives scalp, ears, neck, eyes and mouth.

    Args:
        image: the photo that params.camera belongs to.
        model: the head.
        params: its fit to the photo.
        size: side of the texture, a power of two of at least 64.
        dense: what the dense landmark network says of the face: what it sees in front of it is not painted on.
        parts: the finer map of what is seen: only skin, ears and beard are painted on.

    Raises:
        ShapeError: if the photo's size is not that of params.camera, or the size is no power of two.
    """
    check_model(model, params)
    if image.ndim != 3 or image.shape[2] != 3 or image.shape[:2] != (params.camera.height, params.camera.width):
        raise ShapeError(
            f"the photo has shape {image.shape}, its camera says {params.camera.height} × {params.camera.width}"
        )
    if size < 64 or size & (size - 1):
        raise ShapeError(f"texture size {size} must be a power of two of at least 64")
    original, whole = image, params
    image, params = matched_resolution(image, params, size)
    image = without_strands(image, parts, whole.camera.focal_px / params.camera.focal_px)
    posed = pose_head(model, params)
    grid = min(size // COARSENESS, FINEST_ANALYSIS)
    coarse = atlas_of(model, grid)
    hides = Hiding(whole.camera, dense, parts)
    seen, mirrored = both_views(image, posed, coarse, hides, model, params)
    prior = prior_of(model, grid).shaven(hides.shaven)
    grey = is_grey(seen, prior)
    prior = prior.greyed() if grey else prior
    light, small = fit_light(seen, prior, lightness=hides.drawn_lightness), prior_of(model, tone_size(model))
    even = evened(light.albedo, small.greyed() if grey else small)
    light = replace(light, albedo=with_lines(even, model, dense))  # what the model shows, the photo is beside
    layers = layers_of(seen, mirrored, prior, light, expected := prior.expected(light.albedo))
    unseen = (coarse.part == model.part_names.index("skin")) * (1 - layers.own - layers.mirrored)
    layers = one_hue(layers, expected, prior, unseen)
    albedo: Array = light.albedo
    eyes = np.zeros(1, np.float32)
    if not grey:
        change, eyes = _eyes(original, model, whole, prior, light, hides, posed)
        albedo = albedo + change
    tint = prior.tones.change(albedo) + eyes + teeth_change(seen, light.lighting, prior, grey)
    mean, alpha = lined(fine_mean(model, size)[0], model, albedo, unseen), opacity_of(model, params, size)
    painted, share = compose(image, posed, atlas_of(model, size), light.lighting, layers.tinted(tint), mean)
    painted = with_grain(painted, model, layers.own + layers.mirrored, share)
    if grey:
        albedo = with_usual_redness(albedo, prior)
        painted = with_colours(painted, model_texture(model, albedo, size))
    lighting, shown = nowhere_black(light.lighting), skin_seen(layers, prior.mask, grey)
    return PhotoTexture(np.dstack([painted, alpha]), share, lighting, albedo.astype(np.float32), shown)


def _eyes(
    image: NDArray[np.uint8],
    model: MorphableModel,
    params: FaceParams,
    prior: TexturePrior,
    light: LightFit,
    hides: Hiding,
    posed: Posed,
) -> tuple[Array, NDArray[np.float32]]:
    """What the eyes of a photo change of the albedo (A,), and of the texels of `prior` besides (H, W, 3), log units.

    Irises by the light of the small atlas, as they were learnt: from faces with nothing before them. Whites by `light`.
    posed: the same head.
    """
    evidence, (image, params) = seen_evidence(image, hides), iris_resolution(image, params)
    posed = posed if posed.camera == params.camera else pose_head(model, params)
    tone = _toned(image, posed, model, tone_size(model), Hiding(params.camera))[0]
    found, rest = with_iris_colour(image, posed, model, prior, tone, hides.before, evidence)
    whites = own_whites(image, posed, model, light.lighting, hides, len(prior.mask))
    return found - tone.albedo, rest + whites


def skin_seen(layers: Layers, mask: Array, grey: bool) -> SkinSeen:
    """How much of the skin (mask, (H, W) in 0..1) is painted from the photo, and from its mirror image only."""
    own, mirrored = (float(weight.sum() / max(mask.sum(), 1e-6)) for weight in (layers.own, layers.mirrored))
    return SkinSeen(min(own, 1.0), min(mirrored, 1.0), grey)


@one_thread()
def tone_from_photo(
    image: NDArray[np.uint8], model: MorphableModel, params: FaceParams, dense: DensePoints | None = None,
    points: Array | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:  # fmt: skip
    """Estimate only the skin's tone and the light, from a small atlas: albedo (A,) and lighting (9, 3).

    Args: as `texture_from_photo`; points: MediaPipe's (478, 2+) px of the face, which tell where its irises are.
    """
    check_model(model, params)
    size, hides = tone_size(model), Hiding(params.camera, dense)
    small, fitted = matched_resolution(image, params, size * COARSENESS)
    prior, posed = prior_of(model, size), pose_head(model, fitted)
    light, grey = _toned(small, posed, model, size, hides)
    albedo = light.albedo
    if not grey:
        evidence, (image, params) = quick_evidence(image, points, hides), iris_resolution(image, params)
        closer = posed if params.camera == fitted.camera else pose_head(model, params)
        albedo = with_iris_colour(image, closer, model, prior, light, hides.before, evidence)[0]
    even = with_usual_redness(evened(albedo, prior), prior) if grey else evened(albedo, prior)
    return with_lines(even, model, dense).astype(np.float32), nowhere_black(light.lighting)


def tone_light(image: NDArray[np.uint8], model: MorphableModel, params: FaceParams) -> LightFit:
    """Estimate the skin's tone and the light as `tone_from_photo` does, without irises."""
    size = tone_size(model)
    image, params = matched_resolution(image, params, size * COARSENESS)
    return _toned(image, pose_head(model, params), model, size, Hiding(params.camera))[0]


def _toned(
    image: NDArray[np.uint8], posed: Posed, model: MorphableModel, size: int, hides: Hiding
) -> tuple[LightFit, bool]:
    """Light and tone from an atlas of a size, and whether the photo is grey. What `hides` the face is no skin."""
    atlas, prior = atlas_of(model, size), prior_of(model, size)
    own = unwrap(image, posed, atlas.triangles, atlas.texel, atlas.corner)
    grey = is_grey(own, prior)
    own = unhidden_texels(own, posed.vertices, atlas.triangles, atlas, hides, prior.growth)
    return fit_light(own, prior.greyed() if grey else prior, size // 2, hides.drawn_lightness), grey


def both_views(
    image: NDArray[np.uint8], posed: Posed, atlas: Atlas, hiding: Hiding, model: MorphableModel, params: FaceParams
) -> tuple[Unwrapped, Unwrapped]:
    """Unwrap a photo and its mirror image, with all that is known of each texel."""
    vertices, stretch = head_vertices(model, params), lid_stretch(model, params)
    shape = vertices, vertex_normals(vertices, model.triangles), outer_triangles(model)
    transfer = kept_shelter(*shape, params.pose.rotation).transfer(posed.normals)
    prior, skin, views = prior_of(model, len(atlas.texel)), model.part_names.index("skin"), []
    for triangles in (atlas.triangles, atlas.mirrored_triangles):
        view = unwrap(image, posed, triangles, atlas.texel, atlas.corner)
        bare = no_glasses(view, prior)
        view = unhidden_texels(view, posed.vertices, triangles, atlas, hiding, prior.growth, bare)
        if hiding.parts is not None and hiding.parts.points is not None:
            lips = np.where(atlas.part == skin, prior.lips, np.float32(np.nan))
            told = hiding.camera, hiding.parts.points, lips, stretch
            view = own_features(view, posed.vertices, triangles, atlas, *told)
        seen = view.weight > 0
        columns = np.zeros((*seen.shape, 9), np.float32)
        columns[seen] = between_corners(transfer, triangles, atlas.texel[seen], atlas.corner[seen])
        views.append(replace(view, columns=columns))
    return views[0], views[1]


def outer_triangles(model: MorphableModel) -> NDArray[np.int32]:
    """The triangles (F, 3) of skin and eyeballs."""
    kept = [k for k, name in enumerate(model.part_names) if name == "skin" or name.endswith("_eye")]
    return np.ascontiguousarray(np.asarray(model.triangles, np.int32)[np.isin(np.asarray(model.part), kept)])


def layers_of(seen: Unwrapped, mirrored: Unwrapped, prior: TexturePrior, light: LightFit, expected: Array) -> Layers:
    """Decide what photo, mirror image and model give to the texture, free of light, shadow, gloss and clipping."""
    (seen, mirrored), best = in_light(light.lighting, seen, mirrored), best_lit(seen, prior.mask, light.lighting)
    residuals, weights = delit_residuals(seen, mirrored, prior, light, expected, best)
    cleaned, changes, surface = [], [], []
    for view, residual, weight in zip((seen, mirrored), residuals, weights, strict=True):
        sheen, even = sheens_of(view, light)
        residual += even - sheen
        change = (
            declipped(view.colour, residual) + dehued(view.colour, residual) + dim_light(view, light.lighting, best)
        )
        change += (gloss := gloss_of(residual + change, expected, prior.residual_sd, weight))
        surface.append(surface_sd(view.colour, expected, gloss, weight) * (1 - prior.brows))
        cleaned.append(residual + change)
        changes.append(change + shadow_of(view, light) + even)
    bare = prior.mask * bare_skin(prior.residual_sd) * (1 - prior.growth)
    for k, fill in enumerate(one_sided_shadows(cleaned[0], cleaned[1], weights[0], weights[1], bare)):
        cleaned[k], changes[k] = cleaned[k] + fill, changes[k] + fill
    spread = prior.residual_sd + hair_of_face(seen, mirrored)[..., None] * np.array(BEARD_SD, np.float32)
    haired = None if seen.brow is None or mirrored.brow is None else (seen.brow, mirrored.brow)
    folded = no_rims(seen, prior.brows), no_rims(mirrored, prior.brows)
    cover = spread, prior.mask, prior.growth, folded, prior.brows, haired, surface
    layers = plan_layers(cleaned[0], cleaned[1], weights[0], weights[1] * MIRROR_TRUST, *cover)
    grown = np.zeros_like(prior.growth)
    if seen.beard is not None and mirrored.beard is not None:
        shown = np.minimum(np.maximum(seen.beard, mirrored.beard) / BEARD_SHOWN, 1)
        grown = gaussian_blur((seen.bearded * shown).astype(np.float32), len(grown) / 128)
    hairy = np.clip((prior.residual_sd[..., 0] - HAIRY_SD) / HAIRY_SD, 0, 1)
    about = np.maximum(prior.brows, prior.bridge)
    open_skin = prior.mask * (1 - np.maximum.reduce([hairy, about, prior.lips, prior.growth]))
    level = open_brightness(layers.under + expected, open_skin)
    usual = usual_hue(expected, layers.under, open_skin, prior.mask)
    hollows = prior.brows * prior.mask
    layers = layers.changed(hollow_glow(layers.under + expected, level, usual, hollows, prior.bridge))
    free = MADE_UP * prior.brows * ~prior.bridge * make_up(layers.under + expected, level)
    free = np.maximum.reduce([hairy * (1 - about) + free * about, free, prior.lips])
    layers = layers.changed(skin_hue(layers.under + expected - usual, usual, grown, free))
    layers = with_lips(layers, cleaned[0], cleaned[0] + expected, seen, weights[0], prior)
    bare = (1 - np.maximum(prior.brows, prior.lips)) * prior.mask
    layers = layers.changed(without_step(layers.under, layers.own + layers.mirrored, bare))
    layers = layers.changed(HUE_OF_PHOTOS).dulled(*changes)
    return replace(layers, under=layers.under * ~prior.hard[..., None])


def fit_light(own: Unwrapped, prior: TexturePrior, rows: int = 80, lightness: float | None = None) -> LightFit:
    """Estimate light and albedo from about `rows` rows and columns of the atlas; lightness as of `estimate_light`."""
    step = max(len(own.weight) // rows, 1)
    pick = (slice(step // 2, None, step),) * 2
    bare = prior.mask / (1 + (prior.residual_sd[..., 0] / HAIRY_SD) ** 4)
    if own.beard is not None:
        thin = np.minimum(prior.growth / THIN_GROWTH, 1)  # a beard's dark rim would be taken for a light from above
        bare = bare * (1 - BEARD_BLIND * np.maximum(own.beard, own.bearded * thin))
    take = (weight := (own.weight * bare)[pick]) > 0.1
    columns = sh_basis(own.normal[pick][take]) if own.columns is None else own.columns[pick][take]
    skin = own.colour[pick][take], columns, prior.mean_log[pick][take], prior.tones.at(pick).at(take), weight[take]
    bare = bare_skin(prior.residual_sd) * (1 - np.maximum.reduce([prior.growth, prior.lips, prior.brows]))
    return estimate_light(*skin, lightness, prior.like_light, bare[pick][take])


def delit_residuals(
    own: Unwrapped, mirrored: Unwrapped, prior: TexturePrior, light: LightFit, expected: Array, best: float
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]:
    """Compare the delit photo and its mirror image with the fitted model.

    Gives two residuals (H, W, 3) in log units, and their two weights (H, W): visible, and likely this person's skin.

    expected: of `prior` for this light's albedo. best: of `best_lit`.
    """
    told, certain = [], np.exp(expected)
    certain /= certain + GLARE
    for view in (own, mirrored):
        seen = view.weight > 0
        residual = np.zeros_like(expected)
        shade = shades_of(view, light.lighting)[seen]
        delit = np.maximum(view.colour[seen], 1e-3) / shade
        residual[seen] = np.log(left_of_sheen(delit)) - expected[seen]
        declip = declipped(view.colour, residual)
        bare = no_glasses(view, prior)
        varied = np.maximum.reduce([prior.growth, 0.5 * prior.lips, bare * prior.brows])
        likely = skin_likelihood(
            (residual + declip) * certain,
            view.weight * (prior.mask > 0),
            prior.residual_sd,
            view.sure,
            np.maximum(varied, LEAST_VARIED * bare),
            np.maximum(varied, bare),
        )
        beard = np.zeros_like(likely)
        if view.sure is not None:  # no statistic of skins knows a black beard, however surely it is seen
            beard = own.bearded * prior.growth * view.sure * seen
        bright = np.zeros_like(likely)
        bright[seen] = np.clip((channels.mean(shade) / best - SHADOW[0]) / (SHADOW[1] - SHADOW[0]), 0, 1)
        shown = likely * bright  # nor of black brows, and those lie in their ridge's shadow
        told.append((residual, shown if view.brow is None else np.maximum(shown, view.brow), beard, bright))
    residuals, skins, beards, lit = (list(each) for each in zip(*told, strict=True))
    beards = lit_beards(residuals, beards, (own.weight, mirrored.weight), lit)
    hairy = zip((own, mirrored), skins, beards, strict=True)
    return residuals, [view.weight * np.maximum(skin, beard) for view, skin, beard in hairy]


def is_grey(own: Unwrapped, prior: TexturePrior) -> bool:
    """Whether the photo has no colour on the face."""
    seen = own.weight * prior.mask > 0.2
    if not seen.any():
        return False
    root = np.sqrt(own.colour[seen])  # close enough to sRGB for a threshold
    return bool(np.ptp(root, axis=1).mean() * 255 < GREY_LEVELS)


def with_colours(srgb: NDArray[np.uint8], colours: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Keep the luminance of a picture (H, W, 3) sRGB and take hue and saturation from linear RGB (H, W, 3)."""
    luminance = np.array(LUMINANCE, np.float32)
    share = colours / np.maximum(colours @ luminance, 1e-4)[..., None]
    linear = (srgb_to_linear(srgb / 255.0) @ luminance)[..., None] * share
    return np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255).astype(np.uint8)


def retouched(texture: NDArray[np.uint8], model: MorphableModel, before: Array, after: Array) -> NDArray[np.uint8]:
    """Change the skin that a photo gave as the albedo model changes; the photo's lines go or deepen with age.

    Args:
        texture: (Ht, Wt, 4) uint8 sRGB with alpha.
        model: of the head.
        before: (A,) its albedo coefficients when the skin was taken.
        after: (A,) those of the head now.
    """
    if np.array_equal(before, after):
        return texture
    old, new = (model_texture(model, albedo, texture.shape[0]) for albedo in (before, after))
    change = np.log(new + 0.01) - np.log(old + 0.01)
    gone = lines_gone(model, before, after)
    if gone:  # the model's lines are not the photo's: taken out of its skin they would leave pale ones
        change = without_lines(change, model) if gone > 0 else softened(change, model)
    colour = linear_to_srgb(np.clip(srgb_to_linear(texture[..., :3] / 255.0) * np.exp(change), 0, 1))
    changed = np.dstack([np.round(colour * 255).astype(np.uint8), texture[..., 3]])
    return with_lines_gone(changed, model, gone)
