"""The default head's albedo model on the atlas of another head: each texel shows what the nearest place of it shows."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from facegpt.morphable.kept import kept
from facegpt.morphable.makehuman.albedo import ALBEDO_SIZE, AlbedoModel
from facegpt.morphable.makehuman.planes import Values
from facegpt.morphable.surface import Surface
from facegpt.morphable.transfer.carried import Carried
from facegpt.morphable.transfer.eyeballs import mapped_to
from facegpt.types import Array

#: Side of the atlas for which places are looked up; finer textures are interpolated.
SIZE = 1024
#: Changes when `_places` does, so that what was kept is made anew.
_PLACES = 2
#: Side of the atlas in which the colour of a part is looked for.
_COARSE = 512
_EYES, _ENAMEL = ("left_eye", "right_eye"), ("upper_teeth", "lower_teeth", "teeth")


class CarriedAlbedo(AlbedoModel):
    """An AlbedoModel with the default head's coefficients, on another head's texture coordinates.

    It has what textures, light and files need: `texture`, `mean_at`, `basis`, `tone`, `bend`, `photo_mask`,
    `residual_sd`, `opacity`, `roughness`. What only the default head's words and hair need (regions, growth, relief) is
    not carried over.
    """

    def __init__(self, carried: Carried, uv: Array, uv_triangles: NDArray[np.integer]) -> None:
        self._own = AlbedoModel.load()
        self._uv, self._uv_triangles, self._carried = uv, uv_triangles, carried
        file, version = carried.other, f"places {_PLACES}"
        bent, theirs = (np.asarray(points, np.float32) for points in (carried.bent, file.vertices))
        sources = (version, bent, theirs, file.triangles, np.asarray(uv, np.float32), uv_triangles)
        places = kept("carried_textures", sources, (SIZE, SIZE, 2), self._places).astype(np.float32) / 65535.0
        self._grids: dict[int, Tensor] = {SIZE: torch.from_numpy(places[None] * 2 - 1)}
        self._means: dict[int, Array] = {}
        side = self._own.basis.shape[-1]
        planes = torch.from_numpy(self._own.basis).flatten(0, 1)
        self.basis: Array = self._sampled(planes, side).reshape(self._own.basis.shape).numpy()
        self.tone, self.bend = self._sampled_plane(self._own.tone), self._own.bend
        self.iris = self._sampled_plane(self._own.iris)
        self.photo_mask: Array = self._sampled_plane(self._own.photo_mask)
        spread = np.moveaxis(self._own.residual_sd, -1, 0)
        self.residual_sd: Array = np.moveaxis(
            self._sampled(torch.from_numpy(np.ascontiguousarray(spread)), self.photo_mask.shape[0]).numpy(), 0, -1
        )
        self.opacity: Array = self._sampled_plane(self._own.opacity)
        self.least, self.fine_of, self.fine_colour = self._own.least, self._own.fine_of, self._own.fine_colour
        self._lines: dict[int, Array] = {}

    @property
    def size(self) -> int:
        """Side of the finest texture in texels."""
        return SIZE

    @property
    def beards(self) -> NDArray[np.float32]:
        """See AlbedoModel."""
        return self._sampled_plane(self._own.beards)

    @property
    def brows(self) -> NDArray[np.float32]:
        """See AlbedoModel."""
        return self._sampled_plane(self._own.brows)

    @property
    def lips(self) -> NDArray[np.float32]:
        """See AlbedoModel."""
        return self._sampled_plane(self._own.lips)

    def mean_at(self, size: int) -> Array:
        """Log of the mean albedo (3, size, size) at a power-of-two size."""
        if size not in self._means:
            self._means[size] = np.log(np.asarray(self.texture(np.zeros((1, ALBEDO_SIZE), np.float32), size)[0]))
        return self._means[size]

    def texture(self, albedo: Values, size: int = 512) -> Values:
        """Evaluate (B, A) whitened coefficients → (B, 3, size, size) linear RGB in [0, 1]; tensors differentiably."""
        own = self._own.texture(torch.as_tensor(albedo), size)
        grid = self._grid(size).to(own).expand(len(own), -1, -1, -1)
        found = functional.grid_sample(own, grid, mode="bilinear", padding_mode="border", align_corners=False)
        return found if isinstance(albedo, Tensor) else found.numpy()

    def roughness(self, size: int = SIZE) -> NDArray[np.float32]:
        """The roughness (size, size) in 0..1 as glTF means it: 0 a mirror, 1 chalk."""
        return self._sampled(torch.from_numpy(self._own.roughness(size))[None], size)[0].numpy()

    def line_plane(self, size: int) -> NDArray[np.float32]:
        """See AlbedoModel."""
        if size not in self._lines:
            self._lines[size] = self._sampled_plane(self._own.line_plane(size))
        return self._lines[size]

    def carried(self, texture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """A texture (H, H, 4) of the default head on this atlas, the same size but at most SIZE, with its own alpha."""
        size = min(len(texture), SIZE)
        planes = torch.from_numpy(np.ascontiguousarray(texture[..., :3].transpose(2, 0, 1), np.float32))
        colour = self._sampled(planes, size).numpy().transpose(1, 2, 0)
        alpha = self._sampled(torch.from_numpy(self._own.opacity)[None], size)[0].numpy() * 255
        return np.round(np.dstack([colour, alpha])).astype(np.uint8)

    def _sampled_plane(self, plane: Array) -> NDArray[np.float32]:
        given = torch.from_numpy(np.ascontiguousarray(plane, np.float32))[None]
        return self._sampled(given, given.shape[-1])[0].numpy()

    def _sampled(self, planes: Tensor, size: int) -> Tensor:
        """Planes (C, h, h) of the default head's atlas on this one: (C, size, size)."""
        return functional.grid_sample(planes[None], self._grid(size), padding_mode="border", align_corners=False)[0]

    def _grid(self, size: int) -> Tensor:
        """Where each texel of a size looks in the default head's atlas: (1, size, size, 2), as grid_sample wants it."""
        if size not in self._grids:
            whole = self._grids[SIZE]
            step = SIZE / size
            # Not averaged: texels on both sides of a seam look at places that are far apart
            rows = torch.clamp(((torch.arange(size) + 0.5) * step).long(), max=SIZE - 1)
            self._grids[size] = whole[:, rows][:, :, rows]
        return self._grids[size]

    def _places(self) -> NDArray[np.uint16]:
        """Where each texel looks in the default head's atlas: (SIZE, SIZE, 2), 0..65535 from its left and its top."""
        across = (np.arange(SIZE) + 0.5) / SIZE
        u, v = np.meshgrid(across, 1 - across)
        texels = np.stack([u.ravel(), v.ravel(), np.zeros(SIZE * SIZE)], 1)
        flat = np.concatenate([self._uv, np.zeros((len(self._uv), 1))], 1)
        chosen, weights = Surface(flat, self._uv_triangles).places(texels)
        file = self._carried.other
        spots = np.einsum("ncx,nc->nx", np.asarray(file.vertices, np.float64)[file.triangles[chosen]], weights)
        own_uv = np.zeros((len(spots), 2))
        for index, name in enumerate(file.part_names):
            rows = np.flatnonzero(file.part[chosen] == index)
            if len(rows):
                own_uv[rows] = self._own_uv(name, spots[rows])
        grid = np.clip(np.stack([own_uv[:, 0], 1 - own_uv[:, 1]], 1), 0, 1)
        return np.round(grid * 65535).astype(np.uint16).reshape(SIZE, SIZE, 2)

    def _own_uv(self, part: str, spots: Array) -> Array:
        """Texture coordinates (N, 2) of the default head for spots (N, 3) on a part of the other, its file's frame."""
        own, carried = self._carried.own, self._carried
        vertices, rows = carried.bent, carried.own_rows(part)
        if part in _ENAMEL:  # the default head's teeth sit in gums: all of a tooth looks like enamel
            return np.tile(self._brightest(own.uv[own.uv_triangles[rows]].mean(1)), (len(spots), 1))
        if part in _EYES and part in carried.eyeballs:
            mine, theirs = carried.eyeballs[part]
            spots, vertices = mapped_to(spots, theirs, mine), np.asarray(own.mean_vertices, np.float64)
        chosen, weights = Surface(vertices, own.triangles[rows]).places(spots)
        return np.einsum("ncx,nc->nx", own.uv[own.uv_triangles[rows[chosen]]], weights)

    def _brightest(self, places: Array) -> Array:
        """The one (2,) of some texture coordinates (N, 2) of the default head at which its mean albedo is brightest."""
        mean = self._own.mean_at(_COARSE).mean(0)
        column, row = ((np.clip(places, 0, 1 - 1e-6) * [1, -1] + [0, 1]) * _COARSE).astype(int).T
        return places[mean[np.minimum(row, _COARSE - 1), column].argmax()]
