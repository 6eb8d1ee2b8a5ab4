"""What draws a head for the warp: its surface without lashes, one skin in two sizes, and the dark of the mouth."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter, minimum_filter

from facegpt.appearance.atlas import atlas_of
from facegpt.conventions import linear_of_bytes, linear_to_srgb, srgb_to_linear
from facegpt.face import Face
from facegpt.morphable.base import MorphableModel
from facegpt.picture.kernels import EYE, LOWER, SKIN, UPPER
from facegpt.picture.lids import with_lids_toned
from facegpt.picture.mouth import CORNERS
from facegpt.picture.registration import vertices_of
from facegpt.render.base import Renderer, Topology, View
from facegpt.render.drawn import Drawn
from facegpt.runtime import registry
from facegpt.types import Array, Camera, Mesh

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]

#: Parts that one sees through.
CLEAR = ("lashes",)
#: Kinds of parts; the rest is skin.
KINDS = {
    "mouth": UPPER, "upper_teeth": UPPER, "lower_teeth": LOWER, "tongue": LOWER, "left_eye": EYE, "right_eye": EYE,
}  # fmt: skip
#: Longer side of the skin for pictures that have to be quick, texels.
QUICK_TEXTURE = 512
#: What is drawn of the mouth is darkened in its box and this share of its size around it.
AROUND_MOUTH = 0.25
#: Light that comes back from the depth of a mouth, as a share of that from the skin around it: it is red.
CAVITY = np.array([0.11, 0.04, 0.032], np.float32)
#: Teeth: how much of their detail is left, the tint of enamel, and the log distance from it at which gums begin.
TEETH_DETAIL, TEETH_TINT, GUM = 1.05, np.array([1.0, 0.97, 0.9], np.float32), 1.6
#: Share of the light on what is level with the lips; the depth at which 1/e of it is left, mm, of red, green and blue:
#: what comes from the depth was sent on by red walls. How far lips bend
#: inwards, mm; the share that is left right beside lips, and how far their shadow reaches, mm; SD of the blur of how
#: deep lips lie, mm.
OPEN_LIGHT, DEEP_MM = 1.3, np.array([30.0, 18.0, 16.5], np.float32)
LIP_MM, SHADOW, BESIDE_MM, RIM_MM = 2.0, 0.5, 2.5, 3.0
#: Light inside a mouth by the distance from its middle, shares of half its width: teeth of 24 smiles (CC0, training
#: half) have 1 to .3, .79 at .45, .6 at .65, .3 at .75 and .1 from .9 on, of which depth and lips give a part. Teeth
#: have 1.1 times the light of the cheeks (.66 to 1.12 by quarters of skin), and .38 on the darkest quarter.
ASIDE, ASIDE_LIGHT = (0.0, 0.3, 0.45, 0.65, 0.8, 0.95, 1.1), (1.0, 1.0, 0.9, 0.74, 0.5, 0.3, 0.25)
TOOTH_OVER_SKIN, LEAST_TOOTH = 1.1, 0.38


@dataclass(frozen=True, eq=False)
class Canvas:
    """Draws one head: `kept` (F,) are the triangles that hide what is behind, `mesh` its surface with its skin."""

    model: MorphableModel
    mesh: Mesh
    kept: NDArray[np.bool_]
    renderer: Renderer

    @cached_property
    def triangles(self) -> NDArray[np.int32]:
        """(F', 3) vertices of the triangles that are drawn, in their order."""
        return np.ascontiguousarray(self.mesh.triangles[self.kept], np.int32)

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """(F',) kind of each triangle that is drawn: see kernels.py."""
        by_part = np.array([KINDS.get(name, SKIN) for name in self.mesh.part_names], np.uint8)
        return by_part[self.mesh.part[self.kept]]

    @cached_property
    def skin_triangles(self) -> NDArray[np.int32]:
        """(F'', 3) those of the skin itself."""
        return np.ascontiguousarray(self.triangles[self.kinds == SKIN])

    @cached_property
    def skin(self) -> NDArray[np.bool_]:
        """(V,) vertices whose colour follows the light on their own normal."""
        skin = self.model.part == self.model.part_names.index("skin")
        marked = np.zeros(len(self.model.mean_vertices), bool)
        marked[np.unique(self.model.triangles[skin])] = True
        return marked

    @cached_property
    def _topology(self) -> Topology:
        import torch

        return Topology(
            torch.from_numpy(self.triangles),
            torch.from_numpy(np.ascontiguousarray(self.mesh.uv, np.float32)),
            torch.from_numpy(np.ascontiguousarray(self.mesh.uv_triangles[self.kept], np.int32)),
        )

    @cached_property
    def _whole(self) -> Tensor:
        return _planes(np.asarray(self.mesh.texture))

    @cached_property
    def _quick(self) -> Tensor:
        texture = np.asarray(self.mesh.texture)
        if len(texture) <= QUICK_TEXTURE:
            return self._whole
        small = Image.fromarray(np.ascontiguousarray(texture[..., :3]))
        return _planes(np.asarray(small.resize((QUICK_TEXTURE, QUICK_TEXTURE), Image.Resampling.BOX)))

    def draw(self, vertices: Floats, camera: Camera, lighting: Array, fine: bool = True) -> Drawn:
        """Draw the head with vertices (V, 3) in the camera frame; `fine`: with its whole skin."""
        return self._drawn(vertices, camera, lighting, self._whole if fine else self._quick)

    def painted(self, vertices: Floats, camera: Camera, lighting: Array, skin: NDArray[np.uint8]) -> Floats:
        """The head's picture (H, W, 3), linear, in another skin (S, S, 4)."""
        return self._drawn(vertices, camera, lighting, _planes(skin)).color

    def _drawn(self, vertices: Floats, camera: Camera, lighting: Array, skin: Tensor) -> Drawn:
        import torch

        view = View(torch.tensor([camera.focal_px]), torch.tensor([camera.principal_px]), camera.height, camera.width)
        light = torch.from_numpy(np.ascontiguousarray(lighting, np.float32)[None])
        placed = torch.from_numpy(np.ascontiguousarray(vertices, np.float32)[None])
        image = self.renderer.render(placed, self._topology, skin, light, view)
        arrays = (getattr(image, field.name)[0].detach().cpu().numpy() for field in fields(Drawn))
        return Drawn(*arrays)

    @cached_property
    def teeth(self) -> NDArray[np.bool_]:
        """(F',) which of the triangles that are drawn are teeth."""
        names = self.mesh.part_names
        rows = [names.index(name) for name in ("upper_teeth", "lower_teeth") if name in names]
        return np.isin(self.mesh.part[self.kept], rows)

    def in_hollows(self, image: Drawn, vertices: Floats, camera: Camera, teeth: Floats | None = None) -> Floats:
        """The drawing's colours (H, W, 3), with less light inside the mouth; teeth: (3,) factor of their colour."""
        rows = vertices_of(self.model, "mouth")
        if not len(rows):
            return image.color
        points = camera.project(vertices[rows])
        low, high = points.min(0), points.max(0)
        margin = AROUND_MOUTH * float((high - low).max())
        x0, y0 = np.clip(low - margin, 0, (camera.width, camera.height)).astype(int)
        x1, y1 = np.clip(high + margin, 0, (camera.width, camera.height)).astype(int)
        if x1 - x0 > 2 and y1 - y0 > 2:
            cut = Drawn(*(getattr(image, field.name)[y0:y1, x0:x1] for field in fields(Drawn)))
            drawn, kinds = cut.triangle >= 0, self.kinds[np.maximum(cut.triangle, 0)]
            darken_mouth(cut, drawn & ((kinds == UPPER) | (kinds == LOWER)), drawn & (kinds == SKIN), camera.focal_px)
            inside, tooth = drawn & (kinds != SKIN) & (kinds != EYE), drawn & self.teeth[np.maximum(cut.triangle, 0)]
            corners = camera.project(self.model.embedding("mediapipe478")(vertices)[list(CORNERS)]) - (x0, y0)
            darken_sides(cut.color, inside, corners)
            if teeth is not None:
                cut.color[tooth] *= teeth
            else:
                dim_teeth(cut.color, tooth, drawn & (kinds == SKIN))
        return image.color


def darken_mouth(image: Drawn, inside: NDArray[np.bool_], skin: NDArray[np.bool_], focal_px: float) -> None:
    """Scale the colours of what is inside a mouth by the light that comes in, in place.

    Light falls off with the depth behind the lips and beside their edges; what comes back from the depth is red.
    """
    if not inside.any() or not skin.any():
        return
    apart_px, edge = distance_transform_edt(~skin, return_indices=True)
    pixel_mm = float(np.median(image.depth[inside])) / focal_px
    lips = minimum_filter(np.where(skin, image.depth, np.inf), round(2 * LIP_MM / pixel_mm) | 1)
    rim = gaussian_filter(lips[tuple(edge)], RIM_MM / pixel_mm)  # no seam where the other lip is the nearer one
    behind = np.maximum(image.depth - rim, 0.0)[inside]
    beside = np.clip((apart_px[inside] - 0.5) * pixel_mm / BESIDE_MM, 0, 1)
    share = OPEN_LIGHT * np.exp(-behind[:, None] / DEEP_MM) * (SHADOW + (1 - SHADOW) * beside)[:, None]
    image.color[inside] = image.color[inside] * share + CAVITY * float(image.color[skin].mean())


def darken_sides(colour: Floats, inside: NDArray[np.bool_], corners: Array) -> None:
    """Darken what is inside a mouth towards its corners (2, 2) px, in place: cheeks keep the light off."""
    along = corners[1] - corners[0]
    width = float(np.linalg.norm(along))
    if width < 2 or not inside.any():
        return
    rows, columns = np.nonzero(inside)
    aside = np.abs((np.column_stack([columns, rows]) - corners.mean(0)) @ along) / (0.5 * width * width)
    colour[rows, columns] *= np.interp(aside, ASIDE, ASIDE_LIGHT)[:, None].astype(np.float32)


def dim_teeth(colour: Floats, teeth: NDArray[np.bool_], skin: NDArray[np.bool_]) -> None:
    """Hold the light of drawn teeth at what photos show beside the skin's, in place."""
    if teeth.sum() < 8 or not skin.any():
        return
    bright, beside = (float(np.quantile(colour[k].mean(1), q)) for k, q in ((teeth, 0.7), (skin, 0.9)))
    colour[teeth] *= np.float32(min(1.0, max(TOOTH_OVER_SKIN * beside, LEAST_TOOTH) / max(bright, 1e-4)))


def canvas_of(face: Face) -> Canvas:
    """What draws a face, bare-headed, with its own skin."""
    mesh = replace(face.mesh, texture=with_soft_teeth(face.model, with_lids_toned(face.model, face.texture)))
    kept = ~np.isin(mesh.part, [k for k, name in enumerate(mesh.part_names) if name in CLEAR])
    return Canvas(face.model, mesh, kept, face.renderer or registry.load("render"))


def with_soft_teeth(model: MorphableModel, texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A skin (S, S, 4) uint8 sRGB whose teeth are warmer, and their gaps fainter: as photos show them."""
    part = atlas_of(model, len(texture)).part
    out = texture.copy()
    for name in ("upper_teeth", "lower_teeth"):
        where = part == (model.part_names.index(name) if name in model.part_names else -2)
        if where.any():
            colour = srgb_to_linear(texture[where][:, :3] / 255.0)
            pale = colour[colour.mean(1) > np.quantile(colour.mean(1), 0.5)].mean(0)
            tooth = np.abs(np.log(np.maximum(colour, 1e-3) / pale)).max(1, keepdims=True) < GUM
            soft = np.where(tooth, pale + TEETH_DETAIL * (colour - pale), colour) * TEETH_TINT
            out[where, :3] = np.round(linear_to_srgb(np.clip(soft, 0, 1)) * 255)
    return out


def _planes(texture: NDArray[np.uint8]) -> Tensor:
    """Linear RGB (1, 3, S, S) of a texture."""
    import torch

    linear = linear_of_bytes(texture[..., :3])
    return torch.from_numpy(np.ascontiguousarray(linear.transpose(2, 0, 1)[None], np.float32))
