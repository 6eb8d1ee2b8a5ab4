"""One face: what a reconstruction gives, and what is drawn, measured and saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from facegpt.appearance.eyes_and_teeth.lashes import opacity_of
from facegpt.appearance.over_skin.usual_skin import with_usual_skin
from facegpt.appearance.prior import model_texture, painted
from facegpt.bust.colours import shirt_like
from facegpt.conventions import ARKIT_NAMES
from facegpt.data.images import BACKDROP
from facegpt.detail.relief import Detail
from facegpt.detail.shading import ReliefLight
from facegpt.export.bundle import USUAL, FileOptions, HeadExport, with_shapes
from facegpt.export.detail_files import as_skin_detail
from facegpt.export.folder import FaceFiles, write_folder
from facegpt.export.formats import HEAD_WRITERS, PARAMS, file_ending
from facegpt.export.hair_chain import with_hair
from facegpt.export.params_json import write_params
from facegpt.face import pictures as face_pictures
from facegpt.face.saved import read_saved
from facegpt.fitting import contour_landmarks
from facegpt.glasses.colours import glasses_like
from facegpt.glasses.worn import worn_with
from facegpt.hair.painted import groomed
from facegpt.hair.worn import WornHair, with_roots, worn, worn_hair
from facegpt.morphable.aflw68 import aflw68_embedding
from facegpt.morphable.base import MorphableModel, at_rest, head_vertices, with_weights
from facegpt.morphable.makehuman.local_shapes import shaped
from facegpt.morphable.proxies import Proxy
from facegpt.render.base import Renderer
from facegpt.render.srgb_bytes import bytes_of_linear
from facegpt.runtime.side_by_side import both
from facegpt.types import (
    Array,
    FaceGPTError,
    FaceParams,
    Fit,
    Glasses,
    Headwear,
    IdentityDoubt,
    Landmarks,
    Measure,
    Mesh,
    SkinSeen,
)

#: Sides of preview.png, pixels, and of the texture that the albedo model gives, texels.
PREVIEW_SIZE, TEXTURE_SIZE = 512, 1024
#: Side of each picture of preview_detail.png beside that of preview.png.
SIDES_SHARE = 0.625
#: The landmark sets that every face has.
LANDMARK_SETS = ("ibug68", "ibug68_contour", "aflw68", "mediapipe478")


@dataclass(frozen=True, eq=False)
class Face:
    """One person's head, as found in a photo or made from parameters.

    Frames and units are those of conventions.py: the head frame in millimetres, images in pixels with the centre of
    the top-left one at (0, 0). Nothing in a Face changes; what alters it gives a new one.

    Attributes:
        model: the head model that gives the parameters their meaning.
        params: all parameters.
        photo: (H, W, 3) uint8 sRGB, the photo that it was found in, or None. A large photo is kept at reduced size,
            while `params.camera`, `box` and the landmarks stay in pixels of the whole photo.
        photo_texture: (Ht, Wt, 4) uint8 sRGB with alpha, taken from the photo; None where the albedo model serves.
        rooted: whether that shows the roots of the hair already, as a saved one does.
        scale_sd: relative SD of the metric scale (0.03 is 3 %), or None where nothing was fitted.
        region_confidence: 0..1 by region (brows, eyes, nose, mouth, cheeks, jaw, ears): how likely it is right within
            3 mm on average; {} where nothing was fitted. confidence: of the whole face; if tracked, that it is one.
        renderer: draws its pictures; the default one when None.
        track_id: number of the person in a tracked clip. time_s: when, seconds from its first frame. None elsewhere.
        understood_parts: what was understood of the words that made or changed it, for programs: "nose_width +1 SD".
            ignored: what the head leaves out of them ("a hat: not known to this head"), or of its photo.
        doubt: posterior SD (I,) and covariance (I, I) of the identity, 1 where the photo said nothing, None if unknown.
        skin_seen: how much of the skin the photo shows, or None. man: how likely a man's, 0..1, by the recogniser.
        detail: the relief of its skin, what it always has and what expressions fold, or None. Pictures and files show
            it. detail_mesh: whether `save` also writes it as a subdivided mesh.
    """

    model: MorphableModel = field(repr=False)
    params: FaceParams = field(repr=False)
    photo: NDArray[np.uint8] | None = field(default=None, repr=False)
    photo_texture: NDArray[np.uint8] | None = field(default=None, repr=False)
    scale_sd: float | None = None
    confidence: float | None = None
    region_confidence: dict[str, float] = field(default_factory=dict, repr=False)
    renderer: Renderer | None = field(default=None, repr=False)
    track_id: int | None = None
    time_s: float | None = None
    understood_parts: list[str] = field(default_factory=list, repr=False)
    ignored: list[str] = field(default_factory=list, repr=False)
    detail: Detail | None = field(default=None, repr=False)
    detail_mesh: bool = field(default=False, repr=False)
    doubt: IdentityDoubt = field(default_factory=IdentityDoubt, repr=False)
    rooted: bool = field(default=False, repr=False)
    skin_seen: SkinSeen | None = field(default=None, repr=False)
    man: float | None = field(default=None, repr=False)

    def __post_init__(self) -> None:  # the head model with the local shapes of these parameters, whichever was given
        object.__setattr__(self, "model", shaped(self.model, self.params.local))

    @property
    def understood(self) -> list[str]:
        """What was understood of the words that made or changed it: "a woman", "a wider nose, clearly"."""
        from facegpt.generate.told.words import phrases

        return phrases(self.understood_parts)

    def __repr__(self) -> str:
        x0, y0, x1, y1 = np.rint(self.box).astype(int)
        strong = sorted(self.blendshapes.items(), key=lambda item: -item[1])[:3]
        moved = ", ".join(f"{name} {value:.2f}" for name, value in strong if value >= 0.1) or "at rest"
        return f"<Face {x1 - x0} × {y1 - y0} px at ({x0}, {y0}), {moved}, model {self.params.model_id}>"

    @classmethod
    def fitted(
        cls, model: MorphableModel, fit: Fit, photo: NDArray[np.uint8], texture: NDArray[np.uint8] | None
    ) -> Face:
        """Pack a fit to a photo (as kept in `photo`), with the texture taken from it."""
        said = fit.confidence.get("face"), {name: value for name, value in fit.confidence.items() if name != "face"}
        return cls(model, fit.params, photo, texture, fit.scale_sd, *said, doubt=fit.doubt)

    def vertices(self, space: str = "head") -> Array:
        """(V, 3) mm with expression and turned eyes, in the frame "head" or "camera"; FaceGPTError for another."""
        if space not in ("head", "camera"):
            raise FaceGPTError(f"space is 'head' or 'camera', not '{space}'")
        return self._head_vertices.copy() if space == "head" else self.params.pose.apply(self._head_vertices)

    @cached_property
    def _head_vertices(self) -> Array:
        return head_vertices(self.model, self.params)

    @property
    def triangles(self) -> NDArray[np.int32]:
        """(F, 3) vertex indices, counter-clockwise seen from outside; the same for every face of a model."""
        return self.model.triangles

    def neutral(self) -> Face:
        """The same person at rest: no expression, eyes and neck straight."""
        return replace(self, params=at_rest(self.model, self.params))

    def with_expression(self, weights: dict[str, float]) -> Face:
        """The same head with some of the 52 weights changed, 0..1, and its folds of skin; the photo is left behind.

        Raises FaceGPTError for other names and weights.
        """
        return replace(self, params=with_weights(self.params, weights))

    def with_glasses(self, style: str | None, color: str | None = None, tint: str | float | None = None) -> Face:
        """The same head with glasses on, fitted to it; with None, without any. The photo stays as it is.

        style: "round", "aviator", … (`facegpt.glasses.frames`). color: of the frame, a name or "#rrggbb". tint: of the
        lenses, "clear", "dark", … or how dark, 0..1. What is left out stays. Raises FaceGPTError for what there is not.
        """
        look = None if style is None else glasses_like(style, color, tint, self.params.glasses)
        return replace(self, params=self.params.replace(glasses=worn_with(self.model, look)))

    def bareheaded(self) -> Face:
        """The same head without its cap, hood or scarf."""
        return replace(self, params=self.params.replace(headwear=None))

    def with_shirt(self, color: str | None) -> Face:
        """The same head in a plain shirt of a color, a name or "#rrggbb"; with None, without any."""
        return replace(self, params=self.params.replace(shirt=shirt_like(color)))

    def with_detail(self, strength: float = 1.0, folds_of: Face | None = None) -> Face:
        """The same head, its detail `strength` times as deep (0..3, 1 as seen); folds_of: whose expressions fold it.

        Raises FaceGPTError if either head has no detail, or for another strength.
        """
        if self.detail is None or (other := (folds_of or self).detail) is None:
            raise FaceGPTError("this head has no detail; ask for it: reconstruct(image, detail='normal')")
        return replace(self, detail=self.detail.with_folds_of(other).strengthened(strength))

    @property
    def displacement(self) -> Array | None:
        """The skin's relief at this expression, mm along its normal, in `detail.skin_window`; None without detail."""
        return None if self.detail is None else self.detail.displacement(self.params.expression)

    @property
    def blendshapes(self) -> dict[str, float]:
        """The 52 ARKit names with their weights, 0..1."""
        weights = np.clip(self.params.expression, 0.0, 1.0)
        return {name: float(weight) for name, weight in zip(ARKIT_NAMES, weights, strict=True)}

    def landmarks(self, name: str = "ibug68", space: str = "image") -> Array:
        """Named points: space "head" (N, 3) mm, "image" (N, 2) pixels, the projection of the former.

        Args:
            name: "ibug68" (fixed jaw), "ibug68_contour" (visible outline), "aflw68" (of AFLW2000-3D), "mediapipe478".
            space: "image" or "head". Raises FaceGPTError for any other name or space.
        """
        if name not in LANDMARK_SETS:
            raise FaceGPTError(f"there are no landmarks '{name}'; there are: {', '.join(LANDMARK_SETS)}")
        if space not in ("image", "head"):
            raise FaceGPTError(f"space is 'image' or 'head', not '{space}'")
        if name == "ibug68_contour":
            points: Array = contour_landmarks(self.model, self.params)
        elif name == "aflw68":
            points = aflw68_embedding(self.model)(self._head_vertices)  # type: ignore[arg-type]
        else:
            points = self.model.embedding(name)(self._head_vertices)
        return points if space == "head" else self.project(points)

    def project(self, points_head: Array) -> Array:
        """Project head-frame points (N, 3) in mm to pixels (N, 2) of the photo, by the pose and the camera."""
        return self.params.camera.project(self.params.pose.apply(points_head))

    @property
    def box(self) -> Array:
        """(4,) x0 y0 x1 y1: the box around the face's landmarks in the photo, pixels."""
        points = self.landmarks("mediapipe478")[:468]
        return np.concatenate([points.min(0), points.max(0)])

    def measure(self) -> dict[str, Measure]:
        """Measure the person at rest: millimetres and percentiles among adults, by name."""
        return self._told_by_model("measure")(self.params.identity)

    @property
    def attributes(self) -> dict[str, float]:
        """age_years, masculinity 0..1, heaviness 0..1 and skin_lightness (CIE L*), as shape and skin tell them.

        Where the head model does not tell them FaceGPTError, as in `measure` and `attribute_sd`.
        """
        return self._told_by_model("attributes")(self.params.identity, self.params.albedo)

    @property
    def attribute_sd(self) -> dict[str, float]:
        """Standard deviations of `attributes`: what a shape and a skin cannot tell of a person."""
        return self._told_by_model("attribute_sd")(self.params.identity, self.params.albedo)

    def _told_by_model(self, name: str) -> Callable[..., Any]:
        if hasattr(self.model, name):
            return getattr(self.model, name)
        raise FaceGPTError(f"the head model '{self.model.model_id}' does not tell the {name} of a person")

    @cached_property
    def mesh(self) -> Mesh:
        """The head as textured triangles, expression included (head frame)."""
        m = self.model
        return Mesh(self._head_vertices, m.triangles, m.uv, m.uv_triangles, m.part, m.part_names, self.texture)

    @cached_property
    def proxies(self) -> tuple[Proxy, ...]:
        """What the head wears: corneas, glasses, and hair where `params.hair` names a style; meshes of their own."""
        return worn(self.model, self.params)

    @property
    def hair(self) -> WornHair | None:
        """None, or what the head wears: style, length, colour, groom and meshes; `vertices` are the bald head's."""
        return worn_hair(self.params.hair, self.proxies)

    @property
    def headwear(self) -> Headwear | None:
        """The cloth that covers it, or None; `bareheaded` takes it off. Its mesh is among `proxies`."""
        return self.params.headwear

    @property
    def glasses(self) -> Glasses | None:
        """The glasses that it wears: style, colour, tint; or None. Their mesh is among `proxies`."""
        return self.params.glasses

    @cached_property
    def texture(self) -> NDArray[np.uint8]:
        """(Ht, Wt, 4) uint8 sRGB with alpha: the photo's, or the model's with painted brows, beard and roots."""
        if self.photo_texture is not None:
            return with_roots(self.model, self.photo_texture, None if self.rooted else self.params.hair)
        skin = painted(model_texture(self.model, self.params.albedo, TEXTURE_SIZE), self.model)
        skin = with_usual_skin(skin, self.model)
        colour = bytes_of_linear(groomed(self.model, skin, self.params.hair))
        return np.dstack([colour, opacity_of(self.model, self.params, TEXTURE_SIZE)])

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8 sRGB: the photo; of a head without one, what its camera sees before a grey wall."""
        if self.photo is not None:
            return self.photo
        camera = self.params.camera
        return face_pictures.over(self, np.full((camera.height, camera.width, 3), BACKDROP, np.uint8), camera)

    def render(
        self,
        size: int = 512,
        yaw_deg: float | None = 0.0,
        pitch_deg: float | None = 0.0,
        background: str | tuple[int, int, int] | NDArray[np.uint8] | None = None,
        light: str | ArrayLike | None = None,
        distance_mm: float | None = None,
    ) -> NDArray[np.uint8]:
        """Draw the head alone, with hair and glasses: (size, size, 4) uint8 sRGB with alpha.

        From another side than the photo's, eyes that looked at its camera from a turned head look straight ahead.

        Args:
            size: side of the picture, pixels.
            yaw_deg: turned from the front to its left; None for both angles: as the photo shows it.
            pitch_deg: turned from the front, chin down.
            background: None (transparent), "grey", a colour by name, "#rrggbb" or (r, g, b), or a picture.
            light: "studio" (None), "even", "left", "above", "right", "photo", or (9, 3) coefficients (render/base.py).
            distance_mm: of the camera, by default as its photo's; the head stays as large, whatever the perspective.
        """
        return face_pictures.alone(self, size, yaw_deg, pitch_deg, background, light, distance_mm)

    def lit(self, rotation: Array, lighting: Array) -> Mesh:
        """The mesh, head frame; its texture shows the relief in light (9, 3) on the head turned by `rotation`."""
        lit = None if self.detail is None else self.relief_light(self.texture, rotation).lit(lighting)
        return self.mesh if lit is None else replace(self.mesh, texture=lit)

    def relief_light(self, texture: NDArray[np.uint8], rotation: Array) -> ReliefLight:
        """What shades the relief into a texture of the head in any light, for the head turned by `rotation` (3, 3)."""
        told = self._head_vertices, self.detail, self.params.expression, rotation
        return ReliefLight.of(self.model, texture, *told)  # type: ignore[arg-type]

    def overlay(self) -> NDArray[np.uint8]:
        """Draw the head over its part of the photo: (h, w, 3) uint8 sRGB. Raises FaceGPTError without a photo."""
        if self.photo is None:
            raise FaceGPTError("this head was made from no photo, so there is nothing to lay it over")
        return face_pictures.over(self, *face_pictures.around(self, self.photo))

    def plot_detail(self) -> Image.Image:
        """The bare head in light from three sides, and below without its detail. Raises FaceGPTError without any."""
        return face_pictures.from_sides(self, round(SIDES_SHARE * PREVIEW_SIZE))

    def plot(self) -> Image.Image:
        """One picture of all: the photo around the face, the head over it, and the head alone."""
        return face_pictures.all_in_one(self)

    def save(
        self, path: str | Path, hair_lod: int | None = 0, dense: bool = False, fbx: bool = False,
        shapes: Mapping[str, Array] | None = None,
    ) -> tuple[Path, ...]:  # fmt: skip
        """Write files and give their paths; the ending of `path` says which.

        - '.glb': one file with the head at rest, rig, blend shapes, materials and textures (metres, +y up, face +z).
          '.gltf': the same with NAME.bin and its pictures beside it.
        - '.fbx' (centimetres) and '.usdz' ('.usd' becomes '.usdz'; needs usd-core): the same, in the same axes.
        - '.obj' with NAME.mtl and textures beside it, '.ply' with colours of vertices, '.stl': the head as in the
          photo, without a rig (millimetres, +x its left, +y up, +z out of the face). Only '.obj' has hair and glasses.
        - '.json': the parameters, which `load` reads.
        - a path without an ending, with one that is no known format ("anna.v2") or with a separator at its end: a
          folder with GLB, OBJ, parameters, landmarks and pictures (`save_folder` makes one of any name).

        Args:
            path: the file or folder.
            hair_lod: level of detail of the hair's mesh, 0 the finest, 2 the coarsest; None leaves the hair out.
            dense: glTF stores each vertex of a target, for readers without sparse accessors.
            fbx: a folder has face.fbx too.
            shapes: further morph targets, as of `facegpt.animate.speech.visemes.viseme_shapes()`.

        Raises FaceGPTError if it cannot be written, or the ending is that of another format ('.vrm', '.png', …).
        """
        ending = file_ending(path)
        if ending is None:
            return self.save_folder(path, hair_lod, FileOptions(dense, fbx, shapes or {}))
        if ending == PARAMS:
            return (write_params(path, self.params, None, self.doubt, self.skin_seen),)
        head = with_shapes(self._export(hair_lod, ending in (".usdz", ".usd"), dense), shapes or {})
        return HEAD_WRITERS[ending](Path(path), head)

    def save_folder(
        self, folder: str | Path, hair_lod: int | None = 0, options: FileOptions = USUAL
    ) -> tuple[Path, ...]:
        """Write the folder of `save` with these options, whatever its name ends in: its files. Raises FaceGPTError."""
        sets = [Landmarks(name, at, self.landmarks(name, at)) for name in LANDMARK_SETS for at in ("image", "head")]
        both(lambda: self.texture, lambda: self.proxies)  # kept by the head
        head = with_shapes(self._export(hair_lod, dense=options.dense), options.shapes)
        draw = partial(face_pictures.drawn_for_folder, self, options, PREVIEW_SIZE)
        return write_folder(folder, FaceFiles(self.params, head, sets, draw, self.doubt, self.skin_seen, options.fbx))

    def _export(self, hair_lod: int | None = 0, strands: bool = False, dense: bool = False) -> HeadExport:
        finest = self.proxies if hair_lod == 0 else None
        head = with_hair(self.model, self.params, self.texture, hair_lod, strands, finest)
        detail = self.detail and as_skin_detail(self.model, self.mesh, self.params, self.detail, self.detail_mesh)
        return replace(head, dense=dense, detail=detail)  # type: ignore[arg-type]  # a Detail is never false

    @classmethod
    def load(cls, path: str | Path, model: MorphableModel | None = None) -> Face:
        """Load a face from a folder that `save` wrote, or from its params.json; the photo is not kept.

        model: the head model, if it is loaded already; a personal head needs that of its avatar. Raises FaceGPTError
        if something is missing or damaged.
        """
        saved = read_saved(path, model)
        return cls(**{each.name: getattr(saved, each.name) for each in fields(saved)}, rooted=True)
